"""Addresses of approval ladders, quotes evidence and funding streams."""

from django.urls import path

from frontend.views.approvals import commissioning, evidence, ladders, packages, quotes, streams

app_name = "approvals"
urlpatterns = [
    path("approvals/ladder/", ladders.ladder, name="ladder"),
    path("approvals/quotes/", evidence.evidence_list, name="evidence_list"),
    path("approvals/quotes/new/", evidence.new_evidence, name="new_evidence"),
    path("approvals/quotes/<str:reference>/", evidence.evidence, name="evidence"),
    path("approvals/quotes/<str:reference>/pdf/", evidence.evidence_pdf, name="evidence_pdf"),
    path("approvals/quotes/<str:reference>/details/", evidence.details, name="evidence_details"),
    path("approvals/quotes/<str:reference>/complete/", evidence.complete, name="complete_evidence"),
    path("approvals/quotes/<str:reference>/ask/", quotes.ask_supplier, name="ask_supplier"),
    path("approvals/quotes/<str:reference>/offers/", quotes.ask_offers, name="ask_offers"),
    path("approvals/quotes/<str:reference>/packages/", packages.ask_packages, name="ask_packages"),
    path("approvals/quotes/<str:reference>/<int:number>/", quotes.answer, name="answer"),
    path("approvals/quotes/<str:reference>/<int:number>/choose/", quotes.choose, name="choose_quote"),
    path("approvals/quotes/<str:reference>/<int:number>/remove/", quotes.remove, name="remove_quote"),
    path("funding/", streams.streams, name="streams"),
    path("funding/new/", streams.new_stream, name="new_stream"),
    path("funding/orders/", commissioning.orders, name="orders_to_fund"),
    path("funding/bookings/<str:reference>/", commissioning.fund_booking, name="fund_booking"),
    path("funding/agreements/<str:reference>/", commissioning.fund_agreement, name="fund_agreement"),
    path("funding/<str:reference>/", streams.stream, name="stream"),
    path("funding/<str:reference>/budget/", streams.change_budget, name="change_budget"),
    path("funding/<str:reference>/close/", streams.close, name="close_stream"),
]
