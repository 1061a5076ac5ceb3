"""Short ways to import register files in tests, and to see all that an import may touch."""

import io
import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

from marketplace.kernel.access import SYSTEM, Actor
from marketplace.organisations import actions
from marketplace.organisations.models import Area, Organisation, RegisterImport, School
from tests.organisations.register_files import a_file, a_school

Row = dict[str, str]
AREA = "Calderbeck"
COLUMNS_OF_A_SEARCH = (
    "URN",
    "LA (code)",
    "EstablishmentName",
    "TypeOfEstablishment (code)",
    "EstablishmentStatus (code)",
    "NumberOfPupils",
)


def a_row(urn: int = 100001, **cells: str) -> Row:
    """One school of local authority 373 as GIAS cells."""
    fields = {"URN": str(urn), "LAcode": "373", "LAname": AREA, "GSSLACodename": "E08000019"}
    return a_school(**fields | {"EstablishmentName": f"School {urn}"} | cells)


def previewed(*rows: Row, actor: Actor = SYSTEM, area: Area | None = None, **how: Any) -> RegisterImport:
    """A batch that has been read."""
    return actions.import_register_now(
        actor=actor,
        upload=io.BytesIO(a_file(*rows, **how)),
        file_name="edubasealldata.csv",
        area=area,
        apply=False,
    )


def imported(*rows: Row, actor: Actor = SYSTEM, area: Area | None = None, **how: Any) -> RegisterImport:
    """A batch that has been read and applied."""
    return actions.import_register_now(
        actor=actor, upload=io.BytesIO(a_file(*rows, **how)), file_name="edubasealldata.csv", area=area
    )


def counts(batch: RegisterImport) -> dict[str, int]:
    """The counts that are not nought."""
    names = ("read", "added", "changed", "closed", "unchanged", "refused", "missing")
    return {name: number for name in names if (number := getattr(batch, name))}


def the_school(urn: int = 100001) -> School:
    return School.objects.select_related("organisation", "area", "ward", "trust").get(urn=urn)


def everything() -> str:
    """Every value of every school and organisation, to compare byte for byte."""
    rows = [
        list(Organisation.objects.order_by("pk").values()),
        list(School.objects.order_by("pk").values()),
        list(Area.objects.order_by("pk").values()),
    ]
    return json.dumps(rows, cls=DjangoJSONEncoder, sort_keys=True)
