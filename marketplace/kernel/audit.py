"""Who read, or was refused, a protected record: written in the read path, append-only."""

from django.db import models

from marketplace.kernel.access import Actor
from marketplace.kernel.models import AuditEntry


def record(
    *, by: Actor, what: str, subject: models.Model | None = None, allowed: bool = True, detail: str = ""
) -> None:
    """Append one line: `by` read `what` of `subject`, or was refused it."""
    AuditEntry.objects.create(
        by_id=by.user_id,
        by_name=by.name,
        what=what,
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=subject.pk if subject else None,
        allowed=allowed,
        detail=detail[:300],
    )
