"""Windows, packages, baskets and agreements. Agreements are written as rows, with their history, so that a test can start in any state."""

import itertools
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from marketplace.buyback.models import (
    AgreementLine,
    AgreementStatus,
    AgreementYear,
    Basket,
    BasketLine,
    BuyBackWindow,
    EditionStatus,
    InclusionKind,
    Package,
    PackageEdition,
    PackageInclusion,
    ServiceAgreement,
    TermsVersion,
)
from marketplace.buyback.parties import parties_of
from marketplace.buyback.rules.pricing import Included, quantity_of
from marketplace.catalogue.presets import STANDARD, TARIFFS
from marketplace.catalogue.pricing import PriceRule, price_for
from marketplace.catalogue.queries import school_facts
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import (
    ACADEMIC,
    FINANCIAL,
    ContractCalendar,
    contract_year,
    local,
    whole_months_remaining,
)
from marketplace.kernel.money import pro_rata
from marketplace.kernel.supply import ServiceKind, route_for, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import Area, LegalStatus, Organisation, School, User
from tests.builders.organisations import a_person, a_provider, a_school, an_area

__all__ = ["a_basket", "a_package", "a_window", "an_agreement", "an_edition", "terms_of"]

_count = itertools.count(1)

# From prices visible to closed, in days from today: what makes a window of each state.
_STATES = {
    "hidden": (10, 20, 30),
    "early": (-10, 10, 30),
    "open": (-30, -10, 30),
    "late": (-60, -40, -5),
}

_TO_APPROVAL = [("draft", ""), ("awaiting_approval", "submit")]
_TO_SUBMITTED = [*_TO_APPROVAL, ("submitted", "approve")]
_TO_ACTIVE = [*_TO_SUBMITTED, ("active", "activate")]
_WAYS: dict[str, list[tuple[str, str]]] = {
    "draft": _TO_APPROVAL[:1],
    "awaiting_approval": _TO_APPROVAL,
    "withdrawn": [*_TO_APPROVAL, ("withdrawn", "withdraw")],
    "submitted": _TO_SUBMITTED,
    "active": _TO_ACTIVE,
    "ended": [*_TO_ACTIVE, ("ended", "end")],
    "terminated": [*_TO_ACTIVE, ("terminated", "terminate")],
    "superseded": [*_TO_ACTIVE, ("superseded", "supersede")],
}


def a_window(
    area: Area | None = None,
    *,
    calendar: ContractCalendar | str = FINANCIAL,
    first_day: date | None = None,
    state: str = "open",
    **fields: Any,
) -> BuyBackWindow:
    """The window of an area for one contract year, by default next year's, taking orders today.

    `state` is `hidden`, `early`, `open` or `late`. The window of the same area and year is found again, unchanged.
    """
    today = local(timezone.now()).date()
    calendar = ContractCalendar(calendar)
    if first_day is None:
        first_day = contract_year(calendar, today).end + timedelta(days=1)
    shown, opens, closes = (today + timedelta(days=days) for days in _STATES[state])
    defaults = {"prices_visible_from": shown, "orders_from": opens, "closes_on": closes}
    window, _ = BuyBackWindow.objects.get_or_create(
        area=area or an_area(), calendar=calendar.value, first_day=first_day, defaults=defaults | fields
    )
    return window


def terms_of(seller: Organisation, *, published: bool = True, **fields: Any) -> TermsVersion:
    """The next version of the seller's terms."""
    number = TermsVersion.objects.filter(seller=seller).count() + 1
    defaults = {
        "title": "Terms of our service agreements",
        "body": "We provide the service with care.\n\nYou pay within 30 days.",
        "published_at": timezone.now() if published else None,
    }
    return TermsVersion.objects.create(seller=seller, number=number, **defaults | fields)


def a_package(seller: Organisation | None = None, **fields: Any) -> Package:
    """A package of a local authority's service."""
    defaults = {"name": f"Package {next(_count)}"}
    return Package.objects.create(seller=seller or a_provider(), **defaults | fields)


