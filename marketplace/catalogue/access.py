"""Who may do what in the catalogue."""

from marketplace.catalogue.models import Practitioner
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import Membership, Organisation, OrganisationKind

MANAGERS = (Role.PROVIDER_LEAD, Role.HEADTEACHER, Role.TRUST_LEAD)
"""Who keeps a provider's offers and people."""

ASSURERS = (Role.HEADTEACHER, Role.TRUST_LEAD)
"""Who speaks for a school as employer. For other employers it is the provider lead."""


def assurers_of(employer: Organisation) -> tuple[Role, ...]:
    """The roles that may give an employer's assurance."""
    return ASSURERS if employer.kind == OrganisationKind.SCHOOL else (Role.PROVIDER_LEAD, Role.TRUST_LEAD)


def must_speak_as_employer(actor: Actor, practitioner: Practitioner) -> None:
    """Raise `NotAllowed` unless the person may give the employer's word for this practitioner, and is somebody else.

    The headteacher's own checks were done by the governors or the trust, so a governor of the school may speak for a
    practitioner who is its headteacher.
    """
    employer = practitioner.releasing_organisation
    if practitioner.user_id is not None and practitioner.user_id == actor.user_id:
        raise NotAllowed(
            "You can’t give the employer’s assurance for yourself.",
            remedy="Ask the headteacher; for a headteacher, the chair of governors or the trust.",
        )
    if actor.holds(Role.GOVERNOR, at=employer.pk) and _is_headteacher(practitioner):
        return
    actor.must_hold(*assurers_of(employer), at=employer.pk, to="give the employer’s assurance")


def _is_headteacher(practitioner: Practitioner) -> bool:
    return (
        practitioner.user_id is not None
        and Membership.objects.filter(
            user_id=practitioner.user_id,
            organisation=practitioner.releasing_organisation_id,
            role=Role.HEADTEACHER,
            ended_at__isnull=True,
        ).exists()
    )


def must_manage(actor: Actor, provider_id: int, *, to: str) -> None:
    """Raise `NotAllowed` unless the person keeps this provider's offers and people."""
    actor.must_hold(*MANAGERS, at=provider_id, to=to)


def may_agree_days(actor: Actor, practitioner: Practitioner) -> bool:
    """Whether the person says for how many days a year this practitioner is let go: where another body employs them, its word alone."""
    if practitioner.listed_by_id is None:
        return may_manage_person(actor, practitioner)
    employer = practitioner.releasing_organisation
    is_oneself = practitioner.user_id is not None and practitioner.user_id == actor.user_id
    return not is_oneself and actor.holds(*assurers_of(employer), at=employer.pk)


def may_manage_person(actor: Actor, practitioner: Practitioner) -> bool:
    """Whether the person keeps this practitioner's page: for the releasing organisation or the body that lists them."""
    return actor.holds(*MANAGERS, at=practitioner.releasing_organisation_id) or actor.holds(
        *MANAGERS, at=practitioner.listed_by_id
    )
