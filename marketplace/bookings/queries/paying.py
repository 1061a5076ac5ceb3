"""How a session can be paid: what a school may choose from when it orders, or takes a session over."""

from dataclasses import dataclass

from django.conf import settings

from marketplace.bookings.models import Booking, PaymentRoute
from marketplace.buyback import queries as buyback
from marketplace.buyback.models import Entitlement
from marketplace.buyback.rules.drawing import Wish, amount_words, why_unfit
from marketplace.kernel.dates import long_date
from marketplace.organisations.models import OrganisationKind


@dataclass(frozen=True)
class WayToPay:
    """One choice: `pay_by` and `entitlement` are the arguments of `order_booking`; `hint` says what is left before and after."""

    pay_by: str
    label: str
    hint: str
    entitlement: Entitlement | None = None

    @property
    def value(self) -> str:
        """The choice in a form: `standard`, `entitlement-12`, `exchange`."""
        if self.entitlement is not None:
            return f"{self.pay_by}-{self.entitlement.pk}"
        return self.pay_by or STANDARD


STANDARD = "standard"
CARD_HINT = "Taken once the order is approved, and held until the visit has taken place."


def ways_to_pay(booking: Booking, *, school_id: int | None = None) -> list[WayToPay]:
    """The route that follows from the parties, then packages the session can be drawn from, a card, and credits where they reach.

    For `school_id` where another school is to take the session over.
    """
    if booking.funding_stream_id is not None:
        return [WayToPay("", "The local authority pays", "The school has nothing to pay for this visit.")]
    school_id = school_id or booking.receiving_school_id
    ways = [WayToPay("", "Pay as you go", "By journal or invoice after the visit, as it says above.")]
    wish = wish_of(booking, school_id=school_id)
    for entitlement in buyback.spendable_on(
        school_id, booking.provider_id, booking.day, at_least=booking.half_days
    ):
        if not why_unfit(buyback.holding_of(entitlement), wish):
            ways.append(_from_package(booking, entitlement))
    if takes_card(booking):
        ways.append(WayToPay(PaymentRoute.CARD, "By card", CARD_HINT))
    balance, _ = buyback.credits_of(school_id)
    if takes_credits(booking) and balance >= booking.half_days:
        left = amount_words(balance - booking.half_days, "credits")
        hint = f"{amount_words(balance, 'credits')} in your balance. {left} left after this."
        credits = amount_words(booking.half_days, "credits")
        ways.append(WayToPay(PaymentRoute.EXCHANGE, f"{credits.capitalize()} of the bank of days", hint))
    return ways


def takes_card(booking: Booking) -> bool:
    """Whether the session can be paid by card: where one would have an invoice, cards are taken, and the amount is small."""
    return (
        booking.route in (PaymentRoute.INVOICE, PaymentRoute.CARD)
        and bool(settings.STRIPE_SECRET_KEY)
        and booking.gross_pence <= settings.CARD_LIMIT_PENCE
    )


def takes_credits(booking: Booking) -> bool:
    """Whether the session can be paid in credits: only schools earn them."""
    return booking.releasing_organisation.kind == OrganisationKind.SCHOOL


def wish_of(booking: Booking, *, school_id: int | None = None) -> Wish:
    """The session as the rules of packages read it."""
    return Wish(
        school=school_id or booking.receiving_school_id,
        provider=booking.provider_id,
        themes=frozenset({booking.theme_id, booking.theme.parent_id or booking.theme_id}),
        support_type=booking.offer_version.support_type_id,
        day=booking.day,
    )


def _from_package(booking: Booking, entitlement: Entitlement) -> WayToPay:
    available: int = entitlement.available  # type: ignore[attr-defined]
    left = amount_words(available - booking.half_days, entitlement.unit)
    return WayToPay(
        PaymentRoute.ENTITLEMENT,
        f"{amount_words(booking.half_days, entitlement.unit).capitalize()} of {entitlement.line.description}",
        f"{amount_words(available, entitlement.unit)} left to use until {long_date(entitlement.valid_to)}."
        f" {left.capitalize()} left after this. Nothing to pay.",
        entitlement,
    )
