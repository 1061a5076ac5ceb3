"""The front page, a person's work, and the pages about the exchange itself."""

from django.urls import URLPattern

app_name = "home"
urlpatterns: list[URLPattern] = []
