"""Which numbers of an area may be told: by theme and phase, by place, by theme and place, by ward.

Three tables stand over the same needs. *Themes by phases* and *themes by places* have their row sums in common; *wards* are the
places' own parts, for all themes together. A place is a cluster of wards, or a ward by itself where it belongs to none.
Themes, phases, places and wards too small to be told apart are told together only, as what is left of their sum. What lies
deeper (a theme in a phase in a ward, a phase in a place) is never told.

    told = pattern(needs, least=3)
    told.cells[theme, phase]       # may the number be shown?
"""

from dataclasses import dataclass, field, replace

import numpy as np

from marketplace.coverage.disclosure.depths import exactly, in_table, meeting, spread
from marketplace.coverage.disclosure.tables import (
    A_TRIFLE,
    LEAST_DAYS,
    Block,
    Bools,
    Ints,
    Needs,
    TooNarrow,
    block,
    determined,
    lumped,
    sums,
    told_apart,
)


@dataclass(frozen=True)
class Pattern:
    """What is told (`True`) and what is not, by theme, phase, place and ward. Without `whole` nothing is."""

    whole: bool
    themes: Bools
    phases: Bools
    cells: Bools
    places: Bools
    by_place: Bools
    wards: Bools
    tables: "Tables | None" = field(default=None, compare=False)

    def atoms(self, theme: Ints, phase: Ints, place: Ints, ward: Ints) -> Ints:
        """By need the numbers of the finest sums it is told in, -1 for none."""
        if self.tables is None:
            return np.zeros((len(theme), 1), np.int64)
        return self.tables.atoms(theme, phase, place, ward)


@dataclass(frozen=True)
class Table:
    """Themes by phases or places: the column of each code, how many columns there are, and what is hidden."""

    column: Ints
    columns: int
    hidden: Block


@dataclass(frozen=True)
class Tables:
    """What a pattern is made of: the row of each theme, the two tables, and the ward or lump of wards of each ward."""

    row: Ints
    rows: int
    by_phase: Table
    by_place: Table
    lump: Ints

    def atoms(self, theme: Ints, phase: Ints, place: Ints, ward: Ints) -> Ints:
        row, columns, start = self.row[theme], [], 0
        for table, code in ((self.by_phase, phase), (self.by_place, place)):
            column = table.column[code]
            hidden = table.hidden.hidden[row, column]
            size = self.rows * table.columns
            columns.append(np.where(hidden, -1, start + row * table.columns + column))
            columns.append(np.where(hidden, start + size + row, -1))
            columns.append(np.where(hidden, start + size + self.rows + column, -1))
            start += size + self.rows + table.columns
        columns.append(start + self.lump[ward])
        return np.stack(columns, axis=1)


def pattern(needs: Needs, *, least: int, within: Pattern | None = None) -> Pattern:
    """What may be told to people who may not know of fewer than `least` schools.

    `within` is what others are told already: nothing is told beyond it, so that both together tell no more than that.
    """
    return _Finding(needs, least, within).found()


