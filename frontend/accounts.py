"""Sign-in by allauth, entry by invitation only; and, on one person's computer, links that sign a demo person in once.

A one-time link is a signed token of who it is for and when they last signed in. Using it is a sign-in, which makes the token
stale: it works once, within a day. Outside debug there is no such page.
"""

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from marketplace.organisations.models import User

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
LINK_SALT = "frontend.accounts.one-time-sign-in"
LINK_SECONDS = 24 * 60 * 60


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up by themselves: people come in through an invitation."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


def one_time_link(user: User) -> str:
    """The whole address that signs `user` in once, within a day."""
    return f"{settings.SITE_URL}{one_time_path(user)}"


def one_time_path(user: User) -> str:
    """The same without the exchange's own address."""
    token = signing.dumps([user.pk, _last_sign_in(user)], salt=LINK_SALT)
    return reverse("home:sign_in_by_link", args=[token])


def person_of_link(token: str) -> User | None:
    """The person a one-time link signs in; nobody if it is forged, older than a day or was used."""
    try:
        pk, last_sign_in = signing.loads(token, salt=LINK_SALT, max_age=LINK_SECONDS)
    except signing.BadSignature:
        return None
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user is not None and _last_sign_in(user) == last_sign_in else None


def _last_sign_in(user: User) -> str:
    return user.last_login.isoformat() if user.last_login else ""
