"""Addresses of conversations and of the files sent in them, and of calendars to subscribe to."""

from django.urls import path

from frontend.views.messages import conversation, files, lists
from frontend.views.notifications import calendars

app_name = "messages"
urlpatterns = [
    path("calendar/", calendars.calendars, name="calendars"),
    path("calendar/issue/", calendars.issue, name="issue_calendar"),
    path("calendar/<str:token>.ics", calendars.feed, name="calendar_feed"),
    path("calendar/<str:reference>/details/", calendars.details, name="calendar_details"),
    path("calendar/<str:reference>/stop/", calendars.stop, name="stop_calendar"),
    path("messages/", lists.conversations, name="list"),
    path("messages/read/", lists.read_all, name="read_all"),
    path("messages/about/<str:kind>/<str:reference>/", conversation.about, name="about"),
    path("messages/files/<str:reference>/", files.file, name="file"),
    path("messages/files/<str:reference>/delete/", files.delete, name="delete_file"),
    path("messages/files/<str:reference>/<str:token>/", files.take, name="take_file"),
    path("messages/<str:reference>/", conversation.conversation, name="conversation"),
]
