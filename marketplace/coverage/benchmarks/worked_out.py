"""An area's own indicators, at the level of what everybody may know: from the last release, and counts of five or more."""

from collections.abc import Iterable
from statistics import median

from django.db.models import Q, QuerySet, Sum

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries import visible_to as bookings_visible_to
from marketplace.brokerage.models import NeedsReturn, NeedStatus
from marketplace.brokerage.queries import needs_visible_to
from marketplace.coverage.benchmarks.definitions import BY_KEY
from marketplace.coverage.benchmarks.files import Figures, Values
from marketplace.coverage.disclosure import PUBLIC_SCHOOLS
from marketplace.coverage.models import Cell, Release
from marketplace.coverage.queries.access import released
from marketplace.coverage.queries.shown import PARTS
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, contract_year, local
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY
from marketplace.organisations.models import Area, School

TOOK_PLACE = (BookingStatus.DELIVERED, BookingStatus.EVALUATED, BookingStatus.COMPLETED)


def own_figures(area: Area) -> Figures | None:
    """What the area may tell others of itself; `None` before its first release."""
    release = released(area)
    if release is None:
        return None
    open_schools = School.objects.filter(area=area, status_code__in=School.OPEN_STATUSES)
    values: Values = dict.fromkeys(BY_KEY)
    schools = open_schools.count()
    if schools >= PUBLIC_SCHOOLS:
        pupils = open_schools.aggregate(sum=Sum("pupils"))["sum"] or 0
        values |= (
            _needs(release, pupils) | _schools(release, area, schools) | _sessions(release, area, schools)
        )
    day = local(release.released_at).date()
    of_a_term = release.snapshot.term is not None
    return Figures(area.code, area.name, day, release.academic_year, _in_steps(values), of_a_term=of_a_term)


def _needs(release: Release, pupils: int) -> Values:
    """From the area's told total, which is in fives of days already."""
    whole = next((cell for cell in release.cells if _is_whole(cell)), None)
    if whole is None or not whole.get("providers"):
        return {}
    days = dict(zip(PARTS, whole["parts"], strict=True))
    need = sum(days.values())
    found: Values = {}
    if need:
        found |= {"met_share": days["met"] / need, "brokerable_share": days["brokerable"] / need}
    if pupils:
        found |= {
            "need_per_1000": 1000 * need / pupils,
            "capacity_gap_per_1000": 1000 * days["capacity_gap"] / pupils,
            "reach_gap_per_1000": 1000 * days["reach_gap"] / pupils,
        }
    return found


def _is_whole(cell: dict[str, object]) -> bool:
    return "place" not in cell and cell["theme"] is None and cell["phase"] == "" and cell["ward"] is None


def _schools(release: Release, area: Area, schools: int) -> Values:
    """Replies, engagement, and how the supply is spread."""
    whole = Cell.objects.filter(snapshot=release.snapshot, theme=None, phase="", ward=None).first()
    measures = whole.measures if whole else {}
    year = release.academic_year
    needing = needs_visible_to(SYSTEM).filter(school__school__area=area, academic_year=year)
    needing = needing.exclude(status=NeedStatus.WITHDRAWN).order_by()
    engaged = {
        *needing.values_list("school_id", flat=True),
        *NeedsReturn.objects.filter(school__school__area=area, academic_year=year).values_list(
            "school_id", flat=True
        ),
        *_of_the_year(release, area).values_list("receiving_school_id", flat=True),
    }
    owners = measures.get("owners", 0)
    return {
        "reply_rate": _share(measures.get("replied", 0), schools),
        "engaged_share": _share(len(engaged), schools),
        "n_eff": measures.get("n_eff") if owners >= PUBLIC_SCHOOLS else None,
    }


def _share(some: int, schools: int) -> float | None:
    """A share behind which there are five schools or more, and of which five or more are left."""
    if some < PUBLIC_SCHOOLS or 0 < schools - some < PUBLIC_SCHOOLS:
        return None
    return min(1.0, some / schools)


def _sessions(release: Release, area: Area, schools: int) -> Values:
    """Price and number of days: from five schools' sessions or more, and for prices five providers' or more."""
    rows = list(
        _of_the_year(release, area).values_list(
            "receiving_school_id", "provider_id", "half_days", "net_pence", "status"
        )
    )
    paid = [row for row in rows if row[3] and row[2]]
    prices = [pence * HALF_DAYS_IN_A_DAY / half_days for _, _, half_days, pence, _ in paid]
    took_place = [row for row in rows if row[4] in TOOK_PLACE]
    delivered = sum(row[2] for row in took_place) / HALF_DAYS_IN_A_DAY
    enough = _many(row[0] for row in paid) and _many(row[1] for row in paid)
    return {
        "median_price": median(prices) if enough else None,
        "delivered_per_school": delivered / schools if _many(row[0] for row in took_place) else None,
    }


def _of_the_year(release: Release, area: Area) -> QuerySet[Booking]:
    year = contract_year(ACADEMIC, local(release.released_at).date())
    held = Q(status__in=(*TOOK_PLACE, BookingStatus.CONFIRMED))
    return bookings_visible_to(SYSTEM).filter(
        held, receiving_school__school__area=area, day__range=(year.start, year.end)
    )


def _many(ids: Iterable[int]) -> bool:
    return len(set(ids)) >= PUBLIC_SCHOOLS


def _in_steps(values: Values) -> Values:
    """Told no finer than each indicator’s step."""
    return {
        key: None if value is None else round(round(value / BY_KEY[key].step) * BY_KEY[key].step, 4)
        for key, value in values.items()
    }
