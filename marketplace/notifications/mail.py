"""E-mails, in plain text with absolute links: the only module that sends any.

A message is sent at least once: a process that dies between the mail server's yes and our note of it sends it again.
"""

from django.conf import settings
from django.core.mail import EmailMessage
from django.urls import reverse

from marketplace.notifications.models import Notification
from marketplace.notifications.rules import letter
from marketplace.organisations.models import Invitation


def send_notification(row: Notification) -> None:
    link = settings.SITE_URL + row.path if row.path else ""
    _send(row.user.email, row.title, letter(name=row.user.name, body=row.body, link=link))


def send_invitation(invitation: Invitation, token: str) -> None:
    """The invitation with its link. The token is in this e-mail and nowhere else."""
    inviter = f"{invitation.invited_by} has invited you" if invitation.invited_by else "You are invited"
    role = invitation.get_role_display().lower()
    body = (
        f"{inviter} to the School Support Exchange, as {role} of {invitation.organisation}.\n\n"
        f"Accept it by {invitation.expires_at:%-d %B %Y}. If you did not expect this, you need do nothing."
    )
    link = settings.SITE_URL + reverse("organisations:invitation", args=[token])
    _send(
        invitation.email,
        f"Invitation: {role} of {invitation.organisation}",
        letter(name="and welcome", body=body, link=link),
    )


def _send(address: str, subject: str, text: str) -> None:
    one_line = " ".join(subject.split())
    EmailMessage(one_line, text, settings.DEFAULT_FROM_EMAIL, [address]).send()
