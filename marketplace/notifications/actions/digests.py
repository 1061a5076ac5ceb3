"""The daily summary: what a person wants to hear of once a day, in one e-mail."""

from collections import defaultdict
from datetime import date

from django.utils import timezone

from marketplace.kernel.db import action, locked
from marketplace.notifications import mail
from marketplace.notifications.models import Digest, Notification
from marketplace.notifications.queries import preferences
from marketplace.organisations.models import User
from marketplace.organisations.queries import actor_for

FOR_YOURSELF = "For yourself"


@action
def send_digest(*, user_id: int, day: date) -> bool:
    """Send a person's summary of `day`, once; whether there was one to send. Who they are and what they chose is asked now."""
    user = User.objects.get(pk=user_id)
    if not preferences.still_to_tell(actor_for(user), preferences.for_digest(day).filter(user=user)):
        return False
    Digest.objects.get_or_create(user=user, day=day)
    digest = locked(Digest.objects.all(), user=user, day=day)
    if digest.sent_at is not None:
        return False
    rows = preferences.still_to_tell(actor_for(user), preferences.for_digest(day).filter(user=user))
    if not rows:
        return False
    mail.send_digest(user, day, grouped(rows))
    now = timezone.now()
    Notification.objects.filter(pk__in=[row.pk for row in rows]).update(digest=digest, emailed_at=now)
    digest.sent_at = now
    digest.save(update_fields=["sent_at"])
    return True


def grouped(rows: list[Notification]) -> list[tuple[str, list[Notification]]]:
    """By the organisation they are about, what is for the person alone last; the oldest first in each."""
    found: dict[str, list[Notification]] = defaultdict(list)
    for row in rows:
        found[str(row.organisation) if row.organisation else FOR_YOURSELF].append(row)
    return sorted(found.items(), key=lambda item: (item[0] == FOR_YOURSELF, item[0]))
