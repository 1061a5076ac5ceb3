"""Declared interests: who tells, who reads, how long they count."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound, NotNow
from marketplace.organisations import actions, queries, rules
from marketplace.organisations.errors import InterestInTheWay, InvalidDetails
from marketplace.organisations.models import InterestKind, InterestStatus, OrganisationKind
from tests.builders import (
    a_convenor,
    a_person,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_interest,
    an_organisation,
)

pytestmark = pytest.mark.django_db


def a_head_and_holder() -> tuple[Actor, Actor]:
    school = a_school()
    return actor_of(a_person(Role.HEADTEACHER, at=school)), actor_of(a_person(Role.BUDGET_HOLDER, at=school))


@pytest.mark.parametrize(
    ("kind", "ended_on", "counts"),
    [
        ("family", None, True),
        ("family", date(2026, 11, 30), True),
        ("family", date(2026, 11, 29), False),
        ("employment", date(2023, 11, 30), True),
        ("employment", date(2023, 11, 29), False),
    ],
)
def test_employment_counts_for_36_months_more_and_all_else_to_its_last_day(
    kind: str, ended_on: date | None, counts: bool
) -> None:
    assert rules.interest_counts(kind, ended_on, date(2026, 11, 30)) is counts


@given(day=st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1)), months=st.integers(0, 60))
def test_months_before_lands_in_the_month_so_far_back_and_never_after_the_day_of_the_month(
    day: date, months: int
) -> None:
    back = rules.months_before(day, months)

    assert (day.year * 12 + day.month) - (back.year * 12 + back.month) == months
    assert back.day <= day.day


def test_what_the_rule_says_and_what_the_query_counts_agree() -> None:
    today = timezone.localdate()
    ends = [None, today, today - timedelta(days=1), *(today - timedelta(days=days) for days in (1094, 1097))]
    rows = [an_interest(kind=kind, ended_on=end) for kind in ("employment", "other") for end in ends]

    counted = set(queries.counting(today).values_list("pk", flat=True))

    assert counted == {row.pk for row in rows if rules.interest_counts(row.kind, row.ended_on, today)}


def test_a_person_declares_sees_confirms_and_ends_their_own() -> None:
    _, holder = a_head_and_holder()
    provider = a_provider()

    row = actions.declare_interest(actor=holder, organisation=provider, kind=InterestKind.FINANCIAL)

    assert list(queries.own_interests(holder)) == [row]
    assert queries.has_interest(holder.user_id, provider)
    assert actions.confirm_interests(actor=holder) == 1

    actions.end_interest(
        actor=holder, interest=row, ended_on=timezone.localdate() - timedelta(days=1), reason="Sold"
    )

    assert not queries.has_interest(holder.user_id, provider)
    assert [line.verb for line in history.of(row)] == ["declare", "confirm", "end"]
    with pytest.raises(NotNow):
        actions.end_interest(actor=holder, interest=row, ended_on=timezone.localdate())


def test_the_same_interest_is_not_declared_twice() -> None:
    _, holder = a_head_and_holder()
    provider = a_provider()
    actions.declare_interest(actor=holder, organisation=provider, kind=InterestKind.FAMILY)

    with pytest.raises(InvalidDetails, match="already"):
        actions.declare_interest(actor=holder, organisation=provider, kind=InterestKind.FAMILY)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "family", "ended_on": date(2020, 1, 1)}, "ended_on"),
        ({"kind": "employment", "ended_on": date(2020, 1, 1)}, "ended_on"),
        ({"kind": "family", "started_on": date(2990, 1, 1)}, "started_on"),
        (
            {"kind": "employment", "started_on": date(2026, 5, 1), "ended_on": date(2026, 4, 1)},
            "ended_on",
        ),
        ({"kind": "other"}, "details"),
        ({"kind": "gossip"}, "kind"),
    ],
)
def test_what_cannot_be_an_interest_is_refused_with_its_field(fields: dict[str, object], field: str) -> None:
    _, holder = a_head_and_holder()

    with pytest.raises(InvalidDetails) as refused:
        actions.declare_interest(actor=holder, organisation=a_provider(), **fields)

    assert refused.value.field == field


def test_a_tie_to_a_trust_counts_for_its_schools() -> None:
    area = an_area()
    trust = an_organisation(OrganisationKind.TRUST, area=area)
    school = a_school(area, trust=trust)
    person = a_person()
    an_interest(person, trust)

    assert queries.has_interest(person.pk, school.organisation)
    assert queries.organisations_of_interest(person.pk) == {trust.pk, school.pk}
    assert not queries.has_interest(person.pk, a_school(area).organisation)


def test_the_headteacher_and_the_convenor_read_it_and_nobody_else_does() -> None:
    area = an_area()
    school, provider = a_school(area), a_provider(area)
    people = {
        "head": a_person(Role.HEADTEACHER, at=school),
        "holder": a_person(Role.BUDGET_HOLDER, at=school),
        "staff": a_person(Role.STAFF, at=school),
        "lead": a_person(Role.PROVIDER_LEAD, at=provider),
        "convenor": a_convenor(area),
        "convenor elsewhere": a_convenor(an_area()),
        "head elsewhere": a_person(Role.HEADTEACHER, at=a_school(area)),
    }
    row = an_interest(people["holder"], provider)

    readers = {
        name
        for name, person in people.items()
        if queries.interests_visible_to(actor_of(person)).filter(pk=row.pk).exists()
    }

    assert readers == {"head", "holder", "convenor"}


def test_what_a_member_of_staff_declared_is_not_their_heads_to_read() -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    an_interest(a_person(Role.STAFF, at=school))

    assert not queries.interests_overseen_by(head).exists()


def test_a_mistake_is_struck_out_by_who_answers_for_the_person_never_by_themselves() -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    holder = a_person(Role.BUDGET_HOLDER, at=school)
    row = an_interest(holder)

    with pytest.raises(NotFound):
        actions.strike_out_interest(actor=actor_of(holder), interest=row, reason="A slip")
    struck = actions.strike_out_interest(actor=head, interest=row, reason="Another school of that name")

    assert struck.status == InterestStatus.STRUCK_OUT
    assert not queries.has_interest(holder.pk, row.organisation)


def test_the_refusal_names_the_remedy() -> None:
    person = a_person()
    row = an_interest(person)

    with pytest.raises(InterestInTheWay, match=r"declared an interest in .*can’t approve") as refused:
        queries.check_no_interest(
            actor_of(person), row.organisation, decision="approve it", remedy="Ask the headteacher."
        )

    assert refused.value.remedy == "Ask the headteacher."


def test_one_query_answers_for_any_number_of_people() -> None:
    people = [a_person() for _ in range(5)]
    provider = a_provider()
    for person in people[:2]:
        an_interest(person, provider)

    with CaptureQueriesContext(connection) as asked:
        tied = queries.people_with_interest([person.pk for person in people], [provider.pk])

    assert tied == {person.pk for person in people[:2]}
    assert len(asked) == 1


def test_after_a_year_the_person_is_asked_whether_it_is_still_so() -> None:
    person = a_person()
    an_interest(person, confirmed_at=timezone.now() - timedelta(days=366))
    an_interest(a_person())

    [item] = queries.interests_to_confirm(actor_of(person))

    assert item.verb == "Check your interests"
    actions.confirm_interests(actor=actor_of(person))
    assert queries.interests_to_confirm(actor_of(person)) == []


# Nothing to declare --------------------------------------------------------------------------------------------------


def said(reader: Actor, person: Actor) -> str:
    return next(row.said for row in queries.returns_of_others(reader) if row.pk == person.user_id)  # type: ignore[attr-defined]


def test_a_person_says_that_there_is_nothing_and_whoever_answers_for_them_reads_so() -> None:
    head, holder = a_head_and_holder()
    assert said(head, holder) == "silent" and queries.nil_return_of(holder) is None

    row = actions.declare_nothing(actor=holder)

    assert said(head, holder) == "nothing" and queries.nil_return_of(holder) == row.declared_at
    assert [line.verb for line in history.of(row)] == ["declare_nothing"]
    assert not queries.returns_of_others(holder).exists()


def test_an_interest_declared_afterwards_takes_its_place() -> None:
    head, holder = a_head_and_holder()
    actions.declare_nothing(actor=holder)
    row = actions.declare_interest(actor=holder, organisation=a_provider(), kind="family")

    assert said(head, holder) == "declared"
    with pytest.raises(InvalidDetails, match="still stand"):
        actions.declare_nothing(actor=holder)
    actions.end_interest(actor=holder, interest=row, ended_on=timezone.localdate())
    assert said(head, holder) == "silent"
    actions.declare_nothing(actor=holder)
    assert said(head, holder) == "nothing"


def test_a_year_later_one_is_asked_again() -> None:
    _, holder = a_head_and_holder()
    row = actions.declare_nothing(actor=holder)
    assert queries.interests_to_confirm(holder) == []
    row.declared_at = timezone.now() - timedelta(days=366)
    row.save()

    [item] = queries.interests_to_confirm(holder)

    assert item.title == "Do you still have nothing to declare?"
    year_ago = timezone.localdate() - timedelta(days=365)
    assert [each.pk for each in queries.nil_returns_since_before(year_ago)] == [holder.user_id]


@pytest.mark.parametrize("count", [1, 12])
def test_who_has_said_what_is_one_query(count: int) -> None:
    school = a_school()
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    for _ in range(count):
        a_person(Role.GOVERNOR, at=school)

    with CaptureQueriesContext(connection) as queries_made:
        assert len(list(queries.returns_of_others(head))) == count

    assert len(queries_made) == 1
