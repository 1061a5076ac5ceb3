"""Orders the authority pays for, and orders that need quotes or a minute."""

from typing import Any

import pytest

from marketplace.billing.models import Document
from marketplace.bookings import actions, queries
from marketplace.bookings.errors import CannotBeCommissioned, NotYourDecision
from marketplace.bookings.models import Booking, PaymentRoute
from marketplace.bookings.verification import orders_were_approved_by_others, streams_follow_bookings
from marketplace.buyback import actions as buyback
from marketplace.buyback import queries as streams
from marketplace.buyback.models import FundingKind, FundingStream
from marketplace.buyback.rules import Approver, Step
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.dates import financial_year
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations.errors import InterestInTheWay
from tests.builders import (
    Scene,
    a_booking,
    a_booking_day,
    a_convenor,
    a_ladder,
    a_person,
    a_provider,
    a_scene,
    a_stream,
    actor_of,
    an_area,
    an_interest,
    some_evidence,
)

pytestmark = pytest.mark.django_db


def a_fitting_stream(booking: Booking, scene: Scene, **fields: Any) -> FundingStream:
    return a_stream(scene.area, **{"financial_year": financial_year(booking.day)} | fields)


def convenor_of(scene: Scene) -> Actor:
    return actor_of(a_convenor(scene.area))


def an_order(scene: Scene, status: str = "awaiting_approval", **fields: Any) -> Booking:
    return a_booking(
        status=status, school=scene.school, practitioner=scene.practitioner, offer=scene.offer, **fields
    )


def commissioned(
    scene: Scene, status: str = "awaiting_approval", **fields: Any
) -> tuple[Booking, FundingStream]:
    booking = an_order(scene, status, **fields)
    stream = a_fitting_stream(booking, scene)
    return actions.commission_booking(actor=convenor_of(scene), booking=booking, stream=stream), stream


# The authority pays ----------------------------------------------------------------------------------------------------


def test_a_commissioned_order_asks_nothing_of_the_school_and_is_committed_when_approved() -> None:
    scene = a_scene()
    a_ladder(scene.school, Step(0, Approver.GOVERNORS, quotes_needed=3, minute_needed=True))
    a_ladder(scene.school, Step(0, Approver.ANY_ORDERER), Step(1, Approver.GOVERNORS, 3, True))
    booking, stream = commissioned(scene)

    assert (booking.route, booking.committed_pence) == (PaymentRoute.COMMISSIONED, 0)
    assert streams.budget_of(stream).committed == 0
    actions.approve_booking(actor=scene.budget_holder, booking=booking)
    assert streams.budget_of(stream) == (1_000_000, 965_000, 35_000, 0)
    assert streams_follow_bookings() == []


def test_an_order_that_is_approved_already_is_committed_at_once() -> None:
    _, stream = commissioned(a_scene(), "confirmed")

    assert streams.budget_of(stream).committed == 35_000


def test_an_approval_the_stream_cannot_bear_is_refused_and_nothing_moves() -> None:
    scene = a_scene()
    booking, stream = commissioned(scene)
    buyback.change_budget(actor=SYSTEM, stream=stream, pence=-965_001, reason="Cut")

    with pytest.raises(buyback.BudgetExceeded, match=r"£349\.99"):
        actions.approve_booking(actor=scene.budget_holder, booking=booking)
    booking.refresh_from_db()
    assert booking.status == "awaiting_approval"


def test_delivery_spends_what_was_committed() -> None:
    scene = a_scene()
    booking, stream = commissioned(scene, "confirmed", day=a_booking_day(days_ahead=-3))

    actions.mark_delivered(actor=scene.person, booking=booking)

    assert streams.budget_of(stream) == (1_000_000, 965_000, 0, 35_000)
    assert streams_follow_bookings() == []
    assert not Document.objects.exists()  # documents are issued by a job


