"""From the database to cells: what is counted, what is kept, and when it is worked out again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.brokerage import actions as brokerage
from marketplace.brokerage.models import NeedBooking
from marketplace.brokerage.rules import share_of_year
from marketplace.catalogue.models import Offer
from marketplace.coverage import actions, verification
from marketplace.coverage.errors import CoverageSettingsInvalid
from marketplace.coverage.gathering import gather
from marketplace.coverage.measures import Settings
from marketplace.coverage.models import Cell, NeedOutcome, PoolOutcome, Share, Snapshot
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import Period, academic_year, local
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import LocationSource, OrganisationKind, Phase
from tests.builders import (
    a_booking,
    a_convenor,
    a_deployment,
    a_deployment_visit,
    a_level_2_theme,
    a_need,
    a_needy_school,
    a_person,
    a_practitioner,
    a_provider_at,
    a_school,
    a_theme,
    a_ward,
    actor_of,
    an_area,
    an_organisation,
    cell_of,
    days_of_help,
    replied,
    the_parties,
    worked_out,
)

pytestmark = pytest.mark.django_db


def verified() -> list[str]:
    checks = (
        verification.parts_add_up,
        verification.shares_add_up,
        verification.statuses_follow,
        verification.wards_within_area,
    )
    return [line for check in checks for line in check()]


def test_the_first_worked_case_comes_out_of_the_database_to_the_digit() -> None:
    """W1: A needs 6, B 4, C 10; P has 12 days within 40 km, Q 5 within 25."""
    area, theme = an_area(), a_level_2_theme()
    a = a_needy_school(area, 6, theme, east=10)
    b = a_needy_school(area, 4, theme, east=23.0962, north=9.5697)
    c = a_needy_school(area, 10, theme, east=36.8654, north=25.8053)
    days_of_help(a_provider_at(area), 12, theme)
    days_of_help(a_provider_at(area, east=26), 5, theme, reach_km=25)

    snapshot = worked_out(area)

    outcome = {o.need_id: o for o in NeedOutcome.objects.filter(snapshot=snapshot)}
    assert outcome[a.pk].share == pytest.approx(11.7273, abs=0.001)
    assert outcome[b.pk].share == pytest.approx(5.2727, abs=0.001)
    assert outcome[c.pk].reach_gap == 10
    cell = cell_of(snapshot, theme)
    assert (cell.need, cell.met, cell.reach_gap) == pytest.approx((20, 10, 10))
    assert sum(p.group_idle for p in PoolOutcome.objects.filter(snapshot=snapshot)[:1]) == pytest.approx(7)
    assert verified() == []


def test_a_confirmed_booking_lowers_the_need_it_was_made_for_and_the_days_of_the_offer() -> None:
    area, theme = an_area(), a_level_2_theme()
    need = a_needy_school(area, 6, theme)
    practitioner = a_practitioner()
    offer = days_of_help(a_provider_at(area), 12, theme, practitioners=[practitioner])
    booking = a_booking(school=need.school, offer=offer, practitioner=practitioner, status="confirmed")
    NeedBooking.objects.create(need=need, booking=booking)

    snapshot = worked_out(area)

    [outcome] = NeedOutcome.objects.filter(snapshot=snapshot)
    assert (outcome.days_stated, outcome.days_booked, outcome.days) == (6, 1, 5)
    [pool] = PoolOutcome.objects.filter(snapshot=snapshot)
    assert (pool.days_offered, pool.committed, pool.held, pool.days) == (12, 1, 0, 11)


def test_days_a_deployment_promises_are_booked_before_its_visits_are_until_it_is_stopped(
    run_jobs: Callable[[], list[str]],
) -> None:
    parties = the_parties()
    scene = parties.scene
    row = a_deployment(parties)

    def days_booked() -> float:
        snapshot = worked_out(scene.area)
        return NeedOutcome.objects.get(snapshot=snapshot, need_id=parties.need.pk).days_booked

    assert days_booked() == 4
    today = local(timezone.now()).date()
    pool = PoolOutcome.objects.get(offer=scene.offer)
    of_this_year = share_of_year(8, Period(today, row.ends_on), academic_year(today))
    assert pool.committed == of_this_year / 2
    a_deployment_visit(parties, row)
    assert days_booked() == 4
    run_jobs()
    brokerage.stop_deployment(actor=scene.receiving_head, deployment=row, reason="The head left")
    assert "recompute_coverage" in run_jobs()
    assert days_booked() < 4


def test_a_booking_on_hold_takes_days_of_the_offer_and_leaves_the_need() -> None:
    area, theme = an_area(), a_level_2_theme()
    need = a_needy_school(area, 6, theme)
    offer = days_of_help(a_provider_at(area), 12, theme)
    NeedBooking.objects.create(
        need=need, booking=a_booking(school=need.school, offer=offer, status="awaiting_release")
    )

    snapshot = worked_out(area)

    assert NeedOutcome.objects.get(snapshot=snapshot).days == 6
    pool = PoolOutcome.objects.get(snapshot=snapshot)
    assert (pool.committed, pool.held, pool.days) == (0, 1, 11)


def test_a_need_met_by_bookings_is_listed_with_no_days_left() -> None:
    area, theme = an_area(), a_level_2_theme()
    need = a_needy_school(area, 1, theme)
    offer = days_of_help(a_provider_at(area), 12, theme)
    NeedBooking.objects.create(need=need, booking=a_booking(school=need.school, offer=offer))

    snapshot = worked_out(area)

    assert NeedOutcome.objects.get(snapshot=snapshot).days == 0
    cell = cell_of(snapshot, theme)
    assert (cell.need, cell.schools, cell.measures["status"]) == (0, 0, "unused")


def test_a_level_stands_for_its_days_and_other_years_do_not_count() -> None:
    area, theme = an_area(), a_level_2_theme()
    school = a_school(area)
    a_need(school, theme, half_days=None, level="intensive")
    a_need(school, half_days=8, academic_year="2019/20")
    a_need(school, half_days=8, status="withdrawn")

    snapshot = worked_out(area)

    assert [o.days for o in NeedOutcome.objects.filter(snapshot=snapshot)] == [15]


def test_paused_and_draft_offers_do_not_count_and_old_ones_are_listed_only() -> None:
    area, theme = an_area(), a_level_2_theme()
    a_needy_school(area, 6, theme)
    provider = a_provider_at(area)
    for status in ("paused", "draft", "withdrawn"):
        days_of_help(provider, 5, theme, status=status)
    old = days_of_help(provider, 5, theme)
    Offer.objects.filter(pk=old.pk).update(confirmed_at=timezone.now() - timedelta(days=181))

    snapshot = worked_out(area)

    pool = PoolOutcome.objects.get(snapshot=snapshot)
    assert (pool.offer_id, pool.confirmed) == (old.pk, False)
    assert cell_of(snapshot, theme).measures["status"] == "gap"
    assert NeedOutcome.objects.get(snapshot=snapshot).excluded == {"unconfirmed": 1}


def test_an_offer_without_stated_days_counts_for_reach_only() -> None:
    area, theme = an_area(), a_level_2_theme()
    a_needy_school(area, 6, theme)
    days_of_help(a_provider_at(area), None, theme)

    snapshot = worked_out(area)

    cell = cell_of(snapshot, theme)
    assert (cell.met, cell.capacity_gap, cell.reach_gap) == (0, 6, 0)
    assert not PoolOutcome.objects.get(snapshot=snapshot).stated


def test_an_offer_for_a_heading_is_for_every_theme_under_it() -> None:
    area, heading = an_area(), a_theme()
    theme = a_level_2_theme(parent=heading)
    a_needy_school(area, 6, theme)
    days_of_help(a_provider_at(area), 10, heading)

    assert cell_of(worked_out(area), theme).met == 6


def test_schools_of_the_providers_trust_get_no_paid_help_from_it_and_its_offers_count_as_one_owner() -> None:
    area, theme = an_area(), a_level_2_theme()
    trust = an_organisation(OrganisationKind.TRUST, area=area)
    inside = a_needy_school(area, 6, theme, trust=trust)
    outside = a_needy_school(area, 6, theme)
    for _ in range(2):
        days_of_help(a_school(area, trust=trust).organisation, 3, theme)
    days_of_help(trust, 4, theme)

    snapshot = worked_out(area)

    outcome = {o.need_id: o for o in NeedOutcome.objects.filter(snapshot=snapshot)}
    assert outcome[inside.pk].reach_gap == 6
    assert outcome[inside.pk].excluded == {"same_trust": 3}
    assert outcome[outside.pk].share == 10
    assert cell_of(snapshot, theme).measures["owners"] == 1
    assert {p.owner_id for p in PoolOutcome.objects.filter(snapshot=snapshot)} == {trust.pk}


def test_a_school_does_not_help_itself_in_any_of_its_phases() -> None:
    area, theme = an_area(), a_level_2_theme()
    school = a_school(area, phases=[Phase.EARLY_YEARS, Phase.PRIMARY])
    for phase in school.phases:
        a_need(school, theme, phase=phase, half_days=4)
    days_of_help(school.organisation, 10, theme, phases=[Phase.EARLY_YEARS, Phase.PRIMARY])

    snapshot = worked_out(area)

    assert Share.objects.filter(snapshot=snapshot).count() == 0
    assert cell_of(snapshot, theme, phase="").reach_gap == 4


def test_a_price_above_what_the_school_would_pay_excludes_only_where_the_price_is_for_everybody() -> None:
    area, theme = an_area(), a_level_2_theme()
    need = a_needy_school(area, 6, theme, max_price_pence=30_000)
    provider = a_provider_at(area)
    days_of_help(provider, 5, theme)
    by_pupil = {"kind": "per_pupil", "primary_pence": 120}
    depends = days_of_help(provider, 5, theme, price_rule=by_pupil)

    snapshot = worked_out(area)

    assert [s.pool_outcome.offer_id for s in Share.objects.filter(snapshot=snapshot)] == [depends.pk]
    assert NeedOutcome.objects.get(need_id=need.pk).excluded == {"price": 1}


def test_a_school_without_a_point_stands_in_the_middle_of_its_ward_and_one_without_either_is_unlocated() -> (
    None
):
    area, theme = an_area(), a_level_2_theme()
    ward = a_ward(area, easting=441_000, northing=390_000)
    unknown = {"easting": None, "northing": None}
    in_ward = a_need(a_school(area, ward=ward, location_source=LocationSource.WARD, **unknown), theme)
    nowhere = a_need(a_school(area, location_source=LocationSource.NONE, **unknown), theme)
    days_of_help(a_provider_at(area), 20, theme)

    snapshot = worked_out(area)

    outcome = {o.need_id: o for o in NeedOutcome.objects.filter(snapshot=snapshot)}
    assert outcome[in_ward.pk].approximate and outcome[in_ward.pk].met == 6
    assert outcome[nowhere.pk].unlocated == 6
    cell = cell_of(snapshot, theme)
    assert (cell.need, cell.met, cell.unlocated, cell.reach_gap) == (12, 6, 6, 0)
    assert cell_of(snapshot, theme, ward=ward).need == 6
    assert verified() == []


def test_neighbours_compete_for_the_same_days_and_their_needs_are_not_kept() -> None:
    area, neighbour, theme = an_area(), an_area(), a_level_2_theme()
    ours = a_needy_school(area, 6, theme)
    a_needy_school(neighbour, 6, theme, east=2)
    days_of_help(a_provider_at(area), 8, theme)

    snapshot = worked_out(area)

    [outcome] = NeedOutcome.objects.filter(snapshot=snapshot)
    assert (outcome.need_id, outcome.share) == (ours.pk, 4)
    assert PoolOutcome.objects.get(snapshot=snapshot).elsewhere == 4
    assert verified() == []


def test_a_neighbours_offer_helps_with_what_its_own_schools_leave() -> None:
    area, neighbour, theme = an_area(), an_area(), a_level_2_theme()
    a_needy_school(area, 6, theme)
    days_of_help(a_provider_at(neighbour, east=5), 8, theme)
    days_of_help(a_provider_at(neighbour, east=200), 8, theme, reach_km=500)

    snapshot = worked_out(area)

    assert cell_of(snapshot, theme).met == 6
    assert PoolOutcome.objects.filter(snapshot=snapshot).count() == 1


def test_help_from_afar_comes_from_anywhere_to_those_who_would_take_it() -> None:
    area, far_off, theme = an_area(), an_area(), a_level_2_theme(remote_fit=60)
    a_needy_school(area, 6, theme, remote_ok=True)
    a_needy_school(area, 4, theme, east=1)
    days_of_help(a_provider_at(far_off, east=200), 8, theme, mode="remote")
    days_of_help(a_provider_at(far_off, east=200), 8, theme)

    snapshot = worked_out(area)

    cell = cell_of(snapshot, theme)
    assert (cell.met, cell.best, cell.reach_gap) == (6, 6, 4)
    assert PoolOutcome.objects.filter(snapshot=snapshot).count() == 1
    assert verified() == []


def test_who_is_far_off_competes_for_help_from_afar_and_keeps_its_part() -> None:
    area, far_off, theme = an_area(), an_area(), a_level_2_theme(remote_fit=60)
    ours = a_needy_school(area, 6, theme, remote_ok=True)
    a_needy_school(far_off, 3, theme, east=205)
    a_needy_school(far_off, 5, theme, east=200, remote_ok=True)
    days_of_help(a_provider_at(far_off, east=200), 8, theme, mode="both", reach_km=10)

    snapshot = worked_out(area)

    [outcome] = NeedOutcome.objects.filter(snapshot=snapshot)
    # weights 0.6, 1 and 1: 6 x 0.6 of 6 x 0.6 + 3 + 5
    assert (outcome.need_id, outcome.share) == (ours.pk, pytest.approx(8 * 3.6 / 11.6))
    assert outcome.best == pytest.approx(outcome.share, abs=0.01)
    assert verified() == []


def test_nobody_far_off_is_read_where_nobody_would_take_help_from_afar() -> None:
    area, far_off, theme = an_area(), an_area(), a_level_2_theme(remote_fit=60)
    a_needy_school(area, 6, theme)
    a_needy_school(far_off, 5, theme, east=200, remote_ok=True)
    days_of_help(a_provider_at(far_off, east=200), 8, theme, mode="remote")

    found = gather(area, today=timezone.localdate(), settings=Settings())

    assert (len(found.pools), len(found.schools), len(found.needs)) == (0, 1, 1)


def test_an_unlocated_school_stands_where_others_of_its_postcode_do() -> None:
    area, theme = an_area(), a_level_2_theme()
    ward = a_ward(area, easting=480_000, northing=390_000)
    unknown = {"easting": None, "northing": None, "postcode": "ZZ1 1ZZ"}
    a_school(area, easting=440_000, northing=390_000, postcode="ZZ1 1ZZ")
    a_school(area, easting=440_200, northing=390_000, postcode="ZZ1 1ZZ")
    of_postcode = a_need(
        a_school(area, ward=ward, location_source=LocationSource.NONE, **unknown), theme, half_days=12
    )
    nowhere = a_need(
        a_school(area, location_source=LocationSource.NONE, **unknown | {"postcode": "ZZ9 9ZZ"}), theme
    )
    days_of_help(a_provider_at(area), 20, theme, reach_km=5)

    snapshot = worked_out(area)

    outcomes = {each.need_id: each for each in NeedOutcome.objects.filter(snapshot=snapshot)}
    assert outcomes[of_postcode.pk].approximate and outcomes[of_postcode.pk].met == 6
    assert not outcomes[nowhere.pk].approximate and outcomes[nowhere.pk].unlocated > 0
    [share] = Share.objects.filter(snapshot=snapshot)
    assert share.km == pytest.approx(0.1, abs=0.001)


def test_too_few_replies_are_not_enough_information_whatever_the_numbers_say() -> None:
    area, theme = an_area(), a_level_2_theme()
    need = a_needy_school(area, 2, theme)
    for _ in range(9):
        a_school(area)
    for _ in range(2):
        days_of_help(a_provider_at(area), 20, theme)

    before = cell_of(worked_out(area), theme)
    for school in area.schools.exclude(pk=need.school_id)[:5]:
        replied(school)
    after = cell_of(worked_out(area), theme)

    assert (before.status, before.measures["status"], before.measures["replied"]) == (
        "unknown",
        "duplicated",
        1,
    )
    assert "Not enough information: 1 of 10 schools replied." in before.sentence
    assert (after.status, after.confidence) == ("duplicated", "B")
    assert verified() == []


def test_a_school_of_two_phases_is_one_school_in_the_totals() -> None:
    area, theme = an_area(), a_level_2_theme()
    school = a_school(area, phases=[Phase.PRIMARY, Phase.SECONDARY])
    for phase in school.phases:
        a_need(school, theme, phase=phase)

    snapshot = worked_out(area)

    total = cell_of(snapshot, None, phase="")
    assert (total.schools, total.need, total.measures["asked"]) == (1, 12, 1)
    assert total.largest_school == 1
    assert total.sentence.startswith(f"All themes, all phases, {area}: 12 days needed by 1 school.")


def test_nothing_changed_makes_no_new_snapshot_and_something_does() -> None:
    area, theme = an_area(), a_level_2_theme()
    a_needy_school(area, 6, theme)

    first, again = worked_out(area), worked_out(area)
    a_needy_school(area, 2, theme)
    second = worked_out(area)

    assert first == again
    assert (first.number, second.number) == (1, 2)


def test_rows_are_kept_for_three_snapshots_and_totals_for_ever() -> None:
    area, theme = an_area(), a_level_2_theme()
    ward = a_ward(area)
    for _ in range(5):
        a_needy_school(area, 1, theme, ward=ward)
        worked_out(area)

    kept = dict(Snapshot.objects.filter(area=area).values_list("number", "has_rows"))
    assert kept == {1: False, 2: False, 3: True, 4: True, 5: True}
    assert set(NeedOutcome.objects.values_list("snapshot__number", flat=True)) == {3, 4, 5}
    assert set(Cell.objects.filter(ward=ward).values_list("snapshot__number", flat=True)) == {3, 4, 5}
    assert Cell.objects.filter(theme=theme, phase="primary", ward=None).count() == 5


def test_only_a_convenor_has_an_area_worked_out() -> None:
    area = an_area()
    stranger = actor_of(a_convenor(an_area()))

    with pytest.raises(NotFound):
        actions.recompute(actor=stranger, area=area, because="Curiosity")
    assert actions.recompute(actor=actor_of(a_convenor(area)), area=area, because="A look").number == 1


def test_an_area_without_schools_is_worked_out_too() -> None:
    snapshot = worked_out(an_area())

    assert snapshot.totals["schools"] == 0


def test_parameters_are_versioned_checked_and_named_by_the_snapshot() -> None:
    area, theme = an_area(), a_level_2_theme()
    convenor = actor_of(a_convenor(area))
    a_needy_school(area, 10, theme)
    days_of_help(a_provider_at(area), 7, theme)
    assert cell_of(worked_out(area), theme).status == "gap"

    with pytest.raises(CoverageSettingsInvalid, match="no parameter called “gap”"):
        actions.change_settings(actor=convenor, area=area, values={"thresholds": {"gap": 0.5}})
    with pytest.raises(CoverageSettingsInvalid, match="“radius_km” must be a number from 1 to 400"):
        actions.change_settings(actor=convenor, area=area, values={"radius_km": "far"})
    actions.change_settings(actor=convenor, area=area, values={"thresholds": {"gap_best": 0.6}})
    snapshot = worked_out(area)

    assert snapshot.settings_version == 1
    assert cell_of(snapshot, theme).status == "thin"
    assert verified() == []


def test_declaring_a_need_changes_the_cell_through_one_job(run_jobs: Callable[[], list[str]]) -> None:
    area, theme = an_area(), a_level_2_theme()
    first, second = a_school(area), a_school(area)
    for school in (first, second):
        head = actor_of(a_person(Role.HEADTEACHER, at=school))
        brokerage.declare_need(actor=head, school=school, theme=theme, phase=Phase.PRIMARY, half_days=8)

    ran = run_jobs()

    assert ran.count("recompute_coverage") == 1
    snapshot = Snapshot.objects.get(area=area)
    assert snapshot.because == "A need was declared"
    assert cell_of(snapshot, theme).need == 8


def test_asking_again_before_the_job_has_begun_changes_nothing(run_jobs: Callable[[], list[str]]) -> None:
    area = an_area()
    for _ in range(3):
        actions.ask_for_recompute(actor=SYSTEM, area=area, because="A burst")

    assert run_jobs().count("recompute_coverage") == 1


def test_each_share_can_be_done_again_on_paper() -> None:
    area, theme = an_area(), a_level_2_theme()
    for days in (3, 5, 8):
        a_needy_school(area, days, theme, east=days)
    days_of_help(a_provider_at(area), 9, theme)

    snapshot = worked_out(area)

    shares = Share.objects.filter(snapshot=snapshot)
    assert sum(s.days for s in shares) == pytest.approx(9)
    for share in shares.select_related("need_outcome", "pool_outcome"):
        need, pool = share.need_outcome, share.pool_outcome
        assert share.days == pytest.approx(pool.days * need.days * share.weight / pool.weighted_need)


def test_an_area_is_worked_out_in_as_many_queries_whatever_its_size(
    django_assert_max_num_queries: Any,
) -> None:
    area, theme = an_area(), a_level_2_theme()
    for n in range(30):
        a_needy_school(area, 3, theme, east=n / 3)
        days_of_help(a_provider_at(area, east=n / 3), 3, theme)

    with django_assert_max_num_queries(42):
        worked_out(area)
    with django_assert_max_num_queries(22):
        worked_out(area)
