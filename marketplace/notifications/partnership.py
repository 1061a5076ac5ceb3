"""Who hears of calls for offers, and of commissions. `tasks.py` imports this, so that its subscribers and jobs are there.

What is said of a commission is its reference and nothing else, and only to convenors and to whom they name: an e-mail is read by more
people than it is sent to. Of a call providers are told what all of them may read, and never what another answered.
"""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.catalogue.access import MANAGERS
from marketplace.catalogue.models import OfferStatus
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.events import subscribe
from marketplace.kernel.money import pounds
from marketplace.notifications.actions import tell
from marketplace.notifications.people import convenors_of, holders
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations.models import Organisation
from marketplace.partnership import queries as partnership
from marketplace.partnership import rules
from marketplace.partnership.events import CallAnswered, CallMoved, ReaderNamed
from marketplace.partnership.models import (
    CallResponse,
    CallStatus,
    CommissionStatus,
    NeedToKnow,
    OfferCall,
    ResponseStatus,
)


@subscribe(CallMoved)
def tell_of_call(event: CallMoved) -> None:
    """Providers hear of a call, of more time for it and of its end; those who answered, where their draft stands."""
    call = partnership.calls_visible_to(SYSTEM).get(pk=event.call_id)
    moves = history.of(call).filter(verb=event.verb).count()
    answers = {each.provider_id: each for each in partnership.responses_of(SYSTEM, call)}
    for provider in partnership.providers_asked(call):
        if message := _of_call(call, event.verb, answers.get(provider.pk)):
            tell(
                to=leads_of_provider(provider), message=message, effect=f"call:{call.pk}:{event.verb}:{moves}"
            )


def _of_call(call: OfferCall, verb: str, answer: CallResponse | None) -> Message | None:
    if verb == "publish" and call.status == CallStatus.OPEN:
        return published(call)
    if verb == "extend" and call.status == CallStatus.OPEN:
        return None if answer else _message(Kind.CALL_NEWS, call, f"More time: {call.title}", _facts(call))
    if verb in ("close", "withdraw"):
        return ended(call, answer)
    return None


def published(call: OfferCall) -> Message:
    """A call that a provider can answer."""
    return _message(
        Kind.CALL_FOR_OFFERS,
        call,
        f"Call for offers: {call.title}",
        f"{call.area} looks for support that is missing. Answer with days and a price: your answer becomes a draft of your own offer,"
        f" and no other provider reads it.\n\n{_facts(call)}",
    )


def ended(call: OfferCall, answer: CallResponse | None) -> Message:
    """The end of a call, for somebody who answered it or could have."""
    withdrawn = call.status == CallStatus.WITHDRAWN
    words = f"\n\n{call.end_words}" if call.end_words else ""
    if answer is None:
        kind, next_step = (
            Kind.CALL_NEWS,
            "You can still list an offer: whatever is published can be found by schools.",
        )
    else:
        kind, next_step = Kind.CALL_DECIDED, _of_answer(answer)
    title = f"{'Withdrawn' if withdrawn else 'Closed'}: {call.title}"
    return _message(kind, call, title, f"{next_step}{words}\n\nReference: {call.reference}")


def _of_answer(answer: CallResponse) -> str:
    if answer.status == ResponseStatus.TAKEN_BACK:
        return "You had taken your answer back."
    if answer.status == ResponseStatus.PASSED_OVER:
        return f"Your answer was not taken up: {answer.pass_over_reason}"
    return {
        OfferStatus.DRAFT: "Your answer counts. Its offer is still a draft: finish it and hand it in.",
        OfferStatus.RETURNED: "Your answer counts. Its offer came back with reasons: put them right and hand it in again.",
        OfferStatus.SUBMITTED: "Your answer counts, and its offer is with the convenor.",
        OfferStatus.PUBLISHED: "Thank you: the offer your answer became is on show to schools.",
    }.get(OfferStatus(answer.offer.status), "The offer your answer became is not on show.")


