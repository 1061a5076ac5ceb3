"""What was gathered as bytes, to be kept with a snapshot and had back as it was, whatever has changed since.

The tables of the inputs are numpy's own archive, without pickles; the keys of their rows are JSON beside them.
"""

import json
from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from io import BytesIO
from typing import Any

import numpy as np

from marketplace.coverage.gathering.gathered import (
    CommissionKey,
    Gathered,
    NeedKey,
    PoolKey,
    SchoolKey,
    ThemeKey,
)
from marketplace.coverage.measures import Inputs, Needs, Offers, Pools, Schools, Sites, Themes
from marketplace.kernel.dates import Period

TABLES: Mapping[str, type[Any]] = {
    "schools": Schools,
    "themes": Themes,
    "needs": Needs,
    "pools": Pools,
    "sites": Sites,
    "offers": Offers,
}
KEYS = "keys"
CONFLICTS = "conflicts"


def packed(gathered: Gathered) -> bytes:
    """All of it, compressed: some tens of kilobytes for a borough."""
    inputs = gathered.inputs
    columns: dict[str, Any] = {
        f"{name}.{column.name}": getattr(getattr(inputs, name), column.name)
        for name, table in TABLES.items()
        for column in fields(table)
    }
    keys = json.dumps(
        {
            "academic_year": gathered.academic_year,
            "themes": gathered.themes,
            "schools": gathered.schools,
            "needs": gathered.needs,
            "pools": gathered.pools,
            "commissioned": gathered.commissioned,
            "wards": list(gathered.wards.items()),
            "term": gathered.term and [day.isoformat() for day in gathered.term],
        }
    )
    columns[CONFLICTS] = inputs.conflicts
    columns[KEYS] = np.frombuffer(keys.encode(), dtype=np.uint8)
    kept = BytesIO()
    np.savez_compressed(
        kept,
        allow_pickle=False,
        **columns,
    )
    return kept.getvalue()


def unpacked(kept: bytes) -> Gathered:
    """What `packed` was given."""
    with np.load(BytesIO(kept), allow_pickle=False) as columns:
        tables = {
            name: table(**{column.name: columns[f"{name}.{column.name}"] for column in fields(table)})
            for name, table in TABLES.items()
        }
        keys = json.loads(columns[KEYS].tobytes())
        inputs = Inputs(**tables, conflicts=columns[CONFLICTS])
    return Gathered(
        inputs=inputs,
        academic_year=keys["academic_year"],
        themes=tuple(ThemeKey(*key) for key in keys["themes"]),
        schools=tuple(SchoolKey(*key) for key in keys["schools"]),
        needs=tuple(NeedKey(*key) for key in keys["needs"]),
        pools=tuple(_pool(*key) for key in keys["pools"]),
        wards=dict(keys["wards"]),
        commissioned=tuple(CommissionKey(*key) for key in keys["commissioned"]),
        term=_period(keys.get("term")),
    )


def _period(kept: list[str] | None) -> Period | None:
    return Period(*map(date.fromisoformat, kept)) if kept else None


def _pool(
    offer: int,
    provider: int,
    owner: int,
    owner_name: str,
    themes: list[int],
    phases: list[str],
    *days: Any,
) -> PoolKey:
    return PoolKey(offer, provider, owner, owner_name, tuple(themes), tuple(phases), *days)
