"""Cases written by hand, worked out: JSON objects with a few numbers in, the same measures the area gets out.

A case is recognised by the fields it has, never by its name, and only its inputs are read: expected results that stand beside them
in the file are not looked at. `read` takes fields apart and says what is wrong with them, `shapes` works out what is measured,
`choosing` what is told, bought, suggested and sent.
"""

from collections.abc import Mapping
from typing import Any

from .choosing import advice, suggestions, teams, told
from .read import Fields, plain
from .shapes import SHAPES

_CHOOSING = (
    (("counts", "values"), told),
    (("need", "pool", "candidates", "budget"), advice),
    (("expertise", "quality"), suggestions),
    (("scores", "seats"), teams),
)
_KNOWN = (
    "need and pool with weight, or distance and reach, or P and Q, or x and w, or budget and fte, or counts and values,"
    " or candidates and budget beside need and pool, or expertise and quality of people, or scores and seats"
)


def worked_out(case: Mapping[str, Any]) -> dict[str, Any]:
    """Everything that follows from the inputs of a case, ready for JSON.

    A shape that is not known gives {"not_supported": why}. Raises MeasureError with every problem of the numbers.
    """
    fields = Fields(case)
    for names, work in (*_CHOOSING, *SHAPES):
        if fields.has(*names):
            found: dict[str, Any] = plain(work(fields))
            return found
    return {"not_supported": f"no numbers that are known here: give {_KNOWN}"}


__all__ = ["worked_out"]
