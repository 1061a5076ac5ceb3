"""What a convenor looks back on and at: board dates, the trend, overlaps, idle days, the radar."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.bookings.models import CourseEvent, WaitingEntry, WaitingStatus
from marketplace.brokerage.models import RequestStatus, UnmetDemand
from marketplace.catalogue.models import Theme
from marketplace.coverage import actions, queries
from marketplace.coverage.errors import BoardDateInvalid
from marketplace.coverage.models import BoardDate, Cell, PoolOverlap, Release, Snapshot
from marketplace.coverage.queries import Sight
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Organisation
from tests.builders import (
    a_board_member,
    a_convenor,
    a_level_2_theme,
    a_needy_school,
    a_provider_at,
    a_request,
    a_school,
    a_ward,
    actor_of,
    an_area,
    days_of_help,
    replied,
    worked_out,
)
from tests.builders.courses import a_course, a_course_scene, a_waiting_school, places_for

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 20)


@pytest.fixture
def area() -> Area:
    return an_area()


@pytest.fixture
def theme() -> Theme:
    return a_level_2_theme()


def exact(area: Area) -> Sight:
    return Sight(area, exact=True)


def as_board(area: Area) -> Sight:
    return Sight(area, exact=False)


def in_vain(area: Area, at: datetime, *, by: Organisation | None = None, **query: list[str]) -> UnmetDemand:
    """A search of a school that found nothing."""
    row = UnmetDemand.objects.create(area=area, organisation=by or a_school(area).organisation, query=query)
    UnmetDemand.objects.filter(pk=row.pk).update(at=at)
    return row


# Board dates and what changed since ----------------------------------------------------------------------------------------


def test_what_a_board_was_shown_keeps_its_wards_when_others_lose_them(area: Area, theme: Theme) -> None:
    ward, convenor = a_ward(area), actor_of(a_convenor(area))
    for number in range(6):
        a_needy_school(area, 5 + number, theme, ward=ward)
        snapshot = worked_out(area)
        if number == 1:
            day = local(timezone.now()).date()
            actions.show_to_board(actor=convenor, area=area, number=2, day=day, meeting="  Board,   autumn ")

    assert snapshot.number == 6
    with_wards = (
        Snapshot.objects.filter(cells__ward__isnull=False).distinct().values_list("number", flat=True)
    )
    assert sorted(with_wards) == [2, 4, 5, 6]
    [shown] = queries.board_dates(exact(area))
    assert (shown.meeting, shown.snapshot.number, shown.marked_by_name) == ("Board, autumn", 2, convenor.name)


def test_a_meeting_needs_a_name_and_a_day_at_which_it_can_have_seen_it(area: Area) -> None:
    worked_out(area)
    convenor, today = actor_of(a_convenor(area)), local(timezone.now()).date()

    for day, meeting, field in (
        (today, " ", "meeting"),
        (today - timedelta(days=1), "Board", "day"),
        (today + timedelta(weeks=9), "Board", "day"),
    ):
        with pytest.raises(BoardDateInvalid) as refused:
            actions.show_to_board(actor=convenor, area=area, number=1, day=day, meeting=meeting)
        assert refused.value.field == field
    with pytest.raises(NotFound):
        actions.show_to_board(actor=convenor, area=area, number=9, day=today, meeting="Board")
    member = actor_of(a_board_member(area))
    with pytest.raises(NotFound):
        actions.show_to_board(actor=member, area=area, number=1, day=today, meeting="Board")


def test_several_meetings_are_shown_the_same_and_each_is_taken_back_alone(area: Area) -> None:
    worked_out(area)
    convenor, today = actor_of(a_convenor(area)), local(timezone.now()).date()
    for meeting in ("Board", "Scrutiny", "Board"):
        actions.show_to_board(actor=convenor, area=area, number=1, day=today, meeting=meeting)
    scrutiny, board = BoardDate.objects.all()
    assert (scrutiny.meeting, board.meeting) == ("Scrutiny", "Board")

    actions.take_back_board_date(actor=convenor, area=area, pk=scrutiny.pk)

    assert BoardDate.objects.get() == board
    with pytest.raises(NotFound):
        actions.take_back_board_date(actor=convenor, area=area, pk=scrutiny.pk)


def test_the_trend_has_one_point_a_day_and_only_a_convenor_sees_it(area: Area, theme: Theme) -> None:
    for days, ago in ((5, 2), (3, 1), (2, 0), (4, 0)):
        a_needy_school(area, days, theme)
        snapshot = worked_out(area)
        Snapshot.objects.filter(pk=snapshot.pk).update(computed_at=timezone.now() - timedelta(days=ago))

    found = queries.trend_of(exact(area), theme=theme.code, phase="primary")

    assert [point.need for point in found] == [5.0, 8.0, 14.0]
    assert [point.need for point in queries.trend_of(exact(area))] == [5.0, 8.0, 14.0]
    assert queries.trend_of(as_board(area)) == []


def test_the_pack_names_nobody_and_compares_with_the_last_meeting(area: Area, theme: Theme) -> None:
    for n in range(5):
        replied(a_needy_school(area, 6, theme, east=n).school)
    first = worked_out(area)
    convenor, today = actor_of(a_convenor(area)), local(timezone.now()).date()
    actions.show_to_board(actor=convenor, area=area, number=first.number, day=today, meeting="Board")
    days_of_help(a_provider_at(area, name="Fell Hub"), 60, theme)
    Release.objects.update(released_at=timezone.now() - timedelta(days=8))

    pack = queries.board_pack(exact(area), worked_out(area), today=today)

    [turned] = pack.turned
    assert (turned.before, turned.cell.theme, turned.cell.status) == ("Gap", theme.code, "thin")
    assert [shown.when for shown in pack.meetings] == ["Board", "Now"]
    assert [shown.cover for shown in pack.meetings] == ["0%", "100%"]
    assert pack.since is not None and pack.met == 0
    assert "Fell Hub" not in str(pack)
    with pytest.raises(NotFound):
        queries.board_pack(as_board(area), first, today=today)


def test_a_change_of_the_rules_is_told_apart_from_a_change_of_coverage(area: Area, theme: Theme) -> None:
    convenor = actor_of(a_convenor(area))
    for n in range(5):
        replied(a_needy_school(area, 6, theme, east=n).school)
    before = worked_out(area)
    Snapshot.objects.filter(pk=before.pk).update(
        academic_year="2025/26", computed_at=timezone.now() - timedelta(days=40)
    )
    Release.objects.update(academic_year="2025/26", released_at=timezone.now() - timedelta(days=40))
    a_month_ago = local(timezone.now()).date() - timedelta(days=30)
    actions.show_to_board(actor=convenor, area=area, number=before.number, day=a_month_ago, meeting="Board")
    actions.change_settings(actor=convenor, area=area, values={"radius_km": 30})
    after = worked_out(area)
    before.refresh_from_db()

    changes = queries.changes_between(exact(area), before, after)
    pack = queries.board_pack(exact(area), after, today=local(timezone.now()).date())
    last = queries.trend_of(exact(area))[-1]

    year = after.academic_year
    assert changes.counted_otherwise == pack.counted_otherwise
    assert f"needs and days of 2025/26 are not counted in {year}." in changes.counted_otherwise
    assert "parameters were changed in between" in changes.counted_otherwise
    assert last.turns == f"{year} begins, other parameters from here on"
    assert queries.changes_between(exact(area), after, after).counted_otherwise == ""


# Pools ---------------------------------------------------------------------------------------------------------------------


def test_offers_that_reach_the_same_need_overlap_and_the_one_nobody_would_miss_comes_first(
    area: Area, theme: Theme
) -> None:
    actor = actor_of(a_convenor(area))
    a_needy_school(area, 10, theme)
    a_needy_school(area, 4, theme, east=30)
    alone = days_of_help(a_provider_at(area, east=60), 3, theme)
    small, large = (days_of_help(a_provider_at(area), days, theme, reach_km=9) for days in (12, 20))

    graph = queries.overlap_graph(actor, exact(area), worked_out(area))

    assert [node.pool.offer for node in graph.nodes] == [large, small, alone]
    assert [node.unnoticed for node in graph.nodes] == [True, True, False]
    assert graph.edges == [(1, 0, 1.0)]
    assert [partner.offer for partner, _ in graph.nodes[0].partners] == [small]
    assert PoolOverlap.objects.count() == 1
    with pytest.raises(NotFound):
        queries.overlap_graph(actor, as_board(area), Snapshot.objects.get())


def test_idle_days_near_unmet_need_of_another_theme_are_a_hint_to_redirect(area: Area, theme: Theme) -> None:
    actor, other = actor_of(a_convenor(area)), a_level_2_theme()
    a_needy_school(area, 2, theme, east=1)
    needy = a_needy_school(area, 7, other, east=2)
    a_needy_school(area, 9, other, east=20)
    offer = days_of_help(a_provider_at(area), 12, theme)
    own = days_of_help(needy.school, 5, a_level_2_theme())
    snapshot = worked_out(area)

    [line] = queries.idle_pools(actor, exact(area), snapshot)

    assert (line.pool.offer, line.pool.idle) == (offer, pytest.approx(10.0))
    [lead] = line.leads
    assert (lead.km, lead.unmet, lead.offered_for_it) == (pytest.approx(2.0), 7.0, False)
    [(hint_theme, _, days, schools)] = [
        (hint.theme, hint.phase, hint.days, hint.schools) for hint in line.redirects
    ]
    assert (hint_theme, days, schools) == (other, 7.0, 1)
    assert not queries.idle_pools(actor, exact(area), snapshot, within_m=1000)
    anywhere = queries.idle_pools(actor, exact(area), snapshot, within_m=queries.ANYWHERE, phase="primary")
    assert [each.pool.offer for each in anywhere] == [offer, own]
    assert not queries.idle_pools(actor, exact(area), snapshot, phase="secondary")


def test_days_that_two_offers_could_give_for_the_same_schools_are_idle_once(area: Area, theme: Theme) -> None:
    a_needy_school(area, 10, theme)
    a_needy_school(area, 5, a_level_2_theme(), east=2)
    for days in (12, 20):
        days_of_help(a_provider_at(area), days, theme, reach_km=9)

    lines = queries.idle_pools(actor_of(a_convenor(area)), exact(area), worked_out(area))

    assert sorted(line.pool.idle for line in lines) == pytest.approx([12, 20])
    assert queries.idle_together(line.pool for line in lines) == pytest.approx(22)


def test_of_a_neighbours_offer_only_what_the_area_may_count_on_can_be_missed_or_idle(
    area: Area, theme: Theme
) -> None:
    neighbour = an_area()
    a_needy_school(area, 2, theme)
    a_needy_school(neighbour, 28, theme)
    theirs = days_of_help(a_provider_at(neighbour), 30, theme)
    days_of_help(a_provider_at(area), 2, theme)

    graph = queries.overlap_graph(actor_of(a_convenor(area)), exact(area), worked_out(area))

    [node] = [node for node in graph.nodes if node.pool.offer == theirs]
    assert node.pool.usable < node.pool.days == 30
    assert node.pool.idle <= node.pool.usable
    assert node.pool.elsewhere + node.pool.usable == pytest.approx(30)


@pytest.mark.parametrize("scope", ["open", "trust"])
def test_nobody_is_told_to_turn_an_offer_kept_to_a_trust_to_another_school(
    area: Area, theme: Theme, scope: str
) -> None:
    a_needy_school(area, 5, a_level_2_theme(), east=1)
    days_of_help(a_provider_at(area), 12, theme, scope=scope)

    lines = queries.idle_pools(actor_of(a_convenor(area)), exact(area), worked_out(area))

    assert len(lines) == (scope == "open")


def test_nobody_is_told_to_broker_what_costs_more_than_the_school_would_pay(area: Area, theme: Theme) -> None:
    a_needy_school(area, 5, theme, max_price_pence=10_000)
    days_of_help(a_provider_at(area), 12, theme)

    assert not queries.idle_pools(actor_of(a_convenor(area)), exact(area), worked_out(area))


# The radar -----------------------------------------------------------------------------------------------------------------


def test_the_radar_counts_by_theme_phase_and_month_and_says_what_rises(area: Area) -> None:
    at = datetime(2026, 11, 5, 12, tzinfo=UTC)
    for months_ago, times in ((0, 3), (1, 2), (4, 1), (7, 5)):
        for _ in range(times):
            in_vain(area, at - timedelta(days=30.4 * months_ago), theme=["phonics"], phase=["primary"])
    in_vain(area, at, q=["makaton"])

    found = queries.radar(exact(area), today=TODAY)

    assert [f"{month:%m}" for month in found.months] == ["06", "07", "08", "09", "10", "11"]
    phonics, unnamed = found.blips
    assert (phonics.theme, phonics.months, phonics.total, phonics.trend) == (
        "phonics",
        [0, 1, 0, 0, 2, 3],
        6,
        "rising",
    )
    assert (unnamed.theme, unnamed.total) == ("", 1)
    assert found.total == 7


def test_withdrawn_requests_and_waiting_lists_that_closed_count_too(theme: Theme) -> None:
    now, scene = timezone.now(), a_course_scene(themes=[theme])
    withdrawn = {"theme": theme, "status": RequestStatus.WITHDRAWN, "decided_at": now}
    a_request(scene.school, **withdrawn)
    a_request(scene.school, **withdrawn | {"opened_at": None})  # put away before it was sent
    event = a_course(scene, seats=1)
    places_for(event, scene.school, scene.head)
    waiting, _ = a_waiting_school(scene, event)
    WaitingEntry.objects.scoped().update(status=WaitingStatus.CLOSED)
    CourseEvent.objects.scoped().update(closes_at=now)

    found = queries.signals_of(actor_of(a_convenor(scene.area)), exact(scene.area), today=local(now).date())

    assert {(each.cause, each.theme, each.organisation) for each in found} == {
        ("withdrawn", theme.code, scene.school.pk),
        ("waiting", theme.code, waiting.school_id),
    }


def test_the_board_sees_no_number_that_fewer_than_three_schools_stand_behind(area: Area) -> None:
    at = datetime(2026, 10, 5, 12, tzinfo=UTC)
    for theme, times in (("phonics", 4), ("maths", 2), ("writing", 5)):
        for _ in range(times):
            in_vain(area, at, theme=[theme], phase=["primary"])
    one = a_school(area).organisation
    for _ in range(9):
        in_vain(area, at, by=one, theme=["oracy"], phase=["primary"])

    found = {blip.theme: blip for blip in queries.radar(as_board(area), today=TODAY).blips}

    assert found["maths"].total is None and found["oracy"].total is None
    assert (found["phonics"].total, found["phonics"].months[-1]) == (4, 4)
    assert found["phonics"].causes == {} and found["maths"].trend == ""
    assert found["maths"].months == [None] * 6
    narrowed = queries.radar(as_board(area), today=TODAY, theme="maths")
    assert len(narrowed.blips) == 4
    with pytest.raises(NotFound):
        queries.signals_of(actor_of(a_board_member(area)), as_board(area), today=TODAY)


def test_the_board_reads_whole_months_so_that_two_readings_tell_nothing_more(area: Area) -> None:
    for month in (10, 11):
        for _ in range(4):
            in_vain(area, datetime(2026, month, 5, 12, tzinfo=UTC), theme=["phonics"], phase=["primary"])

    board, convenor = (queries.radar(sight, today=TODAY) for sight in (as_board(area), exact(area)))

    assert (board.total, board.months[-1]) == (4, date(2026, 10, 1))
    assert (convenor.total, convenor.months[-1]) == (8, date(2026, 11, 1))


def test_a_cell_keeps_the_verdict_of_each_of_its_nine_checks(area: Area, theme: Theme) -> None:
    replied(a_needy_school(area, 10, theme).school)
    days_of_help(a_provider_at(area), 10, theme)

    cell = Cell.objects.get(snapshot=worked_out(area), theme=theme, phase="primary", ward=None)

    verdicts: Any = cell.measures["verdicts"]
    assert verdicts == ["thin"] * 9
    assert cell.measures["agreeing"] == 9


def test_the_systems_own_reading_is_recorded_as_any_other(area: Area) -> None:
    snapshot = worked_out(area)

    assert queries.idle_pools(SYSTEM, exact(area), snapshot) == []
