"""Addresses of the pages of notifications."""

from django.urls import URLPattern

app_name = "notifications"
urlpatterns: list[URLPattern] = []
