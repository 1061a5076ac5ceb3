"""The same request twice is done once (I21)."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from marketplace.kernel import idempotency
from marketplace.kernel.access import Actor
from marketplace.kernel.idempotency import Answer, KeyUnusable, KeyUsedForAnother, StillAtIt
from marketplace.kernel.models import IdempotencyKey
from tests.builders import a_person, actor_of


def an_actor() -> Actor:
    return actor_of(a_person())


def claim(actor: Actor, key: str = "k", body: bytes = b"{}") -> Answer | None:
    return idempotency.claim(actor=actor, key=key, of=idempotency.fingerprint(b"/api/x/", body))


def age(seconds: float) -> None:
    IdempotencyKey.objects.update(created_at=timezone.now() - timedelta(seconds=seconds))


@pytest.mark.django_db
def test_the_first_request_goes_ahead_and_the_next_gets_its_answer() -> None:
    actor = an_actor()
    assert claim(actor) is None

    idempotency.keep(actor=actor, key="k", answer=Answer(201, {"reference": "BK-1"}))

    assert claim(actor) == Answer(201, {"reference": "BK-1"})


@pytest.mark.django_db
def test_the_key_of_another_request_is_refused_before_and_after_the_answer() -> None:
    actor = an_actor()
    claim(actor)
    with pytest.raises(KeyUsedForAnother) as refused:
        claim(actor, body=b'{"day": "2026-12-01"}')
    assert refused.value.status == 422

    idempotency.keep(actor=actor, key="k", answer=Answer(200, {}))
    with pytest.raises(KeyUsedForAnother):
        claim(actor, body=b'{"day": "2026-12-01"}')


@pytest.mark.django_db
def test_two_people_may_use_the_same_key() -> None:
    claim(an_actor())

    assert claim(an_actor()) is None


@pytest.mark.django_db
def test_a_key_given_back_can_be_used_again() -> None:
    actor = an_actor()
    claim(actor)

    idempotency.release(actor=actor, key="k")

    assert claim(actor) is None


@pytest.mark.django_db
def test_giving_a_key_back_never_drops_an_answer() -> None:
    actor = an_actor()
    claim(actor)
    idempotency.keep(actor=actor, key="k", answer=Answer(200, 1))

    idempotency.release(actor=actor, key="k")

    assert claim(actor) == Answer(200, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 101])
def test_a_key_that_cannot_be_stored_is_refused(key: str) -> None:
    with pytest.raises(KeyUnusable):
        claim(an_actor(), key)


@pytest.mark.django_db
def test_parts_of_a_request_cannot_be_mistaken_for_each_other() -> None:
    assert idempotency.fingerprint(b"/a", b"b") != idempotency.fingerprint(b"/ab", b"")


@pytest.mark.django_db
def test_old_answers_are_forgotten_and_young_ones_kept() -> None:
    actor = an_actor()
    claim(actor, "old")
    age(8 * 24 * 3600)
    claim(actor, "young")

    assert idempotency.forget_old_keys() == 1
    assert IdempotencyKey.objects.get().key == "young"


@pytest.mark.django_db(transaction=True)
def test_a_key_just_claimed_is_in_use() -> None:
    actor = an_actor()
    claim(actor)

    with pytest.raises(StillAtIt):
        claim(actor)


@pytest.mark.django_db(transaction=True)
def test_a_key_is_taken_over_from_a_process_that_died_but_not_from_one_at_work() -> None:
    actor = an_actor()
    claim(actor)
    age(60)
    refused: list[type[Exception]] = []

    def another_process() -> None:
        try:
            claim(actor)
        except StillAtIt as error:
            refused.append(type(error))
        finally:
            connection.close()

    with transaction.atomic():
        idempotency.hold(actor=actor, key="k")
        thread = threading.Thread(target=another_process)
        thread.start()
        thread.join()
    assert refused == [StillAtIt]

    assert claim(actor) is None


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_one_goes_ahead() -> None:
    actor, start, outcomes = an_actor(), threading.Barrier(16), Counter[str]()

    def request() -> None:
        start.wait()
        try:
            outcomes["ahead" if claim(actor) is None else "answered"] += 1
        except StillAtIt:
            outcomes["in use"] += 1
        finally:
            connection.close()

    threads = [threading.Thread(target=request) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes == {"ahead": 1, "in use": 15}
