"""What a booking would cost, by which route it is paid, and what cancelling costs: shown first, kept as snapshots after."""

from dataclasses import dataclass
from datetime import date, datetime

from marketplace.bookings import rules
from marketplace.bookings.models import Booking
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import quotes, tariffs
from marketplace.catalogue.models import OfferVersion
from marketplace.catalogue.prepaid import prepaid_charge_for
from marketplace.catalogue.tariffs import CancellationTariff, CancelledBy, TariffOutcome, charge_for
from marketplace.kernel.dates import local
from marketplace.kernel.supply import Route, ServiceKind, route_for, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import Organisation, School


@dataclass(frozen=True)
class Quote:
    """The promise a booking keeps: price, fee, tariff and route as they stand on the day. Amounts are pence before VAT."""

    price: quotes.Quote
    tariff: CancellationTariff
    route: Route
    vat_pence: int

    @property
    def net_pence(self) -> int:
        """What the school pays before VAT, a broker's fee on top included."""
        return self.price.total_pence

    @property
    def gross_pence(self) -> int:
        """The price with VAT as it stands; the tax date is the day the document is issued."""
        return self.net_pence + self.vat_pence

    @property
    def cancellation_terms(self) -> list[str]:
        """The tariff in sentences."""
        return tariffs.describe(self.tariff)


def quote(
    version: OfferVersion, *, school: School, provider: Organisation, session: str, day: date, today: date
) -> Quote:
    """What the offer costs the school for a session of a day, were it ordered today.

    Raises `PriceCannotBeWorkedOut` when something the price needs is not known.
    """
    price = quotes.quote(
        version.price_rule,
        version.brokerage_fee,
        catalogue.school_facts(school),
        on_date=today,
        half_days=rules.times_of(session).half_days,
        starts_on=day,
    )
    return Quote(
        price=price,
        tariff=CancellationTariff.from_data(version.cancellation_tariff),
        route=route_for(legal_facts(school.organisation), legal_facts(provider)),
        vat_pence=vat_of(version, provider, school.organisation, price.total_pence, today=today),
    )


def vat_of(
    version: OfferVersion, provider: Organisation, school: Organisation, net_pence: int, *, today: date
) -> int:
    """The VAT a school pays on a net amount for a visit, as it stands today."""
    service = ServiceKind(version.support_type.service_kind)
    vat = vat_treatment(legal_facts(provider), legal_facts(school), service, on=today)
    return vat_on(net_pence, vat.basis_points)


def cancellation_quote(booking: Booking, *, by: str, now: datetime) -> TariffOutcome:
    """What it would cost to cancel now: by the tariff the school was shown when it booked.

    A session drawn from a package or paid in credits costs half-days. `by` is a value of `tariffs.CancelledBy`. Raises `SessionHasPassed` when a school cancels after the day.
    """
    if by == CancelledBy.BUYER and (suspended := _suspended_side(booking)):
        why = f"{suspended} is suspended, so the school may cancel free of charge."
        return TariffOutcome(charge_pence=0, refund_pence=booking.net_pence, explanation=why)
    tariff = CancellationTariff.from_data(booking.cancellation_tariff)
    charge = prepaid_charge_for if booking.is_prepaid else charge_for
    return charge(
        tariff,
        price_pence=booking.net_pence,
        half_days=booking.half_days,
        session_date=booking.day,
        cancelled_on=local(now).date(),
        by=CancelledBy(by),
        ordered_on=local(booking.created_at).date(),
        evening=booking.session == "twilight",
    )


def _suspended_side(booking: Booking) -> Organisation | None:
    """The provider or the releasing organisation, where it is suspended."""
    sides = (booking.provider, booking.releasing_organisation)
    return next((side for side in sides if side.suspended_at is not None), None)
