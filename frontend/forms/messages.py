"""Forms of conversations: which to list, and what to write."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import QuerySet
from django.http import QueryDict

from frontend.forms.organisations import MEGABYTE
from marketplace.notifications import queries
from marketplace.notifications.conversations.contents import ALLOWED_IN_WORDS, KINDS
from marketplace.notifications.conversations.rules import LONGEST_TEXT, MOST_FILES
from marketplace.notifications.conversations.subjects import KINDS as SUBJECTS
from marketplace.notifications.models import Attachment


class ConversationFilterForm(forms.Form):
    """All conversations or those with something new, about one kind of thing or any."""

    show = forms.ChoiceField(
        label="Show",
        required=False,
        choices=[("", "All"), ("unread", "Not read yet")],
        widget=forms.RadioSelect,
    )
    about = forms.ChoiceField(
        label="About",
        required=False,
        choices=[("", "Anything"), *((name, entry.label) for name, entry in SUBJECTS.entries.items())],
    )

    def rows_for(self, actor: Any) -> QuerySet[Any]:
        """The person's conversations that pass the filters."""
        asked = self.cleaned_data if self.is_valid() else {}
        unread = asked.get("show") == "unread"
        rows = queries.unread_conversations(actor) if unread else queries.conversations_visible_to(actor)
        return rows.filter(kind=asked["about"]) if asked.get("about") else rows


class SeveralFiles(forms.ClearableFileInput):
    """A file control that takes several."""

    allow_multiple_selected = True


class MessageForm(forms.Form):
    """A message with files. Files that came before an error are kept, and listed to be sent or left out."""

    text = forms.CharField(
        label="Your message",
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 5, "maxlength": LONGEST_TEXT}),
    )
    kept = forms.MultipleChoiceField(
        label="Files ready to be sent", required=False, widget=forms.CheckboxSelectMultiple
    )
    files = forms.Field(label="Add files", required=False, widget=SeveralFiles)  # type: ignore[assignment]
    key = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, data: Any = None, *, kept: Sequence[Attachment] = ()) -> None:
        super().__init__(data, initial={"key": uuid.uuid4().hex})
        most = settings.ATTACHMENT_MAX_BYTES // MEGABYTE
        self.fields["files"].help_text = f"Up to {MOST_FILES}, each up to {most} MB: {ALLOWED_IN_WORDS}."
        self.fields["files"].widget.attrs["accept"] = ",".join(
            suffix for kind in KINDS.values() for suffix in kind.suffixes
        )
        if kept:
            self.fields["kept"].choices = [(each.reference, each.name) for each in kept]  # type: ignore[attr-defined]
        else:
            del self.fields["kept"]

    @staticmethod
    def with_kept(data: QueryDict, kept: Sequence[Attachment], *, new_key: bool = False) -> QueryDict:
        """What was typed, with these files ticked; with a key of its own where the old one is used up."""
        changed = data.copy()
        changed.setlist("kept", [each.reference for each in kept])
        if new_key or not changed.get("key"):
            changed["key"] = uuid.uuid4().hex
        return changed
