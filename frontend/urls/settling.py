"""Addresses of settling: statements, self-billing, claims for cover, journals, the year's end."""

from django.urls import path

from frontend.views.billing import documents, journals, releasing, settlement, year_end

app_name = "settling"
urlpatterns = [
    path("money/settlement/", settlement.statements, name="statements"),
    path("money/settlement/self-billing/", releasing.self_billing, name="self_billing"),
    path(
        "money/settlement/self-billing/<str:reference>/end/",
        releasing.end_self_billing,
        name="end_self_billing",
    ),
    path("money/settlement/new/<str:broker>/<str:supplier>/", settlement.new_statement, name="new_statement"),
    path("money/settlement/<str:reference>/", settlement.statement, name="statement"),
    path("money/settlement/<str:reference>/statement.pdf", settlement.statement_pdf, name="statement_pdf"),
    path("money/settlement/<str:reference>/<str:verb>/", settlement.step, name="step"),
    path("money/backfill/", releasing.claims, name="claims"),
    path("money/backfill/new/<str:reference>/", releasing.claim, name="claim"),
    path("money/backfill/<str:reference>/", releasing.decide, name="decide"),
    path("money/journals/", journals.journals, name="journals"),
    path("money/journals/cost-centres/<str:code>/", journals.cost_centres, name="cost_centres"),
    path("money/journals/<str:reference>/", journals.journal_run, name="journal_run"),
    path("money/journals/<str:reference>/journal.<str:kind>", journals.journal_file, name="journal_file"),
    path("money/year-end/", year_end.year_end, name="year_end"),
    path("money/<str:reference>/vat/", documents.put_vat_right, name="vat"),
]
