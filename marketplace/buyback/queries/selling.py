"""Windows, terms and packages: who keeps them, and who sees them when."""

from datetime import date, timedelta

from django.db.models import F, Prefetch, Q, QuerySet

from marketplace.buyback.models import (
    BuyBackWindow,
    EditionStatus,
    Package,
    PackageEdition,
    PackageInclusion,
    TermsVersion,
)
from marketplace.catalogue.access import MANAGERS
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import ContractCalendar
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, LegalStatus, Organisation

WINDOW_KEEPERS = frozenset({Role.CONVENOR, Role.FINANCE})
"""Who sets the windows of an area."""


# Windows -------------------------------------------------------------------------------------------------------------


def may_keep_windows(actor: Actor, area: Area | int) -> bool:
    """Whether the person sets the windows of the area."""
    pk = area if isinstance(area, int) else area.pk
    return actor.is_system or pk in actor.in_area(*WINDOW_KEEPERS)


def areas_with_windows_kept_by(actor: Actor) -> QuerySet[Area]:
    """The areas whose windows the person sets."""
    return Area.objects.filter(pk__in=actor.in_area(*WINDOW_KEEPERS))


def windows(*, area: Area | int | None = None) -> QuerySet[BuyBackWindow]:
    """Windows, soonest contract year first. Their dates are no secret: what they show is."""
    rows = BuyBackWindow.objects.select_related("area").order_by("first_day", "calendar")
    return rows if area is None else rows.filter(area=area)


def window_by(reference: str) -> BuyBackWindow:
    """One window; `NotFound` where there is none."""
    window = windows().filter(reference=reference).first()
    if window is None:
        raise NotFound
    return window


def windows_for(buyer: Organisation, *, on: date) -> list[BuyBackWindow]:
    """The windows a school (or a trust's schools) can look into on a day, the calendar it usually runs by first.

    Those that show prices and whose contract year is not over. Both calendars are there: the same service is sold on both.
    """
    shown = windows().filter(area__in=_areas_of(buyer), prices_visible_from__lte=on)
    current = [window for window in shown if window.dates.last_day >= on]
    usual = usual_calendar(buyer)
    return sorted(current, key=lambda w: (w.calendar != usual, w.closes_on < on, w.first_day))


def next_windows_for(buyer: Organisation, *, on: date) -> list[BuyBackWindow]:
    """The windows of a school, or of a trust's schools wherever they are, whose prices are still to come, soonest first."""
    rows = windows().filter(area__in=_areas_of(buyer), prices_visible_from__gt=on)
    return list(rows.order_by("prices_visible_from", "pk"))


def _areas_of(buyer: Organisation) -> set[int]:
    """The areas a buyer orders in: its own, and for a trust those of its schools."""
    schools = set(buyer.trust_schools.values_list("area_id", flat=True)) if buyer.kind == "trust" else set()
    return {area for area in {buyer.area_id, *schools} if area is not None}


def usual_calendar(buyer: Organisation) -> ContractCalendar:
    """Maintained schools run by the financial year, all others by the academic one."""
    maintained = buyer.legal_status == LegalStatus.LA_MAINTAINED
    return ContractCalendar.FINANCIAL if maintained else ContractCalendar.ACADEMIC


def window_after(window: BuyBackWindow) -> BuyBackWindow | None:
    """The window of the contract year after, where it is set."""
    following = window.dates.last_day + timedelta(days=1)
    return windows(area=window.area_id).filter(calendar=window.calendar, first_day=following).first()


# Terms ---------------------------------------------------------------------------------------------------------------


def sellers_of(actor: Actor) -> QuerySet[Organisation]:
    """The organisations the person sells for, by name. A local authority itself only oversees."""
    return (
        Organisation.objects.filter(pk__in=actor.organisations(*MANAGERS))
        .exclude(kind="local_authority")
        .select_related("area")
        .order_by("name")
    )


def may_sell_for(actor: Actor, seller_id: int) -> bool:
    """Whether the person keeps what the organisation sells."""
    return actor.holds(*MANAGERS, at=seller_id)


def terms_visible_to(actor: Actor) -> QuerySet[TermsVersion]:
    """Published terms of every seller, and the drafts of those one sells for."""
    own = Q(seller__in=actor.organisations(*MANAGERS))
    rows = TermsVersion.objects.select_related("seller", "written_by")
    return rows if actor.is_system else rows.filter(Q(published_at__isnull=False) | own)


def terms_by(actor: Actor, seller: str, number: int) -> TermsVersion:
    """One version of a seller's terms (by the seller's reference); `NotFound` where there is none for this person."""
    terms = terms_visible_to(actor).filter(seller__reference=seller, number=number).first()
    if terms is None:
        raise NotFound
    return terms


# Packages ------------------------------------------------------------------------------------------------------------


def _whole(rows: QuerySet[PackageEdition]) -> QuerySet[PackageEdition]:
    """Editions with all that a list or a price needs, in a fixed number of queries."""
    return rows.select_related(
        "package__seller__area", "package__seller__school", "window__area", "terms"
    ).prefetch_related(
        Prefetch("inclusions", PackageInclusion.objects.select_related("theme", "support_type"))
    )


def packages_kept_by(actor: Actor) -> QuerySet[Package]:
    """The packages of the organisations one sells for."""
    rows = Package.objects.select_related("seller")
    return rows if actor.is_system else rows.filter(seller__in=actor.organisations(*MANAGERS))


def editions_kept_by(actor: Actor) -> QuerySet[PackageEdition]:
    """Every edition, in every state, of the organisations one sells for; the latest contract year first."""
    rows = _whole(PackageEdition.objects.order_by("-window__first_day", "package__name", "pk"))
    return rows if actor.is_system else rows.filter(package__seller__in=actor.organisations(*MANAGERS))


def edition_kept_by(actor: Actor, package: str, window: str) -> PackageEdition:
    """One edition of a package one keeps, the one in force before those withdrawn; `NotFound` otherwise."""
    found = editions_kept_by(actor).filter(package__reference=package, window__reference=window)
    edition = min(found, key=lambda each: (each.status == EditionStatus.WITHDRAWN, -each.pk), default=None)
    if edition is None:
        raise NotFound
    return edition


def editions_on_sale(*, on: date, window: BuyBackWindow | None = None) -> QuerySet[PackageEdition]:
    """The editions schools can see on a day, by seller and name: published, in a window that shows its prices."""
    rows = PackageEdition.objects.filter(
        status=EditionStatus.PUBLISHED, window__prices_visible_from__lte=on
    ).order_by(F("package__seller__name"), "package__name", "pk")
    return _whole(rows if window is None else rows.filter(window=window))


def edition_on_sale(package: str, window: str, *, on: date) -> PackageEdition:
    """One edition on sale by the references of its package and window; `NotFound` where it is not, or not yet."""
    edition = editions_on_sale(on=on).filter(package__reference=package, window__reference=window).first()
    if edition is None:
        raise NotFound
    return edition


def editions_of_next_year(editions: list[PackageEdition], *, on: date) -> dict[int, PackageEdition]:
    """By package, the edition of the contract year after, where schools can see it already. One query (and those of its parts)."""
    if not editions:
        return {}
    wanted = Q()
    for edition in editions:
        window = edition.window
        following = window.dates.last_day + timedelta(days=1)
        wanted |= Q(
            package=edition.package_id,
            window__area=window.area_id,
            window__calendar=window.calendar,
            window__first_day=following,
        )
    return {edition.package_id: edition for edition in editions_on_sale(on=on).filter(wanted)}
