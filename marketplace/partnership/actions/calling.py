"""A convenor's verbs of a call: publish, extend, close, withdraw; and the close of those whose day has passed."""

from collections.abc import Collection
from datetime import date, datetime

from django.utils import timezone

from marketplace.catalogue.models import Theme
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations.models import Area, Ward
from marketplace.partnership import queries, rules
from marketplace.partnership.errors import CallInvalid
from marketplace.partnership.events import CallMoved
from marketplace.partnership.models import CallStatus, OfferCall
from marketplace.partnership.rules import CallTerms
from marketplace.partnership.states import OFFER_CALL

LONGEST_WORDS = 2_000


@action
def publish_call(
    *,
    actor: Actor,
    area: Area,
    terms: CallTerms,
    themes: Collection[Theme],
    ward: Ward | None = None,
) -> OfferCall:
    """Publish a call for offers: the providers of the area and its neighbours are told. Raises `CallInvalid`, naming the field."""
    if not actor.convenes(area.pk):
        raise NotFound
    rules.check_call(terms, themes=len(themes), today=_today())
    if ward is not None and ward.area_id != area.pk:
        raise CallInvalid(
            f"{ward.name} is not a ward of {area}.", remedy="Choose another, or the whole area.", field="ward"
        )
    if (
        heading := Theme.objects.filter(parent__in=list(themes))
        .values_list("parent__name", flat=True)
        .first()
    ):
        raise CallInvalid(
            f"“{heading}” is a heading.",
            remedy="Choose the themes under it that are missing.",
            field="themes",
        )
    call: OfferCall = OfferCall.objects.scoped().create(
        area=area,
        ward=ward,
        title=terms.title.strip(),
        words=terms.words.strip(),
        phases=list(terms.phases),
        half_days=terms.half_days,
        ceiling_pence=terms.ceiling_pence,
        closes_on=terms.closes_on,
        origin=terms.origin.strip(),
        created_by_id=actor.user_id,
    )
    call.themes.set(themes)
    history.write(call, verb="publish", after=CallStatus.OPEN, by=actor)
    events.publish(CallMoved(call.pk, "publish"))
    return call


@action
def extend_call(*, actor: Actor, call: OfferCall, closes_on: date) -> OfferCall:
    """Take answers for longer. Raises `CallInvalid` for a day that is not later."""
    row = lock_own(actor, call, to="extend this call")
    if closes_on <= row.closes_on:
        raise CallInvalid(
            f"The call closes on {long_date(row.closes_on)} already.",
            remedy="Choose a later day, or close it now.",
            field="closes_on",
        )
    rules.check_close(closes_on, today=_today())
    before = row.closes_on
    OFFER_CALL.move(
        row, "extend", by=actor, note=f"{long_date(before)} → {long_date(closes_on)}", closes_on=closes_on
    )
    events.publish(CallMoved(row.pk, "extend"))
    return row


@action
def close_call(*, actor: Actor, call: OfferCall, words: str = "") -> OfferCall:
    """Take no more answers. `words` are read by everybody who could have answered; the drafts go on as they are."""
    row = lock_own(actor, call, to="close this call")
    _close(row, actor, _within(words))
    return row


@action
def withdraw_call(*, actor: Actor, call: OfferCall, reason: str) -> OfferCall:
    """Take the call back, with a reason that everybody who could have answered reads. Drafts made for it stay their providers'."""
    row = lock_own(actor, call, to="withdraw this call")
    reason = _within(reason)
    if not reason:
        raise CallInvalid(
            "Say why you withdraw the call.",
            remedy="A sentence or two: the providers read it.",
            field="reason",
        )
    OFFER_CALL.move(row, "withdraw", by=actor, note=reason, end_words=reason, ended_at=timezone.now())
    events.publish(CallMoved(row.pk, "withdraw"))
    return row


def close_due_calls(*, now: datetime | None = None) -> int:
    """Close the open calls whose last day has passed, each in a transaction of its own; how many."""
    day = local(now or timezone.now()).date()
    due = OfferCall.objects.scoped().filter(status=CallStatus.OPEN, closes_on__lt=day)
    return sum(_close_one(pk) for pk in due.order_by("pk").values_list("pk", flat=True))


@action
def _close_one(pk: int) -> bool:
    row = (
        OfferCall.objects.scoped()
        .select_for_update(no_key=True)
        .filter(pk=pk, status=CallStatus.OPEN)
        .first()
    )
    if row is None:  # a convenor, or another worker, was quicker
        return False
    _close(row, SYSTEM, "")
    return True


def _close(row: OfferCall, actor: Actor, words: str) -> None:
    OFFER_CALL.move(row, "close", by=actor, note=words, end_words=words, ended_at=timezone.now())
    events.publish(CallMoved(row.pk, "close"))


def lock_own(actor: Actor, call: OfferCall, *, to: str) -> OfferCall:
    """The call, locked, for a convenor of its area. `to` completes the sentence “You can’t …”."""
    row: OfferCall = locked(queries.calls_visible_to(actor), pk=call.pk)
    if not actor.convenes(row.area_id):
        raise NotAllowed(f"You can’t {to}.", remedy=f"Ask a convenor of {row.area}.")
    return row


def _within(text: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_WORDS:
        raise CallInvalid(
            "That is too long.", remedy=f"Use {LONGEST_WORDS:,} characters or fewer.", field="reason"
        )
    return text


def _today() -> date:
    return local(timezone.now()).date()
