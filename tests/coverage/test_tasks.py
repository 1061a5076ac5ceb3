"""What sets a recompute off, for which areas, and what does not."""

from collections.abc import Callable
from time import perf_counter

import pytest

from marketplace.bookings.events import BookingMoved
from marketplace.brokerage import actions as brokerage
from marketplace.brokerage.events import NeedsChanged
from marketplace.brokerage.models import NeedBooking
from marketplace.catalogue.events import OfferMoved
from marketplace.coverage import tasks
from marketplace.coverage.models import Snapshot
from marketplace.kernel import events
from marketplace.kernel.access import SYSTEM
from marketplace.organisations.events import RegisterChanged
from marketplace.organisations.models import Area
from tests.builders import (
    a_booking,
    a_level_2_theme,
    a_needy_school,
    a_provider_at,
    a_school,
    an_area,
    an_offer,
    an_organisation,
    cell_of,
    days_of_help,
    worked_out,
)

pytestmark = pytest.mark.django_db


def areas_worked_out() -> set[Area]:
    return {snapshot.area for snapshot in Snapshot.objects.select_related("area")}


def test_each_event_that_matters_has_its_subscriber() -> None:
    subscribed = {
        event.rsplit(".", 1)[1]
        for event, names in events.subscriptions().items()
        if any(name.startswith("marketplace.coverage.") for name in names)
    }

    assert subscribed == {
        "OfferMoved",
        "NeedsChanged",
        "BookingMoved",
        "DeploymentMoved",
        "DeploymentSigned",
        "RegisterChanged",
        "SuspensionChanged",
    }


@pytest.mark.parametrize("verb", ["publish", "pause", "resume", "withdraw", "revise", "confirm"])
def test_an_offer_that_counts_works_its_providers_area_out(
    verb: str, run_jobs: Callable[[], list[str]]
) -> None:
    area = an_area()
    offer = an_offer(a_provider_at(area))

    tasks.after_offer_moved(OfferMoved(offer.pk, verb, "published"))
    run_jobs()

    assert areas_worked_out() == {area}


@pytest.mark.parametrize("verb", ["submit", "take_back", "return", "submit_revision", "return_revision"])
def test_an_offer_still_being_judged_does_not(verb: str, run_jobs: Callable[[], list[str]]) -> None:
    offer = an_offer(a_provider_at(an_area()))

    tasks.after_offer_moved(OfferMoved(offer.pk, verb, "submitted"))

    assert run_jobs() == []


def test_an_offer_of_no_area_works_out_every_area_known(run_jobs: Callable[[], list[str]]) -> None:
    known = [an_area(), an_area()]
    an_area()
    for area in known:
        worked_out(area)
        a_school(area)
    offer = an_offer(an_organisation("independent", area=None))

    tasks.after_offer_moved(OfferMoved(offer.pk, "publish", "published"))
    run_jobs()

    assert {s.area for s in Snapshot.objects.filter(number=2)} == set(known)


def test_a_confirmed_booking_lowers_the_need_of_the_cell(run_jobs: Callable[[], list[str]]) -> None:
    area, elsewhere, theme = an_area(), an_area(), a_level_2_theme()
    need = a_needy_school(area, 6, theme)
    offer = days_of_help(a_provider_at(elsewhere), 12, theme)
    worked_out(area)
    booking = a_booking(school=need.school, offer=offer, status="confirmed")
    NeedBooking.objects.create(need=need, booking=booking)

    tasks.after_booking_moved(BookingMoved(booking.pk, "consent", "awaiting_release", "confirmed"))
    run_jobs()

    snapshot = Snapshot.objects.filter(area=area).first()
    assert snapshot is not None and snapshot.because == "A booking was confirmed"
    assert cell_of(snapshot, theme).need == 5
    assert areas_worked_out() == {area, elsewhere}


@pytest.mark.parametrize(
    ("before", "after", "matters"),
    [
        ("", "held", True),
        ("held", "awaiting_approval", False),
        ("awaiting_approval", "awaiting_release", False),
        ("awaiting_release", "confirmed", True),
        ("held", "expired", True),
        ("awaiting_release", "withdrawn", True),
        ("confirmed", "delivered", False),
        ("delivered", "evaluated", False),
        ("confirmed", "cancelled_by_buyer", True),
        ("confirmed", "no_show_buyer", True),
        ("confirmed", "no_show_provider", True),
    ],
)
def test_a_booking_matters_where_it_takes_or_gives_back_days(
    before: str, after: str, matters: bool, run_jobs: Callable[[], list[str]]
) -> None:
    area = an_area()
    booking = a_booking(school=a_school(area), offer=an_offer(a_provider_at(area)))

    tasks.after_booking_moved(BookingMoved(booking.pk, "some verb", before, after))

    assert ("recompute_coverage" in run_jobs()) is matters


def test_a_school_that_confirmed_its_needs_works_its_area_out(run_jobs: Callable[[], list[str]]) -> None:
    area = an_area()

    tasks.after_needs_changed(NeedsChanged(a_school(area).pk, "confirm"))
    run_jobs()

    assert Snapshot.objects.get(area=area).because == "A school confirmed its needs"


def test_a_changed_register_works_its_areas_out(run_jobs: Callable[[], list[str]]) -> None:
    areas = [an_area(), an_area()]

    tasks.after_register_changed(RegisterChanged(1, tuple(area.pk for area in areas)))
    run_jobs()

    assert areas_worked_out() == set(areas)


def test_the_nights_run_takes_every_area_with_schools(run_jobs: Callable[[], list[str]]) -> None:
    area = an_area()
    a_school(area)
    an_area()

    tasks.recompute_all_coverage(timestamp=0)
    run_jobs()

    assert areas_worked_out() == {area}


def test_a_change_is_shown_within_five_seconds_from_queue_to_snapshot(
    run_jobs: Callable[[], list[str]],
) -> None:
    """At the size of an authority in the database; the queue itself adds what a worker takes to hear of a job."""
    area, theme = an_area(), a_level_2_theme()
    needs = [a_needy_school(area, 4, theme, east=n % 12, north=n // 12) for n in range(40)]
    for n in range(12):
        days_of_help(a_provider_at(area, east=n), 10, theme)
    worked_out(area)
    started = perf_counter()

    brokerage.withdraw_need(actor=SYSTEM, need=needs[0], reason="No longer")
    run_jobs()

    newest = Snapshot.objects.filter(area=area).first()
    assert newest is not None and newest.number == 2
    assert perf_counter() - started < 5