def test_a_late_cancellation_spends_the_charge_and_releases_the_rest() -> None:
    scene = a_scene()
    booking, stream = commissioned(
        scene,
        "confirmed",
        day=a_booking_day(days_ahead=20),
        cancellation_tariff=STANDARD_TARIFF.to_data(),
    )

    actions.cancel_booking(actor=scene.budget_holder, booking=booking, by="buyer", reason="Illness")
    assert streams.budget_of(stream) == (1_000_000, 982_500, 0, 17_500)

    actions.waive_charge(actor=scene.provider_lead, booking=booking, reason="Illness")
    assert streams.budget_of(stream) == (1_000_000, 1_000_000, 0, 0)
    assert streams_follow_bookings() == []


@pytest.mark.parametrize(
    ("verb", "who", "status"),
    [
        (actions.withdraw_booking, "buyer", "withdrawn"),
        (actions.decline_booking, "provider_lead", "declined"),
        (actions.refuse_release, "releasing_head", "cancelled_by_releasing_school"),
    ],
)
def test_an_order_that_comes_to_nothing_gives_all_back(verb: Any, who: str, status: str) -> None:
    scene = a_scene()
    booking, stream = commissioned(scene, "awaiting_release")
    assert streams.budget_of(stream).committed == 35_000

    verb(actor=getattr(scene, who), booking=booking, reason="No")

    booking.refresh_from_db()
    assert booking.status == status
    assert streams.budget_of(stream) == (1_000_000, 1_000_000, 0, 0)


def test_as_long_as_nobody_approved_it_the_school_can_pay_itself_again() -> None:
    scene = a_scene()
    booking, stream = commissioned(scene)
    convenor = convenor_of(scene)

    back = actions.uncommission_booking(actor=convenor, booking=booking)
    assert (back.funding_stream, back.route) == (None, PaymentRoute.JOURNAL)
    assert back.committed_pence == back.gross_pence

    actions.commission_booking(actor=convenor, booking=booking, stream=stream)
    actions.approve_booking(actor=scene.budget_holder, booking=booking)
    with pytest.raises(CannotBeCommissioned):
        actions.uncommission_booking(actor=convenor, booking=booking)
    assert [line.verb for line in history.of(booking)][-4:] == [
        "commission",
        "uncommission",
        "commission",
        "approve",
    ]


def test_a_stream_pays_only_for_its_kind_of_school_its_year_and_its_area() -> None:
    scene = a_scene(academy=True)
    booking, convenor = an_order(scene), convenor_of(scene)
    elsewhere = a_stream(an_area(), financial_year=financial_year(booking.day))

    with pytest.raises(NotFound):
        actions.commission_booking(actor=convenor, booking=booking, stream=elsewhere)
    for stream, says in (
        (a_fitting_stream(booking, scene, kind=FundingKind.DE_DELEGATED), "not maintained"),
        (a_stream(scene.area, name="Old", financial_year="2020-21"), "2020-21"),
    ):
        with pytest.raises(CannotBeCommissioned, match=says):
            actions.commission_booking(actor=convenor, booking=booking, stream=stream)


def test_only_the_areas_convenor_puts_orders_on_a_stream() -> None:
    scene = a_scene()
    booking = an_order(scene)
    stream = a_fitting_stream(booking, scene)

    for actor in (scene.budget_holder, scene.receiving_head, scene.provider_lead):
        with pytest.raises(NotAllowed):
            actions.commission_booking(actor=actor, booking=booking, stream=stream)
    assert list(queries.to_commission(convenor_of(scene))) == [booking]
    assert list(queries.to_commission(scene.budget_holder)) == []


@pytest.mark.parametrize(
    ("status", "fields", "says"),
    [
        ("delivered", {}, "still to come"),
        ("awaiting_approval", {"route": PaymentRoute.CARD}, "paid otherwise"),
    ],
)
def test_what_is_over_or_paid_otherwise_stays_as_it_is(
    status: str, fields: dict[str, Any], says: str
) -> None:
    scene = a_scene()
    booking = an_order(scene, status, **fields)

    with pytest.raises(CannotBeCommissioned, match=says):
        actions.commission_booking(
            actor=convenor_of(scene), booking=booking, stream=a_fitting_stream(booking, scene)
        )


