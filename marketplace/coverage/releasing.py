"""From a snapshot to a release: which needs may be told of by now, which sums of them, and what is told.

A release is made when an area is first worked out in a school year, and then at most once in `DAYS_BETWEEN`; where no change may be
told yet, the last one stands. All who are not convenors read releases, never snapshots.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from marketplace.coverage import disclosure
from marketplace.coverage.disclosure import BOARD_SCHOOLS, PUBLIC_SCHOOLS, Needs, Pattern
from marketplace.coverage.ground import NOWHERE, Ground
from marketplace.coverage.models import Cell, NeedOutcome, Release, Snapshot
from marketplace.coverage.queries.shown import HELD, PARTS, reach_of
from marketplace.organisations.models import Phase

DAYS_BETWEEN = 7
PHASES = tuple(Phase)
NOTHING_SAID = {"status": HELD, "balance": None, "reach": None, "confidence": ""}
Key = tuple[int, int, str]
CellKey = tuple[int | None, str, int | None]
Content = tuple[int, list[float]]
Contents = dict[Key, Content]


def release(snapshot: Snapshot, now: datetime) -> Release | None:
    """Tell what may be told of a snapshot; `None` where the last release is to stand."""
    area = snapshot.area
    newest = (
        Release.objects.filter(area=area).only("number", "released_at", "snapshot", "academic_year").first()
    )
    if newest and not _is_due(newest, snapshot, now):
        return None
    earlier = list(Release.objects.filter(area=area, academic_year=snapshot.academic_year))
    made = _Making(snapshot, Ground.of(area), earlier)
    if not made.may_stand:
        return None
    return Release.objects.create(
        area=area,
        number=newest.number + 1 if newest else 1,
        snapshot=snapshot,
        academic_year=snapshot.academic_year,
        released_at=now,
        contents=[[*key, *content] for key, content in made.contents.items()],
        pattern=made.kept_pattern(),
        cells=made.cells(),
    )


def _is_due(newest: Release, snapshot: Snapshot, now: datetime) -> bool:
    """Whether it is time for another: a school year has begun, or some days have passed since the last."""
    if newest.snapshot_id == snapshot.pk or not snapshot.has_rows:
        return False
    other_year = newest.academic_year != snapshot.academic_year
    return other_year or now >= newest.released_at + timedelta(days=DAYS_BETWEEN)


class _Making:
    """Blends the last release with the snapshot until all that is told, and all that has changed, may be."""

    def __init__(self, snapshot: Snapshot, ground: Ground, earlier: list[Release]) -> None:
        self.snapshot, self.ground, self.earlier = snapshot, ground, earlier
        rows = Cell.objects.filter(snapshot=snapshot).values(
            "theme_id", "phase", "ward_id", "status", "balance", "confidence", "measures"
        )
        self.measured: dict[CellKey, Mapping[str, Any]] = {
            (row["theme_id"], row["phase"], row["ward_id"]): row for row in rows
        }
        self.now = _now(snapshot)
        self.told_before = [_contents(each) for each in earlier]
        last = self.told_before[0] if earlier else {}
        everything = {*self.now, *last, *(key for each in self.told_before for key in each)}
        self.keys = sorted(everything)
        self.themes = sorted({theme for _, theme, _ in self.keys})
        changed = self._changed(last)
        self.contents = self.now
        self.board = self._pattern()
        if earlier:
            self._hold_back(last, changed)
        self.providers = disclosure.pattern(
            self._needs(self.contents), least=PUBLIC_SCHOOLS, within=self.board
        )

    def _hold_back(self, last: Contents, changed: np.ndarray) -> None:
        """Leave out changes that may not be told; what is told may then be another, so that it is looked at again."""
        kept = changed
        while True:
            atoms = self.board.atoms(*self._codes())
            admitted = disclosure.admitted(kept, self._schools(), atoms, BOARD_SCHOOLS)
            self.contents = self._blend(last, admitted)
            self.board = self._pattern()
            if (admitted == kept).all():
                break
            kept = admitted
        says_more = bool(kept.any()) or not changed.any()
        self.may_stand = says_more and all(self._safe_after(each) for each in self.told_before)

    may_stand = True

    def _pattern(self) -> Pattern:
        """What is told; no more than last time where a number that was told and has not changed would be hidden now.

        Such a number is still known, so that it would hide nothing beside it.
        """
        needs = self._needs(self.contents)
        found = disclosure.pattern(needs, least=BOARD_SCHOOLS)
        if any(self._forgets(found, each) for each in self.earlier):
            last = self._pattern_of(self.earlier[0])
            return disclosure.pattern(needs, least=BOARD_SCHOOLS, within=last)
        return found

    def _forgets(self, found: Pattern, before: Release) -> bool:
        """Whether a number told in an earlier release that stands as it did would not be told now."""
        old = self._pattern_of(before)
        same = ~self._changed(_contents(before), self.contents)
        theme, phase, place, ward = self._codes()
        tables = (
            (old.themes & ~found.themes, theme),
            (old.phases & ~found.phases, phase),
            (old.places & ~found.places, place),
            (old.wards & ~found.wards, ward),
            ((old.cells & ~found.cells).ravel(), theme * len(PHASES) + phase),
            ((old.by_place & ~found.by_place).ravel(), theme * self.ground.places + place),
        )
        for gone, code in tables:
            there = np.bincount(code, minlength=len(gone)) > 0
            whole = np.bincount(code[~same], minlength=len(gone)) == 0
            if (gone & there & whole).any():
                return True
        return False

    def _safe_after(self, before: Contents) -> bool:
        atoms = self.board.atoms(*self._codes())
        changed = self._changed(before, self.contents)
        return disclosure.safe_after(changed, self._schools(), atoms, BOARD_SCHOOLS)

    # Columns ----------------------------------------------------------------------------------------------------------

    def _codes(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Theme, phase, place and ward of every need there is or was, as numbers."""
        place = dict(zip(self.ground.wards, self.ground.place_of, strict=True))
        where = [self._ward(key) for key in self.keys]
        return (
            _ints(self.themes.index(theme) for _, theme, _ in self.keys),
            _ints(PHASES.index(Phase(phase)) for _, _, phase in self.keys),
            _ints(place[ward] for ward in where),
            _ints(self.ground.wards.index(ward) for ward in where),
        )

    def _ward(self, key: Key) -> int:
        content = self.contents.get(key) or self.now.get(key)
        ward = content[0] if content else NOWHERE
        return ward if ward in self.ground.wards else NOWHERE

    def _schools(self) -> np.ndarray:
        return _ints(school for school, _, _ in self.keys)

    def _changed(self, before: Contents, after: Contents | None = None) -> np.ndarray:
        after = self.now if after is None else after
        return np.array([_differ(before.get(key), after.get(key)) for key in self.keys], dtype=bool)

    def _blend(self, last: Contents, admitted: np.ndarray) -> Contents:
        """The needs as last told, but for admitted changes; what has not changed has its parts of now."""
        blended: Contents = {}
        for key, fresh in zip(self.keys, admitted, strict=True):
            old, new = last.get(key), self.now.get(key)
            chosen = new if fresh or not _differ(old, new) else old
            if chosen:
                blended[key] = chosen
        return blended

    def _needs(self, contents: Contents) -> Needs:
        keys = [key for key in self.keys if key in contents]
        wards = self.ground.wards
        return Needs(
            school=_ints(school for school, _, _ in keys),
            theme=_ints(self.themes.index(theme) for _, theme, _ in keys),
            phase=_ints(PHASES.index(Phase(phase)) for _, _, phase in keys),
            ward=_ints(wards.index(self._ward(key)) for key in keys),
            parts=np.array([contents[key][1] for key in keys]).reshape(-1, len(PARTS)),
            themes=len(self.themes),
            phases=len(PHASES),
            places=self.ground.places,
            place_of_ward=_ints(self.ground.place_of),
        )

    def _replied(self, key: CellKey) -> bool:
        """Whether enough schools replied to say of the cell that nobody needs it."""
        row = self.measured.get(key)
        return bool(row and row["measures"].get("replied", 0) >= BOARD_SCHOOLS)

    # What is kept -----------------------------------------------------------------------------------------------------

    def kept_pattern(self) -> dict[str, Any]:
        """The pattern by the keys of themes, phases, wards and clusters, which outlive the numbers used here."""
        told = self.board
        return {
            "whole": told.whole,
            "themes": [self.themes[at] for at in np.flatnonzero(told.themes)],
            "phases": [PHASES[at] for at in np.flatnonzero(told.phases)],
            "cells": [[self.themes[t], PHASES[p]] for t, p in np.argwhere(told.cells)],
            "places": [self._place(int(at)) for at in np.flatnonzero(told.places)],
            "by_place": [[self.themes[t], self._place(c)] for t, c in np.argwhere(told.by_place)],
            "wards": [self.ground.wards[at] for at in np.flatnonzero(told.wards)],
        }

    def _place(self, at: int) -> str:
        if at < len(self.ground.clusters):
            return f"cluster {self.ground.clusters[at]}"
        return f"ward {self.ground.wards[self.ground.place_of.index(int(at))]}"

    def _pattern_of(self, before: Release) -> Pattern:
        told, themes = before.pattern, {pk: at for at, pk in enumerate(self.themes)}
        phases = {phase.value: at for at, phase in enumerate(PHASES)}
        places = {self._place(at): at for at in range(self.ground.places)}
        wards = {pk: at for at, pk in enumerate(self.ground.wards)}
        return Pattern(
            told["whole"],
            _mask(told["themes"], themes),
            _mask(told["phases"], phases),
            _grid(told["cells"], themes, phases),
            _mask(told["places"], places),
            _grid(told["by_place"], themes, places),
            _mask(told["wards"], wards),
        )

    def cells(self) -> list[dict[str, Any]]:
        """What is told, and that there is something which is not, of every cell, ward and cluster."""
        needs, told, providers = self._needs(self.contents), self.board, self.providers
        nobody = np.zeros(len(self.ground.wards), bool)
        ward_told = told.wards
        found = [self._entry(needs, None, None, None, told.whole, providers.whole)]
        for t in range(len(self.themes)):
            found.append(self._entry(needs, t, None, None, told.themes[t], providers.themes[t]))
            for p in range(len(PHASES)):
                found.append(self._entry(needs, t, p, None, told.cells[t, p], providers.cells[t, p]))
        for p in range(len(PHASES)):
            found.append(self._entry(needs, None, p, None, told.phases[p], providers.phases[p]))
        for w in range(1, len(self.ground.wards)):
            found.append(self._entry(needs, None, None, w, ward_told[w], nobody[w]))
        for c in np.flatnonzero(told.places):
            found.append(self._of_place(needs, None, int(c)))
            found += [self._of_place(needs, int(t), int(c)) for t in np.flatnonzero(told.by_place[:, c])]
        found += self._offered_unasked()
        return [each for each in found if each is not None]

    def _entry(
        self,
        needs: Needs,
        theme: int | None,
        phase: int | None,
        ward: int | None,
        told: Any,
        to_providers: Any,
    ) -> dict[str, Any]:
        key: CellKey = (
            None if theme is None else self.themes[theme],
            "" if phase is None else PHASES[phase].value,
            None if ward is None else self.ground.wards[ward],
        )
        entry: dict[str, Any] = {"theme": key[0], "phase": key[1], "ward": key[2]}
        if ward is not None:
            entry["lies_in"] = self._place(int(self.ground.place_of[ward]))
        told_of = self._told_of(needs, theme=theme, phase=phase, ward=ward)
        if not told or not (told_of["schools"] or self._replied(key)):
            return entry | {"hidden": True}
        return entry | told_of | {"providers": bool(to_providers)} | self._status(key, theme, phase, ward)

    def _status(self, key: CellKey, theme: int | None, phase: int | None, ward: int | None) -> dict[str, Any]:
        """Status, balance, reach and confidence of the snapshot, or of the last release where a change is held back."""
        held = self._changed(self.contents)
        of_theme, of_phase, _, of_ward = self._codes()
        for wanted, code in ((theme, of_theme), (phase, of_phase), (ward, of_ward)):
            if wanted is not None:
                held &= code == wanted
        if held.any():
            before = self._told_before(key)
            return {name: before.get(name, nothing) for name, nothing in NOTHING_SAID.items()}
        row = self.measured.get(key)
        if row is None:
            return dict(NOTHING_SAID)
        return {
            "status": row["status"],
            "balance": disclosure.banded(row["balance"]),
            "reach": reach_of(row["measures"]),
            "confidence": row["confidence"],
        }

    def _told_before(self, key: CellKey) -> dict[str, Any]:
        """What the last release told of a cell."""
        for cell in self.earlier[0].cells if self.earlier else ():
            if "place" not in cell and (cell["theme"], cell["phase"], cell["ward"]) == key:
                return dict(cell)
        return {}

    def _of_place(self, needs: Needs, theme: int | None, place: int) -> dict[str, Any]:
        key = None if theme is None else self.themes[theme]
        return {"theme": key, "place": self._place(place)} | self._told_of(needs, theme=theme, place=place)

    def _told_of(self, needs: Needs, **where: int | None) -> dict[str, Any]:
        """Days by part, in fives, and how many schools there are at least."""
        chosen = np.ones(len(needs.school), bool)
        for name, wanted in where.items():
            if wanted is not None:
                chosen &= getattr(needs, name) == wanted
        fives = disclosure.rounded_parts(needs.parts[chosen].sum(axis=0).tolist())
        schools = len(np.unique(needs.school[chosen]))
        return {"parts": fives, "schools": disclosure.at_least(schools)}

    def _offered_unasked(self) -> list[dict[str, Any]]:
        """Themes nobody needs, of which something is offered: there is no school to give away where enough replied."""
        found = []
        for (theme, phase, ward), row in self.measured.items():
            unasked = theme is not None and theme not in self.themes and ward is None
            if unasked and self._replied((theme, phase, ward)):
                found.append(
                    {
                        "theme": theme,
                        "phase": phase,
                        "ward": None,
                        "parts": [0] * len(PARTS),
                        "schools": 0,
                        "providers": True,
                        "status": row["status"],
                        "balance": None,
                        "reach": None,
                        "confidence": row["confidence"],
                    }
                )
        return found


