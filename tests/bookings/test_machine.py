"""Whatever people do, in whatever order: a state machine over a few bookings of one person."""

from datetime import date, time, timedelta
from typing import Any
from unittest import mock

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)

from marketplace.bookings import actions, queries, rules
from marketplace.bookings.actions import PatternStretch
from marketplace.bookings.models import LIVE, Booking
from marketplace.bookings.verification import nobody_is_in_two_places
from marketplace.catalogue.models import Practitioner
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.errors import DomainError
from marketplace.kernel.verification import status_disagreements
from tests.builders import a_booking_day, a_person, a_scene, a_school, actor_of

SESSIONS = st.sampled_from(list(rules.SESSIONS))
HOURS = st.sampled_from([(9, 18), (9, 12), (12, 18), (8, 16)])


class Diaries(RuleBasedStateMachine):
    """Two schools, one person, a fortnight; the clock moves on when told."""

    bookings: Bundle[Booking] = Bundle("bookings")

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.now = timezone.now()
        self.clock = mock.patch("django.utils.timezone.now", side_effect=lambda: self.now)
        self.clock.start()

    def teardown(self) -> None:
        self.clock.stop()
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    @initialize()
    def open(self) -> None:
        self.scene = a_scene(cancellation_tariff=STANDARD_TARIFF.to_data())
        other = a_school(self.scene.area)
        self.schools = [
            (self.scene.school, self.scene.budget_holder),
            (other, actor_of(a_person(Role.BUDGET_HOLDER, at=other))),
        ]
        self.days = [a_booking_day(days_ahead=n) for n in (7, 10)]
        self.charged: dict[int, int] = {}

    def attempt(self, verb: Any, **arguments: Any) -> Any:
        """What the verb gives, or nothing where a rule said no: any other error is a fault."""
        try:
            return verb(**arguments)
        except DomainError:
            return None

    @rule(target=bookings, who=st.integers(0, 1), day=st.integers(0, 1), session=SESSIONS)
    def hold(self, who: int, day: int, session: str) -> Any:
        school, actor = self.schools[who]
        wish = self.scene.wish(school=school, actor=actor, day=self.days[day], session=session)
        return self.attempt(actions.hold_session, **wish) or multiple()

    @rule(booking=bookings, who=st.integers(0, 1))
    def order(self, booking: Booking, who: int) -> None:
        self.attempt(actions.order_booking, actor=self.schools[who][1], booking=booking)

    @rule(booking=bookings)
    def approve(self, booking: Booking) -> None:
        self.attempt(actions.approve_booking, actor=SYSTEM, booking=booking)

    @rule(booking=bookings)
    def consent(self, booking: Booking) -> None:
        self.attempt(actions.consent_to_release, actor=self.scene.releasing_head, booking=booking)

    @rule(booking=bookings, by=st.sampled_from(["buyer", "provider", "releasing_school"]))
    def cancel(self, booking: Booking, by: str) -> None:
        done = self.attempt(actions.cancel_booking, actor=SYSTEM, booking=booking, by=by, reason="Illness")
        if done is not None:
            assert booking.pk not in self.charged
            assert (by == "buyer") == (done.cancellation_charge_pence > 0)
            self.charged[booking.pk] = done.cancellation_charge_pence

    @rule(booking=bookings)
    def withdraw(self, booking: Booking) -> None:
        self.attempt(actions.withdraw_booking, actor=SYSTEM, booking=booking)

    @rule(booking=bookings)
    def deliver(self, booking: Booking) -> None:
        self.attempt(actions.mark_delivered, actor=self.scene.person, booking=booking)

    @rule(hours=HOURS)
    def edit(self, hours: tuple[int, int]) -> None:
        stretches = [PatternStretch(weekday, time(hours[0]), time(hours[1])) for weekday in range(5)]
        self.attempt(
            actions.set_weekly_pattern,
            actor=self.scene.person,
            practitioner=self.scene.practitioner,
            stretches=stretches,
        )

    @rule(day=st.integers(0, 1))
    def close(self, day: int) -> None:
        self.attempt(
            actions.add_exception,
            actor=self.scene.person,
            practitioner=self.scene.practitioner,
            first_day=self.days[day],
            last_day=self.days[day],
        )

    @rule(days=st.booleans())
    def withdraw_or_give_assurance(self, days: bool) -> None:
        self.scene.practitioner.assurances.update(
            valid_from=self.days[1] if days else date(2020, 9, 1),
        )

    @rule(minutes=st.sampled_from([1, 25]))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @precondition(lambda self: self.now < timezone.now() + timedelta(days=60))
    @rule()
    def sleep(self) -> None:
        self.now += timedelta(days=3)

    @rule()
    def sweep(self) -> None:
        actions.expire_holds(now=self.now)

    @invariant()
    def nobody_is_in_two_places(self) -> None:
        assert nobody_is_in_two_places() == []

    @invariant()
    def status_is_the_last_history_row(self) -> None:
        assert status_disagreements(Booking) == []

    @invariant()
    def what_is_to_come_lies_inside_the_diary(self) -> None:
        if not hasattr(self, "scene"):
            return
        person = Practitioner.objects.select_related("releasing_organisation", "diary").get(
            pk=self.scene.practitioner.pk
        )
        facts = queries.facts_of([person], *self.days, now=self.now, with_bookings=False)[person.pk]
        for booking in queries.visible_to(SYSTEM).filter(status__in=LIVE, starts_at__gt=self.now):
            lapsed = booking.status == "held" and booking.hold_expires_at <= self.now
            assert lapsed or rules.why_closed(facts, booking.day, booking.session) == ""

    @invariant()
    def what_was_confirmed_was_assured_and_released(self) -> None:
        for booking in queries.visible_to(SYSTEM).filter(status="confirmed"):
            assert booking.released_by_id is not None and booking.approved_at is not None


@pytest.mark.django_db
def test_a_fortnight_of_bookings_keeps_every_promise() -> None:
    run_state_machine_as_test(
        Diaries, settings=settings(max_examples=20, stateful_step_count=25, deadline=None)
    )
