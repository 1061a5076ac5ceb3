"""Addresses of balances: packages and the bank of days."""

from django.urls import path

from frontend.views.balances import credits, packages, recording

app_name = "balances"
urlpatterns = [
    path("balances/", packages.index, name="index"),
    path("balances/sold/", packages.sold, name="sold"),
    path("balances/credits/", credits.holders, name="credits"),
    path("balances/credits/values/", credits.credit_values, name="credit_values"),
    path("balances/credits/<str:reference>/", credits.holder, name="holder"),
    path("balances/credits/<str:reference>/sponsor/", credits.sponsor, name="sponsor"),
    path("balances/credits/<str:reference>/<str:year>/", credits.statement, name="statement"),
    path(
        "balances/credits/<str:reference>/<str:year>/statement.csv",
        credits.statement_csv,
        name="statement_csv",
    ),
    path(
        "balances/credits/<str:reference>/<str:year>/statement.pdf",
        credits.statement_pdf,
        name="statement_pdf",
    ),
    path("balances/credits/<str:reference>/<str:year>/settle/", credits.settle, name="settle"),
    path("balances/<str:reference>/<int:number>/", packages.entitlement, name="entitlement"),
    path("balances/<str:reference>/<int:number>/carry/", packages.carry, name="carry"),
    path("balances/<str:reference>/<int:number>/carry/decide/", packages.carry_decide, name="carry_decide"),
    path("balances/<str:reference>/<int:number>/use/", recording.record, name="record_use"),
    path(
        "balances/<str:reference>/<int:number>/use/<int:use>/take-back/",
        recording.take_back,
        name="take_back_use",
    ),
    path("balances/<str:reference>/<int:number>/convert/", packages.convert, name="convert"),
]
