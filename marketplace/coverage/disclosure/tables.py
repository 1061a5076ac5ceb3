"""The arithmetic of hiding: which sums may be told by themselves, which are told together, and which cells of a table go.

A sum of days may be told where at least k schools stand behind it, none of them with more than 60 % of it, and it is at least
five days. What is left when told parts are taken from a told sum is told by subtraction, so it has to pass the same test.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from marketplace.coverage.disclosure.lines import DOMINANT

LEAST_DAYS = 5.0
"""Nobody can say of a hidden sum of days in which five days it lies."""
A_TRIFLE = 1e-6

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Needs:
    """Needs as columns: numbers for school, theme, phase and ward; days by part. Needs without days are left out beforehand.

    `themes`, `phases` and `places` say how many of each there are. A ward lies in a place: a cluster, or the ward by itself.
    """

    school: Ints
    theme: Ints
    phase: Ints
    ward: Ints
    parts: Floats
    themes: int
    phases: int
    places: int
    place_of_ward: Ints

    @property
    def days(self) -> Floats:
        return self.parts.sum(axis=1)

    @property
    def place(self) -> Ints:
        return self.place_of_ward[self.ward]

    @property
    def wards(self) -> int:
        return len(self.place_of_ward)

    def of(self, chosen: Bools) -> "Needs":
        """Some of them."""
        columns = {
            name: getattr(self, name)[chosen] for name in ("school", "theme", "phase", "ward", "parts")
        }
        return replace(self, **columns)


@dataclass(frozen=True)
class Sums:
    """By group: schools, days, days by part, and whether the sum may be told (`fine`)."""

    schools: Ints
    days: Floats
    parts: Floats
    fine: Bools

    @property
    def given_away(self) -> Bools:
        """Sums that give a school away: somebody stands behind them, but too few."""
        return (self.schools > 0) & ~self.fine


def sums(needs: Needs, group: Ints, count: int, least: int) -> Sums:
    """The needs summed by group (0 to `count` - 1), schools counted once in each."""
    pairs, of_need = np.unique(group * 1_000_000 + _small(needs.school), return_inverse=True)
    by_school = np.bincount(of_need, needs.days, len(pairs))
    of_pair = pairs // 1_000_000
    schools = np.bincount(of_pair, minlength=count)
    largest = np.zeros(count)
    np.maximum.at(largest, of_pair, by_school)
    parts: Floats = np.stack(
        [np.bincount(group, needs.parts[:, part], count) for part in range(needs.parts.shape[1])], axis=1
    )
    days = parts.sum(axis=1)
    fine = (schools >= least) & (largest <= DOMINANT * days) & (days >= LEAST_DAYS)
    return Sums(schools, days, parts, fine)


def _small(school: Ints) -> Ints:
    return np.unique(school, return_inverse=True)[1]


def told_apart(needs: Needs, group: Ints, count: int, least: int, *, unfit: Bools | None = None) -> Bools:
    """Which groups of a told whole may be told apart; the others are told together only, as what is left.

    Groups that would give a school away (or are `unfit`) go together; as long as that is too
    little, the smallest of the others joins them.
    """
    found = sums(needs, group, count, least)
    told: Bools = found.fine | (found.schools == 0)
    if unfit is not None:
        told &= ~unfit
    while not told.all() and told.any():
        left = ~told[group]
        if sums(needs.of(left), np.zeros(left.sum(), np.int64), 1, least).fine[0]:
            break
        candidates = np.flatnonzero(told & (found.schools > 0))
        if not len(candidates):
            told[:] = False
            break
        told[candidates[np.lexsort((found.days[candidates], found.schools[candidates]))[0]]] = False
    return told


def lumped(told: Bools) -> tuple[Ints, int]:
    """By group its row in a table in which those not told apart share the last row, and how many rows there are."""
    together = int(told.sum())
    rows = np.where(told, np.cumsum(told) - 1, together)
    return rows.astype(np.int64), together + (not told.all())


@dataclass(frozen=True)
class Block:
    """The hidden cells of a table: those in both `rows` and `columns`. Every row and column sum of the table is known."""

    rows: Bools
    columns: Bools

    @property
    def hidden(self) -> Bools:
        return self.rows[:, None] & self.columns[None, :]


class TooNarrow(Exception):
    """Nothing more can be hidden in the table, and a hidden cell is still known too well."""


def widths(rows: Floats, columns: Floats, whole: Floats) -> Floats:
    """How many days wide each cell of a table is known to lie, from sums by part.

    All that can be said of a cell lies between `max(0, r + s - n)` and `min(r, s)` for its row's sum r, its column's s and the
    sum of all n (Fréchet); parts are free of each other, so their widths add up.
    """
    least = np.minimum(rows[:, None, :], columns[None, :, :])
    rest = np.minimum((whole - rows)[:, None, :], (whole - columns)[None, :, :])
    return np.asarray(np.maximum(np.minimum(least, rest), 0).sum(axis=2))


def block(
    needs: Needs,
    row: Ints,
    column: Ints,
    shape: tuple[int, int],
    least: int,
    *,
    unfit: Bools | None = None,
) -> Block:
    """Which cells of a table to hide, whose row and column sums are all told.

    The hidden cells are all those in some rows and some columns, so that what is known of each of them is known by formula
    (`widths`). Rows and columns are added until what is left of every row and column may be told and no cell that gives
    a school away is known to within five days. Raises `TooNarrow`.
    """
    cells = sums(needs, row * shape[1] + column, shape[0] * shape[1], least)
    schools, days = cells.schools.reshape(shape), cells.days.reshape(shape)
    gives_away = cells.given_away.reshape(shape)
    must = gives_away if unfit is None else gives_away | unfit
    rows: Bools = np.asarray(must.any(axis=1))
    columns: Bools = np.asarray(must.any(axis=0))
    while rows.any():
        hidden = rows[row] & columns[column]
        inside = needs.of(hidden)
        of_row = sums(inside, row[hidden], shape[0], least)
        of_column = sums(inside, column[hidden], shape[1], least)
        bad_rows = np.flatnonzero(rows & of_row.given_away)
        bad_columns = np.flatnonzero(columns & of_column.given_away)
        narrow = (
            gives_away
            & rows[:, None]
            & columns
            & (widths(of_row.parts, of_column.parts, inside.parts.sum(axis=0)) < LEAST_DAYS - A_TRIFLE)
        )
        alone = rows.sum() < 2 or columns.sum() < 2
        if not (len(bad_rows) or len(bad_columns) or narrow.any() or alone):
            break
        more_columns = np.where(columns, 0, schools) * rows[:, None]
        more_rows = np.where(rows[:, None], 0, schools) * columns
        if len(bad_rows) and more_columns[bad_rows[0]].any():
            columns[_smallest(more_columns[bad_rows[0]], days[bad_rows[0]])] = True
        elif len(bad_columns) and more_rows[:, bad_columns[0]].any():
            rows[_smallest(more_rows[:, bad_columns[0]], days[:, bad_columns[0]])] = True
        elif more_rows.any() and (narrow.any() or rows.sum() < 2):
            rows[_smallest(more_rows.sum(axis=1), days.sum(axis=1))] = True
        elif more_columns.any() and (narrow.any() or columns.sum() < 2):
            columns[_smallest(more_columns.sum(axis=0), days.sum(axis=0))] = True
        elif narrow.any():
            raise TooNarrow
        else:
            break
    return Block(rows, columns)


def _smallest(schools: Ints, days: Floats) -> int:
    """The group with the fewest schools behind it, but not none."""
    there = np.flatnonzero(schools > 0)
    return int(there[np.lexsort((days[there], schools[there]))[0]])


def determined(hidden: Bools, known: Bools) -> Bools:
    """Which hidden cells follow from sums that are known exactly: the rank test.

    `hidden` is by cell, `known` by sum and cell (whether the sum contains the cell). A cell follows where its unit vector lies in
    the space the known sums span over hidden cells, that is where its distance from that space is nothing.
    """
    places = np.flatnonzero(hidden)
    spanned = known[:, places].astype(float)
    spanned = spanned[spanned.any(axis=1)]
    found = np.zeros(hidden.shape, dtype=bool)
    if len(spanned):
        inverse = np.linalg.pinv(spanned @ spanned.T, hermitian=True, rcond=1e-10)
        share = np.einsum("si,st,ti->i", spanned, inverse, spanned, optimize=True)
        found[places] = share > 1 - A_TRIFLE
    return found
