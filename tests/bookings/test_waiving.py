"""Charges that are not owed after all, and sessions handed over to another school."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.test import Client

from marketplace.bookings import actions, queries
from marketplace.bookings.errors import (
    NotAvailable,
    NotBookable,
    NotForHandingOver,
    NothingToWaive,
    ReasonMissing,
)
from marketplace.bookings.models import Booking, BookingOrder, SchoolClosure
from marketplace.bookings.verification import (
    credits_reserve_what_is_booked,
    packages_reserve_what_is_booked,
    streams_follow_bookings,
)
from marketplace.buyback import queries as balances
from marketplace.buyback.rules import Approver, Step
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import financial_year
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import User
from tests.bookings.test_paying import a_package_of, confirmed, credits_for, lying
from tests.builders import (
    Scene,
    a_booking,
    a_booking_day,
    a_convenor,
    a_ladder,
    a_person,
    a_scene,
    a_school,
    a_stream,
    actor_of,
    an_organisation,
    some_evidence,
)

pytestmark = pytest.mark.django_db


def client_of(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def cancelled(scene: Scene, entitlement: Any = None, **tariff: Any) -> Booking:
    """A visit of the scene cancelled 20 days before: half is kept."""
    scene.day = a_booking_day(days_ahead=20)
    data = STANDARD_TARIFF.to_data() | tariff
    if entitlement is None:
        booking = a_booking(
            school=scene.school,
            practitioner=scene.practitioner,
            offer=scene.offer,
            day=scene.day,
            cancellation_tariff=data,
        )
    else:
        booking = confirmed(scene, entitlement or None, data)
    return actions.cancel_booking(
        actor=scene.budget_holder, booking=booking, by="buyer", reason="Inset moved"
    )


def rebooked(scene: Scene, **changes: Any) -> Booking:
    """Another school takes the same time, and it is confirmed."""
    school = changes.pop("school", None) or a_school(scene.area)
    return a_booking(
        school=school, practitioner=scene.practitioner, offer=scene.offer, day=scene.day, **changes
    )


# Waivers -------------------------------------------------------------------------------------------------------------


def test_a_lead_of_the_provider_waives_a_charge_with_a_reason_once() -> None:
    scene = a_scene()
    booking = cancelled(scene)
    assert booking.is_charged

    with pytest.raises(ReasonMissing):
        actions.waive_charge(actor=scene.provider_lead, booking=booking, reason=" ")
    with pytest.raises(NotAllowed):
        actions.waive_charge(actor=scene.budget_holder, booking=booking, reason="Please")
    booking = actions.waive_charge(actor=scene.provider_lead, booking=booking, reason="Burst pipe")

    assert not booking.is_charged and booking.cancellation_charge_pence == 17_500
    assert booking.charge_waived_by_id == scene.provider_lead.user_id
    last = history.of(booking).last()
    assert last is not None and (last.verb, last.note) == ("waive_charge", "Burst pipe")
    with pytest.raises(NothingToWaive):
        actions.waive_charge(actor=scene.provider_lead, booking=booking, reason="Again")


def test_a_waived_charge_gives_the_half_days_back() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    booking = cancelled(scene, entitlement)
    assert lying(entitlement) == {"available": 7, "used": 1}

    actions.waive_charge(actor=scene.provider_lead, booking=booking, reason="Burst pipe")

    assert lying(entitlement) == {"available": 8}


def test_a_waived_charge_gives_the_credits_back() -> None:
    scene = a_scene()
    credits_for(scene, 2)
    booking = cancelled(scene, False)
    assert balances.credits_of(scene.releasing.pk) == (1, 0)

    actions.waive_charge(actor=scene.provider_lead, booking=booking, reason="Burst pipe")

    assert balances.credits_of(scene.school.pk) == (2, 0)
    assert balances.credits_of(scene.releasing.pk) == (0, 0)


def test_a_time_taken_by_another_school_waives_the_charge_once(run_jobs: Callable[[], list[str]]) -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    freed = cancelled(scene, entitlement)
    taken = rebooked(scene)

    assert actions.waive_for_refill(booking=taken) == freed
    assert actions.waive_for_refill(booking=taken) is None

    freed.refresh_from_db()
    assert (freed.refilled_by, freed.is_charged) == (taken, False)
    assert lying(entitlement) == {"available": 8}


@pytest.mark.parametrize("case", ["same school", "shorter", "not confirmed", "tariff says no"])
def test_only_another_school_taking_the_whole_time_refills_it(case: str) -> None:
    scene = a_scene()
    freed = cancelled(scene, **({"waived_if_refilled": False} if case == "tariff says no" else {}))
    changes: dict[str, Any] = {
        "same school": {"school": scene.school},
        "shorter": {"session": "morning"},
        "not confirmed": {"status": "awaiting_release"},
    }.get(case, {})

    assert actions.waive_for_refill(booking=rebooked(scene, **changes)) is None

    freed.refresh_from_db()
    assert freed.is_charged


def test_a_confirmed_booking_waives_by_itself(run_jobs: Callable[[], list[str]]) -> None:
    scene = a_scene()
    freed = cancelled(scene)
    taken = rebooked(scene, status="awaiting_release")

    actions.consent_to_release(actor=scene.releasing_head, booking=taken)
    run_jobs()

    freed.refresh_from_db()
    assert freed.refilled_by == taken


# Handing over --------------------------------------------------------------------------------------------------------


def a_family(scene: Scene) -> tuple[Any, Any]:
    """A trust of the scene's school and another, with that one's budget holder."""
    trust = an_organisation("trust", area=scene.area)
    other = a_school(scene.area)
    for school in (scene.school, other):
        school.trust = trust
        school.save()
    return other, actor_of(a_person(Role.BUDGET_HOLDER, at=other))


def test_another_school_of_the_trust_takes_a_session_over_free_of_charge() -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    entitlement = a_package_of(scene)
    booking = confirmed(scene, entitlement)

    hand_over = actions.offer_session(
        actor=scene.budget_holder, booking=booking, school=other, reason="Inspection"
    )
    assert queries.booking_for(scene.buyer, booking.reference).receiving_school == scene.school.organisation
    asked = queries.hand_over_for(their_budget_holder, booking.reference)
    booking = actions.accept_session(actor=their_budget_holder, hand_over=asked)

    booking.refresh_from_db()
    assert (booking.receiving_school, booking.status) == (other.organisation, "confirmed")
    assert (booking.route, booking.entitlement, booking.cancellation_charge_pence) == ("journal", None, None)
    assert lying(entitlement) == {"available": 8}
    assert "hand_over" in [entry.verb for entry in history.of(booking)]
    hand_over.refresh_from_db()
    assert hand_over.status == "accepted"
    with pytest.raises(NotNow):
        actions.accept_session(actor=their_budget_holder, hand_over=hand_over)


def test_nobody_takes_over_a_visit_on_a_day_its_school_is_closed_or_for_a_phase_it_lacks() -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    booking = confirmed(scene, a_package_of(scene))
    hand_over = actions.offer_session(
        actor=scene.budget_holder, booking=booking, school=other, reason="Inspection"
    )
    take = partial(actions.accept_session, actor=their_budget_holder, hand_over=hand_over)

    closed = SchoolClosure.objects.create(school=other.organisation, day=booking.day, reason="No heating")
    with pytest.raises(NotAvailable, match="no heating"):
        take()
    closed.delete()
    Booking._rows.filter(pk=booking.pk).update(phase="secondary")
    with pytest.raises(NotBookable, match="no secondary phase"):
        take()


def test_the_taking_school_may_pay_from_its_own_package() -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    booking = confirmed(scene, a_package_of(scene))
    hand_over = actions.offer_session(
        actor=scene.budget_holder, booking=booking, school=other, reason="Inspection"
    )
    scene.school = other
    theirs = a_package_of(scene)

    actions.accept_session(
        actor=their_budget_holder, hand_over=hand_over, pay_by="entitlement", entitlement=theirs
    )

    assert lying(theirs) == {"available": 6, "reserved": 2}


def test_a_session_goes_to_the_family_only_and_only_where_the_terms_allow_it() -> None:
    scene = a_scene()
    other, _ = a_family(scene)
    stranger = a_school(scene.area)
    booking = confirmed(scene, a_package_of(scene))

    with pytest.raises(NotForHandingOver, match="can’t take"):
        actions.offer_session(actor=scene.budget_holder, booking=booking, school=stranger, reason="x")
    Booking._rows.filter(pk=booking.pk).update(
        cancellation_tariff=STANDARD_TARIFF.to_data() | {"substitution_allowed": False}
    )
    with pytest.raises(NotForHandingOver, match="terms"):
        actions.offer_session(actor=scene.budget_holder, booking=booking, school=other, reason="x")


def test_a_refused_session_stays_where_it_is() -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    entitlement = a_package_of(scene)
    booking = confirmed(scene, entitlement)
    hand_over = actions.offer_session(actor=scene.budget_holder, booking=booking, school=other, reason="x")
    with pytest.raises(NotAllowed):
        actions.refuse_session(actor=scene.budget_holder, hand_over=hand_over)
    actions.refuse_session(actor=their_budget_holder, hand_over=hand_over)

    assert lying(entitlement) == {"available": 6, "reserved": 2}
    again = actions.offer_session(actor=scene.budget_holder, booking=booking, school=other, reason="y")
    actions.take_offer_back(actor=scene.budget_holder, hand_over=again)
    assert queries.open_hand_over(booking) is None


@pytest.mark.parametrize("commissioned_when", ["before the offer", "before the answer"])
def test_a_session_the_authority_pays_for_is_not_the_schools_to_give_away(commissioned_when: str) -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    booking = a_booking(school=scene.school, practitioner=scene.practitioner, offer=scene.offer)
    stream = a_stream(scene.area, financial_year=financial_year(booking.day))
    convenor = actor_of(a_convenor(scene.area))
    if commissioned_when == "before the answer":
        hand_over = actions.offer_session(
            actor=scene.budget_holder, booking=booking, school=other, reason="x"
        )
    booking = actions.commission_booking(actor=convenor, booking=booking, stream=stream)

    attempt = partial(
        actions.offer_session, actor=scene.budget_holder, booking=booking, school=other, reason="y"
    )
    if commissioned_when == "before the answer":
        attempt = partial(actions.accept_session, actor=their_budget_holder, hand_over=hand_over)

    with pytest.raises(NotForHandingOver, match="authority pays"):
        attempt()

    booking.refresh_from_db()
    assert (booking.receiving_school, booking.funding_stream) == (scene.school.organisation, stream)
    assert not queries.may_change_hands(booking)
    assert balances.budget_of(stream).committed == booking.net_pence
    assert streams_follow_bookings() == []


@pytest.mark.parametrize("pay_by", ["entitlement", "exchange"])
def test_a_session_that_comes_back_is_reserved_and_used_again(pay_by: str) -> None:
    scene = a_scene()
    first, (second, their_budget_holder) = scene.school, a_family(scene)
    credits_for(scene, 2)
    scene.school = second
    theirs = a_package_of(scene)
    scene.school = first
    ours = a_package_of(scene)
    booking = confirmed(scene, ours if pay_by == "entitlement" else None)

    def hand(giver: Any, taker: Any, school: Any, **how: Any) -> Booking:
        hand_over = actions.offer_session(actor=giver, booking=booking, school=school, reason="Inspection")
        return actions.accept_session(actor=taker, hand_over=hand_over, **how)

    hand(scene.budget_holder, their_budget_holder, second, pay_by="entitlement", entitlement=theirs)
    assert lying(theirs) == {"available": 6, "reserved": 2}
    ours_again = {"entitlement": ours} if pay_by == "entitlement" else {}
    hand(their_budget_holder, scene.budget_holder, first, pay_by=pay_by, **ours_again)

    assert lying(theirs) == {"available": 8}
    if pay_by == "entitlement":
        assert lying(ours) == {"available": 6, "reserved": 2}
    else:
        assert balances.credits_of(scene.school.pk) == (0, 2)
    back = actions.cancel_booking(actor=scene.provider_lead, booking=booking, by="provider", reason="Illness")
    assert (back.receiving_school, back.status) == (first.organisation, "cancelled_by_provider")
    if pay_by == "entitlement":
        assert lying(ours) == {"available": 8}
    else:
        assert balances.credits_of(scene.school.pk) == (2, 0)
    assert packages_reserve_what_is_booked() == credits_reserve_what_is_booked() == []


def test_the_taking_school_has_the_session_on_its_own_terms_and_word() -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    harsh = STANDARD_TARIFF.to_data() | {"tiers": [{"at_most": 60, "percent_bp": 10_000}]}
    booking = confirmed(scene, a_package_of(scene), harsh)
    Booking._rows.filter(pk=booking.pk).update(
        quotes_evidence=some_evidence(scene.school), minute_reference="FGB 7.2"
    )
    hand_over = actions.offer_session(actor=scene.budget_holder, booking=booking, school=other, reason="x")

    actions.accept_session(actor=their_budget_holder, hand_over=hand_over)

    booking.refresh_from_db()
    assert booking.cancellation_tariff == booking.offer_version.cancellation_tariff != harsh
    assert (booking.quotes_evidence, booking.minute_reference) == (None, "")
    assert booking.approved_by_id == their_budget_holder.user_id


def test_a_school_that_needs_quotes_for_the_price_orders_for_itself() -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    a_ladder(other, Step(0, Approver.ANY_ORDERER, quotes_needed=3))
    booking = confirmed(scene, a_package_of(scene))
    hand_over = actions.offer_session(actor=scene.budget_holder, booking=booking, school=other, reason="x")

    with pytest.raises(NotForHandingOver, match="quotes or a minute of its own"):
        actions.accept_session(actor=their_budget_holder, hand_over=hand_over)

    booking.refresh_from_db()
    assert booking.receiving_school == scene.school.organisation


def test_the_taking_school_reads_nothing_of_what_the_first_one_wrote() -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    booking = confirmed(scene, a_package_of(scene))
    Booking._rows.filter(pk=booking.pk).update(focus="Two pupils who left")
    history.write(booking, verb="approve", by=scene.budget_holder, note="After the complaint")
    hand_over = actions.offer_session(actor=scene.budget_holder, booking=booking, school=other, reason="x")
    offer = client_of(their_budget_holder).get(f"/bookings/{booking.reference}/take-over/").content.decode()
    assert "Two pupils" not in offer

    actions.accept_session(actor=their_budget_holder, hand_over=hand_over)

    page = client_of(their_budget_holder).get(f"/bookings/{booking.reference}/").content.decode()
    assert "free of charge: x" in page
    assert "Two pupils" not in page and "After the complaint" not in page
    found = queries.booking_for(scene.provider_lead, booking.reference)
    assert "After the complaint" in [line.note for line in queries.history_for(scene.provider_lead, found)]
    trust_lead = actor_of(a_person(Role.TRUST_LEAD, at=scene.school.trust))
    assert queries.history_for(trust_lead, found).count() == history.of(found).count()


def test_one_of_several_dates_is_judged_alone_by_the_school_that_takes_it_over() -> None:
    scene = a_scene()
    other, their_budget_holder = a_family(scene)
    dates = [
        confirmed(scene, a_package_of(scene)),
        a_booking(
            school=scene.school,
            practitioner=scene.practitioner,
            offer=scene.offer,
            day=a_booking_day(days_ahead=40),
        ),
    ]
    order = BookingOrder._rows.create(
        offer_version=dates[0].offer_version,
        receiving_school=scene.school.organisation,
        requested_by_id=scene.buyer.user_id,
    )
    for date, pence in zip(dates, (350_00, 700_00), strict=True):
        Booking._rows.filter(pk=date.pk).update(order=order, net_pence=pence)
    a_ladder(other, Step(0, Approver.ANY_ORDERER), Step(600_00, Approver.ANY_ORDERER, quotes_needed=3))
    hand_over = actions.offer_session(actor=scene.budget_holder, booking=dates[0], school=other, reason="x")

    booking = actions.accept_session(actor=their_budget_holder, hand_over=hand_over)

    booking.refresh_from_db()
    assert (booking.receiving_school, booking.order) == (other.organisation, None)
