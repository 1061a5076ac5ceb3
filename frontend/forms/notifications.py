"""Which notifications to list."""

from typing import Any

from django import forms
from django.db.models import QuerySet


class FilterForm(forms.Form):
    """All of them, or those not read yet."""

    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[("", "All"), ("unread", "Not read yet")],
        widget=forms.RadioSelect,
    )

    def apply_to(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        unread = self.is_valid() and self.cleaned_data["show"] == "unread"
        return rows.filter(read_at__isnull=True) if unread else rows
