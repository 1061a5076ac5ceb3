"""Addresses of requests for support: of the school that asks, of the providers asked, of the convenor."""

from django.urls import path

from frontend.views.requests import answering, deciding, oversight, sending, writing

app_name = "requests"
urlpatterns = [
    path("needs/requests/", writing.requests, name="requests"),
    path("needs/requests/new/", writing.new, name="new"),
    path("needs/requests/<str:reference>/", sending.request_page, name="request"),
    path("needs/requests/<str:reference>/change/", writing.change, name="change"),
    path("needs/requests/<str:reference>/providers/", sending.providers, name="providers"),
    path("needs/requests/<str:reference>/send/", sending.send, name="send"),
    path("needs/requests/<str:reference>/questions/<int:number>/", sending.answer, name="answer"),
    path("needs/requests/<str:reference>/withdraw/", sending.withdraw, name="withdraw"),
    path("needs/requests/<str:reference>/compare/", deciding.compare, name="compare"),
    path("needs/requests/<str:reference>/choose/<str:chosen>/", deciding.choose, name="choose"),
    path("needs/requests/<str:reference>/end/", deciding.end, name="end"),
    path("needs/invitations/", answering.invitations, name="invitations"),
    path("needs/invitations/<str:reference>/", answering.invitation, name="invitation"),
    path("needs/invitations/<str:reference>/ask/", answering.ask, name="ask"),
    path("needs/invitations/<str:reference>/respond/", answering.respond, name="respond"),
    path("needs/invitations/<str:reference>/decline/", answering.decline, name="decline"),
    path("needs/overview/", oversight.overview, name="overview"),
    path("needs/silent/", oversight.silent, name="silent"),
    path("needs/silent/remind/", oversight.remind, name="remind"),
]
