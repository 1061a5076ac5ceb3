"""Calendar feeds: who has them, what they say, and that they say it at the right hour."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from marketplace.bookings import actions as bookings
from marketplace.kernel.access import Role
from marketplace.kernel.dates import is_working_day
from marketplace.kernel.errors import NotFound
from marketplace.notifications import actions, queries
from marketplace.notifications.errors import FeedGone
from marketplace.notifications.feeds import calendars, pace
from marketplace.notifications.feeds.entries import Entry
from marketplace.notifications.models import CalendarFeed
from marketplace.notifications.tasks import take_calendars_back
from marketplace.organisations.events import MembershipEnded
from marketplace.organisations.models import Membership, User
from tests.builders import (
    a_convenor,
    a_deployment,
    a_person,
    a_scene,
    a_scenes_booking,
    a_school,
    actor_of,
    the_parties,
)
from tests.builders.bookings import Scene

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_has_asked_yet() -> None:
    cache.clear()


@pytest.fixture
def scene() -> Scene:
    return a_scene()


def address(token: str) -> str:
    return reverse("messages:calendar_feed", args=[token])


def ask(token: str, **headers: str) -> Any:
    return Client().get(address(token), **headers)


def events(token: str) -> list[Any]:
    return list(Calendar.from_ical(ask(token).content).walk("VEVENT"))


def leave(actor: Any) -> None:
    Membership.objects.filter(user=actor.user_id).update(ended_at=timezone.now())


# What is in it ------------------------------------------------------------------------------------------------------------


def test_ones_own_calendar_says_only_when_one_is_busy(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    _, token = actions.issue_feed(actor=scene.person)

    answer = ask(token)

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-cache"
    [event] = Calendar.from_ical(answer.content).walk("VEVENT")
    assert event["SUMMARY"] == "Busy" and event.decoded("DTSTART") == booking.starts_at
    assert event["STATUS"] == "CONFIRMED"
    text = answer.content.decode()
    for word in (
        str(scene.practitioner),
        str(scene.school.organisation),
        str(booking.theme),
        "LOCATION",
        "URL",
    ):
        assert word not in text


def test_details_are_shown_to_who_has_chosen_them_and_hidden_again(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    feed, token = actions.issue_feed(actor=scene.person, shows_details=True)

    [event] = events(token)
    assert str(scene.practitioner) in event["SUMMARY"] and booking.reference in event["DESCRIPTION"]
    assert booking.reference in event["URL"] and event["LOCATION"]

    actions.show_details(actor=scene.person, feed=feed, shows=False)
    [event] = events(token)
    assert event["SUMMARY"] == "Busy"


def test_the_calendar_of_an_organisation_never_shows_details(scene: Scene) -> None:
    a_scenes_booking(scene)
    for actor, organisation in (
        (scene.buyer, scene.school.organisation),
        (scene.provider_lead, scene.provider),
        (scene.releasing_head, scene.releasing.organisation),
    ):
        feed, token = actions.issue_feed(actor=actor, organisation=organisation, shows_details=True)

        assert [event["SUMMARY"] for event in events(token)] == ["Busy"]
        with pytest.raises(NotFound):
            actions.show_details(actor=actor, feed=feed, shows=True)


def test_a_calendar_holds_what_its_person_may_see_and_has_to_do_with(scene: Scene) -> None:
    a_scenes_booking(scene)
    colleague = actor_of(a_person(Role.STAFF, at=scene.school))
    convenor = actor_of(a_convenor(scene.area))
    for actor in (colleague, convenor):
        _, token = actions.issue_feed(actor=actor)
        assert events(token) == []


def test_a_time_held_and_let_go_is_nobodys_appointment_but_an_order_that_ends_is_cancelled(
    scene: Scene,
) -> None:
    a_scenes_booking(scene, status="held")
    ended = a_scenes_booking(scene, status="declined", day=scene.day + timedelta(days=7))
    waiting = a_scenes_booking(scene, status="awaiting_release", day=scene.day + timedelta(days=14))
    _, token = actions.issue_feed(actor=scene.person)

    found = {event["UID"].split("@")[0]: (event["STATUS"], event["TRANSP"]) for event in events(token)}

    assert found == {
        ended.reference: ("CANCELLED", "TRANSPARENT"),
        waiting.reference: ("TENTATIVE", "OPAQUE"),
    }


def test_a_cancelled_session_keeps_its_uid_and_grows_its_sequence(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    _, token = actions.issue_feed(actor=scene.person)
    [before] = events(token)

    bookings.cancel_booking(actor=scene.provider_lead, booking=booking, by="provider", reason="Illness")

    [after] = events(token)
    assert after["UID"] == before["UID"] and after["SEQUENCE"] > before["SEQUENCE"]
    assert (before["STATUS"], after["STATUS"]) == ("CONFIRMED", "CANCELLED")


def test_a_long_calendar_costs_the_same(scene: Scene, django_assert_max_num_queries: Any) -> None:
    for week in range(12):
        a_scenes_booking(scene, day=scene.day + timedelta(days=7 * week))
    _, token = actions.issue_feed(actor=scene.person, shows_details=True)
    ask(token)

    with django_assert_max_num_queries(9):
        assert len(events(token)) == 12


# The right hour -----------------------------------------------------------------------------------------------------------

LONDON = ZoneInfo("Europe/London")
CHANGES = (date(2027, 3, 28), date(2027, 10, 31), date(2028, 3, 26), date(2028, 10, 29))


def an_entry(starts_at: datetime) -> Entry:
    return Entry(
        uid=f"{starts_at:%Y%m%d%H%M}@test",
        sequence=1,
        changed_at=datetime(2027, 1, 1, tzinfo=UTC),
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=30),
        status="CONFIRMED",
        summary="x",
    )


def test_the_calendars_own_time_zone_gives_every_half_hour_around_both_changes_of_the_clock() -> None:
    """Read by its own VTIMEZONE, as a program without a time zone database would; but for the hour that comes twice."""
    moments = [
        datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(minutes=30 * number)
        for day in CHANGES
        for number in range(-48, 96)
    ]
    once = [each for each in moments if not _comes_twice(each)]

    calendar = Calendar.from_ical(calendars.write("x", map(an_entry, once), details=False))

    [zone] = calendar.walk("VTIMEZONE")
    assert zone["TZID"] == "Europe/London"
    rules = zone.to_tz(lookup_tzid=False)
    for event, moment in zip(calendar.walk("VEVENT"), once, strict=True):
        assert event["DTSTART"].params["TZID"] == "Europe/London"
        wall = event.decoded("DTSTART").replace(tzinfo=None)
        assert wall.replace(tzinfo=rules) == moment, event["UID"]
    assert len(once) == len(moments) - 2 * 4


def _comes_twice(moment: datetime) -> bool:
    here = moment.astimezone(LONDON)
    return here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset() and any(
        day == here.date() for day in CHANGES
    )


def test_a_session_at_nine_is_at_nine_before_and_after_each_change(scene: Scene) -> None:
    now = timezone.now().date()
    days = []
    for change in CHANGES[:2]:
        before = max(d for n in range(1, 5) if is_working_day(d := change - timedelta(days=n)))
        after = min(d for n in range(1, 5) if is_working_day(d := change + timedelta(days=n)))
        days += [before, after]
    days = [day for day in days if now - timedelta(days=80) < day < now + timedelta(days=540)]
    for day in days:
        a_scenes_booking(scene, day=day)
    _, token = actions.issue_feed(actor=scene.person)

    found = events(token)

    assert days and [event.decoded("DTSTART").hour for event in found] == [9] * len(days)


def test_the_same_entries_make_the_same_calendar() -> None:
    entries = [an_entry(datetime(2027, 6, 1, 8, tzinfo=UTC))]

    assert calendars.write("x", entries, details=True) == calendars.write("x", entries, details=True)
    moved = [replace(entries[0], sequence=2)]
    assert calendars.write("x", entries, details=True) != calendars.write("x", moved, details=True)


# Asking -------------------------------------------------------------------------------------------------------------------


def test_a_program_that_has_it_already_is_told_so_and_nothing_else(scene: Scene) -> None:
    booking = a_scenes_booking(scene)
    _, token = actions.issue_feed(actor=scene.person)
    first = ask(token)

    assert ask(token, HTTP_IF_NONE_MATCH=first["ETag"]).status_code == 304
    bookings.cancel_booking(actor=scene.provider_lead, booking=booking, by="provider", reason="Illness")
    again = ask(token, HTTP_IF_NONE_MATCH=first["ETag"])
    assert again.status_code == 200 and again["ETag"] != first["ETag"]


def test_who_left_is_not_told_that_nothing_changed(scene: Scene) -> None:
    _, token = actions.issue_feed(actor=scene.person)
    tag = ask(token)["ETag"]
    leave(scene.person)

    assert ask(token, HTTP_IF_NONE_MATCH=tag).status_code == 404


def test_a_program_gone_wild_is_asked_to_wait(scene: Scene) -> None:
    _, token = actions.issue_feed(actor=scene.person)
    _, other = actions.issue_feed(actor=scene.buyer)

    statuses = [ask(token).status_code for _ in range(pace.MOST + 1)]

    assert statuses == [200] * pace.MOST + [429]
    assert ask(token)["Retry-After"] == "600" and ask(other).status_code == 200


def test_that_a_program_asks_is_noted_to_the_hour(scene: Scene, django_assert_num_queries: Any) -> None:
    feed, token = actions.issue_feed(actor=scene.person)
    ask(token)
    feed.refresh_from_db()
    first = feed.last_asked_at
    ask(token)
    feed.refresh_from_db()

    assert first is not None and feed.last_asked_at == first


# Taking back --------------------------------------------------------------------------------------------------------------


def test_only_a_hash_of_the_token_is_kept(scene: Scene) -> None:
    feed, token = actions.issue_feed(actor=scene.person)

    row = CalendarFeed.objects.filter(pk=feed.pk).values().get()
    assert token not in str(row) and len(token) >= 43


def test_a_new_address_ends_the_old_one_and_an_address_can_be_stopped(scene: Scene) -> None:
    _, old = actions.issue_feed(actor=scene.person)
    feed, new = actions.issue_feed(actor=scene.person)
    assert (ask(old).status_code, ask(new).status_code) == (410, 200)

    with pytest.raises(NotFound):
        actions.revoke_feed(actor=scene.buyer, feed=feed)
    actions.revoke_feed(actor=scene.person, feed=feed)
    assert ask(new).status_code == 410
    assert ask("no-such-token").status_code == 404


def test_who_leaves_an_organisation_loses_its_calendar_at_the_next_poll_and_for_good(scene: Scene) -> None:
    a_scenes_booking(scene)
    lead = scene.provider_lead
    elsewhere = a_school(scene.area)
    Membership.objects.create(user_id=lead.user_id, organisation=elsewhere.organisation, role=Role.STAFF)
    _, theirs = actions.issue_feed(actor=lead, organisation=scene.provider)
    _, own = actions.issue_feed(actor=lead)
    assert len(events(theirs)) == 1

    Membership.objects.filter(user=lead.user_id, organisation=scene.provider).update(ended_at=timezone.now())
    assert ask(theirs).status_code == 404  # at once, before any job has run
    assert ask(own).status_code == 200  # they are still somebody elsewhere

    take_calendars_back(MembershipEnded(lead.user_id, scene.provider.pk))
    assert ask(theirs).status_code == 410  # and for good
    Membership.objects.filter(user=lead.user_id, organisation=scene.provider).update(ended_at=None)
    assert ask(theirs).status_code == 410


def test_with_no_role_or_a_closed_account_ones_own_calendar_is_gone(scene: Scene) -> None:
    _, token = actions.issue_feed(actor=scene.person)
    User.objects.filter(pk=scene.person.user_id).update(is_active=False)
    assert ask(token).status_code == 404
    User.objects.filter(pk=scene.person.user_id).update(is_active=True)
    leave(scene.person)
    assert ask(token).status_code == 404


def test_with_the_membership_check_off_who_left_would_still_read(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard taken away: the token alone would be enough, with what the person saw before."""
    a_scenes_booking(scene)
    _, token = actions.issue_feed(actor=scene.person)
    leave(scene.person)
    monkeypatch.setattr(queries.feeds, "may_have", lambda actor, organisation: True)

    assert ask(token).status_code == 200


