"""Many write in one conversation at the same moment: real threads on connections of their own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import IntegrityError, connections

from marketplace.notifications.actions import conversations as actions
from marketplace.notifications.models import Conversation, ConversationMessage
from tests.builders import a_conversation, a_message, a_scene, a_scenes_booking
from tests.builders.bookings import Scene

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
THREADS = 32


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """What `work` gives, or the error it raises, in each of 32 threads that begin together."""
    barrier = threading.Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return work(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def a_stage() -> tuple[Scene, Conversation]:
    scene = a_scene()
    return scene, a_conversation(scene.buyer, a_scenes_booking(scene))


def test_messages_written_at_once_are_numbered_without_a_gap_and_none_is_lost() -> None:
    scene, conversation = a_stage()

    found = at_once(lambda n: a_message(scene.buyer, conversation, f"Message {n}", key=f"k{n}"))

    assert [each for each in found if isinstance(each, Exception)] == []
    numbers = list(conversation.messages.values_list("number", flat=True))
    assert numbers == list(range(1, THREADS + 1))
    conversation.refresh_from_db()
    assert conversation.last_number == THREADS


def test_without_the_lock_messages_written_at_once_are_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    """The guard taken away: two take the same number, and the database refuses one of them."""
    scene, conversation = a_stage()
    monkeypatch.setattr(actions, "locked", lambda rows, **lookup: rows.get(**lookup))

    found = at_once(lambda n: a_message(scene.buyer, conversation, f"Message {n}", key=f"k{n}"))

    assert any(isinstance(each, IntegrityError) for each in found)
    assert conversation.messages.count() < THREADS


def test_one_form_sent_many_times_at_once_is_one_message() -> None:
    scene, conversation = a_stage()

    found = at_once(lambda n: a_message(scene.buyer, conversation, "Once", key="the form"))

    assert {each.pk for each in found} == {ConversationMessage.objects.get().pk}


def test_a_subject_gets_one_conversation_however_many_begin_it() -> None:
    scene = a_scene()
    booking = a_scenes_booking(scene)

    found = at_once(lambda n: a_conversation(scene.buyer if n % 2 else scene.provider_lead, booking))

    assert {each.pk for each in found} == {Conversation.objects.get().pk}


def test_colleagues_reading_at_once_leave_one_receipt() -> None:
    scene, conversation = a_stage()
    a_message(scene.buyer, conversation)

    found = at_once(
        lambda n: actions.mark_conversation_read(actor=scene.provider_lead, conversation=conversation)
    )

    assert [each for each in found if isinstance(each, Exception)] == []
    assert conversation.receipts.count() == 1 and conversation.readings.count() == 1
