"""Declared interests, and needs with offers around them."""

from dataclasses import dataclass, replace
from typing import Any

from django.utils import timezone

from marketplace.brokerage.models import Need
from marketplace.brokerage.queries.ranking import Asked, asked_of
from marketplace.catalogue.models import Offer, Theme
from marketplace.organisations.models import (
    Area,
    InterestDeclaration,
    InterestKind,
    Organisation,
    School,
    User,
)
from tests.builders.brokerage import a_level_2_theme, a_need
from tests.builders.catalogue import an_offer
from tests.builders.organisations import a_person, a_provider, a_school, an_area

__all__ = ["Market", "a_market", "an_interest"]


def an_interest(
    user: User | None = None, organisation: Organisation | School | None = None, **fields: Any
) -> InterestDeclaration:
    """A governance interest, declared now."""
    now = timezone.now()
    if isinstance(organisation, School):
        organisation = organisation.organisation
    defaults = {"kind": InterestKind.GOVERNANCE, "declared_at": now, "confirmed_at": now}
    row: InterestDeclaration = InterestDeclaration.objects.scoped().create(
        user=user or a_person(), organisation=organisation or a_provider(), **defaults | fields
    )
    return row


@dataclass
class Market:
    """A school with a need of six days in primary, and places around it, on the straight line east."""

    area: Area
    school: School
    theme: Theme
    need: Need

    def provider_school(self, km: float = 5, **fields: Any) -> School:
        """A school so many kilometres from the one with the need."""
        return a_school(self.area, **{"easting": 440_000 + round(km * 1000)} | fields)

    def offer(self, provider: Organisation | School | None = None, **fields: Any) -> Offer:
        """An offer for the need's theme, of a school 5 km away unless told otherwise."""
        provider = provider or self.provider_school()
        if isinstance(provider, School):
            provider = provider.organisation
        return an_offer(provider, **{"themes": [self.theme]} | fields)

    def asked(self, **changes: Any) -> Asked:
        return replace(asked_of(self.need, today=timezone.localdate()), **changes)


def a_market(**need: Any) -> Market:
    """A need of six days in primary on a theme under a heading, without offers yet."""
    area = an_area()
    school, theme = a_school(area), a_level_2_theme()
    return Market(area, school, theme, a_need(school, theme, **need))