def test_nobody_makes_an_address_for_an_organisation_that_is_not_theirs(scene: Scene) -> None:
    with pytest.raises(NotFound):
        actions.issue_feed(actor=scene.buyer, organisation=scene.provider)
    with pytest.raises(NotFound):
        actions.issue_feed(actor=actor_of(a_person()))


def test_the_address_of_a_rolled_back_transaction_does_not_work(scene: Scene) -> None:
    with transaction.atomic():
        _, token = actions.issue_feed(actor=scene.person)
        transaction.set_rollback(True)

    assert ask(token).status_code == 404
    with pytest.raises(NotFound):
        queries.calendar_at(token, now=timezone.now())


def test_a_revoked_address_says_how_to_make_another(scene: Scene) -> None:
    feed, token = actions.issue_feed(actor=scene.person)
    actions.revoke_feed(actor=scene.person, feed=feed)

    assert "Make a new one" in ask(token).content.decode()
    with pytest.raises(FeedGone):
        queries.calendar_at(token, now=timezone.now())


# The page -----------------------------------------------------------------------------------------------------------------


def test_the_page_makes_an_address_shows_it_once_and_stops_it(scene: Scene) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=scene.buyer.user_id))
    page = reverse("messages:calendars")
    assert "Your own sessions" in client.get(page).content.decode()

    answer = client.post(reverse("messages:issue_calendar"), {"organisation": "", "details": "on"})
    made = answer.content.decode()
    [shown] = re.findall(r'value="http://[^"]+/calendar/([^"]+)\.ics"', made)
    assert ask(shown).status_code == 200 and "no-store" in answer["Cache-Control"]
    assert shown not in client.get(page).content.decode()
    feed = CalendarFeed.objects.get()
    assert feed.shows_details

    client.post(reverse("messages:calendar_details", args=[feed.reference]))
    assert not CalendarFeed.objects.get().shows_details
    client.post(reverse("messages:stop_calendar", args=[feed.reference]))
    assert ask(shown).status_code == 410
    not_theirs = {"organisation": scene.provider.reference}
    assert client.post(reverse("messages:issue_calendar"), not_theirs).status_code == 404


