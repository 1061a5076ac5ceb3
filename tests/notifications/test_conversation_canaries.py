"""What was written, and what a file is called, reaches nobody who takes no part: looked for on every surface there is."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from marketplace.kernel.access import Role
from marketplace.notifications import actions, live, queries
from marketplace.notifications.conversations import subjects
from marketplace.notifications.models import (
    CalendarFeed,
    Choice,
    Conversation,
    LiveFrame,
    Notification,
    Preference,
)
from marketplace.notifications.queries import preferences
from marketplace.notifications.rules import Kind
from marketplace.organisations.models import User
from tests.builders import (
    PDF,
    a_convenor,
    a_person,
    a_scene,
    a_scenes_booking,
    a_school,
    actor_of,
    an_organisation,
)
from tests.builders.bookings import Scene

pytestmark = pytest.mark.django_db
TEXT, NAME = "Canary-Wagtail-7301", "Canary-Kestrel-9182"


@pytest.fixture
def scene(settings: Any, tmp_path: Any) -> Scene:
    settings.ATTACHMENTS_DIR = tmp_path
    return a_scene()


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def outsiders(scene: Scene) -> list[User]:
    """Those who see the booking and take no part, and those who see nothing."""
    authority = an_organisation("local_authority", area=scene.area)
    return [
        a_convenor(scene.area),
        a_person(Role.GOVERNOR, at=scene.school),
        a_person(Role.FINANCE, at=scene.school),
        a_person(Role.FINANCE, at=authority),
        a_person(Role.SUPPORT, Role.BOARD_MEMBER, Role.SCRUTINY, at=authority),
        a_person(Role.STAFF, at=scene.releasing),
        a_person(Role.STAFF, Role.HEADTEACHER, Role.BUDGET_HOLDER, at=a_school(scene.area)),
        a_person(Role.PROVIDER_LEAD, at=an_organisation(area=scene.area)),
    ]


def write_canaries(scene: Scene, run_jobs: Callable[[], Any]) -> tuple[Any, Conversation]:
    booking = a_scenes_booking(scene)
    client = signed_in(User.objects.get(pk=scene.buyer.user_id))
    answer = client.post(
        reverse("messages:about", args=["booking", booking.reference]),
        {"text": TEXT, "key": "k", "files": [SimpleUploadedFile(f"{NAME}.pdf", PDF)]},
    )
    assert answer.status_code == 302
    run_jobs()
    return booking, Conversation.objects.get()


def addresses(booking: Any, conversation: Conversation) -> list[str]:
    """Pages, lists, searches and API, with the canary as what is looked for where one can look for something."""
    file = conversation.attachments.get().reference
    one = conversation.reference
    return [
        "/",
        "/work/waiting/",
        "/messages/",
        "/messages/?show=unread",
        f"/messages/{one}/",
        f"/messages/about/booking/{booking.reference}/",
        f"/messages/files/{file}/",
        f"/messages/files/{file}/delete/",
        f"/bookings/{booking.reference}/",
        f"/bookings/{booking.reference}/calendar/",
        f"/bookings/?q={TEXT}",
        "/bookings/?format=csv",
        f"/find/?q={TEXT}",
        "/notifications/",
        "/live/poll/?since=0",
        "/api/conversations/",
        f"/api/conversations/{one}/",
        f"/api/conversations/{one}/messages/",
        "/api/notifications/",
        f"/api/bookings/{booking.reference}/",
    ]


def leaks(user: User, booking: Any, conversation: Conversation) -> list[str]:
    """Addresses that show a canary to a person."""
    client = signed_in(user)
    found = []
    for address in addresses(booking, conversation):
        answer = client.get(address, follow=True)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = body.decode(errors="replace").replace(f"q={TEXT}", "").replace(f'value="{TEXT}"', "")
        if (TEXT in text and "/find/" not in address and "q=" not in address) or NAME in text + str(
            answer.headers
        ):
            found.append(address)
    return found


def test_neither_text_nor_name_is_shown_to_who_takes_no_part(
    scene: Scene, run_jobs: Callable[[], Any]
) -> None:
    booking, conversation = write_canaries(scene, run_jobs)

    assert leaks(User.objects.get(pk=scene.provider_lead.user_id), booking, conversation) != []
    for user in outsiders(scene):
        assert leaks(user, booking, conversation) == [], user.memberships.first()


def test_with_the_check_of_who_takes_part_off_the_canary_is_seen(
    scene: Scene, run_jobs: Callable[[], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard taken away: a convenor, who sees the booking, would read its conversation too."""
    from django.db.models import Q

    booking, conversation = write_canaries(scene, run_jobs)
    convenor = a_convenor(scene.area)
    monkeypatch.setattr(subjects.BookingConversations, "readable", lambda self, actor: Q(pk__gt=0))

    assert f"/api/conversations/{conversation.reference}/messages/" in leaks(convenor, booking, conversation)


def test_neither_leaves_the_page_in_mail_summary_notification_frame_or_calendar(
    scene: Scene, run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    for actor in (scene.releasing_head, scene.person):
        Preference.objects.create(user_id=actor.user_id, kind=Kind.MESSAGE_WAITING, choice=Choice.DAILY)
    write_canaries(scene, run_jobs)
    from datetime import date, timedelta

    from marketplace.kernel.dates import to_utc

    monday = date(2027, 1, 11)
    Notification.objects.update(created_at=to_utc(monday, preferences.DIGEST_AT) - timedelta(hours=1))
    sent = [actions.send_digest(user_id=pk, day=monday) for pk in preferences.people_to_summarise(monday)]
    assert sent == [True, True]

    said = [f"{mail.subject} {mail.body} {mail.to} {mail.extra_headers}" for mail in mailoutbox]
    said += [f"{row.title} {row.body} {row.path}" for row in Notification.objects.all()]
    said += [json.dumps(live.frame_of(frame)) for frame in LiveFrame.objects.all()]
    for actor in (scene.buyer, scene.provider_lead, scene.person):
        _, token = actions.issue_feed(actor=actor, shows_details=True)
        said.append(Client().get(reverse("messages:calendar_feed", args=[token])).content.decode())
    assert len(mailoutbox) >= 3 and len(said) > 12 and CalendarFeed.objects.count() == 3
    assert [each for each in said if TEXT in each or NAME in each] == []


def test_nobody_who_takes_no_part_is_told_that_there_is_a_conversation(
    scene: Scene, run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    away = outsiders(scene)
    write_canaries(scene, run_jobs)

    for user in away:
        actor = actor_of(user)
        assert [f for f in live.frames_for(actor, since=0) if f.kind == "conversation"] == []
        assert list(queries.visible_to(actor)) == [] and queries.awaiting(actor) == []
        assert user.email not in [address for mail in mailoutbox for address in mail.to]
