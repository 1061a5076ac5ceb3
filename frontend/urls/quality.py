"""Addresses of how providers do: their standing, suspension, designations, and complaints."""

from django.urls import path

from frontend.views.quality import complaints, designations, providers

app_name = "quality"
urlpatterns = [
    path("quality/providers/", providers.providers, name="providers"),
    path("quality/providers/<slug:reference>/", providers.provider, name="provider"),
    path("quality/providers/<slug:reference>/suspend/", providers.suspend, name="suspend"),
    path("quality/providers/<slug:reference>/lift/", providers.lift, name="lift"),
    path("quality/providers/<slug:reference>/designations/new/", designations.new, name="new_designation"),
    path(
        "quality/providers/<slug:reference>/designations/<int:number>/end/",
        designations.end,
        name="end_designation",
    ),
    path("quality/designations/", designations.ending, name="designations"),
    path("quality/designations/<slug:kind>/<int:number>/check/", designations.check, name="check"),
    path("complaints/", complaints.complaints, name="complaints"),
    path("complaints/about/<slug:reference>/", complaints.complain, name="complain"),
    path("complaints/<slug:reference>/", complaints.complaint, name="complaint"),
    path("complaints/<slug:reference>/answer/", complaints.answer, name="answer"),
    path("complaints/<slug:reference>/settle/", complaints.settle, name="settle"),
    path("complaints/<slug:reference>/withdraw/", complaints.withdraw, name="withdraw"),
    path("complaints/<slug:reference>/decide/", complaints.decide, name="decide"),
]
