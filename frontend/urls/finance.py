"""Addresses of finance: the desk, the ledgers, receipts and what is owed."""

from django.urls import path

from frontend.views.billing import bank, collecting, desk, ledgers, owed, receipts

app_name = "finance"
urlpatterns = [
    path("money/desk/", desk.desk, name="desk"),
    path("money/ledger/", ledgers.books, name="books"),
    path("money/ledger/<str:reference>/", ledgers.chart, name="chart"),
    path("money/ledger/<str:reference>/trial-balance/", ledgers.trial_balance, name="trial_balance"),
    path("money/ledger/<str:reference>/<int:account>/", ledgers.account, name="ledger_account"),
    path("money/receipts/", receipts.receipts, name="receipts"),
    path("money/receipts/new/", receipts.record, name="record"),
    path("money/receipts/matching/", bank.matching, name="matching"),
    path("money/receipts/matching/exact/", bank.confirm_exact, name="confirm_exact"),
    path("money/receipts/statements/", bank.statements, name="statements"),
    path("money/receipts/statements/new/", bank.upload, name="upload"),
    path("money/receipts/statements/<str:reference>/", bank.statement, name="statement"),
    path("money/receipts/statements/<str:reference>/apply/", bank.apply, name="apply"),
    path("money/receipts/statements/<str:reference>/discard/", bank.discard, name="discard"),
    path("money/receipts/<str:reference>/", receipts.receipt, name="receipt"),
    path("money/receipts/<str:reference>/match/", bank.match, name="match"),
    path("money/receipts/<str:reference>/allocate/", receipts.allocate, name="allocate"),
    path("money/receipts/<str:reference>/on-account/", receipts.on_account, name="on_account"),
    path("money/receipts/<str:reference>/pay-back/", receipts.pay_back, name="pay_back"),
    path("money/receipts/<str:reference>/<int:allocation>/take-back/", receipts.take_back, name="take_back"),
    path("money/owed/", owed.owed, name="owed"),
    path("money/owed/to-us/", owed.aged_debt, name="aged_debt"),
    path("money/owed/account/<str:supplier>/<str:buyer>/", owed.account, name="account"),
    path("money/owed/account/<str:supplier>/<str:buyer>/statement.pdf", owed.account_pdf, name="account_pdf"),
    path("money/owed/reminders/", collecting.reminders, name="reminders"),
    path("money/owed/settings/<str:reference>/", collecting.getting_paid, name="getting_paid"),
    path("money/owed/write-offs/", collecting.write_offs, name="write_offs"),
    path("money/owed/write-offs/<str:reference>/", collecting.write_off, name="write_off"),
    path("money/owed/questions/<int:pk>/", collecting.answer, name="answer"),
    path("money/owed/<str:reference>/write-off/", collecting.request_write_off, name="request_write_off"),
    path("money/owed/<str:reference>/question/", collecting.question, name="question"),
]
