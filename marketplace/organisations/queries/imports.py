"""What one may read of register imports, and their changes in words."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from marketplace.kernel.access import Actor, Role
from marketplace.kernel.work import WorkItem
from marketplace.organisations.importing.record import DERIVED, FIELDS, Record
from marketplace.organisations.models import (
    Area,
    ImportStatus,
    LegalStatus,
    LocationSource,
    Organisation,
    Phase,
    RegisterChange,
    RegisterImport,
    School,
    Ward,
)
from marketplace.organisations.register.vocabulary import GENDERS, PHASES, STATUSES, TYPE_GROUPS, TYPES


def imports_managed_by(actor: Actor) -> QuerySet[RegisterImport]:
    """Imports the person may apply, undo and discard: those made for an area they convene."""
    rows = RegisterImport.objects.select_related("area", "created_by")
    return rows if actor.is_system else rows.filter(area__in=actor.in_area(Role.CONVENOR))


def imports_visible_to(actor: Actor) -> QuerySet[RegisterImport]:
    """Imports for an area the person convenes, and those of an operator that changed it."""
    rows = RegisterImport.objects.select_related("area", "created_by")
    if actor.is_system:
        return rows
    areas = Area.objects.filter(pk__in=actor.in_area(Role.CONVENOR))
    codes = list(areas.values_list("code", flat=True))
    return rows.filter(Q(area__in=areas) | Q(area=None, la_codes__overlap=codes))


def changes_visible_to(actor: Actor, batch: RegisterImport) -> QuerySet[RegisterChange]:
    """The batch's changes in the areas the person convenes."""
    rows = RegisterChange.objects.filter(batch=batch)
    if actor.is_system:
        return rows
    codes = Area.objects.filter(pk__in=actor.in_area(Role.CONVENOR)).values("code")
    return rows.filter(la_code__in=codes)


def awaiting(actor: Actor) -> list[WorkItem]:
    """What needs the person: imports read and waiting to be applied."""
    if actor.user_id is None:
        return []
    waiting = imports_managed_by(actor).filter(status=ImportStatus.PREVIEWED).order_by("pk")
    return [
        WorkItem(
            verb="Review",
            title=f"Register import {batch.reference}",
            detail=f"{batch.added} to add, {batch.changed} to change, {batch.closed} to close, {batch.refused} refused",
            due_on=None,
            url_name="organisations:import",
            url_args=(batch.reference,),
        )
        for batch in waiting
    ]


LABELS = {
    "name": "Name",
    "area": "Local authority",
    "establishment_number": "Establishment number",
    "ukprn": "UKPRN",
    "type_code": "Type",
    "type_group_code": "Type group",
    "status_code": "Status",
    "open_date": "Opened on",
    "close_date": "Closes or closed on",
    "phase_code": "Phase in the register",
    "low_age": "Youngest age",
    "high_age": "Oldest age",
    "pupils": "Pupils",
    "capacity": "Places",
    "census_date": "Counted on",
    "fsm_basis_points": "Free school meals",
    "gender_code": "Pupils’ gender",
    "religious_character": "Religious character",
    "trust": "Trust",
    "federation": "Federation",
    "diocese": "Diocese",
    "street": "Street",
    "locality": "Locality",
    "town": "Town",
    "county": "County",
    "postcode": "Postcode",
    "website": "Website",
    "telephone": "Telephone",
    "ward_code": "Ward code in the register",
    "legal_status": "Whose money it spends",
    "phases": "Phases for support",
    "ward": "Ward",
    "location_source": "Place on the map",
    "easting": "Easting",
    "northing": "Northing",
}
# Told by the values they follow from.
_UNTOLD = frozenset(DERIVED) - LABELS.keys()
_VOCABULARIES = {
    "type_code": TYPES.names,
    "type_group_code": TYPE_GROUPS.names,
    "status_code": STATUSES.names,
    "phase_code": PHASES.names,
    "gender_code": GENDERS.names,
    "legal_status": dict(LegalStatus.choices),
    "location_source": dict(LocationSource.choices),
}
NOTHING = "nothing"
Names = dict[tuple[str, str], str]


@dataclass(frozen=True)
class ValueChange:
    """One value that differs, in words."""

    label: str
    before: str
    after: str


def in_words(change: RegisterChange, names: Names | None = None) -> list[ValueChange]:
    """What the change does to its school, value by value. `names` has those of groups, wards and areas, by field and code."""

    def told(name: str, value: Any) -> str:
        known = (names or {}).get((name, value)) if isinstance(value, str) else None
        return known or value_in_words(name, value)

    return [
        ValueChange(LABELS[name], told(name, change.before.get(name)), told(name, change.after[name]))
        for name in FIELDS
        if name in change.after and name not in _UNTOLD
    ]


@dataclass(frozen=True)
class ChangeInWords:
    """A change of a school as a page lists it."""

    change: RegisterChange
    reference: str
    values: list[ValueChange]
    summary: str


def told_in_words(batch: RegisterImport, changes: list[RegisterChange]) -> list[ChangeInWords]:
    """Changes of the batch in words, with the references of the schools that are here. Few queries, however many changes."""
    names = _names_in(changes)
    for group in batch.newcomers.get("groups", []):
        names.setdefault((group["kind"], group["code"]), group["name"])
    here = dict(
        School.objects.filter(urn__in=[c.urn for c in changes]).values_list("urn", "organisation__reference")
    )
    return [ChangeInWords(c, here.get(c.urn, ""), in_words(c, names), summary_in_words(c)) for c in changes]


def _names_in(changes: list[RegisterChange]) -> Names:
    codes: dict[str, set[str]] = {name: set() for name in ("trust", "federation", "diocese", "ward", "area")}
    for change in changes:
        for name, found in codes.items():
            found |= {state[name] for state in (change.before, change.after) if state.get(name)}
    names: Names = {}
    for kind in ("trust", "federation", "diocese"):
        groups = Organisation.objects.filter(kind=kind, register_code__in=codes[kind])
        names |= {(kind, code): name for code, name in groups.values_list("register_code", "name")}
    for kind, model in (("ward", Ward), ("area", Area)):
        rows = model.objects.filter(code__in=codes[kind]).values_list("code", "name")
        names |= {(kind, code): name for code, name in rows}
    return names


def value_in_words(name: str, value: Any) -> str:
    """A value of a record as a person reads it: the name behind a code, a share as a percentage."""
    if value in (None, "", []):
        return NOTHING
    if name == "phases":
        return ", ".join(Phase(phase).label for phase in value)
    if name == "fsm_basis_points":
        return f"{value / 100:g}%"
    return str(_VOCABULARIES.get(name, {}).get(value, value))


def summary_in_words(change: RegisterChange) -> str:
    """One line for a list: `Pupils 210 → 215; Status Open → Closed`."""
    if change.kind == "add":
        told: Record = change.after
        parts: Iterable[str] = (
            value_in_words(name, told[name])
            for name in ("type_code", "status_code", "postcode")
            if told.get(name)
        )
        return ", ".join(parts)
    return "; ".join(f"{each.label}: {each.before} → {each.after}" for each in in_words(change))
