"""E-mails, in plain text with absolute links: the only module that sends any.

A message is sent at least once: a process that dies between the mail server's yes and our note of it sends it again.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from marketplace.kernel.dates import local, long_date
from marketplace.notifications import unsubscribing
from marketplace.notifications.consent_links import words_with_link
from marketplace.notifications.models import Notification
from marketplace.notifications.rules import Kind, letter
from marketplace.organisations.models import Invitation, User

Groups = Sequence[tuple[str, Sequence[Notification]]]


def send_notification(row: Notification) -> None:
    """One notification. What need not be answered can be stopped with one click, from the e-mail itself."""
    link = settings.SITE_URL + row.path if row.path else ""
    body = row.body + words_with_link(row)
    stop = "" if Kind(row.kind).asks_to_act else unsubscribing.link_for(row.user, row.kind)
    text = letter(name=row.user.name, body=body, link=link) + _ways_out(stop)
    _send(row.user.email, row.title, text, _one_click(stop))


def send_digest(user: User, day: date, groups: Groups) -> None:
    """The summary of a day: a line and a link for each notification, under the organisations they are about."""
    count = sum(len(rows) for _, rows in groups)
    parts = [
        f"{name}\n\n" + "\n".join(f"* {row.title}\n  {settings.SITE_URL}{row.path}" for row in rows)
        for name, rows in groups
    ]
    stop = unsubscribing.link_for(user, unsubscribing.SUMMARY)
    text = letter(
        name=user.name, body="\n\n".join(parts), link=settings.SITE_URL + reverse("notifications:list")
    )
    things = "one thing" if count == 1 else f"{count} things"
    _send(
        user.email,
        f"Your summary for {day:%A} {long_date(day)}: {things}",
        text + _ways_out(stop),
        _one_click(stop),
    )


def send_invitation(invitation: Invitation, token: str) -> None:
    """The invitation with its link. The token is in this e-mail and nowhere else."""
    inviter = f"{invitation.invited_by} has invited you" if invitation.invited_by else "You are invited"
    role = invitation.get_role_display().lower()
    body = (
        f"{inviter} to the School Support Exchange, as {role} of {invitation.organisation}.\n\n"
        f"Accept it by {long_date(local(invitation.expires_at).date())}. If you did not expect this, you need do nothing."
    )
    link = settings.SITE_URL + reverse("organisations:invitation", args=[token])
    _send(
        invitation.email,
        f"Invitation: {role} of {invitation.organisation}",
        letter(name="and welcome", body=body, link=link),
    )


def _ways_out(stop: str) -> str:
    """How to get fewer of them."""
    choose = f"\nChoose which e-mails you get: {settings.SITE_URL}{reverse('notifications:settings')}\n"
    return choose + (f"Stop e-mails like this one: {stop}\n" if stop else "")


def _one_click(stop: str) -> dict[str, str]:
    """What lets a mail program offer its own button (RFC 8058)."""
    if not stop:
        return {}
    return {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}


def _send(address: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> None:
    one_line = " ".join(subject.split())
    EmailMessage(one_line, text, settings.DEFAULT_FROM_EMAIL, [address], headers=dict(headers or {})).send()
