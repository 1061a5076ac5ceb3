"""Forms of documents."""

from django import forms

from marketplace.billing.models import DocumentKind


class DocumentFilterForm(forms.Form):
    """The filters of the list of documents."""

    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Any kind"), *DocumentKind.choices])
    q = forms.CharField(label="Number, booking, agreement or purchase order", required=False, max_length=60)
