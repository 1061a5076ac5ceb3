"""A provider's response, which it may change until the close, or its decline."""

from collections.abc import Collection

from django.utils import timezone

from marketplace.brokerage import queries, rules
from marketplace.brokerage.actions.requests.closing import close_if_all_answered
from marketplace.brokerage.actions.requests.steps import lock_invitation, today
from marketplace.brokerage.errors import RequestInvalid
from marketplace.brokerage.events import InvitationAnswered
from marketplace.brokerage.models import DeclineReason, RequestInvitation, RequestResponse
from marketplace.brokerage.rules import ResponseTerms
from marketplace.brokerage.states import INVITATION
from marketplace.catalogue.models import Offer, Practitioner
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.supply import ServiceKind, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts

LONGEST_NOTE = 1_000


@action
def respond_to_request(
    *,
    actor: Actor,
    invitation: RequestInvitation,
    terms: ResponseTerms,
    people: Collection[Practitioner] = (),
    offer: Offer | None = None,
) -> RequestResponse:
    """Respond, or change the response: there is one for each provider. VAT is worked out from who the two are.

    Raises `TooLate` after the last day, `NotNow` once the request is closed, and `RequestInvalid` for what can't be right.
    """
    row = lock_invitation(actor, invitation, to="respond")
    rules.check_in_time(row.request.responses_close_on, today(), what="Responses")
    rules.check_response(terms, people=len(people), today=today())
    _check_own(row, people, offer)
    INVITATION.move(row, "respond", by=actor, answered_at=timezone.now())
    vat_pence, vat_reason = _vat(row, offer, terms.price_pence)
    response, _ = RequestResponse.objects.scoped().update_or_create(
        invitation=row,
        defaults={
            "offer": offer,
            "other_people": terms.other_people.strip(),
            "half_days": terms.half_days,
            "first_day": terms.first_day,
            "last_day": terms.last_day,
            "dates": terms.dates.strip(),
            "price_pence": terms.price_pence,
            "vat_pence": vat_pence,
            "vat_reason": vat_reason,
            "approach": terms.approach.strip(),
            "submitted_by_id": actor.user_id,
            "submitted_at": timezone.now(),
        },
    )
    response.people.set(people)
    events.publish(InvitationAnswered(row.pk, "respond"))
    close_if_all_answered(row.request)
    return response


@action
def decline_request(
    *, actor: Actor, invitation: RequestInvitation, reason: str, note: str = ""
) -> RequestInvitation:
    """Say no, with the reason, which the school reads at once. A response given before no longer counts."""
    row = lock_invitation(actor, invitation, to="decline")
    rules.check_in_time(row.request.responses_close_on, today(), what="Answers")
    if reason not in DeclineReason.values:
        raise RequestInvalid("Say why you decline.", remedy="Choose one of the reasons.", field="reason")
    if reason == DeclineReason.OTHER and not note.strip():
        raise RequestInvalid("Say what the reason is.", remedy="One sentence is enough.", field="note")
    if len(note) > LONGEST_NOTE:
        raise RequestInvalid(
            "That is too long.", remedy=f"Use {LONGEST_NOTE:,} characters or fewer.", field="note"
        )
    INVITATION.move(
        row,
        "decline",
        by=actor,
        note=DeclineReason(reason).label,
        decline_reason=reason,
        decline_note=note.strip(),
        answered_at=timezone.now(),
    )
    events.publish(InvitationAnswered(row.pk, "decline"))
    close_if_all_answered(row.request)
    return row


def _check_own(row: RequestInvitation, people: Collection[Practitioner], offer: Offer | None) -> None:
    own = set(queries.people_to_propose(row).values_list("pk", flat=True))
    for person in people:
        if person.pk not in own:
            raise RequestInvalid(
                f"{person} is not one of your people.",
                remedy="Choose people you list, or write the name.",
                field="people",
            )
    if offer is not None and not queries.offers_to_book_by(row).filter(pk=offer.pk).exists():
        raise RequestInvalid(
            "That offer is not one of yours on show.", remedy="Choose one of your offers.", field="offer"
        )


def _vat(row: RequestInvitation, offer: Offer | None, price_pence: int) -> tuple[int, str]:
    """VAT on the price as it stands today, and why; the document settles it on its own date."""
    version = offer.current if offer else None
    kind = ServiceKind(version.support_type.service_kind) if version else ServiceKind.IMPROVEMENT
    vat = vat_treatment(legal_facts(row.provider), legal_facts(row.request.school), kind, on=today())
    return vat_on(price_pence, vat.basis_points), vat.reason[:300]
