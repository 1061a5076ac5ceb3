"""Practitioners, their designations and the employer's assurance."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.utils import timezone

from marketplace.catalogue import actions, queries
from marketplace.catalogue.actions.people import PractitionerInvalid, Profile
from marketplace.catalogue.models import AssuranceScope, EmployerAssurance, Practitioner
from marketplace.catalogue.rules import LooksLikeCertificateNumber
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations.models import OrganisationKind, Phase
from tests.builders import (
    a_person,
    a_practitioner,
    a_school,
    actor_of,
    an_assurance,
    an_offer,
    an_organisation,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
PROFILE = Profile(name="A specialist", job_title="Phonics lead", phases=(Phase.PRIMARY,), agreed_half_days=30)


def head_of(school: object) -> object:
    return actor_of(a_person(Role.HEADTEACHER, at=school))


def test_a_school_lists_its_own_person() -> None:
    school = a_school()
    person = actions.add_practitioner(
        actor=head_of(school), organisation=school.organisation, profile=PROFILE
    )
    assert person.releasing_organisation == school.organisation and person.listed_by is None
    assert [h.verb for h in history.of(person)] == ["add"]


def test_a_hub_lists_a_person_whom_a_school_releases() -> None:
    hub, school = an_organisation(OrganisationKind.TEACHING_SCHOOL_HUB), a_school()
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=hub))
    person = actions.add_practitioner(
        actor=lead, organisation=hub, profile=PROFILE, releasing_organisation=school.organisation
    )

    assert list(queries.people_of(hub)) == [person]
    assert list(queries.practitioners_managed_by(head_of(school))) == [person]
    with pytest.raises(NotAllowed):
        actions.record_assurance(
            actor=lead,
            practitioner=person,
            scope=AssuranceScope.ACCOMPANIED,
            valid_from=TODAY,
            valid_to=TODAY + timedelta(days=300),
        )


def test_the_days_a_year_are_the_employers_to_agree_and_not_who_lists_the_person() -> None:
    hub, school = an_organisation(OrganisationKind.TEACHING_SCHOOL_HUB), a_school()
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=hub))
    person = actions.add_practitioner(
        actor=lead, organisation=hub, profile=PROFILE, releasing_organisation=school.organisation
    )
    more = replace(PROFILE, agreed_half_days=400)

    with pytest.raises(NotAllowed, match="to agree, which employs this person"):
        actions.edit_practitioner(actor=lead, practitioner=person, profile=more)
    actions.edit_practitioner(
        actor=lead, practitioner=person, profile=replace(PROFILE, name="Another name", agreed_half_days=None)
    )
    person.refresh_from_db()
    assert (person.name, person.agreed_half_days) == ("Another name", 30)
    actions.edit_practitioner(actor=head_of(school), practitioner=person, profile=more)

    person.refresh_from_db()
    assert person.agreed_half_days == 400


def test_others_neither_see_nor_change_a_persons_page() -> None:
    person, stranger = a_practitioner(), head_of(a_school())
    with pytest.raises(NotFound):
        queries.practitioner_for(stranger, person.reference)
    with pytest.raises(NotAllowed):
        actions.edit_practitioner(actor=stranger, practitioner=person, profile=PROFILE)


def test_a_practitioner_sees_their_own_page() -> None:
    school = a_school()
    user = a_person(Role.PRACTITIONER, at=school)
    person = a_practitioner(school.organisation, user=user)
    assert queries.practitioner_for(actor_of(user), person.reference) == person


@pytest.mark.parametrize("field", ["name", "job_title", "biography"])
@pytest.mark.parametrize(
    "text", ["DBS 001234567890", "0012 3456 7890", "0012-3456-7890", "No. 001.234.567.890!"]
)
def test_a_number_of_twelve_digits_is_refused_with_a_way_out(field: str, text: str) -> None:
    school = a_school()
    profile = Profile(**{"name": "A specialist", field: text})
    with pytest.raises(LooksLikeCertificateNumber) as refused:
        actions.add_practitioner(actor=head_of(school), organisation=school.organisation, profile=profile)
    assert refused.value.field == field
    assert "employer’s assurance" in refused.value.remedy


@pytest.mark.parametrize(
    "text",
    [
        "Call 01709 123456",
        "+44 7700 900123",
        "2019 to 2026",
        "1234567890123456",
        "in 12 schools, 345 lessons",
    ],
)
def test_telephone_numbers_and_years_are_not_taken_for_certificates(text: str) -> None:
    school = a_school()
    profile = Profile(name="A specialist", biography=text)
    actions.add_practitioner(actor=head_of(school), organisation=school.organisation, profile=profile)


def test_no_table_of_the_catalogue_has_a_place_for_a_certificate() -> None:
    names = {f.name for model in (Practitioner, EmployerAssurance) for f in model._meta.get_fields()}
    assert not any("dbs" in name or "certificate" in name or "number" in name for name in names)


def test_designations_carry_their_body_and_dates() -> None:
    school = a_school()
    head, person = head_of(school), a_practitioner(school.organisation)
    award = actions.add_designation(
        actor=head,
        practitioner=person,
        scheme="Specialist leader of education",
        awarded_by="A hub",
        valid_from=date(2023, 9, 1),
    )
    actions.end_designation(actor=head, designation=award, valid_to=date(2026, 8, 31))
    award.refresh_from_db()
    assert (award.awarded_by, award.valid_to) == ("A hub", date(2026, 8, 31))

    with pytest.raises(PractitionerInvalid, match="ends before"):
        actions.end_designation(actor=head, designation=award, valid_to=date(2020, 1, 1))


def test_the_releasing_headteacher_gives_the_assurance_and_it_holds_for_its_days() -> None:
    school = a_school()
    head, person = head_of(school), a_practitioner(school.organisation, assured=False)
    assert [item.verb for item in queries.awaiting(head)] == ["Give the employer’s assurance"]

    given = actions.record_assurance(
        actor=head,
        practitioner=person,
        scope=AssuranceScope.REGULATED,
        valid_from=TODAY,
        valid_to=TODAY + timedelta(days=100),
        agreed_half_days=20,
    )

    assert queries.assured_on(person, TODAY) == given
    assert queries.assured_on(person, TODAY + timedelta(days=100)) == given
    assert queries.assured_on(person, TODAY + timedelta(days=101)) is None
    assert queries.assured_on(person, TODAY - timedelta(days=1)) is None
    assert given.confirmed_by_name == head.name and given.confirmed_on == TODAY
    person.refresh_from_db()
    assert person.agreed_half_days == 20
    assert queries.awaiting(head) == []


def test_nobody_gives_the_assurance_for_themselves() -> None:
    school = a_school()
    user = a_person(Role.HEADTEACHER, at=school)
    person = a_practitioner(school.organisation, user=user, assured=False)
    days = {"valid_from": TODAY, "valid_to": TODAY + timedelta(days=90)}
    with pytest.raises(NotAllowed, match="for yourself"):
        actions.record_assurance(
            actor=actor_of(user), practitioner=person, scope=AssuranceScope.ACCOMPANIED, **days
        )
    assert queries.awaiting(actor_of(user)) == []

    chair = actor_of(a_person(Role.GOVERNOR, at=school))
    actions.record_assurance(actor=chair, practitioner=person, scope=AssuranceScope.ACCOMPANIED, **days)
    assert queries.assured_on(person, TODAY)


def test_a_governor_speaks_for_the_headteacher_only() -> None:
    school = a_school()
    person = a_practitioner(school.organisation, assured=False)
    with pytest.raises(NotAllowed):
        actions.record_assurance(
            actor=actor_of(a_person(Role.GOVERNOR, at=school)),
            practitioner=person,
            scope=AssuranceScope.ACCOMPANIED,
            valid_from=TODAY,
            valid_to=TODAY,
        )


@pytest.mark.parametrize(
    ("days", "field"),
    [
        ({"valid_from": TODAY - timedelta(days=9), "valid_to": TODAY - timedelta(days=1)}, "valid_to"),
        ({"valid_from": TODAY, "valid_to": TODAY - timedelta(days=1)}, "valid_to"),
        ({"valid_from": TODAY, "valid_to": TODAY + timedelta(days=2000)}, "valid_to"),
    ],
)
def test_an_assurance_has_days_that_make_sense(days: dict, field: str) -> None:
    school = a_school()
    person = a_practitioner(school.organisation, assured=False)
    with pytest.raises(PractitionerInvalid) as refused:
        actions.record_assurance(
            actor=head_of(school), practitioner=person, scope=AssuranceScope.ACCOMPANIED, **days
        )
    assert refused.value.field == field


def test_an_assurance_taken_back_counts_for_no_day_and_stays_as_history() -> None:
    school = a_school()
    head, person = head_of(school), a_practitioner(school.organisation)
    assurance = queries.assured_on(person, TODAY)

    actions.withdraw_assurance(actor=head, assurance=assurance)

    assert queries.assured_on(person, TODAY) is None
    assert queries.assured_among([person.pk], TODAY) == set()
    assert person.assurances.count() == 1
    with pytest.raises(NotNow):
        actions.withdraw_assurance(actor=head, assurance=assurance)


def test_the_widest_assurance_counts() -> None:
    person = a_practitioner()
    wide = an_assurance(person, scope=AssuranceScope.REGULATED)
    an_assurance(person, scope=AssuranceScope.ACCOMPANIED)
    assert queries.assured_on(person, TODAY) == wide


def test_an_assurance_about_to_end_is_on_the_headteachers_list() -> None:
    school = a_school()
    person = a_practitioner(school.organisation, assured=False)
    an_assurance(person, valid_to=TODAY + timedelta(days=20))
    assert [p.name for p in queries.to_assure(head_of(school), TODAY)] == [person.name]


def test_a_person_stood_down_disappears_from_offers() -> None:
    school = a_school()
    head, person = head_of(school), a_practitioner(school.organisation)
    offer = an_offer(school.organisation, practitioners=[person])
    buyer = head_of(a_school())
    assert list(queries.practitioners_on_show(buyer)) == [person]

    actions.stand_down_practitioner(actor=head, practitioner=person)
    assert list(queries.practitioners_on_show(buyer)) == []
    assert list(queries.offer_for(buyer, offer.reference).current.practitioners.all()) == []
    with pytest.raises(NotNow):
        actions.stand_down_practitioner(actor=head, practitioner=person)

    actions.reinstate_practitioner(actor=head, practitioner=person)
    assert list(queries.practitioners_on_show(buyer)) == [person]
