"""Who hears of a reminder to a school that does not take part, and of a network that asks a school to join.

`tasks.py` imports this, so that its subscribers are there for the worker.
"""

from django.urls import reverse

from marketplace.coverage.engagement import queries as engagement
from marketplace.coverage.engagement.models import EngagementNudge
from marketplace.coverage.events import SchoolNudged
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe
from marketplace.notifications.actions import tell
from marketplace.notifications.people import holders
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations import queries as organisations
from marketplace.organisations.events import SchoolProposed
from marketplace.organisations.models import BelongingStatus


@subscribe(SchoolNudged)
def tell_of_nudge(event: SchoolNudged) -> None:
    """The school's heads (where it has none here, everybody of it) read the reminder; leads of its trust and diocese read that it was sent."""
    nudge = EngagementNudge.objects.select_related("school").get(pk=event.nudge_id)
    contacts = engagement.contacts_of([nudge.school_id])[nudge.school_id]
    own = Message(
        Kind.SCHOOL_MISSED,
        f"We have not heard from {nudge.school} for a year",
        nudge.message,
        reverse("brokerage:needs"),
    )
    above = Message(
        Kind.SCHOOL_MISSED,
        f"{nudge.school} has not taken part for a year",
        f"The local authority has reminded {nudge.school}. You hear of it because you lead its trust or diocese:"
        f" please ask the school what keeps it from taking part.\n\nWhat the reminder says:\n\n{nudge.message}",
        reverse("organisations:organisation", args=[nudge.school.reference]),
    )
    told = [Recipient(each.user_id, each.organisation_id) for each in contacts.people]
    tell(to=told, message=own, effect=f"engagement_nudge:{nudge.pk}")
    heard = {each.user_id for each in told}
    leads = [
        Recipient(each.user_id, each.organisation_id) for each in contacts.leads if each.user_id not in heard
    ]
    tell(to=leads, message=above, effect=f"engagement_nudge:{nudge.pk}:lead")


@subscribe(SchoolProposed)
def tell_of_proposal(event: SchoolProposed) -> None:
    """The school's heads, and its trust's leads, are asked; nobody once the proposal was answered or taken back."""
    row = organisations.belongings_visible_to(SYSTEM).get(pk=event.membership_id)
    if row.status != BelongingStatus.PROPOSED:
        return
    who = f" It is led by {row.network.lead}." if row.network.lead else ""
    purpose = f"\n\n{row.network.purpose}" if row.network.purpose else ""
    message = Message(
        Kind.NETWORK_ASKS,
        f"{row.network} asks {row.school.organisation} to join",
        f"{row.network.get_kind_display()}.{who} Your school belongs to it once you say yes.{purpose}",
        reverse("networks:network", args=[row.network.reference]),
    )
    to = holders(row.school_id, organisations.OWN_HEADS)
    tell(to=to, message=message, effect=f"network:{row.pk}:asks")
