"""Where days are offered: the cells a pool could serve, whether or not anybody there has said that they need it."""

from __future__ import annotations

import numpy as np

from .allocation import Allocation
from .eligibility import find_candidates
from .grouping import KEYS, Grid
from .inputs import Inputs, Ints, Needs, Phase, Settings

Places = tuple[Ints, Ints, Ints, Ints]
"""Columns of theme, phase, area and pool."""


def possible(inputs: Inputs, settings: Settings, base: Allocation, *, empty_cells: bool) -> Places:
    """(theme, phase, area, pool) of every arc inside, and of what a school without that need could be served by."""
    arcs = base.inner_arcs
    found = [places(inputs, arcs.need, arcs.pool)]
    if empty_cells:
        asked = inputs.with_needs(needs_not_declared(inputs))
        arcs = find_candidates(asked, settings).arcs(settings)
        found.append(places(asked, arcs.need, arcs.pool))
    theme, phase, area, pool = (np.concatenate(columns) for columns in zip(*found, strict=True))
    return theme, phase, area, pool


def places(inputs: Inputs, need: Ints, pool: Ints) -> Places:
    """Where the pools of arcs serve: by arc, of the need rows of `inputs`."""
    needs = inputs.needs
    return needs.theme[need], needs.phase[need], inputs.schools.area[needs.school[need]], pool


def needs_not_declared(inputs: Inputs) -> Needs:
    """A row of no days for every theme, phase and school of a cell in which nobody declared a need."""
    grid, needs = Grid(inputs), inputs.needs
    school, phase = schools_by_phase(inputs)
    themes = len(inputs.themes)
    theme = np.tile(np.arange(themes), len(school))
    school, phase = np.repeat(school, themes), np.repeat(phase, themes)
    area = inputs.schools.area
    key = grid.pack(KEYS, theme=theme, phase=phase, area=area[school])
    inside = inputs.schools.inside[needs.school]
    declared = grid.pack(KEYS, theme=needs.theme, phase=needs.phase, area=area[needs.school])[inside]
    empty = ~np.isin(key, declared)
    school, theme, phase = school[empty], theme[empty], phase[empty]
    return Needs(
        school=school,
        theme=theme,
        phase=phase,
        days=np.zeros(len(school)),
        remote_ok=np.ones(len(school), dtype=np.bool_),
    )


def schools_by_phase(inputs: Inputs) -> tuple[Ints, Ints]:
    """Open schools of the area with each of their phases: an all-through school is both primary and secondary."""
    schools = inputs.schools
    counted = np.flatnonzero(schools.open & schools.inside & (schools.phase != Phase.BLANK))
    both = counted[schools.phase[counted] == Phase.ALL_THROUGH]
    phase = schools.phase[counted]
    phase = np.where(phase == Phase.ALL_THROUGH, Phase.PRIMARY, phase)
    return np.concatenate([counted, both]), np.concatenate([phase, np.full(len(both), Phase.SECONDARY)])
