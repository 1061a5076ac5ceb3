"""Addresses of declared interests."""

from django.urls import path

from frontend.views.organisations import interests

app_name = "interests"
urlpatterns = [
    path("interests/", interests.own, name="own"),
    path("interests/declare/", interests.declare, name="declare"),
    path("interests/confirm/", interests.confirm, name="confirm"),
    path("interests/nothing/", interests.nothing, name="nothing"),
    path("interests/returns/", interests.returns, name="returns"),
    path("interests/of-others/", interests.of_others, name="of_others"),
    path("interests/<slug:reference>/", interests.interest, name="interest"),
    path("interests/<slug:reference>/end/", interests.end, name="end"),
    path("interests/<slug:reference>/strike-out/", interests.strike_out, name="strike_out"),
]
