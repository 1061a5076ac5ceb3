"""How often a record has changed and when it last did, from its history: what makes a calendar program take a new version."""

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Count, Max

from marketplace.kernel.models import HistoryEntry


def changes_of(kind: type[models.Model], pks: Iterable[int]) -> dict[int, tuple[int, datetime]]:
    """Record id → number of lines in its history and the time of the last, for many records in one query."""
    lines = HistoryEntry.objects.filter(subject_type=kind._meta.label_lower, subject_id__in=list(pks))
    rows = lines.order_by().values("subject_id").annotate(count=Count("pk"), last=Max("at"))
    return {row["subject_id"]: (row["count"], row["last"]) for row in rows}
