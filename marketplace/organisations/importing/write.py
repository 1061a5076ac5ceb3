"""Records into the tables, many at a time."""

from collections.abc import Mapping
from typing import Any

from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.organisations.importing.compare import GROUP_KINDS, known_groups
from marketplace.organisations.importing.copying import copy_in, give_keys
from marketplace.organisations.importing.record import FIELDS, Record
from marketplace.organisations.models import (
    Area,
    LegalStatus,
    Organisation,
    OrganisationKind,
    School,
    Ward,
)

_RELATIONS = ("area", "ward", *GROUP_KINDS)
_OF_ORGANISATION = ("name", "legal_status", "address")
SCHOOL_COLUMNS = [name for name in FIELDS if name not in _OF_ORGANISATION]
ORGANISATION_COLUMNS = [*_OF_ORGANISATION, "area", "easting", "northing"]


class Writer:
    """Writes records of schools. Reads the keys of areas, wards and groups once."""

    def __init__(self) -> None:
        groups = Organisation.objects.filter(kind__in=GROUP_KINDS.values()).exclude(register_code="")
        keys = {(kind, code): pk for kind, code, pk in groups.values_list("kind", "register_code", "pk")}
        self._keys: dict[str, dict[str, int]] = {
            "area": dict(Area.objects.values_list("code", "pk")),
            "ward": dict(Ward.objects.values_list("code", "pk")),
        } | {
            relation: {code: pk for (its_kind, code), pk in keys.items() if its_kind == kind}
            for relation, kind in GROUP_KINDS.items()
        }

    def add(self, records: Mapping[int, Record]) -> list[Organisation]:
        """Make a school of each record (by URN)."""
        organisations = [
            self._set(Organisation(kind=OrganisationKind.SCHOOL), record) for record in records.values()
        ]
        give_keys(organisations)
        copy_in(organisations)
        copy_in(
            [
                School(organisation=organisation, urn=urn, **self._columns(record))
                for organisation, (urn, record) in zip(organisations, records.items(), strict=True)
            ]
        )
        return organisations

    def change(self, records: Mapping[int, Record]) -> list[Organisation]:
        """Give each school (by URN) its new record."""
        keys = dict(School.objects.filter(urn__in=records).values_list("urn", "pk"))
        rows = Organisation.objects.in_bulk(keys.values())
        organisations = [self._set(rows[keys[urn]], record) for urn, record in records.items()]
        # One INSERT … ON CONFLICT DO UPDATE for all: many times faster than an UPDATE each.
        Organisation.objects.bulk_create(
            organisations, update_conflicts=True, unique_fields=["id"], update_fields=ORGANISATION_COLUMNS
        )
        School.objects.bulk_create(
            [School(pk=keys[urn], urn=urn, **self._columns(record)) for urn, record in records.items()],
            update_conflicts=True,
            unique_fields=["organisation"],
            update_fields=SCHOOL_COLUMNS,
        )
        return organisations

    def _set(self, organisation: Organisation, record: Record) -> Organisation:
        for name in _OF_ORGANISATION:
            setattr(organisation, name, record[name])
        organisation.area_id = self._keys["area"][record["area"]]
        organisation.easting, organisation.northing = record["easting"], record["northing"]
        return organisation

    def _columns(self, record: Record) -> dict[str, Any]:
        columns = {name: record[name] for name in SCHOOL_COLUMNS if name not in _RELATIONS}
        for name in _RELATIONS:
            columns[f"{name}_id"] = self._keys[name].get(record[name])
        return columns


def make_areas(areas: Mapping[str, Mapping[str, str]], *, by: Actor) -> list[Area]:
    """Make the areas (by code) that are not here yet, each with its local authority as an organisation, where convenors hold
    their role."""
    Area.objects.bulk_create(
        [Area(code=code, name=told["name"], gss_code=told["gss_code"]) for code, told in areas.items()],
        ignore_conflicts=True,
    )
    made = list(Area.objects.filter(code__in=areas))
    has_authority = set(
        Organisation.objects.filter(kind=OrganisationKind.LOCAL_AUTHORITY, area__in=made).values_list(
            "area", flat=True
        )
    )
    authorities = [
        Organisation(
            kind=OrganisationKind.LOCAL_AUTHORITY,
            legal_status=LegalStatus.LOCAL_AUTHORITY,
            name=f"{area.name} local authority",
            area=area,
            register_code=area.code,
        )
        for area in made
        if area.pk not in has_authority
    ]
    Organisation.objects.bulk_create(authorities)
    history.write_many(authorities, verb="created", by=by)
    return made


def make_groups(groups: list[dict[str, Any]], *, by: Actor) -> list[dict[str, Any]]:
    """Make the trusts, federations and dioceses that are not here yet, and say which were made."""
    held = known_groups(group["code"] for group in groups)
    fresh = [group for group in groups if (group["kind"], group["code"]) not in held]
    areas = dict(Area.objects.values_list("code", "pk"))
    made = Organisation.objects.bulk_create(
        [
            Organisation(
                kind=group["kind"],
                register_code=group["code"],
                name=group["name"],
                legal_status=LEGAL_STATUS_OF_GROUP[group["kind"]],
                area_id=areas.get(group["area"]),
            )
            for group in fresh
        ],
        batch_size=1000,
    )
    history.write_many(made, verb="created", by=by, note="named in the register")
    return fresh


LEGAL_STATUS_OF_GROUP: dict[str, LegalStatus] = {
    OrganisationKind.TRUST: LegalStatus.ACADEMY,
    # A federation is several maintained schools under one governing body.
    OrganisationKind.FEDERATION: LegalStatus.LA_MAINTAINED,
    OrganisationKind.DIOCESE: LegalStatus.CHARITY,
}
