"""Addresses of what is suggested for a need, and of how it is ranked."""

from django.urls import path

from frontend.views.brokerage import ranking

app_name = "ranking"
urlpatterns = [
    path("find/how-we-rank/", ranking.how_we_rank, name="how_we_rank"),
    path("needs/<slug:reference>/suggested/", ranking.suggested, name="suggested"),
    path("needs/<slug:reference>/suggested/why-not/", ranking.why_not, name="why_not"),
    path("needs/<slug:reference>/suggested/left-out/<slug:reason>/", ranking.left_out, name="left_out"),
]