def _now(snapshot: Snapshot) -> Contents:
    rows = NeedOutcome.objects.filter(snapshot=snapshot, days__gt=0).values_list(
        "school_id", "theme_id", "phase", "ward_id", *PARTS
    )
    found: Contents = {}
    for school, theme, phase, ward, *parts in rows:
        before = found.get((school, theme, phase))
        days = [a + b for a, b in zip(before[1], parts, strict=True)] if before else parts
        found[school, theme, phase] = (ward or NOWHERE, days)
    return found


def _contents(release: Release) -> Contents:
    return {(school, theme, phase): (ward, parts) for school, theme, phase, ward, parts in release.contents}


def _differ(before: Content | None, after: Content | None) -> bool:
    """Whether a school's need is another: its days or its ward, not how much of it is met."""
    if before is None or after is None:
        return before is not after
    return before[0] != after[0] or abs(sum(before[1]) - sum(after[1])) > 1e-6


def _ints(values: Iterable[int]) -> np.ndarray:
    return np.fromiter(values, np.int64)


def _mask(told: Iterable[Any], codes: Mapping[Any, int]) -> np.ndarray:
    mask = np.zeros(len(codes), bool)
    mask[[codes[key] for key in told if key in codes]] = True
    return mask


def _grid(told: Iterable[Any], rows: Mapping[Any, int], columns: Mapping[Any, int]) -> np.ndarray:
    grid = np.zeros((len(rows), len(columns)), bool)
    for row, column in told:
        if row in rows and column in columns:
            grid[rows[row], columns[column]] = True
    return grid
