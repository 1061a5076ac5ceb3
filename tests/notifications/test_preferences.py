"""Who is e-mailed about what, when, and how they stop it."""

import re
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.kernel.access import Role
from marketplace.kernel.dates import to_utc
from marketplace.notifications import actions, choosing, digests, queries, unsubscribing
from marketplace.notifications.actions import digests as digest_actions
from marketplace.notifications.actions import tell
from marketplace.notifications.errors import ChoiceUnusable
from marketplace.notifications.models import Choice, Digest, Notification, Preference
from marketplace.notifications.queries import preferences
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations.models import Membership, User
from tests.builders import a_conversation, a_message, a_person, a_scene, a_scenes_booking, a_school, actor_of
from tests.builders.notifications import a_notification
from tests.notifications.test_conversation_races import THREADS, at_once

pytestmark = pytest.mark.django_db
MONDAY = date(2027, 1, 11)
SEVEN = to_utc(MONDAY, preferences.DIGEST_AT)


def choose(user: User, kind: Kind, choice: Choice) -> None:
    Preference.objects.update_or_create(user=user, kind=kind, defaults={"choice": choice})


def told(user: User, kind: Kind = Kind.BOOKING_CONFIRMED) -> list[Notification]:
    message = Message(kind, "Confirmed: a day in May", "It takes place.", "/cookies/")
    return tell(to=[Recipient(user.pk)], message=message, effect=f"x:{Notification.objects.count()}")


def a_waiting(user: User, **fields: Any) -> Notification:
    """Something from the evening before, which the person wants in the summary."""
    row = a_notification(user, **fields)
    choose(user, Kind(row.kind), Choice.DAILY)
    Notification.objects.filter(pk=row.pk).update(created_at=SEVEN - timedelta(hours=12))
    return row


