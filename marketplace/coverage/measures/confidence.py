"""How far a status can be trusted.

    q1  share of the schools of the cell's area and phase that confirmed their needs, "none" included, within a year
    q2  share of the days falling on the cell that come from offers confirmed lately (were the others counted too)
    q3  share of the checks (R x 0.75, 1, 1.25 by C x 0.8, 1, 1.2) that give the same status
    q4  share of the days needed by schools whose place is known

A, B or C is the best letter all four reach. With q1 below a fifth there is not enough information for any status.
"""

from __future__ import annotations

from dataclasses import dataclass

from .inputs import Floats, Ints

LETTERS = (("A", (0.7, 0.8, 7 / 9, 0.95)), ("B", (0.4, 0.5, 5 / 9, 0.9)))
"""Least q1, q2, q3 and q4 of each letter; C otherwise."""

ENOUGH_REPLIES = 0.2
_SLACK = 1e-9


@dataclass(frozen=True)
class Confidence:
    """Of one cell. `replied` of `asked` schools, the same status in `agreeing` of `checks`.

    `verdicts` are the codes (into `status.STATUSES`) of the status each check gives, in the order of the checks.
    """

    letter: str
    enough_information: bool
    q1: float
    q2: float
    q3: float
    q4: float
    replied: int
    asked: int
    agreeing: int
    checks: int
    verdicts: tuple[int, ...] = ()


@dataclass(frozen=True)
class ConfidenceTable:
    """Of all cells, by row; `verdicts` by check and row."""

    replied: Ints
    asked: Ints
    fresh: Floats
    verdicts: Ints
    agreeing: Ints
    located: Floats

    @property
    def checks(self) -> int:
        return len(self.verdicts)

    def __getitem__(self, cell: int) -> Confidence:
        asked, replied = int(self.asked[cell]), int(self.replied[cell])
        agreeing = int(self.agreeing[cell])
        q1 = replied / asked if asked else 0.0
        q2, q4 = float(self.fresh[cell]), float(self.located[cell])
        q3 = agreeing / self.checks if self.checks else 0.0
        enough = enough_information(q1)
        return Confidence(
            letter(q1, q2, q3, q4),
            enough,
            q1,
            q2,
            q3,
            q4,
            replied,
            asked,
            agreeing,
            self.checks,
            tuple(self.verdicts[:, cell].tolist()),
        )


def letter(q1: float, q2: float, q3: float, q4: float) -> str:
    for name, least in LETTERS:
        if all(q >= wanted - _SLACK for q, wanted in zip((q1, q2, q3, q4), least, strict=True)):
            return name
    return "C"


def enough_information(q1: float) -> bool:
    return q1 >= ENOUGH_REPLIES - _SLACK
