"""How well what lies deeper than the told tables is known: a theme in a ward, and in a phase in a place or ward.

The told tables hang together in a line: phases and places meet in a theme, themes and wards in a place. So the bounds of
a deeper cell follow from those of the two cells it lies in and the sum in which these meet, one after the other, each by
Fréchet’s formula. All is by need and by part.
"""

from typing import NamedTuple

import numpy as np

from marketplace.coverage.disclosure.tables import Bools, Floats, Ints, Needs


class Bounds(NamedTuple):
    """Between which days a sum is known to lie."""

    least: Floats
    most: Floats

    @property
    def width(self) -> Floats:
        """By need, parts added up."""
        return np.asarray(np.maximum(self.most - self.least, 0).sum(axis=1))

    def but_a_part(self, part: Bools) -> "Bounds":
        """Where only a part of what is bounded is meant (a theme among those told together): as little as nothing."""
        return Bounds(np.where(part[:, None], 0.0, self.least), self.most)


def exactly(known: Floats) -> Bounds:
    """Of a told sum."""
    return Bounds(known, known)


def meeting(one: Bounds, other: Bounds, within: Floats) -> Bounds:
    """Of the cell in which two parts of a sum meet."""
    return Bounds(np.maximum(one.least + other.least - within, 0.0), np.minimum(one.most, other.most))


def spread(group: Ints, parts: Floats) -> Floats:
    """By need the sum, by part, of all needs of its group."""
    _, of_need = np.unique(group, return_inverse=True)
    by_group = [np.bincount(of_need, parts[:, q]) for q in range(parts.shape[1])]
    return np.stack(by_group, axis=1)[of_need].astype(float)


def in_table(needs: Needs, row: Ints, column: Ints, hidden: Bools) -> Bounds:
    """By need the bounds of its cell in a table, of which the cells of needs in `hidden` are hidden."""
    cell = spread(row * (column.max() + 1) + column, needs.parts)
    inside = np.where(hidden[:, None], needs.parts, 0.0)
    found = meeting(exactly(spread(row, inside)), exactly(spread(column, inside)), inside.sum(axis=0))
    return Bounds(np.where(hidden[:, None], found.least, cell), np.where(hidden[:, None], found.most, cell))