class _Finding:
    """Narrows down what is told until every test passes. Each round tells at least one number fewer."""

    def __init__(self, needs: Needs, least: int, within: Pattern | None) -> None:
        self.needs, self.least, self.within = needs, least, within
        self.unfit_themes = _not(within.themes) if within else np.zeros(needs.themes, bool)
        self.unfit_phases = _not(within.phases) if within else np.zeros(needs.phases, bool)
        self.unfit_places = _not(within.places) if within else np.zeros(needs.places, bool)
        self.unfit_wards = _not(within.wards) if within else np.zeros(needs.wards, bool)
        self.unfit_by_place = np.zeros((needs.themes, needs.places), bool)

    def found(self) -> Pattern:
        needs = self.needs
        whole = len(needs.school) and sums(needs, np.zeros_like(needs.school), 1, self.least).fine[0]
        if not whole or (self.within and not self.within.whole):
            return nothing_told(needs)
        while True:
            try:
                return self._round()
            except _Again:
                continue

    def _round(self) -> Pattern:
        needs, least = self.needs, self.least
        self.themes = told_apart(needs, needs.theme, needs.themes, least, unfit=self.unfit_themes)
        self.phases = told_apart(needs, needs.phase, needs.phases, least, unfit=self.unfit_phases)
        self.places = told_apart(needs, needs.place, needs.places, least, unfit=self.unfit_places)
        self.row, self.rows = lumped(self.themes)
        by_phase = self._table(needs.phase, self.phases, self._unfit_cells())
        by_place = self._table(needs.place, self.places, self.unfit_by_place)
        cells = self._told(by_phase, self.phases)
        told_by_place = self._told(by_place, self.places)
        if self.within:
            told_by_place &= self.within.by_place
        wards = self._wards()
        self._check_depths(by_phase, by_place, wards)
        found = Pattern(True, self.themes, self.phases, cells, self.places, told_by_place, wards)
        return replace(found, tables=Tables(self.row, self.rows, by_phase, by_place, self._lumps(wards)))

    def _unfit_cells(self) -> Bools | None:
        return _not(self.within.cells) if self.within else None

    def _table(self, code: Ints, told: Bools, unfit: Bools | None) -> Table:
        """Themes by `code`, with what of it is hidden; where that can't be done, the next round has fewer rows."""
        column, columns = lumped(told)
        bad = None
        if unfit is not None:
            bad = np.zeros((self.rows, columns), bool)
            np.logical_or.at(bad, (self.row[:, None], column[None, :]), unfit & self.themes[:, None])
        needs = self.needs
        shape = (self.rows, columns)
        try:
            hidden = block(
                needs,
                self.row[needs.theme],
                column[code],
                shape,
                self.least,
                unfit=bad,
            )
        except TooNarrow as error:
            self._one_fewer()
            raise _Again from error
        self._test(hidden, self.row[needs.theme] * columns + column[code], shape)
        return Table(column, columns, hidden)

    def _test(self, hidden: Block, cell: Ints, shape: tuple[int, int]) -> None:
        """The rank test: no cell that gives a school away follows from the sums of rows and columns."""
        size = shape[0] * shape[1]
        by_row = np.repeat(np.eye(shape[0], dtype=bool), shape[1], axis=1).reshape(shape[0], size)
        by_column = np.tile(np.eye(shape[1], dtype=bool), shape[0]).reshape(shape[1], size)
        follows = determined(hidden.hidden.ravel(), np.concatenate([by_row, by_column]))
        follows &= sums(self.needs, cell, size, self.least).given_away
        if follows.any():
            self._one_fewer()
            raise _Again

    def _one_fewer(self) -> None:
        """Have one theme fewer told apart next time, or else one place, or else one phase: the smallest."""
        needs = self.needs
        for told, unfit, code in (
            (self.themes, self.unfit_themes, needs.theme),
            (self.places, self.unfit_places, needs.place),
            (self.phases, self.unfit_phases, needs.phase),
        ):
            found = sums(needs, code, len(told), self.least)
            candidates = np.flatnonzero(told & (found.schools > 0))
            if len(candidates):
                unfit[candidates[np.argmin(found.days[candidates])]] = True
                return
        raise AssertionError("nothing is told that could be told less")

    def _told(self, table: Table, columns: Bools) -> Bools:
        open_cells = ~table.hidden.hidden[self.row][:, table.column]
        return np.asarray(open_cells & self.themes[:, None] & columns[None, :])

    def _wards(self) -> Bools:
        """Which wards are told, for all themes together, out of the places that are."""
        needs, told = self.needs, np.zeros(self.needs.wards, bool)
        for place in np.flatnonzero(self.places):
            mine = self.needs.place_of_ward == place
            inside = needs.place == place
            told |= mine & told_apart(
                needs.of(inside),
                needs.ward[inside],
                needs.wards,
                self.least,
                unfit=self.unfit_wards & mine,
            )
        return told

    def _check_depths(self, by_phase: Table, by_place: Table, wards: Bools) -> None:
        """A theme in a ward, or in a phase in a place or ward: no table tells it, all together must not either."""
        needs, row = self.needs, self.row[self.needs.theme]
        phase, place = by_phase.column[needs.phase], by_place.column[needs.place]
        one_of_themes, ward = ~self.themes[needs.theme], self._lumps(wards)[needs.ward]
        of_theme = spread(row, needs.parts)
        in_phase = in_table(needs, row, phase, by_phase.hidden.hidden[row, phase])
        in_phase = in_phase.but_a_part(one_of_themes | ~self.phases[needs.phase])
        hidden = by_place.hidden.hidden[row, place]
        in_place = in_table(needs, row, place, hidden).but_a_part(one_of_themes | ~self.places[needs.place])
        # in a place the themes that are not told there are known together
        beside = spread(np.where(hidden, self.rows, row) * by_place.columns + place, needs.parts)
        beside_in_ward = meeting(
            exactly(beside), exactly(spread(ward, needs.parts)), spread(place, needs.parts)
        ).but_a_part(~wards[needs.ward])
        in_ward = meeting(in_place, beside_in_ward, beside)
        deep = (
            (in_ward, needs.theme * needs.wards + needs.ward),
            (
                meeting(in_phase, in_place, of_theme),
                (needs.theme * needs.phases + needs.phase) * needs.places + needs.place,
            ),
            (
                meeting(in_phase, in_ward, of_theme),
                (needs.theme * needs.phases + needs.phase) * needs.wards + needs.ward,
            ),
        )
        narrow = np.zeros(len(needs.school), bool)
        for bounds, cell in deep:
            _, cell = np.unique(cell, return_inverse=True)
            given_away = sums(needs, cell, int(cell.max()) + 1, self.least).given_away[cell]
            narrow |= given_away & (bounds.width < LEAST_DAYS - A_TRIFLE)
        if narrow.any():
            self._tell_less_of(np.flatnonzero(narrow), ~hidden, wards)
            raise _Again

    def _tell_less_of(self, needs: Ints, told_in_place: Bools, wards: Bools) -> None:
        """Next time tell the theme of one of the needs in no place, or else its ward not, or its place, or its theme."""
        at = needs[0]
        theme, ward, place = self.needs.theme[at], self.needs.ward[at], self.needs.place[at]
        if told_in_place[at] and self.themes[theme]:
            self.unfit_by_place[theme] = True
        elif wards[ward]:
            self.unfit_wards[ward] = True
        elif self.places[place]:
            self.unfit_places[place] = True
        elif self.themes[theme]:
            self.unfit_themes[theme] = True
        else:
            self._one_fewer()

    def _lumps(self, wards: Bools) -> Ints:
        """By ward the number of the ward, or of what is told of its place, or of all that is told of no place."""
        own = np.arange(self.needs.wards)
        place = self.needs.place_of_ward
        together = np.where(
            self.places[place], self.needs.wards + place, self.needs.wards + self.needs.places
        )
        return np.where(wards, own, together)


class _Again(Exception):
    """Something was told too much; less is to be told now."""


def nothing_told(needs: Needs) -> Pattern:
    """The pattern in which not even the whole is told."""
    return Pattern(
        False,
        np.zeros(needs.themes, bool),
        np.zeros(needs.phases, bool),
        np.zeros((needs.themes, needs.phases), bool),
        np.zeros(needs.places, bool),
        np.zeros((needs.themes, needs.places), bool),
        np.zeros(needs.wards, bool),
    )


def _not(told: Bools) -> Bools:
    return np.asarray(~told)
