"""Addresses of networks."""

from django.urls import path

from frontend.views.networks import belonging, lists, managing

app_name = "networks"
urlpatterns = [
    path("networks/", lists.networks, name="list"),
    path("networks/new/", managing.new, name="new"),
    path("networks/file/", managing.from_file, name="from_file"),
    path("networks/overlaps/", belonging.overlaps, name="overlaps"),
    path("networks/schools/", belonging.schools, name="belonging"),
    path("networks/wards/", belonging.wards, name="wards"),
    path("networks/<slug:reference>/", lists.network, name="network"),
    path("networks/<slug:reference>/change/", managing.change, name="change"),
    path("networks/<slug:reference>/schools/", managing.add, name="add"),
    path("networks/<slug:reference>/schools/<int:number>/<slug:verb>/", managing.move, name="move"),
]
