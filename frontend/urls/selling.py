"""Addresses of the buy-back: windows, terms, packages, the order page, baskets."""

from django.urls import path

from frontend.views.selling import basket, landing, ordering, packages, terms, windows

app_name = "buyback"
urlpatterns = [
    path("buy-back/", landing.landing, name="landing"),
    path("buy-back/windows/", windows.windows, name="windows"),
    path("buy-back/windows/new/", windows.new_window, name="new_window"),
    path("buy-back/windows/<str:reference>/", windows.window, name="window"),
    path("buy-back/terms/", terms.terms_list, name="terms_list"),
    path("buy-back/terms/new/", terms.new_terms, name="new_terms"),
    path("buy-back/terms/<str:seller>/<int:number>/", terms.terms, name="terms"),
    path("buy-back/terms/<str:seller>/<int:number>/change/", terms.edit_terms, name="edit_terms"),
    path("buy-back/terms/<str:seller>/<int:number>/publish/", terms.publish_terms, name="publish_terms"),
    path("buy-back/packages/", packages.packages, name="packages"),
    path("buy-back/packages/new/", packages.new_package, name="new_package"),
    path("buy-back/packages/<str:package>/<str:window>/", packages.my_edition, name="my_edition"),
    path(
        "buy-back/packages/<str:package>/<str:window>/section/<slug:name>/",
        packages.edition_section,
        name="edition_section",
    ),
    path(
        "buy-back/packages/<str:package>/<str:window>/price/",
        packages.edition_price_kind,
        name="edition_price_kind",
    ),
    path(
        "buy-back/packages/<str:package>/<str:window>/price/<slug:kind>/",
        packages.edition_price,
        name="edition_price",
    ),
    path("buy-back/packages/<str:package>/<str:window>/copy/", packages.copy_edition, name="copy_edition"),
    path(
        "buy-back/packages/<str:package>/<str:window>/move/<slug:verb>/",
        packages.move_edition,
        name="move_edition",
    ),
    path("buy-back/order/", ordering.order, name="order"),
    path("buy-back/order/<str:package>/<str:window>/", ordering.package, name="package"),
    path("buy-back/baskets/<str:reference>/", basket.basket, name="basket"),
    path("buy-back/baskets/<str:reference>/lines/<int:number>/", basket.change_line, name="change_line"),
    path("buy-back/baskets/<str:reference>/empty/", basket.empty, name="empty_basket"),
    path("buy-back/baskets/<str:reference>/order/", basket.submit, name="submit_basket"),
    path("buy-back/baskets/<str:reference>/ordered/", basket.ordered, name="ordered"),
]
