"""Addresses of the notification centre and of live updates."""

from django.urls import path

from frontend.views import notifications
from frontend.views.notifications import preferences

app_name = "notifications"
urlpatterns = [
    path("notifications/", notifications.notifications, name="list"),
    path("notifications/settings/", preferences.preferences, name="settings"),
    path("email/stop/<str:token>/", preferences.stop, name="stop"),
    path("notifications/read/", notifications.read_all, name="read_all"),
    path("notifications/<str:reference>/read/", notifications.read, name="read"),
    path("live/poll/", notifications.poll, name="poll"),
]
