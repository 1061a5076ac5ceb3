"""Forms of documents."""

from django import forms

from marketplace.billing.models import DocumentKind


class DocumentFilterForm(forms.Form):
    """The filters of the list of documents."""

    kind = forms.ChoiceField(label="Kind", required=False, choices=[("", "Any kind"), *DocumentKind.choices])
    q = forms.CharField(label="Number, booking or purchase order", required=False, max_length=60)


class CreditForm(forms.Form):
    """Why a document is credited."""

    reason = forms.CharField(
        label="Why is it credited?", widget=forms.Textarea({"rows": 3, "maxlength": 500})
    )
