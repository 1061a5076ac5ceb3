"""Makers for notifications."""

import itertools
from typing import Any

from marketplace.notifications.models import Notification
from marketplace.notifications.rules import Kind
from marketplace.organisations.models import User

_count = itertools.count(1)

__all__ = ["a_notification"]


def a_notification(user: User, **fields: Any) -> Notification:
    """Something a person was told and has not read."""
    n = next(_count)
    defaults = {"kind": Kind.BOOKING_CONFIRMED, "title": f"Notification {n}", "effect": f"test:{n}"}
    return Notification.objects.create(user=user, **defaults | fields)
