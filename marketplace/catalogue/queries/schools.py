"""The vocabulary, and the school a price is worked out for."""

from collections.abc import Iterable

from django.db.models import QuerySet, Sum

from marketplace.catalogue.models import SupportType, Theme
from marketplace.catalogue.pricing import PupilPhase, SchoolFacts
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import LegalStatus, School


def themes() -> QuerySet[Theme]:
    """All themes in the order of the vocabulary, each with its parent."""
    return Theme.objects.select_related("parent").order_by("position", "name")


def support_types() -> QuerySet[SupportType]:
    return SupportType.objects.all()


def acting_school(actor: Actor, urn: int | None = None) -> School | None:
    """The school a price is worked out for: the one asked for by URN, else the one the person acts for, else the first they buy for.

    Any open school may be asked for, since a price needs only what the register publishes. Raises `NotFound` for an unknown URN.
    """
    schools = School.objects.select_related("organisation", "trust", "area").filter(
        status_code__in=School.OPEN_STATUSES
    )
    if urn is not None:
        found = schools.filter(urn=urn).first()
        if found is None:
            raise NotFound(
                f"There is no open school with the URN {urn}.", remedy="Check the number: it has six digits."
            )
        return found
    own = actor.organisations(*SCHOOL_BUYERS)
    if not own:
        return None
    candidates = sorted(schools.filter(pk__in=own), key=lambda school: school.organisation.name)
    return next((s for s in candidates if s.pk == actor.current), candidates[0] if candidates else None)


def school_facts(school: School) -> SchoolFacts:
    """What the register says of a school, in the form in which prices are worked out."""
    return facts_of_schools([school])[school.pk]


def facts_of_schools(schools: Iterable[School]) -> dict[int, SchoolFacts]:
    """The facts of many schools by their keys: one query for the pupils of all their trusts."""
    schools = list(schools)
    trusts = {school.trust_id for school in schools} - {None}
    pupils_of = dict(
        School.objects.filter(trust_id__in=trusts, status_code__in=School.OPEN_STATUSES)
        .values("trust_id")
        .annotate(all=Sum("pupils"))
        .values_list("trust_id", "all")
        if trusts
        else ()
    )
    return {
        school.pk: SchoolFacts(
            name=school.organisation.name,
            phases=PupilPhase.of_support(school.phases),
            pupils_total=school.pupils,
            census_date=school.census_date,
            is_academy=school.organisation.legal_status == LegalStatus.ACADEMY,
            trust_pupils=pupils_of.get(school.trust_id) if school.trust_id else None,
        )
        for school in schools
    }
