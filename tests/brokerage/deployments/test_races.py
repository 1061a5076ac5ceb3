"""Thirty-two people at once. Each race has a twin with the guard taken away, which must show the fault."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import QuerySet

from marketplace.bookings import queries as bookings
from marketplace.brokerage import actions, queries
from marketplace.brokerage.actions.deployments import agreeing, signing, visiting
from marketplace.brokerage.errors import TextChanged
from marketplace.brokerage.models import Deployment, DeploymentSignature, DeploymentStatus
from marketplace.brokerage.verification import texts_in_force_are_signed, visits_stay_within_the_agreement
from marketplace.kernel.dates import academic_year, local
from tests.bookings.test_races import THREADS, at_once, kinds, meet
from tests.builders import (
    Parties,
    a_booking,
    a_booking_day,
    a_deployment,
    a_need,
    a_scene,
    some_terms,
    the_parties,
)

pytestmark = [pytest.mark.database, pytest.mark.django_db(transaction=True)]
FOUR = ("receiving_head", "releasing_head", "practitioner", "broker")


@pytest.fixture
def no_locks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **kwargs: rows)


def signing_as(parties: Parties, row: Deployment, capacity: str) -> Callable[[], Any]:
    def sign() -> Any:
        return actions.sign_deployment(
            actor=parties.signers[capacity], deployment=row, capacity=capacity, version=1
        )

    return sign


def changing(parties: Parties, row: Deployment, half_days: int) -> Callable[[], Any]:
    text = some_terms(half_days=half_days)

    def change() -> Any:
        return actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **text)

    return change


# All sign at once ----------------------------------------------------------------------------------------------------


def test_thirty_two_signatures_at_once_are_four_and_put_it_in_force_once() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")

    results = at_once([signing_as(parties, row, FOUR[n % 4]) for n in range(THREADS)])

    row.refresh_from_db()
    assert row.status == DeploymentStatus.ACTIVE
    assert kinds(results)["Deployment"] == len(FOUR)
    assert DeploymentSignature.objects.filter(version__deployment=row).count() == len(FOUR)
    assert row.objectives.count() == 1


def test_without_the_lock_the_last_signatures_miss_each_other(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=FOUR[:2])
    meet(monkeypatch, signing.rules, "still_to_sign", 2)

    at_once([signing_as(parties, row, capacity) for capacity in FOUR[2:]])

    row.refresh_from_db()
    assert DeploymentSignature.objects.filter(version__deployment=row).count() == len(FOUR)
    assert row.status == DeploymentStatus.TO_SIGN, "each saw the other missing"


# Sign against change -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", range(3))
def test_a_signature_never_ends_on_a_text_the_signer_did_not_see(turn: int) -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=FOUR[:3])

    jobs = [signing_as(parties, row, "broker") for _ in range(THREADS // 2)]
    jobs += [changing(parties, row, 2 + n) for n in range(THREADS // 2)]
    results = at_once(jobs if turn % 2 else jobs[::-1])

    row.refresh_from_db()
    signed = DeploymentSignature.objects.filter(version__deployment=row)
    assert {each.version.number for each in signed} == {1}, "they were shown version 1"
    if row.status == DeploymentStatus.ACTIVE:
        # A change that came after the last signature lies on the table; the text they signed is the one in force.
        assert row.version_in_force == 1
        assert kinds(results)["Deployment"] == row.version
    else:
        assert (row.version, row.version_in_force, signed.count()) == (2, None, 3)
        assert all(isinstance(result, TextChanged | Deployment) for result in results)
    assert texts_in_force_are_signed() == []


def test_without_the_lock_a_text_comes_in_force_that_is_no_longer_on_the_table(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=FOUR[:3])
    monkeypatch.setattr(agreeing, "must_be_the_text", checked := _both_have_read(agreeing))
    monkeypatch.setattr(signing, "must_be_the_text", checked)

    at_once([signing_as(parties, row, "broker"), changing(parties, row, 2)])

    row.refresh_from_db()
    assert row.status == DeploymentStatus.ACTIVE
    versions = {version.number for version in row.versions.all()}
    assert versions == {1, 2} and row.version_in_force == 1, "changed and in force unchanged, both at once"


def _both_have_read(module: Any) -> Callable[..., None]:
    original, line = module.must_be_the_text, threading.Barrier(2, timeout=60)

    def check(*args: Any) -> None:
        original(*args)
        line.wait()

    return check


# Days ----------------------------------------------------------------------------------------------------------------


def tying(parties: Parties, row: Deployment, number: int) -> Callable[[], Any]:
    booking = a_booking(
        school=parties.scene.school,
        practitioner=parties.scene.practitioner,
        offer=parties.scene.offer,
        day=a_booking_day(days_ahead=20 + 7 * number),
    )
    return lambda: actions.tie_visit(actor=parties.scene.buyer, deployment=row, booking=booking)


def test_visits_booked_at_once_take_no_more_days_than_agreed() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=6, ends_on=a_booking_day(days_ahead=400))
    jobs = [tying(parties, row, number) for number in range(THREADS)]

    results = at_once(jobs)

    assert kinds(results) == {"DeploymentVisit": 3, "BeyondDeployment": THREADS - 3}
    assert queries.half_days_taken(row) == 6
    assert visits_stay_within_the_agreement() == []


def test_without_the_lock_more_days_are_booked_than_agreed(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=2)
    jobs = [tying(parties, row, number) for number in range(2)]
    meet(monkeypatch, visiting.queries, "half_days_taken", 2)

    at_once(jobs)

    assert len(visits_stay_within_the_agreement()) == 1


def two_deployments(days: int) -> tuple[Parties, list[Callable[[], Any]]]:
    """The same person for two schools, each for all the days their head agreed to."""
    parties = the_parties()
    person = parties.scene.practitioner
    person.agreed_half_days = days
    person.save()
    other = Parties(a_scene(area=parties.scene.area), parties.need, parties.convenor)
    assert other.scene.offer.current is not None
    other.scene.offer.current.practitioners.set([person])
    other.scene.practitioner, other.need = person, a_need(other.scene.school, other.scene.theme)
    today = a_booking_day(days_ahead=0)
    dates = {"starts_on": today, "ends_on": today, "half_days": days}
    rows = [a_deployment(each, status="to_sign", **dates) for each in (parties, other)]
    return parties, [signing_as(parties, row, "releasing_head") for row in rows]


def test_a_head_does_not_promise_the_same_days_twice_at_once() -> None:
    parties, jobs = two_deployments(8)

    results = at_once(jobs * (THREADS // 2))

    assert kinds(results)["Deployment"] == 1
    year = academic_year(local(parties.need.declared_at).date())
    assert bookings.load_of(parties.scene.practitioner, year).left == 0


def test_without_the_lock_the_same_days_are_promised_twice(
    no_locks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties, jobs = two_deployments(8)
    meet(monkeypatch, signing.queries, "loads_if_signed", 2)

    at_once(jobs)

    year = academic_year(local(parties.need.declared_at).date())
    assert bookings.load_of(parties.scene.practitioner, year).left == -8
