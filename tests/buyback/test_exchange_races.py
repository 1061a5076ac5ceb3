"""Thirty-two orders at once for the last credits of a school (I3), and the twin without the guard."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from marketplace.buyback import actions, queries
from marketplace.catalogue.models import SupportType
from marketplace.kernel import transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations.models import OrganisationKind, School
from tests.builders import a_person, a_school, actor_of, an_organisation
from tests.races import THREADS, at_once, unguarded_ledger

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]


def a_school_with(credits: int) -> School:
    school = a_school()
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=school.area)
    actions.sponsor_credits(
        actor=actor_of(a_person(Role.CONVENOR, at=authority)),
        sponsor=authority,
        school=school.organisation,
        quantity=credits,
        reason="A start",
    )
    return school


def orders(school: School, number: int) -> list[Callable[[], Any]]:
    """So many orders of a day."""
    kind = SupportType.objects.order_by("pk")[0]

    def order(n: int) -> Callable[[], Any]:
        return lambda: actions.reserve_credits(
            actor=SYSTEM,
            school_id=school.pk,
            quantity=2,
            effect=f"order:{n}",
            reason="A day",
            support_type=kind,
        )

    return [order(n) for n in range(number)]


def test_of_thirty_two_orders_only_as_many_get_credits_as_there_are() -> None:
    school = a_school_with(10)

    results = at_once(orders(school, THREADS))

    assert Counter(type(result).__name__ for result in results) == {
        "NoneType": 5,
        "NotEnoughCredits": THREADS - 5,
    }
    assert queries.credits_of(school.pk) == (0, 10)
    assert transfers.disagreements() == []


def test_without_locks_and_without_the_databases_check_more_is_set_aside_than_there_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    school = a_school_with(10)

    with unguarded_ledger(monkeypatch, 8):
        at_once(orders(school, 8))

        assert queries.credits_of(school.pk)[0] == -6