def test_a_deployments_days_are_marked_and_take_no_time(scene: Scene) -> None:
    parties = the_parties(scene)
    a_deployment(parties, status="draft")
    row = a_deployment(parties, with_need=False)
    _, token = actions.issue_feed(actor=scene.person, shows_details=True)

    first, middle, last = events(token)

    assert [event.decoded("DTSTART") for event in (first, middle, last)] == [
        row.starts_on,
        row.mid_point_on,
        row.ends_on,
    ]
    assert str(first["SUMMARY"]).startswith(f"Deployment starts: {scene.practitioner}")
    assert {event["TRANSP"] for event in (first, middle, last)} == {"TRANSPARENT"}
    assert first["STATUS"] == "CONFIRMED" and row.reference in first["URL"]


def test_the_calendar_of_a_school_marks_a_deployment_without_naming_anybody(scene: Scene) -> None:
    row = a_deployment(the_parties(scene), status="to_sign")
    _, token = actions.issue_feed(actor=scene.receiving_head, organisation=scene.school.organisation)

    found = events(token)

    assert [event["SUMMARY"] for event in found] == [
        "Deployment starts",
        "Deployment mid-point",
        "Deployment ends",
    ]
    assert {event["STATUS"] for event in found} == {"TENTATIVE"}
    assert row.reference not in ask(token).content.decode().replace(f"UID:{row.reference}", "")
