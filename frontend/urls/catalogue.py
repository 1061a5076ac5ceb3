"""Addresses of the search, of providers' offers and people, and of quality assurance."""

from django.urls import path

from frontend.views.catalogue import finding, people, providing, quality

app_name = "catalogue"
urlpatterns = [
    path("find/", finding.find, name="find"),
    path("find/compare/", finding.compare, name="compare"),
    path("find/how-results-are-ordered/", finding.ordering, name="ordering"),
    path("offers/<slug:reference>/", finding.offer, name="offer"),
    path("provide/", providing.provide, name="provide"),
    path("provide/offers/new/", providing.new_offer, name="new_offer"),
    path("provide/offers/<slug:reference>/", providing.my_offer, name="my_offer"),
    path("provide/offers/<slug:reference>/edit/<slug:name>/", providing.section, name="section"),
    path("provide/offers/<slug:reference>/price/", providing.price_kind, name="price_kind"),
    path("provide/offers/<slug:reference>/price/<slug:kind>/", providing.price, name="price"),
    path("provide/offers/<slug:reference>/<slug:verb>/", providing.move, name="move"),
    path("provide/people/", people.people, name="people"),
    path("provide/people/new/", people.add, name="add_person"),
    path("provide/people/<slug:reference>/", people.person, name="person"),
    path("provide/people/<slug:reference>/edit/", people.edit, name="edit_person"),
    path("provide/people/<slug:reference>/designations/", people.designate, name="designate"),
    path("provide/people/<slug:reference>/designations/end/", people.end_designation, name="end_designation"),
    path("provide/people/<slug:reference>/stand-down/", people.stand_down, name="stand_down"),
    path("provide/people/<slug:reference>/reinstate/", people.reinstate, name="reinstate"),
    path("provide/people/<slug:reference>/assurance/", people.assurance, name="assurance"),
    path(
        "provide/people/<slug:reference>/assurance/withdraw/",
        people.withdraw_assurance,
        name="withdraw_assurance",
    ),
    path("quality/", quality.quality, name="quality"),
    path("quality/<slug:reference>/", quality.review, name="review"),
]
