"""Practitioners one may see, and whether their employer has given its assurance."""

from collections.abc import Collection
from datetime import date, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from marketplace.catalogue import rules
from marketplace.catalogue.access import ASSURERS, MANAGERS, may_manage_person
from marketplace.catalogue.models import AssuranceScope, EmployerAssurance, OfferVersion, Practitioner
from marketplace.catalogue.queries.offers import published
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Organisation, OrganisationKind


def practitioners_managed_by(actor: Actor) -> QuerySet[Practitioner]:
    """The people whose page this person keeps."""
    people = Practitioner.objects.select_related("releasing_organisation", "listed_by")
    if actor.is_system:
        return people
    own = actor.organisations(*MANAGERS)
    return people.filter(Q(releasing_organisation__in=own) | Q(listed_by__in=own))


def practitioner_for(actor: Actor, reference: str) -> Practitioner:
    """The practitioner with this reference, for those who keep their page or speak as employer, or the person. `NotFound` otherwise."""
    person = (
        Practitioner.objects.select_related("releasing_organisation", "listed_by", "user")
        .prefetch_related("designations", "assurances", "themes")
        .filter(reference=reference)
        .first()
    )
    allowed = person is not None and (
        may_manage_person(actor, person)
        or actor.holds(Role.GOVERNOR, at=person.releasing_organisation_id)
        or (person.user_id is not None and person.user_id == actor.user_id)
    )
    if person is None or not allowed:
        raise NotFound
    return person


def practitioners_on_show(actor: Actor) -> QuerySet[Practitioner]:
    """Active people named in an offer on show to this person: only their public side is to be shown."""
    named = OfferVersion.practitioners.through.objects.filter(
        practitioner=OuterRef("pk"), offerversion__in=published(actor).values("current_id")
    )
    return (
        Practitioner.objects.filter(Exists(named), is_active=True)
        .select_related("releasing_organisation")
        .prefetch_related("designations", "themes")
    )


def people_of(provider: Organisation) -> QuerySet[Practitioner]:
    """Active people a provider may name in its offers: those it lists or releases, and for a trust those its schools release."""
    return Practitioner.objects.filter(
        Q(listed_by=provider)
        | Q(releasing_organisation=provider)
        | Q(releasing_organisation__school__trust=provider)
        | Q(releasing_organisation__school__federation=provider),
        is_active=True,
    ).select_related("releasing_organisation")


def assured_on(practitioner: Practitioner | int, day: date) -> EmployerAssurance | None:
    """The employer's assurance that holds on a day, the widest where there are several; `None` where there is none (I19)."""
    found = EmployerAssurance.objects.filter(
        practitioner=practitioner, withdrawn_at__isnull=True, valid_from__lte=day, valid_to__gte=day
    )
    return max(found, key=lambda each: each.scope == AssuranceScope.REGULATED, default=None)


def assured_among(practitioner_ids: Collection[int], day: date) -> set[int]:
    """Those of the people who are assured on a day."""
    return set(
        EmployerAssurance.objects.filter(
            practitioner__in=practitioner_ids,
            withdrawn_at__isnull=True,
            valid_from__lte=day,
            valid_to__gte=day,
        ).values_list("practitioner_id", flat=True)
    )


def to_assure(actor: Actor, today: date) -> QuerySet[Practitioner]:
    """Active people of the schools the person heads who have no assurance, or whose assurance ends within 30 days."""
    until = today + timedelta(days=rules.ASSURANCE_WARNING_DAYS)
    lasting = EmployerAssurance.objects.filter(
        practitioner=OuterRef("pk"), withdrawn_at__isnull=True, valid_from__lte=today, valid_to__gt=until
    )
    schools = Q(
        releasing_organisation__in=actor.organisations(*ASSURERS),
        releasing_organisation__kind=OrganisationKind.SCHOOL,
    )
    others = Q(releasing_organisation__in=actor.organisations(Role.PROVIDER_LEAD, Role.TRUST_LEAD)) & ~Q(
        releasing_organisation__kind=OrganisationKind.SCHOOL
    )
    people = Practitioner.objects.filter(schools | others, ~Exists(lasting), is_active=True)
    return people.exclude(Q(user__isnull=False) & Q(user=actor.user_id)).select_related(
        "releasing_organisation"
    )


def own_page(actor: Actor) -> Practitioner | None:
    """The practitioner this person is, if any."""
    return Practitioner.objects.filter(user_id=actor.user_id).first() if actor.user_id else None


def with_assurance(people: QuerySet[Practitioner], day: date) -> QuerySet[Practitioner]:
    """The people each with `assured_until`: the last day of the assurance that holds on `day`, or null."""
    holding = EmployerAssurance.objects.filter(
        practitioner=OuterRef("pk"), withdrawn_at__isnull=True, valid_from__lte=day, valid_to__gte=day
    )
    return people.annotate(assured_until=Subquery(holding.order_by("-valid_to").values("valid_to")[:1]))