@subscribe(CallAnswered)
def tell_of_answer(event: CallAnswered) -> None:
    """Convenors hear of a new answer; its provider, and nobody else, when it is not taken up."""
    answer = partnership.responses_visible_to(SYSTEM).get(pk=event.response_id)
    call, moves = answer.call, history.of(answer).filter(verb=event.verb).count()
    effect = f"call_response:{answer.pk}:{event.verb}:{moves}"
    if event.verb == "respond":
        authority = partnership.authority_of(call)
        message = _message(
            Kind.CALL_NEWS,
            call,
            f"An answer to your call: {call.title}",
            "Its page shows the answers and the days promised.",
        )
        if authority:
            tell(to=convenors_of(authority), message=message, effect=effect)
    elif event.verb == "pass_over":
        body = f"{call.area} thanks you. The reason it gives: {answer.pass_over_reason}\n\nThe draft stays yours."
        tell(
            to=leads_of_provider(answer.provider),
            message=_message(Kind.CALL_DECIDED, call, f"Not taken up: {call.title}", body),
            effect=effect,
        )


@app.periodic(cron="20 7 * * *")
@app.task(name="remind_of_calls", queue="notifications")
def remind_of_calls(timestamp: int) -> None:
    """Every morning: providers that have not answered a call which closes within three days, once for each closing day."""
    today = local(timezone.now()).date()
    until = today + timedelta(days=rules.CLOSING_SOON_DAYS)
    soon = partnership.calls_visible_to(SYSTEM).filter(
        status=CallStatus.OPEN, closes_on__range=(today, until)
    )
    for call in soon:
        answered = set(partnership.responses_of(SYSTEM, call).values_list("provider", flat=True))
        message = _message(
            Kind.CALL_FOR_OFFERS, call, f"Closes on {long_date(call.closes_on)}: {call.title}", _facts(call)
        )
        for provider in partnership.providers_asked(call):
            if provider.pk not in answered:
                effect = f"call:{call.pk}:closing:{call.closes_on}"
                tell(to=leads_of_provider(provider), message=message, effect=effect)


@app.periodic(cron="25 7 * * *")
@app.task(name="remind_of_commissions", queue="notifications")
def remind_of_commissions(timestamp: int) -> None:
    """Every morning: convenors, of commissions whose progress review is due, once for each day set."""
    today = local(timezone.now()).date()
    due = partnership.commissions_visible_to(SYSTEM).filter(
        status=CommissionStatus.ACTIVE, next_review_on__lte=today
    )
    for commission in due:
        message = Message(
            Kind.COMMISSION_REVIEW,
            f"A review is due: {commission.reference}",
            "Look at how it goes and record the review.",
            reverse("partnership:commission", args=[commission.reference]),
        )
        effect = f"commission:{commission.pk}:review:{commission.next_review_on}"
        tell(to=convenors_of(commission.school), message=message, effect=effect)


@subscribe(ReaderNamed)
def tell_of_naming(event: ReaderNamed) -> None:
    """Whoever was named for a commission is told where it is."""
    reader = NeedToKnow.objects.select_related("commission").get(pk=event.reader_id)
    if reader.ended_at is None:
        message = Message(
            Kind.COMMISSION_NEWS,
            f"You can read {reader.commission.reference}",
            f"{reader.added_by_name} has named you. What you read there is for you alone.",
            reverse("partnership:commission", args=[reader.commission.reference]),
        )
        tell(to=[Recipient(reader.user_id)], message=message, effect=f"need_to_know:{reader.pk}")


def leads_of_provider(provider: Organisation) -> list[Recipient]:
    """A provider's leads; where it has none any more, those who keep its offers otherwise."""
    return holders(provider.pk, {Role.PROVIDER_LEAD}) or holders(provider.pk, MANAGERS)


def _message(kind: Kind, call: OfferCall, title: str, body: str) -> Message:
    return Message(kind, title, body, reverse("partnership:call", args=[call.reference]))


def _facts(call: OfferCall) -> str:
    where = f"{call.ward.name} ward" if call.ward else "anywhere in the area"
    price = (
        f"At most: {pounds(call.ceiling_pence)} a day before VAT\n" if call.ceiling_pence is not None else ""
    )
    return (
        f"What: {', '.join(str(theme) for theme in call.themes.all())}\n"
        f"How much: {format_days(call.half_days)}, {where}\n{price}"
        f"Answers until: {long_date(call.closes_on)}\n"
        f"Reference: {call.reference}"
    )
