"""Where need goes unmet, and why: need and capacity are both days, so a gap is an allocation problem, not an index.

Two allocations bracket the truth: the *expected share* (`shares`), what falls on each need if nobody brokers, and the *fair best case*
(`fair`), what perfect brokerage could make of the same days. Between them every need comes apart (`allocation`):

    need = met + brokerable + capacity gap + reach gap

A snapshot (`inputs`) is prepared (`demand`), paired (`eligibility`), weighed (`weights`), allocated, and summed into cells (`cells`,
`grouping`) with a status (`status`), its confidence (`confidence`) and a sentence (`wording`). `pools` says who would be missed, `equity`
whether it is fair, `secondment` what one costs, `teams` who reviews whom. `facade.measure` does it all. Nothing here knows Django or a
database: numpy and scipy only. `python -m marketplace.coverage.measures CASES.json` works out cases written by hand, those about
what is told, bought and suggested among them.
"""

from .choices import Choices
from .errors import MeasureError
from .facade import Behind, PoolMeasures, Result, measure
from .grouping import Cell, Cells
from .inputs import (
    NONE,
    PHASES_OF_OFFERS,
    Decay,
    Inputs,
    Layer,
    Mode,
    Needs,
    Offers,
    Phase,
    Pools,
    Schools,
    Settings,
    Sites,
    Themes,
    Thresholds,
)
from .status import Status
from .wording import sentence

__all__ = [
    "NONE",
    "PHASES_OF_OFFERS",
    "Behind",
    "Cell",
    "Cells",
    "Choices",
    "Decay",
    "Inputs",
    "Layer",
    "MeasureError",
    "Mode",
    "Needs",
    "Offers",
    "Phase",
    "PoolMeasures",
    "Pools",
    "Result",
    "Schools",
    "Settings",
    "Sites",
    "Status",
    "Themes",
    "Thresholds",
    "measure",
    "sentence",
]
