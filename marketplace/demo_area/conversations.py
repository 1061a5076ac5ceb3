"""What the people of the demo area write to each other about bookings, who has read it, and how they want to be e-mailed."""

from collections.abc import Iterable
from datetime import timedelta

from marketplace.bookings.models import Booking
from marketplace.bookings.models import BookingStatus as S
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.people import demo_people
from marketplace.demo_area.stage import Chance, Today, clock_at, write
from marketplace.demo_area.words.messages import FILE, FILE_NAME, TALKS
from marketplace.kernel.access import Actor
from marketplace.notifications import actions, people, queries, talking
from marketplace.notifications.models import (
    Choice,
    Conversation,
    ConversationMessage,
    Notification,
    Preference,
)
from marketplace.notifications.rules import Kind
from marketplace.organisations.models import User
from marketplace.organisations.queries import actor_for

TALKED_ABOUT = (S.AWAITING_APPROVAL, S.AWAITING_RELEASE, S.CONFIRMED, S.DELIVERED)
MOST = 12
A_WHILE = timedelta(days=21)
CHOICES = (
    {Kind.BOOKING_CONFIRMED: Choice.DAILY, Kind.DOCUMENT_ISSUED: Choice.NEVER},
    {Kind.MESSAGE_WAITING: Choice.DAILY, Kind.BOOKING_PROGRESS: Choice.DAILY},
    {Kind.BOOKING_PROGRESS: Choice.AT_ONCE, Kind.SUPPORT_EVALUATED: Choice.DAILY},
)
"""What the people to sign in as have chosen about e-mail, in turn."""


def talk_about_bookings(booked: Booked, by_hand: list[Booking], chance: Chance, today: Today) -> None:
    """Conversations about bookings of the people to sign in as, some of them with something unread; and their choices."""
    cast = {user.pk for _, user in demo_people()}
    for number, booking in enumerate(_to_talk_about(booked, by_hand, cast, today)):
        _talk(booking, number, cast, chance, today)
    write(
        Preference(user_id=pk, kind=kind, choice=choice)
        for number, pk in enumerate(sorted(cast))
        for kind, choice in CHOICES[number % len(CHOICES)].items()
    )


def _to_talk_about(booked: Booked, by_hand: list[Booking], cast: set[int], today: Today) -> Iterable[Booking]:
    """What was ordered by hand first, then sessions near this day, those of the people to sign in as before others."""
    near = [
        row
        for row in booked.rows
        if row.status in TALKED_ABOUT
        and abs(row.starts_at - today.now) < A_WHILE
        and row.practitioner.user_id
    ]
    near.sort(
        key=lambda row: (not {row.requested_by_id, row.practitioner.user_id} & cast, row.starts_at, row.pk)
    )
    return [*by_hand, *near][:MOST]


def _talk(booking: Booking, number: int, cast: set[int], chance: Chance, today: Today) -> None:
    """One conversation. Every third one ends unread; in the others all but the last speaker's colleagues have read it."""
    speakers = _speakers(booking)
    lines = [(speakers[who], text) for who, text in TALKS[number % len(TALKS)] if who in speakers]
    if not lines:
        return
    at = today.now - timedelta(hours=7 * len(lines) + 5 * number)
    with clock_at(at):
        conversation = actions.open_conversation(
            actor=lines[0][0], kind="booking", reference=booking.reference
        )
    everybody = {actor.user_id: actor for actor, _ in lines}
    message = None
    for place, (actor, text) in enumerate(lines):
        at += timedelta(hours=chance.rng.randrange(1, 6))
        with clock_at(at):
            if place:
                actions.mark_conversation_read(actor=actor, conversation=conversation)
            message = _write(actor, conversation, text, key=f"demo-{place}")
    if number % 3:
        with clock_at(at + timedelta(minutes=40)):
            for actor in everybody.values():
                actions.mark_conversation_read(actor=actor, conversation=conversation)
    if message is not None:
        _tell(message, cast, chance)


def _write(actor: Actor, conversation: Conversation, text: str, *, key: str) -> ConversationMessage:
    files = []
    if "attached" in text:
        kept = actions.keep_file(
            actor=actor, conversation=conversation, name=FILE_NAME, content=FILE.encode()
        )
        files.append(kept.reference)
    return actions.write_message(actor=actor, conversation=conversation, text=text, key=key, files=files)


def _speakers(booking: Booking) -> dict[str, Actor]:
    """One person of each side who takes part."""
    wanted = {
        "school": people.requester(booking),
        "provider": people.provider_leads(booking),
        "person": people.practitioner(booking),
        "releasing": people.releasers(booking),
    }
    ids = {who: found[0].user_id for who, found in wanted.items() if found}
    users = User.objects.in_bulk(set(ids.values()))
    actors = {who: actor_for(users[pk]) for who, pk in ids.items()}
    return {who: actor for who, actor in actors.items() if _takes_part(actor, booking)}


def _takes_part(actor: Actor, booking: Booking) -> bool:
    probe = Conversation(pk=0, kind="booking", subject_id=booking.pk, key=str(booking.receiving_school_id))
    return bool(queries.standing_of(probe).sides_of(actor))


def _tell(message: ConversationMessage, cast: set[int], chance: Chance) -> None:
    """The notification those of the people to sign in as have who have not read the last message."""
    conversation = message.conversation
    standing = queries.standing_of(conversation)
    read = dict(conversation.readings.values_list("user", "up_to"))
    words = talking.words_of(message, standing)
    recipients = {each.user_id: each for side in standing.sides for each in side.recipients()}
    write(
        Notification(
            reference=chance.reference("NT"),
            user_id=pk,
            organisation_id=to.organisation_id,
            kind=words.kind,
            title=words.title[:200],
            body=words.body,
            path=words.path,
            effect=f"conversation:{conversation.pk}:after:{read.get(pk, 0)}",
            created_at=message.sent_at,
            emailed_at=message.sent_at,
        )
        for pk, to in sorted(recipients.items())
        if pk in cast and pk != message.author_id and read.get(pk, 0) < message.number
    )
