"""Who writes to whom about what, who has read it, and who hears of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from marketplace.bookings.models import Booking
from marketplace.kernel.access import ANONYMOUS, Actor, Role
from marketplace.kernel.errors import NotFound, NotNow
from marketplace.notifications import actions, live, queries
from marketplace.notifications.conversations import bookings as booking_conversations
from marketplace.notifications.errors import ConversationClosed, MessageUnusable
from marketplace.notifications.models import Conversation, LiveFrame, Notification, Receipt
from marketplace.organisations.models import Membership, User
from tests.builders import (
    a_convenor,
    a_conversation,
    a_message,
    a_person,
    a_scene,
    a_scenes_booking,
    a_school,
    actor_of,
)
from tests.builders.bookings import Scene

pytestmark = pytest.mark.django_db
Jobs = Callable[[], list[str]]


@dataclass
class Talk:
    """A booking's parties and their conversation, in which the school has written once."""

    scene: Scene
    booking: Booking
    conversation: Conversation


@pytest.fixture
def talk() -> Talk:
    scene = a_scene()
    booking = a_scenes_booking(scene)
    conversation = a_conversation(scene.buyer, booking)
    a_message(scene.buyer, conversation, "Shall we start at nine?")
    conversation.refresh_from_db()
    return Talk(scene, booking, conversation)


def seen_by(actor: Actor) -> list[Conversation]:
    return list(queries.conversations_visible_to(actor))


def now_of(actor: Actor) -> Actor:
    return actor_of(User.objects.get(pk=actor.user_id))


def leave(actor: Actor) -> None:
    Membership.objects.filter(user=actor.user_id).update(ended_at=timezone.now())


def test_all_parties_of_a_booking_take_part_and_nobody_else(talk: Talk) -> None:
    scene = talk.scene
    parties = (scene.buyer, scene.receiving_head, scene.provider_lead, scene.releasing_head, scene.person)
    outside = (
        actor_of(a_convenor(scene.area)),
        actor_of(a_person(Role.GOVERNOR, at=scene.school)),
        actor_of(a_person(Role.STAFF, at=scene.releasing)),
        actor_of(a_person(*(Role.HEADTEACHER, Role.STAFF), at=a_school(scene.area))),
        ANONYMOUS,
    )

    for actor in parties:
        assert seen_by(actor) == [talk.conversation], actor
    for actor in outside:
        assert seen_by(actor) == [], actor
        with pytest.raises(NotFound):
            queries.conversation_about(actor, kind="booking", reference=talk.booking.reference)
        with pytest.raises(NotFound):
            a_message(actor, talk.conversation)


def test_a_conversation_is_there_for_others_once_somebody_has_written() -> None:
    scene = a_scene()
    a_conversation(scene.buyer, a_scenes_booking(scene))

    assert seen_by(scene.buyer) == seen_by(scene.provider_lead) == []


def test_an_unknown_kind_of_subject_is_not_there() -> None:
    with pytest.raises(NotFound):
        queries.place_for(a_scene().buyer, kind="weather", reference="BK-1")


def test_messages_are_numbered_and_name_who_wrote_and_for_whom(talk: Talk) -> None:
    second = a_message(talk.scene.provider_lead, talk.conversation, "  Yes.\r\n\r\n\r\n\r\nSee you then.  ")

    assert (second.number, second.text) == (2, "Yes.\n\nSee you then.")
    assert second.organisation == talk.scene.provider
    assert second.author_name == talk.scene.provider_lead.name


def test_the_same_form_sent_twice_is_one_message_and_another_text_in_it_is_refused(talk: Talk) -> None:
    first = a_message(talk.scene.buyer, talk.conversation, "Once", key="form-1")
    again = a_message(talk.scene.buyer, talk.conversation, "Once ", key="form-1")

    assert again == first and talk.conversation.messages.count() == 2
    with pytest.raises(NotNow):
        a_message(talk.scene.buyer, talk.conversation, "Something else", key="form-1")
    # Another person may happen to have the same key.
    assert a_message(talk.scene.provider_lead, talk.conversation, "Mine", key="form-1").number == 3


@pytest.mark.parametrize("text", ["", "  \n ", "\u200b\u202e", "x" * 4001])
def test_nothing_and_too_much_are_refused(talk: Talk, text: str) -> None:
    with pytest.raises(MessageUnusable):
        a_message(talk.scene.buyer, talk.conversation, text)


def test_what_was_written_can_not_be_changed_even_in_the_database(talk: Talk) -> None:
    from django.db import DatabaseError

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        talk.conversation.messages.update(text="Something else")


def test_a_person_of_two_sides_writes_for_the_one_they_act_for(talk: Talk) -> None:
    both = a_person(Role.STAFF, at=talk.scene.school)
    Membership.objects.create(user=both, organisation=talk.scene.provider, role=Role.PROVIDER_LEAD)
    for organisation in (talk.scene.school.organisation, talk.scene.provider):
        actor = replace(actor_of(both), current=organisation.pk)

        assert a_message(actor, talk.conversation).organisation == organisation


