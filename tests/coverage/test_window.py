"""A term instead of the school year: which days it has, and what of a year's days falls in it."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from marketplace.bookings.models import TermDate
from marketplace.brokerage.models import NeedBooking
from marketplace.coverage import queries
from marketplace.coverage.gathering import Gathered, gather, packed, unpacked
from marketplace.coverage.gathering.window import Window, window_on
from marketplace.coverage.parameters import settings_from
from marketplace.coverage.queries import Sight
from marketplace.kernel.dates import ACADEMIC, Period, contract_year, local
from marketplace.organisations.models import Area
from tests.builders import (
    a_booking,
    a_level_2_theme,
    a_need,
    a_practitioner,
    a_provider_at,
    a_school,
    an_area,
    days_of_help,
)

AUTUMN = (Period(date(2026, 9, 2), date(2026, 10, 23)), Period(date(2026, 11, 2), date(2026, 12, 18)))
SPRING = (Period(date(2027, 1, 4), date(2027, 2, 12)), Period(date(2027, 2, 22), date(2027, 3, 25)))
SUMMER = (Period(date(2027, 4, 12), date(2027, 5, 28)), Period(date(2027, 6, 7), date(2027, 7, 21)))
TERMS = (*AUTUMN, *SPRING, *SUMMER)


# The rule ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "window"),
    [
        (date(2026, 9, 1), (date(2026, 9, 1), date(2026, 12, 18))),
        (date(2026, 10, 28), (date(2026, 9, 1), date(2026, 12, 18))),
        (date(2026, 12, 18), (date(2026, 9, 1), date(2026, 12, 18))),
        (date(2026, 12, 24), (date(2026, 12, 19), date(2027, 3, 25))),
        (date(2027, 5, 1), (date(2027, 3, 26), date(2027, 8, 31))),
        (date(2027, 8, 10), (date(2027, 3, 26), date(2027, 8, 31))),
    ],
)
def test_a_term_has_its_half_terms_and_in_holidays_the_coming_one_counts(
    day: date, window: tuple[date, date]
) -> None:
    assert window_on(day, TERMS, kind="term").period == window


def test_the_terms_of_a_year_share_its_days() -> None:
    days = (date(2026, 9, 1), date(2027, 1, 10), date(2027, 5, 1))
    parts = [window_on(day, TERMS, kind="term").part for day in days]

    assert sum(parts) == pytest.approx(1.0)
    # the May bank holiday is none of summer's
    assert parts == pytest.approx([(38 + 35) / 194, (30 + 24) / 194, (34 + 33) / 194])


@pytest.mark.parametrize(("kind", "stretches"), [("year", TERMS), ("term", ()), ("term", [])])
def test_the_year_counts_where_it_is_chosen_or_no_term_dates_are_known(
    kind: str, stretches: tuple[Period, ...]
) -> None:
    found = window_on(date(2026, 11, 30), stretches, kind=kind)

    assert found == Window(Period(date(2026, 9, 1), date(2027, 8, 31)))
    assert found.is_whole_year


def test_days_of_a_term_are_its_part_in_quarters_and_never_more_than_the_year_has_left() -> None:
    term = Window(Period(date(2026, 9, 1), date(2026, 12, 18)), part=0.4)

    assert term.counted(6, part=0.4, elsewhere=0) == 2.5
    assert term.counted(6, part=0.4, elsewhere=5) == 1
    assert term.counted(6, part=0.4, elsewhere=7) == 0
    assert Window(term.period).counted(6, part=1, elsewhere=0) == 6


@pytest.mark.parametrize(("urgency", "part"), [("this_term", 1.0), ("this_year", 0.4), ("later", 0.0)])
def test_a_need_counts_in_a_term_by_its_urgency(urgency: str, part: float) -> None:
    assert Window(AUTUMN[0], part=0.4).part_of_need(urgency) == part
    assert Window(AUTUMN[0]).part_of_need(urgency) == 1.0


# From the database ---------------------------------------------------------------------------------------------------------

TODAY = date(2026, 11, 30)


def an_area_with(terms: tuple[Period, ...]) -> Area:
    area = an_area()
    for number, (first, last) in enumerate(terms, start=1):
        TermDate.objects.create(area=area, name=f"Term {number}", first_day=first, last_day=last)
    return area


def gathered(area: Area) -> Gathered:
    """What counts in the autumn term."""
    return gather(area, today=TODAY, settings=settings_from({"window": "term"}))


@pytest.mark.django_db
def test_needs_and_days_offered_are_those_of_the_term() -> None:
    area, theme = an_area_with(TERMS), a_level_2_theme()
    for urgency in ("this_term", "this_year", "later"):
        a_need(a_school(area), theme, half_days=20, urgency=urgency, academic_year="2026/27")
    days_of_help(a_provider_at(area), 40, theme)

    found = gathered(area)

    assert found.inputs.needs.days.tolist() == [10.0, 3.75, 0.0]
    assert found.inputs.pools.days_offered.tolist() == [15.0]
    assert found.term == unpacked(packed(found)).term == (date(2026, 9, 1), date(2026, 12, 18))


@pytest.mark.django_db
def test_bookings_of_the_term_are_taken_from_it_and_others_from_what_the_year_has_left() -> None:
    area, theme = an_area_with(TERMS), a_level_2_theme()
    need = a_need(a_school(area), theme, half_days=6, urgency="this_term", academic_year="2026/27")
    practitioner = a_practitioner()
    offer = days_of_help(a_provider_at(area), 17, theme, practitioners=[practitioner])
    for day in (date(2026, 12, 1), date(2027, 1, 13), date(2027, 1, 14), date(2027, 1, 15)):
        booking = a_booking(school=need.school, offer=offer, practitioner=practitioner, day=day)
        if day.day != 15:
            NeedBooking.objects.create(need=need, booking=booking)

    found = gathered(area)

    [of_need], [of_pool] = found.needs, found.pools
    assert (of_need.stated, of_need.booked, found.inputs.needs.days.tolist()) == (1, 1, [0])
    assert (of_pool.offered, of_pool.committed, of_pool.held) == (6.5, 1, 0)


@pytest.mark.django_db
def test_a_pool_whose_year_is_taken_up_elsewhere_offers_nothing_more_in_the_term() -> None:
    area, theme = an_area_with(TERMS), a_level_2_theme()
    practitioner = a_practitioner()
    offer = days_of_help(a_provider_at(area), 2, theme, practitioners=[practitioner])
    for day in (date(2027, 1, 13), date(2027, 1, 14)):
        a_booking(offer=offer, practitioner=practitioner, day=day)

    [pool] = gathered(area).pools

    assert (pool.offered, pool.committed) == (0, 0)


@pytest.mark.django_db
def test_other_term_dates_make_another_snapshot() -> None:
    area, settings = an_area_with(TERMS), settings_from({"window": "term"})
    before = gathered(area).fingerprint(settings)

    TermDate.objects.filter(name="Term 2").update(last_day=date(2026, 12, 17))

    assert gathered(area).fingerprint(settings) != before


def an_area_with_a_term_now() -> Area:
    """Two terms, today in one of them, with needs of ten days for the year."""
    start, end = contract_year(ACADEMIC, local(timezone.now()).date())
    middle = date(end.year, 2, 1)
    area = an_area_with((Period(start, middle), Period(middle + timedelta(days=15), end)))
    a_need(a_school(area), a_level_2_theme(), half_days=20, urgency="this_year")
    return area


@pytest.mark.django_db
def test_a_preview_says_what_counting_a_term_would_do() -> None:
    area = an_area_with_a_term_now()

    found = queries.preview(Sight(area, exact=True), {"window": "term"})

    assert found.need[0] == 10 and 4 <= found.need[1] <= 6
    assert found.changes_anything
