"""What people are told of balances: days about to lapse or to be carried forward, sessions handed over, charges waived."""

from django.urls import reverse
from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from marketplace.bookings.events import ChargeWaived, SessionHandedOver, SessionOffered
from marketplace.bookings.models import Booking, HandOver
from marketplace.bookings.queries.handing_over import TAKERS
from marketplace.buyback import queries
from marketplace.buyback.events import CarryDecided, CarryRequested
from marketplace.buyback.models import CarryRequest, CarryStatus, Entitlement
from marketplace.buyback.queries.balances import ANSWERABLE
from marketplace.buyback.rules.drawing import amount_words
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.events import subscribe
from marketplace.notifications import people
from marketplace.notifications.actions import tell
from marketplace.notifications.rules import Kind, Message

RETRY = RetryStrategy(max_attempts=8, exponential_wait=4)


@app.periodic(cron="20 6 * * 1")
@app.task(name="remind_of_lapsing_days", queue="notifications", retry=RETRY)
def remind_of_lapsing_days(timestamp: int) -> None:
    """Each Monday: tell schools, once, of days and places that lapse within twelve weeks."""
    today = local(timezone.now()).date()
    rows = queries.with_balances(queries.entitlements_visible_to(SYSTEM))
    for entitlement in queries.lapsing(rows, today=today):
        tell(
            to=people.holders(entitlement.holder_id, ANSWERABLE),
            message=_lapsing(entitlement),
            effect=f"entitlement:{entitlement.pk}:lapsing",
        )


@subscribe(CarryRequested)
def ask_the_seller(event: CarryRequested) -> None:
    """Tell the seller's leads that unused days wait for their word."""
    request = _request(event.carry_request_id)
    entitlement = request.entitlement
    amount = amount_words(request.quantity, entitlement.unit)
    message = Message(
        Kind.CARRY_WANTED,
        f"Carry forward: {amount} of {entitlement.holder}",
        f"{entitlement.holder} asks to carry {amount} of {entitlement.line.description} into the next contract year. "
        f"Their reason: {request.reason}",
        _page("balances:carry_decide", entitlement),
    )
    to = people.holders(entitlement.agreement.seller_id, {Role.PROVIDER_LEAD})
    tell(to=to, message=message, effect=f"carry:{request.pk}:asked")


@subscribe(CarryDecided)
def tell_of_carrying(event: CarryDecided) -> None:
    """Tell the school what the seller decided."""
    request = _request(event.carry_request_id)
    entitlement = request.entitlement
    agreed = request.status == CarryStatus.APPROVED
    what = "will be carried forward" if agreed else "will not be carried forward"
    why = f" {request.decision_note}" if request.decision_note else ""
    message = Message(
        Kind.CARRY_DECIDED,
        f"Unused days {what}: {entitlement.line.description}",
        f"{entitlement.agreement.seller} has decided: unused days {what}.{why}",
        _page("balances:entitlement", entitlement),
    )
    tell(
        to=people.holders(entitlement.holder_id, ANSWERABLE),
        message=message,
        effect=f"carry:{request.pk}:decided",
    )


@subscribe(SessionOffered)
def tell_of_offered_session(event: SessionOffered) -> None:
    """Tell those who may decide for the school that is asked."""
    asked = _hand_over(event.hand_over_id)
    booking = asked.booking
    message = Message(
        Kind.SESSION_OFFERED,
        f"{asked.from_school} offers you a session on {long_date(booking.day)}",
        f"{booking.practitioner} on {booking.theme}, {long_date(booking.day)}. {asked.from_school} can’t use it: {asked.reason}",
        reverse("bookings:take_over", args=[booking.reference]),
    )
    tell(
        to=people.holders(asked.to_school_id, TAKERS), message=message, effect=f"hand_over:{asked.pk}:offered"
    )


@subscribe(SessionHandedOver)
def tell_of_handed_over_session(event: SessionHandedOver) -> None:
    """Tell the practitioner, the provider, the releasing school and both schools where the visit now is."""
    asked = _hand_over(event.hand_over_id)
    booking = asked.booking
    message = Message(
        Kind.SESSION_HANDED_OVER,
        f"Now at {asked.to_school}: {booking.practitioner}, {long_date(booking.day)}",
        f"{asked.from_school} has handed the session over to {asked.to_school}. Day and time stay as they are.",
        reverse("bookings:booking", args=[booking.reference]),
    )
    to = [
        *people.practitioner(booking),
        *people.provider_leads(booking),
        *people.releasers(booking),
        *people.receiving_heads(booking),
        *people.holders(asked.from_school_id, {Role.HEADTEACHER}),
    ]
    tell(to=to, message=message, effect=f"hand_over:{asked.pk}:accepted")


@subscribe(ChargeWaived)
def tell_of_waived_charge(event: ChargeWaived) -> None:
    """Tell the school, and the organisation that was to have the charge."""
    booking = (
        Booking.objects.scoped()
        .select_related("receiving_school", "releasing_organisation", "practitioner")
        .get(pk=event.booking_id)
    )
    message = Message(
        Kind.CHARGE_WAIVED,
        f"Charge waived: {booking.reference}, {long_date(booking.day)}",
        f"The charge for the cancelled visit is not owed after all. {booking.charge_waiver_reason}",
        reverse("bookings:booking", args=[booking.reference]),
    )
    to = [*people.requester(booking), *people.receiving_heads(booking), *people.releasers(booking)]
    tell(to=to, message=message, effect=f"booking:{booking.pk}:waived")


def _lapsing(entitlement: Entitlement) -> Message:
    left = amount_words(entitlement.available, entitlement.unit)  # type: ignore[attr-defined]
    until = long_date(entitlement.valid_to)
    return Message(
        Kind.DAYS_LAPSING,
        f"{left} left until {until}: {entitlement.line.description}",
        f"{entitlement.holder} has {left} left of {entitlement.line.description}, to be used until {until}. "
        f"At the end of the year: {entitlement.line.edition.get_carry_forward_display().lower()}.",
        _page("balances:entitlement", entitlement),
    )


def _page(name: str, entitlement: Entitlement) -> str:
    return reverse(name, args=[entitlement.agreement.reference, entitlement.pk])


def _request(pk: int) -> CarryRequest:
    return CarryRequest.objects.select_related(
        "entitlement__holder", "entitlement__line", "entitlement__agreement__seller"
    ).get(pk=pk)


def _hand_over(pk: int) -> HandOver:
    return HandOver.objects.select_related(
        "booking__practitioner",
        "booking__theme",
        "booking__receiving_school",
        "booking__releasing_organisation",
        "from_school",
        "to_school",
    ).get(pk=pk)
