"""A basket ordered by many people at once is ordered once; without the lock it would not be."""

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import mock

import pytest
from django.db import connection

from marketplace.buyback import actions
from marketplace.buyback.actions import submitting
from marketplace.buyback.models import Basket, ServiceAgreement
from marketplace.kernel.access import Actor, Role
from tests.builders import a_basket, a_person, a_school, a_window, actor_of, an_edition, an_organisation

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE = 8


def order_at_once(pairs: list[tuple[Actor, Basket]]) -> list[Any]:
    """Everybody orders at the same moment; what each got, or the refusal."""
    start = threading.Barrier(len(pairs))

    def one(pair: tuple[Actor, Basket]) -> Any:
        actor, basket = pair
        try:
            start.wait()
            return actions.submit_basket(
                actor=actor, basket=basket, accepted_name="Jo", accepted_capacity="Headteacher"
            )
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(pairs)) as pool:
        return list(pool.map(one, pairs))


def a_full_basket() -> tuple[Actor, Basket]:
    edition = an_edition()
    school = a_school(edition.window.area)
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    return head, a_basket(school, editions=[edition])


def test_a_basket_submitted_by_many_at_once_becomes_one_agreement() -> None:
    head, basket = a_full_basket()

    answers = order_at_once([(head, basket)] * PEOPLE)

    assert ServiceAgreement._rows.count() == 1
    assert {tuple(agreement.pk for agreement in answer) for answer in answers} == {
        (ServiceAgreement._rows.get().pk,)
    }


def test_without_lock_and_swap_the_same_basket_would_become_many() -> None:
    head, basket = a_full_basket()

    def unlocked(rows: Any, **lookup: Any) -> Any:
        return rows.get(**lookup)

    together = threading.Barrier(PEOPLE, timeout=10)
    whole = submitting.queries.priced_basket

    def priced(*args: Any, **kwargs: Any) -> Any:
        found = whole(*args, **kwargs)
        together.wait()
        return found

    with (
        mock.patch.object(submitting, "locked", unlocked),
        mock.patch.object(submitting, "_lock_schools"),
        mock.patch.object(submitting.queries, "priced_basket", priced),
        mock.patch.object(submitting.BASKET, "move"),
    ):
        order_at_once([(head, basket)] * PEOPLE)

    assert ServiceAgreement._rows.count() > 1


def test_a_school_and_its_trust_ordering_the_same_package_at_once_buy_it_once() -> None:
    window = a_window()
    trust = an_organisation("trust", area=window.area)
    school = a_school(window.area, academy=True)
    school.trust = trust
    school.save()
    edition = an_edition(window=window)
    lead = actor_of(a_person(Role.TRUST_LEAD, at=trust))
    of_trust = a_basket(trust, editions=[edition], schools=[school])
    of_school = a_basket(school, editions=[edition])

    answers = order_at_once([(lead, of_trust), (lead, of_school)])

    assert ServiceAgreement._rows.count() == 1
    assert [type(answer).__name__ for answer in answers if not isinstance(answer, list)] == ["BasketInvalid"]
