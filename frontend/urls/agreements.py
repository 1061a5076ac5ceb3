"""Addresses of agreements."""

from django.urls import path

from frontend.views.agreements import converting, deciding, ending, lists, renewing

app_name = "agreements"
urlpatterns = [
    path("agreements/", lists.agreements, name="list"),
    path("agreements/schools/", lists.schools, name="schools"),
    path("agreements/<str:reference>/", lists.agreement, name="agreement"),
    path("agreements/<str:reference>/agreement.pdf", lists.agreement_pdf, name="pdf"),
    path("agreements/<str:reference>/accept/", deciding.accept, name="accept"),
    path("agreements/<str:reference>/approve/", deciding.approve, name="approve"),
    path("agreements/<str:reference>/withdraw/", deciding.withdraw, name="withdraw"),
    path("agreements/<str:reference>/end/", ending.end, name="end"),
    path("agreements/<str:reference>/take-back/", ending.take_back, name="take_back"),
    path("agreements/<str:reference>/convert/", converting.convert, name="convert"),
    path("agreements/<str:reference>/renew/", renewing.renew, name="renew"),
]
