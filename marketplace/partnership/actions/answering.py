"""A provider answers a call, and the answer becomes a draft offer of its own. Lock order: call → answer → offer."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.utils import timezone

from marketplace.catalogue import actions as catalogue
from marketplace.catalogue.access import MANAGERS
from marketplace.catalogue.content import LENGTHS, OfferContent, content_of
from marketplace.catalogue.models import DeliveryMode, Offer, OfferStatus, Practitioner, SupportType
from marketplace.catalogue.queries import version_in_work
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound, NotNow
from marketplace.organisations.models import Organisation
from marketplace.partnership import queries, rules
from marketplace.partnership.actions.calling import lock_own
from marketplace.partnership.errors import CallInvalid
from marketplace.partnership.events import CallAnswered
from marketplace.partnership.models import CallResponse, CallStatus, OfferCall, ResponseStatus
from marketplace.partnership.rules import ResponseTerms
from marketplace.partnership.states import CALL_RESPONSE

STILL_WRITTEN = (OfferStatus.DRAFT, OfferStatus.RETURNED)
LONGEST_REASON = 1_000


@action
def respond_to_call(
    *,
    actor: Actor,
    call: OfferCall,
    provider: Organisation,
    terms: ResponseTerms,
    support_type: SupportType,
    people: Collection[Practitioner] = (),
) -> CallResponse:
    """Answer a call for a provider, or change the answer: there is one for each. No other provider ever reads it.

    The first answer makes a draft offer from the call and the answer; a change writes it anew as long as it has not been handed in.
    Raises `NotNow` once the call has ended or its last day has passed, `CallInvalid` naming the field.
    """
    row, provider = _lock_open(actor, call, provider)
    rules.check_response(
        terms,
        ceiling_pence=row.ceiling_pence,
        closes_on=row.closes_on,
        today=local(timezone.now()).date(),
        modes=DeliveryMode.values,
    )
    found = CallResponse.objects.scoped().select_for_update().filter(call=row, provider=provider).first()
    columns: dict[str, Any] = {
        "half_days": terms.half_days,
        "pence_a_day": terms.pence_a_day,
        "support_type": support_type,
        "mode": terms.mode,
        "reach_km": terms.reach_km,
        "approach": terms.approach.strip(),
        "submitted_by_id": actor.user_id,
        "submitted_at": timezone.now(),
        "offer": _draft(actor, row, provider, terms, support_type, people, found),
    }
    if found is None:
        found = CallResponse.objects.scoped().create(call=row, provider=provider, **columns)
        history.write(found, verb="respond", after=ResponseStatus.SUBMITTED, by=actor)
        verb = "respond"
    else:
        verb = "respond" if found.status == ResponseStatus.TAKEN_BACK else "change"
        CALL_RESPONSE.move(found, verb, by=actor, **columns)
    found.people.set(people)
    events.publish(CallAnswered(found.pk, verb))
    return found


@action
def take_back_response(*, actor: Actor, response: CallResponse) -> CallResponse:
    """Take an answer back while the call is open. The draft stays the provider's own, to go on with or to withdraw."""
    _, _ = _lock_open(actor, response.call, response.provider)
    row = _lock(actor, response)
    CALL_RESPONSE.move(row, "take_back", by=actor)
    events.publish(CallAnswered(row.pk, "take_back"))
    return row


@action
def pass_over_response(*, actor: Actor, response: CallResponse, reason: str) -> CallResponse:
    """Say that an answer is not taken up, with a reason its provider reads. Its days no longer count for the call."""
    lock_own(actor, response.call, to="decide on this answer")
    row = _lock(actor, response)
    reason = reason.strip()
    if not reason or len(reason) > LONGEST_REASON:
        raise CallInvalid(
            "Say why it is not taken up.",
            remedy=f"A sentence or two, {LONGEST_REASON:,} characters at most: the provider reads it.",
            field="reason",
        )
    CALL_RESPONSE.move(row, "pass_over", by=actor, note=reason, pass_over_reason=reason)
    events.publish(CallAnswered(row.pk, "pass_over"))
    return row


# Making the draft ------------------------------------------------------------------------------------------------------


def _draft(
    actor: Actor,
    call: OfferCall,
    provider: Organisation,
    terms: ResponseTerms,
    support_type: SupportType,
    people: Collection[Practitioner],
    before: CallResponse | None,
) -> Offer:
    """The offer the answer becomes: a new draft, the draft of before written anew, or the offer as it stands once it was handed in."""
    answered: dict[str, Any] = {
        "support_type": support_type,
        "mode": terms.mode,
        "reach_km": terms.reach_km,
        "capacity_half_days": terms.half_days,
        "price_rule": {"kind": "per_day", "amount_pence": terms.pence_a_day},
        "practitioners": tuple(people),
    }
    if before is not None and before.offer.status != OfferStatus.WITHDRAWN:
        version = version_in_work(before.offer)
        if version is not None and before.offer.status in STILL_WRITTEN:
            catalogue.edit_offer(
                actor=actor, offer=before.offer, content=replace(content_of(version), **answered)
            )
        return before.offer
    content = OfferContent(
        title=call.title,
        summary=_shortened(terms.approach, LENGTHS["summary"]),
        description=terms.approach.strip(),
        themes=tuple(call.themes.all()),
        phases=tuple(call.phases),
        **answered,
    )
    return catalogue.draft_offer(actor=actor, provider=provider, content=content)


def _shortened(text: str, longest: int) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0] + "…"


def _lock_open(actor: Actor, call: OfferCall, provider: Organisation) -> tuple[OfferCall, Organisation]:
    """The open call, locked, and the provider, for somebody who keeps its offers and may answer."""
    row: OfferCall = locked(queries.calls_visible_to(actor), pk=call.pk)
    own = next((each for each in queries.providers_to_answer(actor, row) if each.pk == provider.pk), None)
    if own is None:
        raise NotFound
    actor.must_hold(*MANAGERS, at=own.pk, to="answer calls for this provider")
    if row.status != CallStatus.OPEN:
        raise NotNow(
            f"This call is {row.get_status_display().lower()}.",
            remedy="You can still list an offer: look at “Provide”.",
        )
    return row, own


def _lock(actor: Actor, response: CallResponse) -> CallResponse:
    row: CallResponse = locked(queries.responses_visible_to(actor), pk=response.pk)
    return row