def an_edition(
    package: Package | None = None,
    *,
    window: BuyBackWindow | None = None,
    status: str = EditionStatus.PUBLISHED,
    includes: Sequence[tuple[str, int]] = ((InclusionKind.DAYS, 8),),
    **fields: Any,
) -> PackageEdition:
    """A package on sale in next year's window: four days of support for £1,200 a year, for one, two or three years.

    `includes` are kinds with quantities (days in half-days).
    """
    package = package or a_package(a_provider(window.area) if window else None)
    window = window or a_window(package.seller.area)
    terms = fields.pop("terms", None) or package.seller.terms.filter(published_at__isnull=False).first()
    defaults: dict[str, Any] = {
        "summary": "Days of support through the year.",
        "price_rule": {"kind": "fixed", "amount_pence": 120_000},
        "term_years": [1, 2, 3],
        "cancellation_tariff": TARIFFS[STANDARD].data,
        "published_at": None if status == EditionStatus.DRAFT else timezone.now(),
    }
    edition = PackageEdition.objects.create(
        package=package,
        window=window,
        status=status,
        terms=terms or terms_of(package.seller),
        **defaults | fields,
    )
    PackageInclusion.objects.bulk_create(
        PackageInclusion(edition=edition, position=position, kind=kind, quantity=quantity)
        for position, (kind, quantity) in enumerate(includes, start=1)
    )
    return edition


def a_basket(
    owner: School | Organisation | None = None,
    *,
    window: BuyBackWindow | None = None,
    editions: Sequence[PackageEdition] = (),
    schools: Sequence[School] = (),
    years: int = 1,
    **fields: Any,
) -> Basket:
    """An open basket, with each edition for each school (of the owner, where that is a school)."""
    if owner is None:
        owner = a_school(window.area if window else None)
    organisation = owner.organisation if isinstance(owner, School) else owner
    if isinstance(owner, School) and not schools:
        schools = [owner]
    window = window or (editions[0].window if editions else a_window(organisation.area))
    basket = Basket.objects.create(owner=organisation, window=window, **fields)
    BasketLine.objects.bulk_create(
        BasketLine(basket=basket, school=school.organisation, edition=edition, years=years)
        for school in schools
        for edition in editions
    )
    return basket


