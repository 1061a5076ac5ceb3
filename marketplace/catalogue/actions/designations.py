"""Designations of people and of providers: noted by those who keep them, looked at by a convenor, reminded of before they end."""

from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from marketplace.catalogue import queries
from marketplace.catalogue.access import must_manage
from marketplace.catalogue.actions.people import PractitionerInvalid, check_period, check_text, managed
from marketplace.catalogue.models import Award, Designation, Practitioner, ProviderDesignation
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotNow
from marketplace.organisations.models import Organisation

LENGTHS = {"scheme": 80, "awarded_by": 150, "evidence": 300}


@action
def add_designation(
    *,
    actor: Actor,
    practitioner: Practitioner,
    scheme: str,
    awarded_by: str,
    valid_from: date,
    valid_to: date | None = None,
    evidence: str = "",
) -> Designation:
    """Note a person's award such as Specialist Leader of Education, with the body that made it and its dates.

    `evidence` says where it can be seen. Raises `NotAllowed`, `PractitionerInvalid`.
    """
    person = managed(actor, practitioner)
    award = Designation(practitioner=person, **_award(scheme, awarded_by, valid_from, valid_to, evidence))
    award.save()
    history.write(person, verb="designate", by=actor, note=_in_words(award))
    return award


@action
def designate_provider(
    *,
    actor: Actor,
    organisation: Organisation,
    scheme: str,
    awarded_by: str,
    valid_from: date,
    valid_to: date | None = None,
    evidence: str = "",
) -> ProviderDesignation:
    """Note an award of the organisation itself, such as Teaching school hub. Raises as `add_designation` does."""
    must_manage(actor, organisation.pk, to="note designations of this provider")
    award = ProviderDesignation(
        organisation=organisation, **_award(scheme, awarded_by, valid_from, valid_to, evidence)
    )
    award.save()
    history.write(organisation, verb="designate", by=actor, note=_in_words(award))
    return award


@action
def end_designation(*, actor: Actor, designation: Designation, valid_to: date) -> Designation:
    """Say on which day a person's designation ends, or ended."""
    person = managed(actor, designation.practitioner)
    _end(designation, valid_to)
    history.write(person, verb="end_designation", by=actor, note=f"{designation.scheme} until {valid_to}")
    return designation


@action
def end_provider_designation(
    *, actor: Actor, designation: ProviderDesignation, valid_to: date
) -> ProviderDesignation:
    """Say on which day an organisation's designation ends, or ended."""
    organisation = designation.organisation
    must_manage(actor, organisation.pk, to="change designations of this provider")
    _end(designation, valid_to)
    history.write(
        organisation, verb="end_designation", by=actor, note=f"{designation.scheme} until {valid_to}"
    )
    return designation


@action
def check_designation(*, actor: Actor, designation: Award) -> Award:
    """A convenor has seen the evidence: schools read that the local authority checked the award, and when.

    Raises `NotFound` for others, `NotNow` where it has ended or gives no evidence to look at.
    """
    rows: QuerySet[Award] = (
        queries.designations_convened_by(actor)
        if isinstance(designation, Designation)
        else queries.provider_designations_convened_by(actor)
    )
    award: Award = locked(rows, pk=designation.pk)
    if not award.evidence:
        raise NotNow(
            "It does not say where the award can be seen.", remedy="Ask the provider to add the evidence."
        )
    if award.valid_to is not None and award.valid_to < timezone.localdate():
        raise NotNow("The designation has ended.", remedy="There is nothing left to check.")
    award.checked_by_id, award.checked_at = actor.user_id, timezone.now()
    award.save(update_fields=["checked_by", "checked_at"])
    history.write(_bearer(award), verb="check_designation", by=actor, note=_in_words(award))
    return award


def _award(
    scheme: str, awarded_by: str, valid_from: date, valid_to: date | None, evidence: str
) -> dict[str, object]:
    given = {"scheme": scheme.strip(), "awarded_by": awarded_by.strip(), "evidence": evidence.strip()}
    for field, text in given.items():
        check_text(field, text, LENGTHS[field])
        if not text and field != "evidence":
            raise PractitionerInvalid("This is missing.", remedy="Write a few words.", field=field)
    check_period(valid_from, valid_to)
    return {**given, "valid_from": valid_from, "valid_to": valid_to}


def _end(award: Award, valid_to: date) -> None:
    """Another last day is another award: whoever checked it checked the old one."""
    check_period(award.valid_from, valid_to)
    award.valid_to, award.checked_by, award.checked_at = valid_to, None, None
    award.save(update_fields=["valid_to", "checked_by", "checked_at"])


def _bearer(award: Award) -> Practitioner | Organisation:
    return award.practitioner if isinstance(award, Designation) else award.organisation  # type: ignore[attr-defined]


def _in_words(award: Award) -> str:
    return f"{award.scheme}, {award.awarded_by}"
