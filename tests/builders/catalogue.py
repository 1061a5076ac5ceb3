"""Themes, practitioners and offers."""

import itertools
from datetime import date
from typing import Any

from django.utils import timezone

from marketplace.catalogue.content import OfferContent
from marketplace.catalogue.models import (
    Designation,
    EmployerAssurance,
    Offer,
    OfferStatus,
    OfferVersion,
    Practitioner,
    SupportType,
    Theme,
    VersionStatus,
)
from marketplace.catalogue.search import rebuild_index
from marketplace.organisations.models import Organisation, Phase
from tests.builders.organisations import a_provider, a_school

_count = itertools.count(1)

__all__ = [
    "a_designation",
    "a_practitioner",
    "a_support_type",
    "a_theme",
    "an_assurance",
    "an_offer",
    "some_content",
]


def a_theme(**fields: Any) -> Theme:
    n = next(_count)
    return Theme.objects.create(**{"code": f"theme-{n}", "name": f"Theme {n}"} | fields)


def a_support_type(**fields: Any) -> SupportType:
    n = next(_count)
    return SupportType.objects.create(**{"code": f"type-{n}", "name": f"Support type {n}"} | fields)


def an_assurance(practitioner: Practitioner, **fields: Any) -> EmployerAssurance:
    defaults = {
        "confirmed_by_name": "A headteacher",
        "confirmed_on": date(2026, 9, 1),
        "valid_from": date(2020, 9, 1),
        "valid_to": date(2035, 8, 31),
    }
    return EmployerAssurance.objects.create(practitioner=practitioner, **defaults | fields)


def a_practitioner(at: Organisation | None = None, *, assured: bool = True, **fields: Any) -> Practitioner:
    """A person released by a school, with the employer's assurance unless told otherwise."""
    n = next(_count)
    at = at or a_school().organisation
    defaults = {"name": f"Practitioner {n}", "phases": [Phase.PRIMARY], "agreed_half_days": 30}
    practitioner = Practitioner.objects.create(releasing_organisation=at, **defaults | fields)
    if assured:
        an_assurance(practitioner)
    return practitioner


def a_designation(practitioner: Practitioner, **fields: Any) -> Designation:
    defaults = {
        "scheme": "Specialist leader of education",
        "awarded_by": "A teaching school hub",
        "valid_from": date(2023, 9, 1),
    }
    return Designation.objects.create(practitioner=practitioner, **defaults | fields)


def some_content(**fields: Any) -> OfferContent:
    """Content of an offer that is ready to be handed in: a day at £350 for primary schools."""
    n = next(_count)
    defaults: dict[str, Any] = {
        "title": f"Support {n}",
        "summary": "A day of support in your school.",
        "phases": (Phase.PRIMARY,),
        "capacity_half_days": 40,
        "price_rule": {"kind": "per_day", "amount_pence": 35_000},
    }
    given = defaults | fields
    if "support_type" not in given:
        given["support_type"] = a_support_type()
    if "themes" not in given:
        given["themes"] = (a_theme(),)
    return OfferContent(**given)


def an_offer(
    provider: Organisation | None = None,
    *,
    themes: list[Theme] | None = None,
    practitioners: list[Practitioner] | None = None,
    status: str = OfferStatus.PUBLISHED,
    **fields: Any,
) -> Offer:
    """A published offer of a day at £350, in person within 25 km, for primary schools, with 20 days in the year."""
    n = next(_count)
    provider = provider or a_provider()
    offer = Offer.objects.create(provider=provider)
    defaults = {
        "title": f"Support {n}",
        "summary": "A day of support in your school.",
        "support_type": fields.pop("support_type", None) or a_support_type(),
        "phases": [Phase.PRIMARY],
        "capacity_half_days": 40,
        "price_rule": {"kind": "per_day", "amount_pence": 35_000},
    }
    in_work = status if status in ("draft", "submitted", "returned") else VersionStatus.APPROVED
    version = OfferVersion.objects.create(offer=offer, number=1, status=in_work, **defaults | fields)
    version.themes.set(themes if themes is not None else [a_theme()])
    version.practitioners.set(practitioners or [])
    offer.status = status
    if in_work == VersionStatus.APPROVED:
        offer.current = version
        offer.published_at = offer.confirmed_at = timezone.now()
    offer.save()
    rebuild_index([version.pk])
    return offer
