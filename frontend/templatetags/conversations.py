"""Links from the page of a booking (or whatever else people write about) to its conversation."""

from typing import Any
from urllib.parse import urlencode

from django import template
from django.urls import reverse

from marketplace.kernel.errors import NotFound
from marketplace.notifications import queries

register = template.Library()


@register.inclusion_tag("frontend/messages/_link.html", takes_context=True)
def messages_about(context: dict[str, Any], kind: str, reference: str, key: str = "") -> dict[str, Any]:
    """A line that leads to the conversation about a subject, with how much is new; nothing for who takes no part in it.

    `{% messages_about "booking" booking.reference %}`
    """
    actor = context["request"].actor
    try:
        place = queries.place_for(actor, kind=kind, reference=reference, key=key)
    except NotFound:
        return {}
    rows = queries.conversations_visible_to(actor).filter(
        kind=kind, subject_id=place.subject_id, key=place.key
    )
    found = queries.with_unread_counts(actor, rows).first()
    query = f"?{urlencode({'with': key})}" if key else ""
    return {
        "href": reverse("messages:about", args=[kind, reference]) + query,
        "count": found.last_number if found else 0,
        "unread": found.unread if found else 0,
    }