def an_agreement(
    *,
    status: str = AgreementStatus.ACTIVE,
    school: School | None = None,
    seller: Organisation | None = None,
    editions: Sequence[PackageEdition] = (),
    calendar: ContractCalendar | str | None = None,
    starts_on: date | None = None,
    years: int = 1,
    requested_by: User | None = None,
    with_year: bool | None = None,
    **fields: Any,
) -> ServiceAgreement:
    """An agreement in any state, one line of £1,200 a year with four days, the history that led there, and its first contract year.

    It runs for the contract year of today when it is active (or was ended early), last year when it has ended, next year before it
    starts. `starts_on` may lie inside a contract year: the price is then pro rata of the months left. `AgreementYear` 1 is written
    for all that have been in force; `with_year` says otherwise. Entitlements are not granted.
    """
    school = school or a_school(seller.area if seller and seller.area else None)
    buyer = school.organisation
    seller = seller or (editions[0].package.seller if editions else a_provider(school.area))
    if calendar is None:
        calendar = ACADEMIC if buyer.legal_status == LegalStatus.ACADEMY else FINANCIAL
    calendar = ContractCalendar(editions[0].window.calendar if editions else calendar)
    first_day, starts_on, ends_on = _run(status, calendar, starts_on, years)
    window = (
        editions[0].window
        if editions
        else a_window(
            buyer.area,
            calendar=calendar,
            first_day=first_day,
            prices_visible_from=first_day - timedelta(days=90),
            orders_from=first_day - timedelta(days=60),
            closes_on=first_day - timedelta(days=1),
        )
    )
    editions = editions or [an_edition(a_package(seller), window=window)]
    route = route_for(legal_facts(buyer), legal_facts(seller))
    person = requested_by or a_person(Role.HEADTEACHER, at=buyer)
    now = timezone.now()
    ordered_at = min(now, now.replace(year=starts_on.year, month=starts_on.month, day=starts_on.day))
    way = _WAYS[status]
    approved = any(verb == "approve" for _, verb in way)
    over = status in {"ended", "terminated", "superseded"}
    defaults: dict[str, Any] = {
        "ordered_by": buyer,
        "calendar": calendar.value,
        "starts_on": starts_on,
        "ends_on": ends_on,
        "years": years,
        "terms": editions[0].terms,
        "accepted_by": person,
        "accepted_name": person.name,
        "accepted_capacity": "Headteacher",
        "accepted_at": ordered_at,
        "parties": parties_of(buyer=buyer, seller=seller, ordered_by=buyer),
        "route": route.kind.value,
        "route_reason": route.reason[:300],
        "requested_by": person,
        "approved_by": person if approved else None,
        "approved_at": now if approved else None,
        "ended_on": min(ends_on, local(now).date()) if over else None,
    }
    agreement: ServiceAgreement = ServiceAgreement.objects.scoped().create(
        status=status, buyer=buyer, seller=seller, window=window, **defaults | fields
    )
    lines = _lines(agreement, school, editions)
    if with_year if with_year is not None else _TO_ACTIVE[-1] in way:
        year_end = min(contract_year(calendar, starts_on).end, ends_on)
        AgreementYear.objects.create(
            agreement=agreement,
            number=1,
            starts_on=starts_on,
            ends_on=year_end,
            pence={str(line.pk): line.year_pence for line in lines},
            explained={str(line.pk): line.price for line in lines},
        )
    before = ""
    for after, verb in way:
        if verb:
            history.write(agreement, verb=verb, before=before, after=after, by=SYSTEM)
        before = after
    return agreement


def _run(
    status: str, calendar: ContractCalendar, starts_on: date | None, years: int
) -> tuple[date, date, date]:
    """The first day of the contract year, and first and last day of the agreement."""
    today = local(timezone.now()).date()
    if starts_on is None:
        this_year = contract_year(calendar, today)
        if status == AgreementStatus.ENDED:
            first = this_year.start.replace(year=this_year.start.year - years)
        elif status in {"active", "terminated", "superseded"}:
            first = this_year.start
        else:
            first = this_year.end + timedelta(days=1)
        starts_on = first
    first_day = contract_year(calendar, starts_on).start
    ends_on = first_day.replace(year=first_day.year + years) - timedelta(days=1)
    return first_day, starts_on, ends_on


def _lines(
    agreement: ServiceAgreement, school: School, editions: Sequence[PackageEdition]
) -> list[AgreementLine]:
    facts = school_facts(school)
    buyer, supplier = legal_facts(agreement.buyer), legal_facts(agreement.seller)
    year_end = contract_year(ContractCalendar(agreement.calendar), agreement.starts_on).end
    months = whole_months_remaining(agreement.starts_on, year_end)
    lines = []
    for position, edition in enumerate(editions, start=1):
        included = [Included(each.kind, each.quantity) for each in edition.inclusions.all()]
        rule = PriceRule.from_data(edition.price_rule)
        level = rule.smallest_quantity().level or ""
        quantity = quantity_of(
            included, years=agreement.years, level=level, starts_on=edition.window.first_day
        )
        price = price_for(rule, facts, quantity, local(timezone.now()).date())
        pence = pro_rata(price.total_pence, months, 12)
        vat = vat_treatment(
            supplier, buyer, ServiceKind(edition.service_kind), on=local(timezone.now()).date()
        )
        lines.append(
            AgreementLine.objects.create(
                agreement=agreement,
                position=position,
                edition=edition,
                description=f"{edition.package.name} {edition.window.year_label}",
                price=price.to_data(),
                year_pence=pence,
                vat_pence=vat_on(pence, vat.basis_points),
                cancellation_tariff=edition.cancellation_tariff,
            )
        )
    return lines
