"""Addresses of documents."""

from django.urls import path

from frontend.views.billing import documents

app_name = "billing"
urlpatterns = [
    path("money/", documents.documents, name="documents"),
    path("money/<str:reference>/", documents.document, name="document"),
    path("money/<str:reference>/document.pdf", documents.document_pdf, name="pdf"),
    path("money/<str:reference>/credit/", documents.credit, name="credit"),
]
