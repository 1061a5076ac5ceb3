"""Records of visit and evaluations."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.bookings import actions as bookings
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import AlreadyWritten, NeedInvalid, TooEarly
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations.models import User
from tests.bookings.test_waiving import a_family
from tests.builders import a_booking, a_booking_day, a_need, a_person, a_scene, a_school, actor_of

pytestmark = pytest.mark.django_db


def a_past_booking(**fields: object) -> Booking:
    return a_booking(status=BookingStatus.CONFIRMED, day=a_booking_day(days_ahead=-2), **fields)


def lead_of(booking: Booking):  # type: ignore[no-untyped-def]
    return actor_of(a_person(Role.PROVIDER_LEAD, at=booking.provider))


def head_of(booking: Booking):  # type: ignore[no-untyped-def]
    return actor_of(a_person(Role.HEADTEACHER, at=booking.receiving_school))


def test_writing_the_record_counts_the_visit_as_delivered() -> None:
    booking = a_past_booking()

    record = actions.record_visit(
        actor=lead_of(booking), booking=booking, happened="We looked at books.", next_steps="Meet in May."
    )

    booking.refresh_from_db()
    assert booking.status == BookingStatus.DELIVERED and booking.delivered_at is not None
    assert record.late is False


def test_a_record_written_after_five_working_days_is_marked_late() -> None:
    booking = a_booking(status=BookingStatus.CONFIRMED, day=a_booking_day(days_ahead=-14))

    record = actions.record_visit(
        actor=lead_of(booking), booking=booking, happened="A visit.", next_steps="None."
    )

    assert record.late is True


def test_a_record_is_not_written_before_the_session_ends() -> None:
    booking = a_booking(status=BookingStatus.CONFIRMED, day=a_booking_day(days_ahead=7))

    with pytest.raises(TooEarly, match="Write the record after it"):
        actions.record_visit(actor=lead_of(booking), booking=booking, happened="A visit.", next_steps="None.")


def test_a_record_and_an_evaluation_are_no_longer_than_others_read() -> None:
    booking = a_past_booking()
    lead, head = lead_of(booking), head_of(booking)

    for longer in ({"happened": "a" * 5_001}, {"next_steps": "a" * 3_001}):
        with pytest.raises(NeedInvalid, match="characters or fewer") as refusal:
            actions.record_visit(
                actor=lead, booking=booking, **{"happened": "A visit.", "next_steps": "None."} | longer
            )
        assert refusal.value.field in longer
    actions.record_visit(actor=lead, booking=booking, happened="A visit.", next_steps="None.")
    with pytest.raises(NeedInvalid, match="Use 3,000 characters or fewer"):
        actions.evaluate(
            actor=head, booking=booking, success=4, effectiveness=4, what_changed="a" * 3_001, evidence="E"
        )


def test_a_visit_that_came_to_nothing_takes_no_record_and_says_so_in_words(client: Client) -> None:
    booking = a_booking(status=BookingStatus.NO_SHOW_BUYER, day=a_booking_day(days_ahead=-2))
    lead = lead_of(booking)

    with pytest.raises(NotNow, match="the booking stands at “The school was not ready”"):
        actions.record_visit(actor=lead, booking=booking, happened="A visit.", next_steps="None.")
    client.force_login(User.objects.get(pk=lead.user_id))
    shown = client.get(reverse("brokerage:record", args=[booking.reference])).content.decode()
    assert "the booking stands at “The school was not ready”" in shown and 'name="happened"' not in shown


def test_a_record_is_written_once() -> None:
    booking = a_past_booking()
    lead = lead_of(booking)
    actions.record_visit(actor=lead, booking=booking, happened="A visit.", next_steps="None.")

    with pytest.raises(AlreadyWritten):
        actions.record_visit(actor=lead, booking=booking, happened="Another.", next_steps="None.")


def test_the_receiving_school_does_not_write_the_record_of_its_own_visit() -> None:
    booking = a_past_booking()

    with pytest.raises(NotAllowed):
        actions.record_visit(actor=head_of(booking), booking=booking, happened="A visit.", next_steps="None.")


def test_strangers_are_told_there_is_no_such_booking() -> None:
    booking = a_past_booking()
    stranger = actor_of(a_person(Role.HEADTEACHER, at=a_school()))

    with pytest.raises(NotFound):
        actions.record_visit(actor=stranger, booking=booking, happened="A visit.", next_steps="None.")


def test_an_evaluation_goes_into_the_rating_of_the_offer_once() -> None:
    booking = a_past_booking()
    head = head_of(booking)
    actions.record_visit(actor=lead_of(booking), booking=booking, happened="A visit.", next_steps="None.")

    actions.evaluate(
        actor=head, booking=booking, success=4, effectiveness=5, what_changed="Reading.", evidence="Books."
    )
    with pytest.raises(AlreadyWritten):
        actions.evaluate(
            actor=head, booking=booking, success=1, effectiveness=1, what_changed="Nothing.", evidence="None."
        )

    booking.refresh_from_db()
    offer = booking.offer_version.offer
    offer.refresh_from_db()
    assert booking.status == BookingStatus.EVALUATED
    assert (offer.rating_total, offer.rating_count) == (90, 1)


def test_support_is_not_evaluated_before_it_is_delivered() -> None:
    booking = a_past_booking()

    with pytest.raises(NotNow):
        actions.evaluate(
            actor=head_of(booking),
            booking=booking,
            success=4,
            effectiveness=5,
            what_changed="Reading.",
            evidence="Books.",
        )


@pytest.mark.parametrize("marks", [(0, 5), (5, 6)])
def test_marks_run_from_1_to_5(marks: tuple[int, int]) -> None:
    booking = a_past_booking()
    actions.record_visit(actor=lead_of(booking), booking=booking, happened="A visit.", next_steps="None.")

    with pytest.raises(NeedInvalid, match="from 1 to 5"):
        actions.evaluate(
            actor=head_of(booking),
            booking=booking,
            success=marks[0],
            effectiveness=marks[1],
            what_changed="Reading.",
            evidence="Books.",
        )


def test_the_work_list_asks_for_the_record_and_then_for_the_evaluation() -> None:
    booking = a_past_booking()
    lead, head = lead_of(booking), head_of(booking)
    now = timezone.now()

    [to_write] = [item for item in queries.awaiting(lead, now=now) if item.url_name == "brokerage:record"]
    actions.record_visit(actor=lead, booking=booking, happened="A visit.", next_steps="None.")
    [to_evaluate] = [
        item for item in queries.awaiting(head, now=now) if item.url_name == "brokerage:evaluate"
    ]

    assert to_write.due_on is not None and to_write.due_on > booking.day + timedelta(days=4)
    assert to_evaluate.url_args == (booking.reference,)
    assert not [item for item in queries.awaiting(lead, now=now) if item.url_name == "brokerage:record"]


def test_days_booked_for_a_need_count_once_confirmed() -> None:
    school = a_school()
    need = a_need(school)
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    waiting = a_booking(status=BookingStatus.AWAITING_RELEASE, school=school)
    confirmed = a_booking(status=BookingStatus.CONFIRMED, school=school)

    for booking in (waiting, confirmed):
        actions.link_booking(actor=head, need=need, booking=booking)

    assert queries.half_days_booked_for(need) == confirmed.half_days


def test_a_session_handed_over_no_longer_counts_for_the_need_of_who_booked_it(
    run_jobs: Callable[[], list[str]],
) -> None:
    scene = a_scene()
    need = a_need(scene.school)
    other, their_budget_holder = a_family(scene)
    booking, kept = (
        a_booking(school=scene.school, practitioner=scene.practitioner, offer=scene.offer, day=day)
        for day in (scene.day, a_booking_day(days_ahead=40))
    )
    for each in (booking, kept):
        actions.link_booking(actor=scene.buyer, need=need, booking=each)
    asked = bookings.offer_session(actor=scene.budget_holder, booking=booking, school=other, reason="x")

    bookings.accept_session(actor=their_budget_holder, hand_over=asked)
    run_jobs()

    assert list(queries.bookings_for(need)) == [kept]
    assert queries.half_days_booked_for(need) == kept.half_days


def test_a_booking_of_another_school_is_not_tied_to_a_need() -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))

    with pytest.raises(NotAllowed, match="another school"):
        actions.link_booking(
            actor=head, need=a_need(school), booking=a_booking(status=BookingStatus.CONFIRMED)
        )