def test_the_school_a_session_was_handed_to_begins_a_conversation_of_its_own(talk: Talk) -> None:
    scene, other = talk.scene, a_school(talk.scene.area)
    taker = actor_of(a_person(Role.STAFF, at=other))
    talk.booking.receiving_school = other.organisation
    talk.booking.save()

    assert seen_by(scene.buyer) == []  # it is no longer their booking
    assert seen_by(taker) == []  # and what the first school wrote is not for the second
    assert a_conversation(taker, talk.booking) != talk.conversation
    assert seen_by(scene.provider_lead) == [talk.conversation]
    with pytest.raises(ConversationClosed):
        a_message(scene.provider_lead, talk.conversation)


def test_long_after_the_session_nobody_writes_any_more(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    later = talk.booking.ends_at + booking_conversations.OPEN_AFTER_THE_DAY + timedelta(days=1)
    monkeypatch.setattr(booking_conversations.timezone, "now", lambda: later)

    with pytest.raises(ConversationClosed, match="more than 90 days ago"):
        a_message(talk.scene.buyer, talk.conversation)
    assert seen_by(talk.scene.buyer) == [talk.conversation]


# Reading ----------------------------------------------------------------------------------------------------------------


def unread(actor: Actor) -> int:
    return queries.unread_conversations(actor).count()


def test_what_others_write_is_unread_until_one_reads_it_and_ones_own_never_is(talk: Talk) -> None:
    lead, buyer = talk.scene.provider_lead, talk.scene.buyer
    assert (unread(lead), unread(buyer)) == (1, 0)

    assert actions.mark_conversation_read(actor=lead, conversation=talk.conversation) is True
    assert actions.mark_conversation_read(actor=lead, conversation=talk.conversation) is False

    assert unread(lead) == 0
    a_message(lead, talk.conversation)
    assert (unread(lead), unread(buyer)) == (0, 1)


def test_writing_before_reading_leaves_the_others_messages_unread(talk: Talk) -> None:
    a_message(talk.scene.provider_lead, talk.conversation, "Before I had looked")

    assert unread(talk.scene.provider_lead) == 1
    row = queries.with_unread_counts(
        talk.scene.provider_lead, queries.conversations_visible_to(talk.scene.provider_lead)
    ).get()
    assert row.unread == 1


def test_reading_never_goes_backwards_nor_past_the_last_message(talk: Talk) -> None:
    lead = talk.scene.provider_lead
    a_message(talk.scene.buyer, talk.conversation)
    actions.mark_conversation_read(actor=lead, conversation=talk.conversation, up_to=99)
    actions.mark_conversation_read(actor=lead, conversation=talk.conversation, up_to=1)

    assert queries.conversation_for(lead, talk.conversation.reference).up_to == 2


def read_by(actor: Actor, talk: Talk, number: int = 1) -> queries.ReadBy | None:
    conversation = queries.conversation_for(actor, talk.conversation.reference)
    messages, _ = queries.newest_of(conversation)
    standing = queries.standing_of(conversation)
    return queries.read_by(actor, conversation, messages, standing).get(number)


def test_a_receipt_names_the_organisation_and_the_first_time_never_the_person(talk: Talk) -> None:
    scene = talk.scene
    second_lead = actor_of(a_person(Role.PROVIDER_LEAD, at=scene.provider, name="Kit Unnamed"))
    assert read_by(scene.buyer, talk) == queries.ReadBy()

    actions.mark_conversation_read(actor=scene.provider_lead, conversation=talk.conversation)
    first = Receipt.objects.get().read_at
    actions.mark_conversation_read(actor=second_lead, conversation=talk.conversation)

    found = read_by(scene.buyer, talk)
    assert found is not None
    assert found.organisations == ((str(scene.provider), first),)
    assert found.colleagues == ()
    assert (
        read_by(scene.provider_lead, talk) is None
    )  # who has read the other side's message is not their business


def test_colleagues_see_each_other_by_name(talk: Talk) -> None:
    head = talk.scene.receiving_head
    actions.mark_conversation_read(actor=head, conversation=talk.conversation)

    found = read_by(talk.scene.buyer, talk)

    assert found is not None and found.colleagues == (head.name,)
    assert found.organisations == ()


def test_a_later_message_is_not_covered_by_an_earlier_receipt(talk: Talk) -> None:
    actions.mark_conversation_read(actor=talk.scene.provider_lead, conversation=talk.conversation)
    a_message(talk.scene.buyer, talk.conversation)

    assert read_by(talk.scene.buyer, talk, 2) == queries.ReadBy()
    assert read_by(talk.scene.buyer, talk, 1) != queries.ReadBy()


def test_all_can_be_marked_read_at_once(talk: Talk) -> None:
    other = a_conversation(talk.scene.buyer, a_scenes_booking(talk.scene, day=talk.scene.day + timedelta(7)))
    a_message(talk.scene.buyer, other)

    assert actions.mark_all_conversations_read(actor=talk.scene.provider_lead) == 2
    assert unread(talk.scene.provider_lead) == 0


# Being told -------------------------------------------------------------------------------------------------------------


def told(actor: Actor) -> list[Notification]:
    return list(queries.visible_to(now_of(actor)))


def test_the_others_are_told_once_until_they_read(talk: Talk, run_jobs: Jobs, mailoutbox: list[Any]) -> None:
    run_jobs()
    a_message(talk.scene.buyer, talk.conversation, "And another thing")
    run_jobs()

    assert told(talk.scene.buyer) == []
    for actor in (talk.scene.provider_lead, talk.scene.releasing_head, talk.scene.person):
        assert [each.title.split(":")[0] for each in told(actor)] == [
            f"Message from {talk.scene.school.organisation}"
        ]
    assert len(mailoutbox) == len({each.to[0] for each in mailoutbox})

    actions.mark_conversation_read(actor=talk.scene.provider_lead, conversation=talk.conversation)
    assert told(talk.scene.provider_lead)[0].read_at is not None
    a_message(talk.scene.buyer, talk.conversation, "A third")
    run_jobs()
    assert len(told(talk.scene.provider_lead)) == 2 and len(told(talk.scene.person)) == 1


def test_nobody_is_told_of_a_message_that_was_rolled_back(
    talk: Talk, run_jobs: Jobs, mailoutbox: list[Any]
) -> None:
    run_jobs()
    frames, notifications, mails = LiveFrame.objects.count(), Notification.objects.count(), len(mailoutbox)

    with transaction.atomic():
        a_message(talk.scene.buyer, talk.conversation, "Never mind")
        transaction.set_rollback(True)

    run_jobs()
    assert (LiveFrame.objects.count(), Notification.objects.count(), len(mailoutbox)) == (
        frames,
        notifications,
        mails,
    )
    assert talk.conversation.messages.count() == 1


def test_open_pages_of_those_who_take_part_ask_again_and_no_others(talk: Talk, run_jobs: Jobs) -> None:
    governor = actor_of(a_person(Role.GOVERNOR, at=talk.scene.school))
    run_jobs()

    heard = live.frames_for(talk.scene.provider_lead, since=0)
    assert {"reference": talk.conversation.reference} in [
        f.payload for f in heard if f.kind == "conversation"
    ]
    assert [f for f in live.frames_for(governor, since=0) if f.kind == "conversation"] == []


def test_one_line_of_my_work_stands_for_all_that_is_unread(
    talk: Talk, django_assert_num_queries: Any
) -> None:
    lead = talk.scene.provider_lead
    with django_assert_num_queries(1):
        [item] = queries.awaiting(lead)
    assert (item.url_name, item.url_args) == ("messages:conversation", (talk.conversation.reference,))

    other = a_conversation(talk.scene.buyer, a_scenes_booking(talk.scene, day=talk.scene.day + timedelta(7)))
    a_message(talk.scene.buyer, other)
    [item] = queries.awaiting(lead)
    assert item.title == "New messages in 2 conversations" and item.url_name == "messages:list"
    assert queries.awaiting(talk.scene.buyer) == []


# Leaving ----------------------------------------------------------------------------------------------------------------


def test_who_leaves_takes_part_no_longer(talk: Talk, run_jobs: Jobs, mailoutbox: list[Any]) -> None:
    lead = talk.scene.provider_lead
    leave(lead)
    gone = now_of(lead)
    run_jobs()

    assert seen_by(gone) == [] and queries.awaiting(gone) == [] and told(lead) == []
    address = User.objects.get(pk=lead.user_id).email
    assert [each for each in mailoutbox if address in each.to] == []
    assert live.frames_for(gone, since=0) == []
    for act in (
        lambda: a_message(gone, talk.conversation),
        lambda: actions.mark_conversation_read(actor=gone, conversation=talk.conversation),
        lambda: a_conversation(gone, talk.booking),
    ):
        with pytest.raises(NotFound):
            act()


def test_without_asking_for_roles_again_who_left_would_still_read(talk: Talk) -> None:
    """The guard taken away: an actor kept from before still reads, which is why each request reads roles anew."""
    leave(talk.scene.provider_lead)

    assert seen_by(talk.scene.provider_lead) == [talk.conversation]
    assert seen_by(now_of(talk.scene.provider_lead)) == []


def test_who_was_told_and_left_before_the_mail_went_gets_none(
    talk: Talk, run_jobs: Jobs, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from marketplace.notifications import talking, tasks
    from marketplace.notifications.events import MessageWritten

    lead = talk.scene.provider_lead
    address = User.objects.get(pk=lead.user_id).email
    talking.tell_of_message(MessageWritten(talk.conversation.messages.get().pk))
    leave(lead)
    run_jobs()
    assert address not in [each.to[0] for each in mailoutbox]

    # The guards taken away: with everybody heard and taken to take part, the mail goes to who has left.
    monkeypatch.setattr(tasks.live, "hearers", lambda audience: {lead.user_id})
    monkeypatch.setattr(tasks, "_is_wanted", lambda row: True)
    row = Notification.objects.get(user=lead.user_id)
    tasks.send_email(notification_id=row.pk)
    assert address in [each.to[0] for each in mailoutbox]
