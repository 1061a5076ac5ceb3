"""Which changes may be told: the difference of two releases is told, too, to whoever keeps both.

A change of a school's need is admitted where at least k schools changed in every sum it is told in; until then the need stands in
the next release as it stood in the last. So each told sum has either not changed at all, or for at least k schools.
"""

import numpy as np

from marketplace.coverage.disclosure.tables import Bools, Ints


def admitted(changed: Bools, school: Ints, atoms: Ints, least: int) -> Bools:
    """By need whether its change is admitted: the largest set of changes that all stand in good company.

    `atoms` are the numbers of the finest sums a need is told in, -1 for none (`Pattern.atoms`).
    """
    kept = changed.copy()
    while kept.any():
        lonely = _lonely(kept, school, atoms, least)
        if not (lonely & kept).any():
            break
        kept &= ~lonely
    return kept


def safe_after(changed: Bools, school: Ints, atoms: Ints, least: int) -> bool:
    """Whether the changes since a release, taken together, tell nothing of fewer than `least` schools."""
    return not (_lonely(changed, school, atoms, least) & changed).any()


def _lonely(changed: Bools, school: Ints, atoms: Ints, least: int) -> Bools:
    """By need whether one of its sums changed for fewer than `least` schools."""
    lonely = np.zeros(len(school), dtype=bool)
    count = int(atoms.max(initial=-1)) + 1
    for column in atoms.T:
        inside = changed & (column >= 0)
        pairs = np.unique(np.stack([column[inside], school[inside]]), axis=1)
        schools = np.bincount(pairs[0], minlength=count)
        lonely |= (column >= 0) & (schools[column] < least) & (schools[column] > 0)
    return lonely
