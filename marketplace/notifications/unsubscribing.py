"""Signed links with which a person stops e-mails without signing in: each for one person and one kind, or for the daily summary."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core import signing
from django.urls import reverse

from marketplace.kernel.errors import NotFound
from marketplace.notifications.rules import Kind
from marketplace.organisations.models import User

WORKS_FOR = timedelta(days=90)
_SALT = "notifications.unsubscribing"
SUMMARY = "summary"


def link_for(user: User, what: str) -> str:
    """The whole address; `what` is a kind, or `SUMMARY`."""
    token = signing.dumps([user.pk, what], salt=_SALT)
    return settings.SITE_URL + reverse("notifications:stop", args=[token])


def read(token: str) -> tuple[User, Kind | None]:
    """The person and the kind (None: the summary); `NotFound` for a link that is forged or too old, or whose person is gone."""
    try:
        found: Any = signing.loads(token, salt=_SALT, max_age=WORKS_FOR)
        user_id, what = found
        kind = None if what == SUMMARY else Kind(what)
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise NotFound from error
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        raise NotFound
    return user, kind
