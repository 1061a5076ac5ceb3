"""Addresses of needs, records of visit and evaluations."""

from django.urls import path

from frontend.views.brokerage import evidence, needs, unmet

app_name = "brokerage"
urlpatterns = [
    path("needs/", needs.needs, name="needs"),
    path("needs/new/", needs.declare, name="declare"),
    path("needs/confirm/", needs.confirm, name="confirm"),
    path("needs/unmet/", unmet.log, name="unmet"),
    path("needs/tell-the-authority/", unmet.tell, name="tell"),
    path("needs/<str:reference>/", needs.need, name="need"),
    path("needs/<str:reference>/change/", needs.change, name="change"),
    path("needs/<str:reference>/withdraw/", needs.withdraw, name="withdraw"),
    path("needs/<str:reference>/met/", needs.met, name="met"),
    path("needs/<str:reference>/reopen/", needs.reopen, name="reopen"),
    path("bookings/<str:reference>/record/", evidence.record, name="record"),
    path("bookings/<str:reference>/evaluate/", evidence.evaluate, name="evaluate"),
]
