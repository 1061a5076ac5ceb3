"""What places cost a school, explained, and what giving one back costs."""

from dataclasses import dataclass
from datetime import date, datetime

from marketplace.bookings.models import CourseEvent, Place
from marketplace.bookings.rules import courses as rules
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue import quotes, tariffs
from marketplace.catalogue.tariffs import CancellationTariff, CancelledBy
from marketplace.kernel.dates import local
from marketplace.kernel.supply import Route, ServiceKind, route_for, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import School


@dataclass(frozen=True)
class PlaceQuote:
    """What places cost: the price explained, the tariff, the route. Amounts are pence before VAT unless they say otherwise."""

    price: quotes.Quote
    tariff: CancellationTariff
    route: Route
    net_pence: int
    vat_pence: int

    @property
    def gross_pence(self) -> int:
        """The price with VAT as it stands."""
        return self.net_pence + self.vat_pence

    @property
    def cancellation_terms(self) -> list[str]:
        """The tariff in sentences."""
        return tariffs.describe(self.tariff)


def quote(event: CourseEvent, school: School, places: int, *, today: date) -> PlaceQuote:
    """What so many places cost a school, were they ordered today. Raises `PriceCannotBeWorkedOut`."""
    version = event.offer_version
    price = quotes.quote(
        version.price_rule,
        version.brokerage_fee,
        catalogue.school_facts(school),
        on_date=today,
        starts_on=local(event.starts_at).date(),
        places=places,
    )
    return PlaceQuote(
        price=price,
        tariff=CancellationTariff.from_data(event.cancellation_tariff),
        route=route_for(legal_facts(school.organisation), legal_facts(event.provider)),
        net_pence=price.total_pence,
        vat_pence=vat_of(event, school, price.total_pence, today=today),
    )


def vat_of(event: CourseEvent, school: School, net_pence: int, *, today: date) -> int:
    """The VAT a school pays on a net amount for a course, as it stands today."""
    service = ServiceKind(event.offer_version.support_type.service_kind)
    vat = vat_treatment(legal_facts(event.provider), legal_facts(school.organisation), service, on=today)
    return vat_on(net_pence, vat.basis_points)


def cancellation_quote(place: Place, *, by: CancelledBy, now: datetime) -> rules.PlaceOutcome:
    """What it costs to give the place back now, by the tariff the order kept."""
    order, event = place.order, place.event
    if by == CancelledBy.BUYER and event.provider.suspended_at:
        why = f"{event.provider} is suspended, so the school may give places back free of charge."
        return rules.PlaceOutcome(charge_pence=0, keeps_place=False, explanation=why)
    stretches = [
        rules.Stretch(date.day, local(date.starts_at).time(), local(date.ends_at).time())
        for date in event.dates.all()
    ]
    return rules.outcome_of(
        CancellationTariff.from_data(order.cancellation_tariff),
        price_pence=place.net_pence,
        half_days=sum(stretch.half_days for stretch in stretches),
        evening=all(stretch.is_evening for stretch in stretches),
        is_prepaid=order.is_prepaid,
        first_day=local(event.starts_at).date(),
        now=now,
        ordered_at=order.created_at,
        by=by,
    )
