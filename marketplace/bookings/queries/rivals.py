"""Whether others have the time already: looked at without a lock, so that whoever comes too late hears it before they queue."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from marketplace.bookings.models import OCCUPYING, BookingStatus
from marketplace.bookings.rules import DiaryFacts, Moments
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.access import Actor

# A day on which each of the people has a rival's booking, the journey after the wanted time included.
_ALL_TAKEN = """
    SELECT EXISTS (
      SELECT FROM unnest(%(starts)s::timestamptz[], %(ends)s::timestamptz[]) AS wanted (starts_at, ends_at)
      WHERE NOT EXISTS (
        SELECT FROM unnest(%(people)s::bigint[]) AS person (id)
        LEFT JOIN bookings_diary AS diary ON diary.practitioner_id = person.id
        WHERE NOT EXISTS (
          SELECT FROM bookings_booking AS rival
          WHERE rival.practitioner_id = person.id AND rival.status = ANY(%(occupying)s)
            AND rival.during && tstzrange(wanted.starts_at, wanted.ends_at + make_interval(
                  mins => CASE WHEN %(remote)s THEN 0 ELSE COALESCE(diary.travel_minutes, %(travel_minutes)s) END))
            AND NOT (rival.status = %(held)s
                     AND (rival.requested_by_id = %(by)s OR rival.hold_expires_at <= %(now)s)))))
"""


def all_taken(
    actor: Actor, people: Sequence[Practitioner], wanted: Sequence[Moments], *, remote: bool
) -> bool:
    """Whether for any of the wanted times others have all the people: bookings that stand, and holds that are not the actor's own."""
    if not people:
        return False
    asked: dict[str, Any] = {
        "people": [person.pk for person in people],
        "starts": [moments.starts_at for moments in wanted],
        "ends": [moments.ends_at for moments in wanted],
        "remote": remote,
        "travel_minutes": DiaryFacts.travel_minutes,
        "occupying": [str(status) for status in OCCUPYING],
        "held": BookingStatus.HELD,
        "by": actor.user_id,
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_ALL_TAKEN, asked)
        return bool(cursor.fetchone()[0])