# Choosing ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("choice", "mails"), [(Choice.AT_ONCE, 1), (Choice.DAILY, 0), (Choice.NEVER, 0)])
def test_an_e_mail_comes_at_once_only_to_who_has_chosen_so(
    choice: Choice, mails: int, run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    user = a_person()
    choose(user, Kind.BOOKING_CONFIRMED, choice)

    told(user)
    run_jobs()

    assert len(mailoutbox) == mails
    assert Notification.objects.filter(user=user).count() == 1  # the centre lists it whatever was chosen


def test_a_choice_made_before_the_mail_went_counts(
    run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    user = a_person()
    told(user)
    choose(user, Kind.BOOKING_CONFIRMED, Choice.NEVER)

    run_jobs()

    assert mailoutbox == []


def test_what_is_not_mailed_by_itself_can_be_chosen(
    run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    user = a_person()
    told(user, Kind.BOOKING_PROGRESS)
    choose(user, Kind.BOOKING_PROGRESS, Choice.AT_ONCE)
    told(user, Kind.BOOKING_PROGRESS)
    run_jobs()

    assert len(mailoutbox) == 1


def test_what_somebody_waits_for_can_come_later_but_not_never() -> None:
    actor = actor_of(a_person())
    for kind in Kind:
        assert (Choice.NEVER in choosing.offered_for(kind)) is not kind.asks_to_act
        assert choosing.default_of(kind) in choosing.offered_for(kind)

    with pytest.raises(ChoiceUnusable):
        actions.choose_emails(actor=actor, choices={Kind.APPROVAL_WANTED: Choice.NEVER})
    assert actions.choose_emails(actor=actor, choices={Kind.APPROVAL_WANTED: Choice.DAILY}) == 1
    assert actions.choose_emails(actor=actor, choices={Kind.APPROVAL_WANTED: Choice.DAILY}) == 0


def test_every_kind_is_offered_once_whether_or_not_it_has_words_yet() -> None:
    listed = [kind for _, kinds in choosing.grouped() for kind in kinds]

    assert sorted(listed) == sorted(Kind)
    assert all(choosing.words_of(kind) for kind in Kind)


def test_the_page_of_choices_keeps_what_is_chosen(client: Client) -> None:
    user = a_person(Role.STAFF, at=a_school())
    client.force_login(user)
    page = reverse("notifications:settings")
    chosen = {kind.value: choice.value for kind, choice in queries.choices_of(actor_of(user)).items()}

    assert "The daily summary comes at 7am" in client.get(page).content.decode()
    answer = client.post(page, chosen | {"booking_ended": "daily"}, follow=True)

    assert "Your choices are saved." in answer.content.decode()
    assert [(each.kind, each.choice) for each in Preference.objects.all()] == [("booking_ended", "daily")]
    assert client.post(page, chosen | {"approval_wanted": "never"}).status_code == 422


# The centre ---------------------------------------------------------------------------------------------------------------


def test_the_centre_is_filtered_by_what_it_is_about_and_what_asks_to_act(client: Client) -> None:
    user = a_person(Role.STAFF, at=a_school())
    a_notification(user, kind=Kind.DOCUMENT_ISSUED, title="The invoice")
    a_notification(user, kind=Kind.APPROVAL_WANTED, title="The approval")
    client.force_login(user)

    money = client.get("/notifications/?about=Money").content.decode()
    assert "The invoice" in money and "The approval" not in money
    act = client.get("/notifications/?show=act").content.decode()
    assert "The approval" in act and "The invoice" not in act


# The summary --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2027, 1, 11, 6, 30, tzinfo=UTC), None),  # half past six in winter
        (datetime(2027, 1, 11, 7, 0, tzinfo=UTC), MONDAY),
        (datetime(2027, 1, 11, 18, 30, tzinfo=UTC), MONDAY),  # a worker that was down all day
        (datetime(2027, 7, 12, 6, 0, tzinfo=UTC), date(2027, 7, 12)),  # seven in summer
        (datetime(2027, 7, 12, 5, 30, tzinfo=UTC), None),
        (
            datetime(2027, 3, 29, 6, 0, tzinfo=UTC),
            None,
        ),  # Easter Monday, the day after the clocks went forward
        (datetime(2027, 3, 30, 6, 0, tzinfo=UTC), date(2027, 3, 30)),
        (datetime(2027, 11, 1, 6, 0, tzinfo=UTC), None),  # the day after they went back
        (datetime(2027, 11, 1, 7, 0, tzinfo=UTC), date(2027, 11, 1)),
        (datetime(2027, 1, 9, 12, 0, tzinfo=UTC), None),  # Saturday
        (datetime(2027, 12, 27, 12, 0, tzinfo=UTC), None),  # a bank holiday
    ],
)
def test_the_summary_is_due_from_seven_on_working_days_by_the_clock_in_london(
    moment: datetime, day: date | None
) -> None:
    assert queries.digest_day(moment) == day


def test_a_summary_gathers_by_organisation_and_is_sent_once(
    run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    alder, birch = a_school(name="Alder"), a_school(name="Birch")
    user = a_person(Role.STAFF, at=alder)
    Membership.objects.create(user=user, organisation=birch.organisation, role=Role.STAFF)
    for title, school in (("Second", birch), ("First", alder)):
        a_waiting(user, title=title, organisation=school.organisation, path="/cookies/")
    a_waiting(user, title="Mine")
    a_waiting(user, title="Read", read_at=timezone.now())
    late = a_waiting(user, title="After seven")
    Notification.objects.filter(pk=late.pk).update(created_at=SEVEN + timedelta(minutes=1))

    for _ in range(2):
        digests.send_digests(timestamp=int(SEVEN.timestamp()))
    run_jobs()

    [mail] = mailoutbox
    assert mail.subject == "Your summary for Monday 11 January 2027: 3 things"
    places = [
        mail.body.index(words) for words in ("Alder", "First", "Birch", "Second", "For yourself", "Mine")
    ]
    assert places == sorted(places)
    assert "Read" not in mail.body and "After seven" not in mail.body
    assert Notification.objects.filter(digest__isnull=False, emailed_at__isnull=False).count() == 3


def test_nobody_gets_an_empty_summary(run_jobs: Callable[[], Any], mailoutbox: list[Any]) -> None:
    user = a_person()
    row = a_waiting(user)
    choose(user, Kind(row.kind), Choice.AT_ONCE)  # changed their mind
    a_waiting(a_person(), read_at=timezone.now())

    digests.send_digests(timestamp=int(SEVEN.timestamp()))
    run_jobs()

    assert mailoutbox == [] and not Digest.objects.exists()


def test_who_left_between_planning_and_sending_is_not_told(
    run_jobs: Callable[[], Any], mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    school = a_school()
    user = a_person(Role.STAFF, at=school)
    a_waiting(user, organisation=school.organisation, title="Canary")
    digests.send_digests(timestamp=int(SEVEN.timestamp()))
    Membership.objects.update(ended_at=timezone.now())

    run_jobs()
    assert mailoutbox == []

    # The guard taken away: without asking who they are now, the summary goes out.
    monkeypatch.setattr(preferences, "still_to_tell", lambda actor, rows: list(rows))
    assert actions.send_digest(user_id=user.pk, day=MONDAY)
    assert "Canary" in mailoutbox[0].body


def test_a_conversation_one_no_longer_takes_part_in_is_not_in_the_summary(
    run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    scene = a_scene()
    lead = User.objects.get(pk=scene.provider_lead.user_id)
    choose(lead, Kind.MESSAGE_WAITING, Choice.DAILY)
    a_message(scene.buyer, a_conversation(scene.buyer, a_scenes_booking(scene)))
    run_jobs()
    Notification.objects.update(created_at=SEVEN - timedelta(hours=1))
    mailoutbox.clear()
    rows = preferences.for_digest(MONDAY).filter(user=lead)
    assert len(preferences.still_to_tell(actor_of(lead), rows)) == 1

    lead.memberships.update(role=Role.GOVERNOR)  # still of the organisation, and no party any more

    assert preferences.still_to_tell(actor_of(lead), rows) == []
    assert actions.send_digest(user_id=lead.pk, day=MONDAY) is False and mailoutbox == []


def test_a_summary_that_could_not_be_sent_is_tried_again(
    mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    user = a_person()
    a_waiting(user)

    def down(*args: object) -> None:
        raise ConnectionError("the mail server is away")

    with monkeypatch.context() as patched:
        patched.setattr(digest_actions.mail, "send_digest", down)
        with pytest.raises(ConnectionError):
            actions.send_digest(user_id=user.pk, day=MONDAY)
    assert not Digest.objects.filter(sent_at__isnull=False).exists()

    assert actions.send_digest(user_id=user.pk, day=MONDAY) is True
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_many_workers_send_one_summary(
    guarded: bool, mailoutbox: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the guard taken away (the day's row is not locked) more than one goes out."""
    user = a_person()
    a_waiting(user)
    Digest.objects.create(user=user, day=MONDAY)
    all_have_read, send = threading.Barrier(THREADS, timeout=60), digest_actions.mail.send_digest

    def send_once_all_have_read(*args: Any) -> None:
        all_have_read.wait()
        send(*args)

    if not guarded:
        monkeypatch.setattr(digest_actions, "locked", lambda rows, **lookup: rows.get(**lookup))
        monkeypatch.setattr(digest_actions.mail, "send_digest", send_once_all_have_read)

    at_once(lambda n: actions.send_digest(user_id=user.pk, day=MONDAY))

    assert len(mailoutbox) == 1 if guarded else len(mailoutbox) > 1


# Stopping -----------------------------------------------------------------------------------------------------------------


def stop_link(mail: Any) -> str:
    found = re.search(r"<http://[^/]+(/email/stop/[^>]+)>", mail.extra_headers["List-Unsubscribe"])
    assert found is not None
    return found[1]


def test_one_click_in_an_e_mail_stops_that_kind_without_signing_in(
    client: Client, run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    user = a_person()
    told(user)
    run_jobs()
    link = stop_link(mailoutbox[0])
    assert mailoutbox[0].extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    page = client.get(link).content.decode()
    assert "Stop these e-mails?" in page and user.email not in page and user.name not in page
    assert not Preference.objects.exists()  # looking stops nothing
    strict = Client(enforce_csrf_checks=True)
    assert "Done" in strict.post(link, {"List-Unsubscribe": "One-Click"}).content.decode()

    assert queries.choices_of(actor_of(user))[Kind.BOOKING_CONFIRMED] == Choice.NEVER
    told(user)
    run_jobs()
    assert len(mailoutbox) == 1


def test_what_somebody_waits_for_has_no_button_to_stop_it(
    run_jobs: Callable[[], Any], mailoutbox: list[Any]
) -> None:
    told(a_person(), Kind.APPROVAL_WANTED)
    run_jobs()

    assert "List-Unsubscribe" not in mailoutbox[0].extra_headers
    assert "/notifications/settings/" in mailoutbox[0].body


def test_stopping_the_summary_leaves_what_somebody_waits_for(client: Client, mailoutbox: list[Any]) -> None:
    user = a_person()
    a_waiting(user)
    choose(user, Kind.APPROVAL_WANTED, Choice.DAILY)
    actions.send_digest(user_id=user.pk, day=MONDAY)

    client.post(stop_link(mailoutbox[0]))

    chosen = queries.choices_of(actor_of(user))
    assert chosen[Kind.BOOKING_CONFIRMED] == Choice.NEVER
    assert chosen[Kind.APPROVAL_WANTED] == Choice.DAILY


def test_old_and_forged_links_have_no_power(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    user = a_person()
    link = unsubscribing.link_for(user, Kind.BOOKING_CONFIRMED).removeprefix("http://localhost:8000")
    link = "/" + link.split("/", 3)[3] if link.startswith("http") else link
    assert client.get(link).status_code == 200
    assert client.get(link[:-2] + "x/").status_code == 404
    nonsense = signing.dumps([user.pk, "no such kind"], salt="notifications.unsubscribing")
    assert client.post(reverse("notifications:stop", args=[nonsense])).status_code == 404

    user.is_active = False
    user.save()
    assert client.post(link).status_code == 404
    user.is_active = True
    user.save()
    later = signing.time.time() + unsubscribing.WORKS_FOR.total_seconds() + 1
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert client.post(link).status_code == 404
