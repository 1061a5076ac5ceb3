"""Designations have dates and evidence; a convenor looks at it, and those who keep them are reminded."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.catalogue import actions, queries
from marketplace.catalogue.actions.people import PractitionerInvalid
from marketplace.catalogue.models import Designation
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.notifications.models import Notification
from marketplace.notifications.quality import remind_of_designations
from tests.builders import (
    a_convenor,
    a_person,
    a_practitioner,
    a_provider,
    a_provider_designation,
    actor_of,
    an_area,
)

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate


def test_a_lead_notes_a_designation_of_the_organisation() -> None:
    hub = a_provider()
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=hub))

    award = actions.designate_provider(
        actor=lead,
        organisation=hub,
        scheme=" Teaching school hub ",
        awarded_by="Department for Education",
        valid_from=TODAY(),
        evidence="Letter of award",
    )

    assert list(queries.designations_of_provider(hub)) == [award]
    assert award.scheme == "Teaching school hub"


def test_it_is_noted_by_those_who_keep_the_organisation_only() -> None:
    hub = a_provider()
    other = actor_of(a_person(Role.PROVIDER_LEAD, at=a_provider(hub.area)))

    with pytest.raises(NotAllowed):
        actions.designate_provider(
            actor=other, organisation=hub, scheme="Hub", awarded_by="DfE", valid_from=TODAY()
        )


def test_one_that_ends_before_it_starts_is_refused() -> None:
    hub = a_provider()

    with pytest.raises(PractitionerInvalid):
        actions.designate_provider(
            actor=actor_of(a_person(Role.PROVIDER_LEAD, at=hub)),
            organisation=hub,
            scheme="Hub",
            awarded_by="DfE",
            valid_from=TODAY(),
            valid_to=TODAY() - timedelta(days=1),
        )


class TestAConvenorLooksAtTheEvidence:
    def test_and_their_name_and_day_are_kept(self) -> None:
        hub = a_provider()
        award = a_provider_designation(hub)
        convenor = a_convenor(hub.area)

        checked = actions.check_designation(actor=actor_of(convenor), designation=award)

        assert checked.checked_by == convenor and checked.checked_at is not None

    def test_of_their_own_area_only(self) -> None:
        award = a_provider_designation(a_provider())

        with pytest.raises(NotFound):
            actions.check_designation(actor=actor_of(a_convenor(an_area())), designation=award)

    def test_where_there_is_any_and_it_has_not_ended(self) -> None:
        hub = a_provider()
        convenor = actor_of(a_convenor(hub.area))
        bare = a_provider_designation(hub, evidence="")
        over = a_provider_designation(hub, valid_to=TODAY() - timedelta(days=1))

        for award in (bare, over):
            with pytest.raises(NotNow):
                actions.check_designation(actor=convenor, designation=award)

    def test_another_last_day_takes_the_check_away(self) -> None:
        hub = a_provider()
        award = a_provider_designation(hub)
        checked = actions.check_designation(actor=actor_of(a_convenor(hub.area)), designation=award)

        ended = actions.end_provider_designation(
            actor=actor_of(a_person(Role.PROVIDER_LEAD, at=hub)),
            designation=checked,  # type: ignore[arg-type]
            valid_to=TODAY() + timedelta(days=9),
        )

        assert ended.checked_by is None and ended.checked_at is None


def test_those_who_keep_them_and_the_person_are_reminded_twice() -> None:
    hub = a_provider()
    lead, person = a_person(Role.PROVIDER_LEAD, at=hub), a_person()
    practitioner = a_practitioner(hub, user=person)
    Designation.objects.create(
        practitioner=practitioner,
        scheme="Specialist leader",
        awarded_by="Hub",
        valid_from=TODAY() - timedelta(days=300),
        valid_to=TODAY() + timedelta(days=40),
    )
    a_provider_designation(hub, valid_to=TODAY() + timedelta(days=10))

    for _ in range(2):
        remind_of_designations(0)

    told = sorted(Notification.objects.values_list("user__name", "title"))
    about_person = [name for name, title in told if "Specialist leader" in title]
    about_hub = [name for name, title in told if "Teaching school hub" in title]
    assert sorted(about_person) == sorted([lead.name, person.name])
    assert about_hub == [lead.name, lead.name]  # within 60 days, and within 14


def test_what_ends_soon_is_in_the_work_of_the_lead() -> None:
    hub = a_provider()
    a_provider_designation(hub, valid_to=TODAY() + timedelta(days=30))
    a_provider_designation(hub, valid_to=TODAY() + timedelta(days=300))

    items = queries.awaiting(actor_of(a_person(Role.PROVIDER_LEAD, at=hub)))

    assert [item.verb for item in items] == ["Renew the designation"]
