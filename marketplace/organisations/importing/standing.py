"""The records of schools as they stand in the database."""

from collections.abc import Collection
from datetime import date
from typing import Any

from marketplace.organisations.importing.record import FIELDS, Record
from marketplace.organisations.models import School

# Record name → path from School, where it isn't a column of its own.
PATHS = {
    "name": "organisation__name",
    "legal_status": "organisation__legal_status",
    "address": "organisation__address",
    "area": "area__code",
    "ward": "ward__code",
    "trust": "trust__register_code",
    "federation": "federation__register_code",
    "diocese": "diocese__register_code",
}
_COLUMNS = [PATHS.get(name, name) for name in FIELDS]


def standing_records(urns: Collection[int]) -> dict[int, Record]:
    """URN → record, for those of `urns` we have."""
    rows = School.objects.filter(urn__in=urns).values_list("urn", *_COLUMNS)
    return {urn: dict(zip(FIELDS, map(_plain, FIELDS, values), strict=True)) for urn, *values in rows}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if value is None and name in PATHS:
        return ""
    return value
