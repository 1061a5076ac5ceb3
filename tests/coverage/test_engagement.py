"""What is read of a school's part, who sees it, and reminders: whom they reach and when the next may go."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.bookings.models import PlaceOrderStatus
from marketplace.brokerage.models import NeedStatus, UnmetDemand
from marketplace.catalogue.models import Theme
from marketplace.coverage.engagement import actions, queries, rules
from marketplace.coverage.engagement.models import EngagementNudge
from marketplace.coverage.engagement.reading import standings
from marketplace.coverage.engagement.rules import Dimension, Signal
from marketplace.coverage.errors import EngagementWordsInvalid, NobodyToTell, NudgedTooSoon
from marketplace.coverage.queries import Sight
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound, NotNow
from marketplace.notifications.models import Notification, Preference
from marketplace.organisations.models import Area, Cluster, School, User
from tests.builders import (
    a_booking,
    a_convenor,
    a_course,
    a_course_scene,
    a_need,
    a_person,
    a_request,
    a_school,
    actor_of,
    an_area,
    an_organisation,
    places_for,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def area() -> Area:
    return an_area()


@pytest.fixture
def convenor(area: Area) -> Actor:
    return actor_of(a_convenor(area))


@pytest.fixture
def phonics() -> Theme:
    return Theme.objects.get(code="phonics")


def signals_of(school: School) -> set[Signal]:
    return set(standings(school.area, [school.pk])[0].latest)


def signed_in(person: User, *, days_ago: int) -> User:
    person.last_login = timezone.now() - timedelta(days=days_ago)
    person.save()
    return person


def test_a_school_is_known_by_what_it_says_searches_asks_and_books(area: Area, phonics: Theme) -> None:
    says, searches, asks, drafts, idle = (a_school(area) for _ in range(5))
    a_need(says, phonics, status=NeedStatus.WITHDRAWN)
    UnmetDemand.objects.create(area=area, organisation=searches.organisation, query={"q": "chess"})
    a_request(asks)
    a_request(drafts, status="draft")
    booking = a_booking(status="delivered", day=timezone.localdate() - timedelta(days=9))
    held = a_booking(status="held")

    assert signals_of(says) == {Signal.NEEDS}
    assert signals_of(searches) == {Signal.SEARCHED}
    assert signals_of(asks) == {Signal.ASKED}
    assert signals_of(drafts) == signals_of(idle) == set()
    assert signals_of(booking.receiving_school.school) >= {Signal.BOOKED, Signal.RECEIVED}
    assert Signal.GAVE in signals_of(booking.releasing_organisation.school)
    assert Signal.BOOKED not in signals_of(held.receiving_school.school)


def test_places_on_a_course_about_governance_count_for_governors() -> None:
    scene = a_course_scene()
    order = places_for(a_course(scene), scene.school, scene.head)
    school = scene.school
    assert order.status == PlaceOrderStatus.CONFIRMED
    assert signals_of(school) >= {Signal.BOOKED}
    assert Signal.GOVERNORS not in signals_of(school)

    order.event.offer_version.themes.set(Theme.objects.filter(code="governor-development"))

    assert Signal.GOVERNORS in signals_of(school)


def test_accounts_and_sign_ins_are_those_of_people_who_hold_a_role_there_now(area: Area) -> None:
    school = a_school(area)
    signed_in(a_person(Role.HEADTEACHER, Role.BUDGET_HOLDER, at=school), days_ago=20)
    a_person(Role.GOVERNOR, at=school)
    gone = signed_in(a_person(Role.STAFF, at=school), days_ago=1)
    gone.memberships.update(ended_at=timezone.now())

    [found] = standings(area, [school.pk])

    assert (found.people, found.governors) == (2, 1)
    assert (timezone.now() - found.latest[Signal.SIGNED_IN]).days == 20


def test_reading_an_area_takes_the_same_queries_however_many_schools_it_has(
    area: Area, phonics: Theme, django_assert_num_queries: Any
) -> None:
    cluster = Cluster.objects.create(area=area, name="East")
    for _ in range(4):
        school = a_school(area, trust=an_organisation("trust"), diocese=an_organisation("diocese"))
        a_person(Role.HEADTEACHER, at=school)
        a_need(school, phonics)
        cluster.schools.add(school)

    with django_assert_num_queries(16):
        assert len(standings(area)) == 4


def test_a_convenor_reads_schools_and_the_board_reads_shares_with_small_numbers_hidden(
    area: Area, phonics: Theme
) -> None:
    schools = [a_school(area) for _ in range(5)]
    a_need(schools[0], phonics)

    [line], _ = queries.shares_of(Sight(area, exact=True), Dimension.PHASE, {})
    assert line.figures[rules.TAKES_PART].schools == 1
    [hidden], whole = queries.shares_of(
        Sight(area, exact=False), Dimension.PHASE, {Dimension.PHASE: "secondary"}
    )
    assert hidden.figures[rules.TAKES_PART].hidden
    assert whole.schools == 5, "the board can't choose"

    with pytest.raises(NotFound):
        queries.schools_of(Sight(area, exact=False))
    with pytest.raises(NotFound):
        queries.nudges_in(Sight(area, exact=False))


# Reminders ------------------------------------------------------------------------------------------------------------


def test_a_reminder_reaches_the_schools_head_and_who_leads_its_trust_and_diocese(
    area: Area, convenor: Actor, run_jobs: Any, mailoutbox: Any
) -> None:
    trust, diocese = an_organisation("trust"), an_organisation("diocese")
    school = a_school(area, name="Holm", trust=trust, diocese=diocese)
    head, _staff = a_person(Role.HEADTEACHER, at=school), a_person(Role.STAFF, at=school)
    lead, bishop = a_person(Role.TRUST_LEAD, at=trust), a_person(Role.PROVIDER_LEAD, at=diocese)
    Preference.objects.create(user=bishop, kind="school_missed", choice="never")
    actions.change_words(actor=convenor, area=area, text="Come back, [school].")

    nudge = actions.nudge_school(actor=convenor, school=school)
    run_jobs()

    told = {row.user: row for row in Notification.objects.filter(kind="school_missed")}
    assert set(told) == {head, lead, bishop}
    assert told[head].body == nudge.message == "Come back, Holm."
    assert "Come back, Holm." in told[lead].body
    assert (nudge.people, nudge.leads, nudge.sent_by_id) == (1, 2, convenor.user_id)
    assert {to for mail in mailoutbox for to in mail.to} == {head.email, lead.email}


def test_without_a_head_everybody_at_the_school_is_told(area: Area, convenor: Actor, run_jobs: Any) -> None:
    school = a_school(area)
    people = {a_person(Role.STAFF, at=school), a_person(Role.GOVERNOR, at=school)}

    actions.nudge_school(actor=convenor, school=school)
    run_jobs()

    assert {row.user for row in Notification.objects.all()} == people


def test_a_school_is_reminded_once_in_thirty_days(area: Area, convenor: Actor) -> None:
    school = a_school(area)
    a_person(Role.HEADTEACHER, at=school)
    first = actions.nudge_school(actor=convenor, school=school)

    with pytest.raises(NudgedTooSoon):
        actions.nudge_school(actor=convenor, school=school)
    assert actions.nudge_all_quiet(actor=convenor, area=area) == 0

    EngagementNudge.objects.filter(pk=first.pk).update(sent_at=timezone.now() - timedelta(days=30))
    assert actions.nudge_school(actor=convenor, school=school).pk != first.pk


def test_a_school_that_takes_part_or_has_nobody_is_not_reminded(
    area: Area, convenor: Actor, phonics: Theme
) -> None:
    engaged, empty, quiet = (a_school(area) for _ in range(3))
    a_need(engaged, phonics)
    for school in (engaged, quiet):
        a_person(Role.HEADTEACHER, at=school)

    with pytest.raises(NotNow):
        actions.nudge_school(actor=convenor, school=engaged)
    with pytest.raises(NobodyToTell):
        actions.nudge_school(actor=convenor, school=empty)
    assert actions.nudge_all_quiet(actor=convenor, area=area) == 1
    assert [row.school for row in EngagementNudge.objects.all()] == [quiet.organisation]


def test_only_a_convenor_of_the_area_reminds_and_chooses_the_words(area: Area) -> None:
    school = a_school(area)
    a_person(Role.HEADTEACHER, at=school)
    stranger = actor_of(a_convenor(an_area()))

    with pytest.raises(NotFound):
        actions.nudge_school(actor=stranger, school=school)
    with pytest.raises(NotFound):
        actions.nudge_all_quiet(actor=stranger, area=area)
    with pytest.raises(NotFound):
        actions.change_words(actor=stranger, area=area, text="Mine")


def test_the_words_can_be_changed_and_emptied_back_to_the_first_ones(area: Area, convenor: Actor) -> None:
    sight = Sight(area, exact=True)
    actions.change_words(actor=convenor, area=area, text="Come back.")
    assert queries.words_of(sight) == "Come back."

    actions.change_words(actor=convenor, area=area, text=" ")
    assert queries.words_of(sight) == rules.DEFAULT_WORDS

    with pytest.raises(EngagementWordsInvalid):
        actions.change_words(actor=convenor, area=area, text="x" * 1001)