# Quotes and minutes ----------------------------------------------------------------------------------------------------


def held(scene: Scene) -> Booking:
    return actions.hold_session(**scene.wish())


def test_an_order_that_needs_quotes_is_not_placed_without() -> None:
    scene = a_scene()
    a_ladder(scene.school, Step(0, Approver.ANY_ORDERER, quotes_needed=3))
    booking = held(scene)

    with pytest.raises(buyback.EvidenceMissing):
        actions.order_booking(actor=scene.buyer, booking=booking)
    elsewhere = some_evidence(scene.school, supplier=a_provider())
    with pytest.raises(buyback.EvidenceMissing, match="chose"):
        actions.order_booking(actor=scene.buyer, booking=booking, evidence=elsewhere)
    evidence = some_evidence(scene.school, supplier=scene.provider)
    ordered = actions.order_booking(actor=scene.buyer, booking=booking, evidence=evidence)

    assert ordered.quotes_evidence == evidence


def test_the_governors_approve_with_their_minute_and_see_only_what_needs_them() -> None:
    scene = a_scene()
    a_ladder(
        scene.school, Step(0, Approver.ANY_ORDERER), Step(35_000, Approver.GOVERNORS, minute_needed=True)
    )
    governor = actor_of(a_person(Role.GOVERNOR, at=scene.school))
    small = an_order(scene, session="morning", day=a_booking_day(days_ahead=21), vat_pence=0)
    booking = actions.order_booking(actor=scene.budget_holder, booking=held(scene))

    assert booking.status == "awaiting_approval"
    assert list(queries.visible_to(governor)) == [booking]
    assert [item.url_args for item in queries.awaiting(governor)] == [(booking.reference,)]
    with pytest.raises(NotFound):
        actions.approve_booking(actor=governor, booking=small)
    with pytest.raises(NotAllowed):
        actions.approve_booking(actor=scene.receiving_head, booking=booking)
    with pytest.raises(buyback.EvidenceMissing, match="minute"):
        actions.approve_booking(actor=governor, booking=booking)
    approved = actions.approve_booking(actor=governor, booking=booking, minute_reference="FGB 7.2")
    assert (approved.minute_reference, approved.approved_by_id) == ("FGB 7.2", governor.user_id)


def test_the_history_of_an_approval_names_the_step_of_the_ladder_then_in_force() -> None:
    scene = a_scene()
    a_ladder(scene.school, second_person_from=30_000)
    booking = actions.order_booking(actor=scene.budget_holder, booking=held(scene))
    with pytest.raises(NotYourDecision):
        actions.approve_booking(actor=scene.budget_holder, booking=booking)
    actions.approve_booking(actor=scene.receiving_head, booking=booking, note="Agreed")
    a_ladder(scene.school, second_person_from=90_000)

    line = history.of(booking).get(verb="approve")
    assert line.note == (
        f"Agreed\nFrom £300.00: a second person who may commit money (ladder of {scene.school.organisation})"
    )
    assert orders_were_approved_by_others() == []
    Booking.objects.scoped().filter(pk=booking.pk).update(approved_by=booking.requested_by_id)
    assert orders_were_approved_by_others() == [f"Booking {booking}: approved by the person who ordered it."]


def test_whoever_declared_an_interest_lets_no_stream_pay() -> None:
    scene = a_scene()
    tied = a_convenor(scene.area)
    an_interest(tied, scene.provider)
    booking = an_order(scene)

    with pytest.raises(InterestInTheWay):
        actions.commission_booking(
            actor=actor_of(tied), booking=booking, stream=a_fitting_stream(booking, scene)
        )
