"""The front page, a person's work, and a person's session."""

from django.urls import path

from frontend.views import home

app_name = "home"
urlpatterns = [
    path("", home.home, name="home"),
    path("work/waiting/", home.waiting, name="waiting"),
    path("acting-for/", home.act_for, name="act_for"),
    path("session/extend/", home.extend_session, name="extend_session"),
    path("sign-in/<str:token>/", home.sign_in_by_link, name="sign_in_by_link"),
]
