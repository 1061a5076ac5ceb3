"""What a booking would cost, by which route it is paid, and what cancelling costs: shown first, kept as snapshots after."""

from dataclasses import dataclass
from datetime import date, datetime

from marketplace.bookings import rules, tariffs
from marketplace.bookings.models import Booking
from marketplace.bookings.tariffs import CancellationTariff, CancelledBy, TariffOutcome, charge_for
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import quotes
from marketplace.catalogue.models import OfferVersion
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
        half_days=rules.SESSIONS[session].half_days,
        starts_on=day,
    )
    buyer, supplier = legal_facts(school.organisation), legal_facts(provider)
    vat = vat_treatment(supplier, buyer, ServiceKind(version.support_type.service_kind), on=today)
    return Quote(
        price=price,
        tariff=CancellationTariff.from_data(version.cancellation_tariff),
        route=route_for(buyer, supplier),
        vat_pence=vat_on(price.total_pence, vat.basis_points),
    )


def cancellation_quote(booking: Booking, *, by: str, now: datetime) -> TariffOutcome:
    """What it would cost to cancel now: by the tariff the school was shown when it booked.

    `by` is a value of `tariffs.CancelledBy`. Raises `SessionHasPassed` when a school cancels after the day.
    """
    tariff = CancellationTariff.from_data(booking.cancellation_tariff)
    return charge_for(
        tariff,
        price_pence=booking.net_pence,
        half_days=booking.half_days,
        session_date=booking.day,
        cancelled_on=local(now).date(),
        by=CancelledBy(by),
        ordered_on=local(booking.created_at).date(),
        evening=booking.session == "twilight",
    )
