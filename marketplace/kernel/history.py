"""The append-only history of each record: who did what, when, from which state to which, and why. Pages show it."""

from collections.abc import Iterable

from django.db import models

from marketplace.kernel.access import Actor
from marketplace.kernel.models import HistoryEntry


def write(
    row: models.Model, *, verb: str, by: Actor, before: str = "", after: str = "", note: str = ""
) -> HistoryEntry:
    """Append one line to the history of `row`."""
    return HistoryEntry.objects.create(
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
        verb=verb,
        before=before,
        after=after,
        by_id=by.user_id,
        by_name=by.name,
        note=note,
    )


def write_many(
    rows: Iterable[models.Model], *, verb: str, by: Actor, after: str = "", note: str = ""
) -> None:
    """Append the same line to the history of many rows, in bulk."""
    HistoryEntry.objects.bulk_create(
        [
            HistoryEntry(
                subject_type=row._meta.label_lower,
                subject_id=row.pk,
                verb=verb,
                after=after,
                by_id=by.user_id,
                by_name=by.name,
                note=note,
            )
            for row in rows
        ],
        batch_size=2000,
    )


def of(row: models.Model) -> models.QuerySet[HistoryEntry]:
    """The history of `row`, oldest first. The caller has already shown that the actor may see `row`."""
    return HistoryEntry.objects.filter(subject_type=row._meta.label_lower, subject_id=row.pk).order_by("pk")
