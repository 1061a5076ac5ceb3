"""Addresses of the pages of coverage."""

from django.urls import path

from frontend.views.coverage import cell, changes, matrix, wards

app_name = "coverage"
urlpatterns = [
    path("coverage/", matrix.matrix, name="matrix"),
    path("coverage/map/", wards.ward_map, name="map"),
    path("coverage/wards.geojson", wards.geojson, name="wards"),
    path("coverage/changes/", changes.changes, name="changes"),
    path("coverage/again/", matrix.again, name="again"),
    path("coverage/<slug:theme>/<slug:phase>/", cell.cell, name="cell"),
]
