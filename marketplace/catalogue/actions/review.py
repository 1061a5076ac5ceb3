"""Quality assurance: a convenor of the provider's area approves a version or returns it with reasons.

Nobody judges what they wrote or handed in, and nobody judges offers of a provider they hold a role at. The local authority's own
service is the exception to the second rule, because its convenors work for the same authority: another convenor than the author
judges, and its offers carry a banner wherever they are shown (the neutral-broker rule).
"""

from django.utils import timezone

from marketplace.catalogue import queries, rules
from marketplace.catalogue.content import OfferInvalid, check_complete, content_of
from marketplace.catalogue.events import OfferMoved
from marketplace.catalogue.models import Offer, OfferStatus, OfferVersion, VersionStatus
from marketplace.catalogue.search.text import rebuild_index
from marketplace.catalogue.states import OFFER, VERSION
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import OrganisationKind


@action
def approve_offer(*, actor: Actor, offer: Offer, note: str = "") -> Offer:
    """Put the version handed in on show: publish the offer, or let the new version take over; bookings keep theirs.

    Raises `NotAllowed` (not a convenor here), `OwnInterest`, `NotNow`, or `OfferIncomplete` where the price has run out meanwhile.
    """
    offer, version = _to_judge(actor, offer)
    check_complete(content_of(version), timezone.localdate())
    now = timezone.now()
    VERSION.move(version, "approve", by=actor, note=note, reviewed_by_id=actor.user_id, reviewed_at=now)
    rebuild_index([version.pk])
    if offer.current_id is None:
        OFFER.move(offer, "publish", by=actor, note=note, current=version, published_at=now, confirmed_at=now)
        verb = "publish"
    else:
        Offer.objects.filter(pk=offer.pk).update(current=version, confirmed_at=now)
        offer.current, offer.confirmed_at, verb = version, now, "revise"
        history.write(offer, verb=verb, before=offer.status, after=offer.status, by=actor, note=note)
    events.publish(OfferMoved(offer.pk, verb, offer.status))
    return offer


@action
def return_offer(*, actor: Actor, offer: Offer, reason: str) -> Offer:
    """Give the version handed in back to its provider with reasons. Raises as `approve_offer`, or without a reason."""
    if not reason.strip():
        raise OfferInvalid(
            "The reason is missing.",
            remedy="Say what has to change before you can publish it.",
            field="reason",
        )
    offer, version = _to_judge(actor, offer)
    VERSION.move(
        version,
        "return",
        by=actor,
        note=reason.strip(),
        return_reason=reason.strip(),
        reviewed_by_id=actor.user_id,
        reviewed_at=timezone.now(),
    )
    verb = "return_revision"
    if offer.current_id is None:
        verb = "return"
        OFFER.move(offer, verb, by=actor, note=reason.strip())
    events.publish(OfferMoved(offer.pk, verb, offer.status))
    return offer


def check_may_judge(actor: Actor, offer: Offer, version: OfferVersion) -> None:
    """Raise `NotAllowed` or `OwnInterest` where this person may not judge this version."""
    if not queries.convenes(actor, offer.provider):
        raise NotAllowed("Only a convenor of the provider’s area can judge its offers.")
    rules.check_reviewer(
        user_id=actor.user_id,
        authors={version.written_by_id, version.submitted_by_id},
        holds_role_at_provider=offer.provider_id in actor.organisations(),
        la_service=offer.provider.kind == OrganisationKind.LA_SERVICE,
    )


def _to_judge(actor: Actor, offer: Offer) -> tuple[Offer, OfferVersion]:
    if not queries.convenes(actor, offer.provider):
        raise NotAllowed("Only a convenor of the provider’s area can judge its offers.")
    locked_offer: Offer = locked(Offer.objects.select_related("provider"), pk=offer.pk)
    version = queries.version_in_work(locked_offer)
    if (
        version is None
        or version.status != VersionStatus.SUBMITTED
        or locked_offer.status == OfferStatus.WITHDRAWN
    ):
        raise NotNow(
            "Nothing of this offer is waiting to be judged.",
            remedy="The provider may have taken it back, or another convenor has judged it.",
        )
    check_may_judge(actor, locked_offer, version)
    return locked_offer, version
