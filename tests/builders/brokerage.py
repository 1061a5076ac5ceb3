"""Needs."""

from typing import Any

from django.utils import timezone

from marketplace.brokerage.models import Need
from marketplace.catalogue.models import Theme
from marketplace.kernel.dates import academic_year, local
from marketplace.organisations.models import Phase, School
from tests.builders.catalogue import a_theme
from tests.builders.organisations import a_school

__all__ = ["a_level_2_theme", "a_need"]


def a_level_2_theme(**fields: Any) -> Theme:
    """A theme needs can be declared for: one under a heading."""
    return a_theme(**{"parent": a_theme()} | fields)


def a_need(school: School | None = None, theme: Theme | None = None, **fields: Any) -> Need:
    """An open need of six days in primary, declared today."""
    now = timezone.now()
    defaults = {
        "phase": Phase.PRIMARY,
        "half_days": 12,
        "declared_at": now,
        "academic_year": academic_year(local(now).date()),
    }
    school = school or a_school()
    return Need.objects.scoped().create(
        school=school.organisation, theme=theme or a_level_2_theme(), **defaults | fields
    )
