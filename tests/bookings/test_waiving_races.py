"""A charge let go by two at once gives back once what was kept (I7), and the twin without the guards gives it back twice."""

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.db.models import QuerySet

from marketplace.bookings import actions
from marketplace.bookings.actions import waiving
from marketplace.bookings.models import Booking
from marketplace.buyback import queries as balances
from marketplace.buyback.ledgers import accounts_of
from marketplace.buyback.models import Entitlement
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Actor
from tests.bookings.test_paying import a_package_of, credits_for, lying
from tests.bookings.test_waiving import cancelled, rebooked
from tests.builders import Scene, a_scene
from tests.races import PATIENCE, at_once

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def waivers(scene: Scene, booking: Booking, number: int = 2) -> list[Callable[[], Any]]:
    def waive(actor: Actor) -> Callable[[], Any]:
        return lambda: actions.waive_charge(actor=actor, booking=booking, reason="Burst pipe")

    return [waive(scene.provider_lead) for _ in range(number)]


def outcome(results: list[Any]) -> list[str]:
    return sorted(type(result).__name__ for result in results)


def test_two_waivers_at_once_give_the_days_back_once() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    booking = cancelled(scene, entitlement)
    assert lying(entitlement) == {"available": 7, "used": 1}

    results = at_once(waivers(scene, booking))

    assert outcome(results) == ["Booking", "NothingToWaive"]
    assert lying(entitlement) == {"available": 8}


def test_two_waivers_at_once_give_the_credits_back_once() -> None:
    scene = a_scene()
    with transaction.atomic():
        credits_for(scene, 2)
    booking = cancelled(scene, False)

    results = at_once(waivers(scene, booking))

    assert outcome(results) == ["Booking", "NothingToWaive"]
    assert balances.credits_of(scene.school.pk) == (2, 0)
    assert balances.credits_of(scene.releasing.pk) == (0, 0)


@pytest.mark.parametrize("round", range(3))
def test_a_waiver_and_a_refill_at_once_give_the_days_back_once(round: int) -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    booking = cancelled(scene, entitlement)
    taken = rebooked(scene)

    results = at_once([*waivers(scene, booking, 1), lambda: actions.waive_for_refill(booking=taken)])

    assert outcome(results) in (["Booking", "NoneType"], ["Booking", "NothingToWaive"])
    assert lying(entitlement) == {"available": 8}
    booking.refresh_from_db()
    assert (booking.charge_waived_by_id is None) != (booking.refilled_by_id is None)


@pytest.mark.parametrize("against", ["waiver", "refill"])
def test_without_the_lock_and_the_name_of_the_effect_they_come_back_twice(
    against: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard-off twin: both have read the charge before either writes, and no effect is known again."""
    scene = a_scene()
    entitlement = a_package_of(scene)
    booking = cancelled(scene, entitlement)
    _use_more(entitlement)
    taken = rebooked(scene)
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **kwargs: rows)
    meeting, number = threading.Barrier(2, timeout=PATIENCE), count()
    waive, move = waiving._waive, transfers.move

    def meet_and_waive(*args: Any, **kwargs: Any) -> None:
        meeting.wait()
        waive(*args, **kwargs)

    def move_again(*, by: Actor, movements: list[transfers.Movement], on: Any) -> Any:
        renamed = [replace(each, effect=f"{each.effect}:{next(number)}") for each in movements]
        return move(by=by, movements=renamed, on=on)

    monkeypatch.setattr(waiving, "_waive", meet_and_waive)
    monkeypatch.setattr(transfers, "move", move_again)

    second = (
        waivers(scene, booking, 1)[0]
        if against == "waiver"
        else lambda: actions.waive_for_refill(booking=taken)
    )
    results = at_once([*waivers(scene, booking, 1), second])

    assert outcome(results) == ["Booking", "Booking"]
    assert accounts_of(entitlement)["available"].balance == 7  # 5 were left, and 1 was to come back


def _use_more(entitlement: Entitlement) -> None:
    """Another session of the package took place: so there is something to give back that is not the charge."""
    accounts = accounts_of(entitlement)
    used = transfers.Movement(accounts["available"], accounts["used"], 2, "A day", "other")
    with transaction.atomic():
        transfers.move(by=SYSTEM, movements=[used], on=entitlement.valid_from)
