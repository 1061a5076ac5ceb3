"""Addresses of courses, their places, waiting lists and group bookings."""

from django.urls import path

from frontend.views.courses import booking, finding, grouping, places, running

app_name = "courses"
urlpatterns = [
    path("courses/", finding.coming, name="coming"),
    path("courses/mine/", finding.mine, name="mine"),
    path("courses/run/", running.run, name="run"),
    path("courses/run/new/<str:reference>/", running.new, name="new"),
    path("courses/places/<str:reference>/", places.order, name="order"),
    path("courses/places/<str:reference>/decide/", places.decide, name="decide"),
    path("courses/places/<str:reference>/withdraw/", places.withdraw, name="withdraw"),
    path("courses/places/<str:reference>/commission/", places.commission, name="commission"),
    path("courses/places/<str:reference>/<int:number>/name/", places.name, name="name"),
    path("courses/places/<str:reference>/<int:number>/give-back/", places.cancel, name="give_back"),
    path("courses/places/<str:reference>/<int:number>/waive/", places.waive, name="waive"),
    path("courses/waiting/<str:reference>/", booking.waiting, name="waiting"),
    path("courses/groups/<str:reference>/", grouping.group, name="group"),
    path("courses/<str:reference>/", finding.event, name="event"),
    path("courses/<str:reference>/calendar.ics", finding.calendar, name="calendar"),
    path("courses/<str:reference>/book/", booking.book, name="book"),
    path("courses/<str:reference>/wait/", booking.wait, name="wait"),
    path("courses/<str:reference>/group/", grouping.book, name="book_group"),
    path("courses/<str:reference>/joining/", running.joining, name="joining"),
    path("courses/<str:reference>/cancel/", running.cancel, name="cancel"),
    path("courses/<str:reference>/finish/", running.finish, name="finish"),
    path("courses/<str:reference>/register/<int:number>/", running.register, name="register"),
    path("courses/<str:reference>/release/<str:person>/", running.release, name="release"),
    path("courses/<str:reference>/attendance.csv", running.attendance, name="attendance"),
]
