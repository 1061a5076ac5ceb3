"""Thirty-two orders for the last day of a package, and for the last credits: one gets it, and nothing falls below zero (I3).

Each race has a twin with the guard taken away, which must show the fault: so we know that the test can fail.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from marketplace.bookings import actions
from marketplace.bookings.models import Booking
from marketplace.bookings.verification import packages_reserve_what_is_booked
from marketplace.buyback.ledgers import accounts_of
from marketplace.buyback.models import Entitlement
from marketplace.buyback.queries import credits_of
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.db import action
from marketplace.kernel.models import Account
from marketplace.kernel.transfers import Movement
from tests.bookings.test_paying import a_package_of, credits_for
from tests.bookings.test_races import at_once, kinds, meet
from tests.builders import Scene, a_booking, a_diary, a_practitioner, a_scene, an_offer

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]

THREADS = 32
CONSTRAINT = "account_balance_is_not_negative"


@action
def leave(entitlement: Entitlement, quantity: int) -> None:
    """Use up all but so many half-days."""
    accounts = accounts_of(entitlement)
    gone = Movement(
        accounts["available"], accounts["used"], accounts["available"].balance - quantity, "Gone", "gone"
    )
    transfers.move(by=SYSTEM, movements=[gone], on=entitlement.valid_from)


def orders(scene: Scene, number: int, **how: Any) -> list[Callable[[], Booking]]:
    """As many held days of as many people, each about to be ordered."""
    jobs = []
    for _ in range(number):
        person = a_practitioner(scene.releasing.organisation, listed_by=scene.provider)
        a_diary(person)
        offer = an_offer(scene.provider, practitioners=[person])
        booking = a_booking(
            status="held", school=scene.school, offer=offer, practitioner=person, day=scene.day
        )
        jobs.append(
            lambda b=booking: actions.order_booking(  # type: ignore[misc]
                actor=scene.budget_holder, booking=b.reference, **how
            )
        )
    return jobs


def available(entitlement: Entitlement) -> int:
    return accounts_of(entitlement)["available"].balance


def test_of_thirty_two_orders_for_the_last_day_of_a_package_one_gets_it() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    leave(entitlement, 2)

    results = at_once(orders(scene, THREADS, pay_by="entitlement", entitlement=entitlement))

    assert kinds(results) == {"Booking": 1, "NothingLeft": THREADS - 1}
    assert available(entitlement) == 0
    assert packages_reserve_what_is_booked() == transfers.disagreements() == []


def test_of_thirty_two_orders_for_the_last_credits_one_gets_them() -> None:
    scene = a_scene()
    action(lambda: credits_for(scene, 3))()

    results = at_once(orders(scene, THREADS, pay_by="exchange"))

    assert kinds(results) == {"Booking": 1, "NotEnoughCredits": THREADS - 1}
    assert credits_of(scene.school.pk) == (1, 2)


@contextmanager
def no_constraint() -> Iterator[None]:
    """The table of accounts without its check; balances below zero are taken out before it comes back."""
    constraint = next(c for c in Account._meta.constraints if c.name == CONSTRAINT)
    with connection.schema_editor() as editor:
        editor.remove_constraint(Account, constraint)
    try:
        yield
    finally:
        Account.objects.filter(may_go_negative=False, balance__lt=0).update(balance=0)
        with connection.schema_editor() as editor:
            editor.add_constraint(Account, constraint)


def test_with_lock_and_constraint_away_the_last_day_is_spent_many_times(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    leave(entitlement, 2)
    jobs = orders(scene, 8, pay_by="entitlement", entitlement=entitlement)
    monkeypatch.setattr(
        transfers, "_lock", lambda ids: {row.pk: row for row in Account.objects.filter(pk__in=ids)}
    )
    meet(monkeypatch, transfers, "_check_units", 8)

    with no_constraint():
        results = at_once(jobs)

        assert kinds(results) == {"Booking": 8}
        assert available(entitlement) == -14


def test_with_the_lock_away_the_constraint_still_keeps_the_balance_above_zero(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    leave(entitlement, 2)
    jobs = orders(scene, 8, pay_by="entitlement", entitlement=entitlement)
    monkeypatch.setattr(
        transfers, "_lock", lambda ids: {row.pk: row for row in Account.objects.filter(pk__in=ids)}
    )
    meet(monkeypatch, transfers, "_check_units", 8)

    results = at_once(jobs)

    assert kinds(results)["Booking"] == 1
    assert available(entitlement) == 0
