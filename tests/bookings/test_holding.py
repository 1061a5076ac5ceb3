"""Holding a person's time while a school decides."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.bookings import actions, queries
from marketplace.bookings.actions import anybody, holding
from marketplace.bookings.errors import NotAvailable, NotBookable, SlotTaken
from marketplace.bookings.models import Booking, BookingStatus, Diary
from marketplace.catalogue.models import DeliveryMode, OfferScope, OfferStatus
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import OrganisationKind
from tests.builders import (
    Scene,
    a_booking,
    a_person,
    a_practitioner,
    a_scene,
    a_school,
    a_theme,
    actor_of,
    an_organisation,
)

pytestmark = pytest.mark.django_db


def hold(scene: Scene, **changes: Any) -> Booking:
    return actions.hold_session(**scene.wish(**changes))


def another_school(scene: Scene) -> dict[str, Any]:
    school = a_school(scene.area)
    return {"school": school, "actor": actor_of(a_person(Role.STAFF, at=school))}


def let_time_run_out(booking: Booking) -> None:
    Booking.objects.scoped().filter(pk=booking.pk).update(
        hold_expires_at=timezone.now() - timedelta(seconds=1)
    )


def test_a_hold_keeps_the_time_for_twenty_minutes() -> None:
    scene = a_scene()

    booking = hold(scene, focus=" Phonics in year 1 ")

    assert booking.status == BookingStatus.HELD
    assert timedelta(minutes=19) < booking.hold_expires_at - timezone.now() <= timedelta(minutes=20)
    assert booking.focus == "Phonics in year 1"
    assert [entry.after for entry in history.of(booking)] == ["held"]


def test_a_hold_promises_price_fee_tariff_and_route_as_they_stand() -> None:
    fee = {"basis": "additional", "kind": "percent", "value": 1500}
    tariff = {"tiers": [{"at_most": 7, "percent_bp": 10000}]}
    scene = a_scene(academy=True, brokerage_fee=fee, cancellation_tariff=tariff)

    booking = hold(scene)

    assert booking.net_pence == 40_250
    assert booking.vat_pence == 8_050
    assert sum(line["pence"] for line in booking.price["lines"]) == 40_250
    assert booking.price["shares"] == {"buyer": 40_250, "releasing_school": 35_000, "broker": 5_250}
    assert booking.cancellation_tariff["tiers"][0]["percent_bp"] == 10_000
    assert booking.brokerage_fee == fee
    assert (booking.route, bool(booking.route_reason)) == ("invoice", True)


def test_inside_one_authority_the_money_moves_by_journal_without_vat() -> None:
    booking = hold(a_scene())

    assert (booking.route, booking.net_pence, booking.vat_pence) == ("journal", 35_000, 0)


def test_asking_again_for_the_same_returns_the_same_hold() -> None:
    scene = a_scene()

    assert hold(scene).pk == hold(scene).pk
    assert Booking.objects.scoped().count() == 1


def test_another_choice_for_the_same_time_replaces_the_hold() -> None:
    scene = a_scene(mode=DeliveryMode.BOTH)
    first = hold(scene)

    second = hold(scene, mode="remote")

    first.refresh_from_db()
    assert (first.status, second.status) == ("withdrawn", "held")


def test_a_taken_time_is_refused_with_the_next_free_ones_and_no_name_of_a_school() -> None:
    scene = a_scene()
    other = another_school(scene)
    first = hold(scene)

    with pytest.raises(SlotTaken) as refusal:
        hold(scene, **other, session="morning")

    free = refusal.value.next_free
    assert refusal.value.status == 409
    assert len(free) == 3 and all(f.session == "morning" and f.day > scene.day for f in free)
    assert str(free[0]) in refusal.value.remedy
    assert refusal.value.extensions["next_free"][0]["day"] == free[0].day.isoformat()
    assert str(first.receiving_school) not in str(refusal.value)


@pytest.fixture
def nobody_queues(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks for a lock on a person has failed."""
    monkeypatch.setattr(holding, "lock_practitioner", lambda pk: pytest.fail("queued for the person"))
    monkeypatch.setattr(anybody, "lock_people", lambda pks: pytest.fail("queued for all people"))


