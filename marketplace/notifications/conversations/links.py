"""Short-lived links to files: signed for one person once they were let in, and looked at again when they are followed."""

from typing import Any

from django.conf import settings
from django.core import signing

from marketplace.kernel.access import Actor
from marketplace.notifications.errors import LinkUnusable
from marketplace.notifications.models import Attachment

_SALT = "notifications.attachment"


def token_for(actor: Actor, attachment: Attachment) -> str:
    """A token for one person and one file. The caller has shown that the person may have it."""
    return signing.dumps([attachment.pk, actor.user_id], salt=_SALT)


def check(actor: Actor, attachment: Attachment, token: str) -> None:
    """Raise `LinkUnusable` unless the token was made for this person and this file a short while ago."""
    try:
        made_for: Any = signing.loads(token, salt=_SALT, max_age=settings.ATTACHMENT_LINK_SECONDS)
    except signing.BadSignature:
        made_for = None
    if made_for != [attachment.pk, actor.user_id]:
        raise LinkUnusable(
            "This link to a file is too old or was not made for you.",
            remedy="Open the conversation and choose the file again.",
        )