def test_whoever_comes_late_is_told_so_without_queueing(request: pytest.FixtureRequest) -> None:
    scene = a_scene()
    hold(scene)
    request.getfixturevalue("nobody_queues")
    wish = scene.wish(**another_school(scene), session="morning")
    anyones = {key: value for key, value in wish.items() if key != "practitioner"}

    with pytest.raises(SlotTaken):
        actions.hold_session(**wish)
    with pytest.raises(SlotTaken):
        actions.hold_any_person(**anyones)
    day = anyones.pop("day")
    with pytest.raises(SlotTaken):
        actions.hold_dates(**anyones, practitioner=None, days=[day])


def test_where_only_the_journey_stands_in_the_way_nobody_queues_either(
    request: pytest.FixtureRequest,
) -> None:
    scene = a_scene(mode="both")
    hold(scene, session="13:00+60")
    request.getfixturevalue("nobody_queues")
    before = {**another_school(scene), "session": "11:45+60"}

    with pytest.raises(SlotTaken):
        hold(scene, **before)
    with pytest.raises(pytest.fail.Exception, match="queued for the person"):
        hold(scene, **before, mode="remote")


def test_ones_own_hold_let_go_elsewhere_at_the_same_moment_is_no_hindrance(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = a_scene()
    first = hold(scene, session="morning")
    by_itself = holding.must_stand_alone

    def meanwhile(own: Booking) -> None:
        by_itself(own)
        if own.pk == first.pk:
            actions.withdraw_booking(actor=scene.wish()["actor"], booking=first.reference)

    monkeypatch.setattr(holding, "must_stand_alone", meanwhile)
    theme = a_theme()
    scene.offer.current.themes.add(theme)

    second = hold(scene, session="morning", theme=theme)

    first.refresh_from_db()
    assert (first.status, second.status) == ("withdrawn", "held")
    assert [entry.verb for entry in history.of(first)] == ["hold", "withdraw"]


def test_two_sessions_of_a_day_can_go_to_two_schools() -> None:
    scene = a_scene()

    hold(scene, session="morning")
    second = hold(scene, **another_school(scene), session="afternoon")

    assert second.status == BookingStatus.HELD


def test_a_hold_expires_and_frees_the_slot() -> None:
    scene = a_scene()
    first = hold(scene)
    let_time_run_out(first)

    second = hold(scene, **another_school(scene))

    first.refresh_from_db()
    assert (first.status, second.status) == ("expired", "held")
    assert [entry.verb for entry in history.of(first)] == ["hold", "expire"]


def test_the_minute_job_lets_go_of_old_holds_once() -> None:
    scene = a_scene()
    old, young = hold(scene, session="morning"), hold(scene, session="twilight")
    let_time_run_out(old)

    assert (actions.expire_holds(), actions.expire_holds()) == (1, 0)

    old.refresh_from_db(), young.refresh_from_db()
    assert (old.status, young.status) == ("expired", "held")


def test_an_order_nobody_confirmed_before_its_day_expires() -> None:
    booking = a_booking(status="awaiting_release", day=date(2026, 1, 13))

    assert actions.expire_holds() == 1

    booking.refresh_from_db()
    assert booking.status == BookingStatus.EXPIRED


def test_a_closed_diary_refuses_with_its_reason() -> None:
    scene = a_scene()
    saturday = scene.day + timedelta(days=(5 - scene.day.weekday()) % 7)

    with pytest.raises(NotAvailable, match="weekend"):
        hold(scene, day=saturday)
    Diary.objects.update(minimum_notice_days=40)
    with pytest.raises(NotAvailable, match="too soon: 40 days’ notice needed"):
        hold(scene)
    with pytest.raises(NotAvailable, match="in the past"):
        hold(scene, day=date(2026, 1, 13))


def test_somebody_else_cannot_hold_for_a_school() -> None:
    scene = a_scene()

    with pytest.raises(NotAllowed):
        hold(scene, actor=scene.provider_lead)


def test_a_school_does_not_book_its_own_people() -> None:
    scene = a_scene()
    colleague = actor_of(a_person(Role.STAFF, at=scene.releasing))

    with pytest.raises(NotBookable, match="own people"):
        hold(scene, school=scene.releasing, actor=colleague)


def test_an_offer_for_a_trust_is_for_its_schools_only() -> None:
    scene = a_scene(scope=OfferScope.TRUST)
    trust = an_organisation(OrganisationKind.TRUST)
    scene.offer.provider = trust
    scene.offer.save()

    with pytest.raises(NotBookable, match="only for schools of its trust"):
        hold(scene)

    scene.school.trust = trust
    scene.school.save()
    assert hold(scene).provider == trust


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"phase": "secondary"}, "phase"),
        ({"mode": "remote"}, "way"),
        ({"session": "midnight"}, "session"),
    ],
)
def test_what_the_offer_is_not_for_is_refused(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(NotBookable, match=words):
        hold(a_scene(), **changes)


def test_theme_person_and_length_are_those_of_the_offer() -> None:
    scene = a_scene(minimum_half_days=2)

    with pytest.raises(NotBookable, match="not for"):
        hold(scene, theme=a_theme())
    with pytest.raises(NotBookable, match="can’t be booked for this offer"):
        hold(scene, practitioner=a_practitioner())
    with pytest.raises(NotBookable, match="at least 1 day"):
        hold(scene, session="morning")


@pytest.mark.parametrize("what", ["paused", "provider", "employer", "person", "school"])
def test_nothing_suspended_paused_or_closed_can_be_booked(what: str) -> None:
    scene = a_scene()
    if what == "paused":
        scene.offer.status = OfferStatus.PAUSED
        scene.offer.save()
    elif what == "provider":
        scene.provider.suspended_at = timezone.now()
        scene.provider.save()
    elif what == "employer":
        scene.releasing.organisation.suspended_at = timezone.now()
        scene.releasing.organisation.save()
    elif what == "person":
        scene.practitioner.is_active = False
        scene.practitioner.save()
    else:
        scene.school.status_code = "2"
        scene.school.save()

    with pytest.raises(NotBookable):
        hold(scene)


def test_free_sessions_show_what_is_booked_without_saying_by_whom() -> None:
    scene = a_scene()
    hold(scene, session="morning")

    [answer] = queries.free_sessions(scene.practitioner, scene.day, scene.day, now=timezone.now())

    assert {s.session: s.reason for s in answer.sessions} == {
        "day": "Already booked",
        "morning": "Already booked",
        "afternoon": "",
        "twilight": "",
    }


def test_a_hold_whose_time_is_over_reads_as_free_before_any_job_ran() -> None:
    scene = a_scene()
    let_time_run_out(hold(scene))

    [answer] = queries.free_sessions(scene.practitioner, scene.day, scene.day, now=timezone.now())

    assert len(answer.free) == 4


def test_a_school_books_for_its_own_phases_only() -> None:
    scene = a_scene(phases=["primary", "secondary"])

    with pytest.raises(NotBookable, match="has no secondary phase") as refusal:
        hold(scene, phase="secondary")
    assert refusal.value.field == "phase"

    all_through = a_school(scene.area, phases=["primary", "secondary"])
    buyer = actor_of(a_person(Role.STAFF, at=all_through))
    assert hold(scene, school=all_through, actor=buyer, phase="secondary").phase == "secondary"


def test_what_is_sold_by_the_place_is_not_booked_by_the_day() -> None:
    scene = a_scene(price_rule={"kind": "per_place", "amount_pence": 95_00})

    with pytest.raises(NotBookable, match="sold by the place, on its courses"):
        hold(scene)

    assert not Booking.objects.scoped().exists()


def test_a_price_for_the_whole_service_is_the_same_for_any_session_and_says_so() -> None:
    scene = a_scene(price_rule={"kind": "fixed", "amount_pence": 240_00})

    booking = hold(scene, session="twilight")

    assert booking.net_pence == 240_00
    assert booking.price["lines"] == [{"sentence": "Fixed price for the whole service", "pence": 240_00}]
