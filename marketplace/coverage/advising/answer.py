"""A plan as it is stored: plain numbers, names and sentences."""

from collections.abc import Iterable
from dataclasses import fields
from typing import Any

import numpy as np

from marketplace.catalogue.models import Offer, Theme
from marketplace.coverage.advising.asking import Asked
from marketplace.coverage.advising.words import KINDS, Names, figure, reckoning, sentence
from marketplace.coverage.measures import NONE
from marketplace.coverage.measures.advice import Beside, Candidate, Chosen, Exact, Kind, Line
from marketplace.coverage.recording import PHASE_OF
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation, Ward

SHOWN = 0.05
"""Days: parts smaller than this are not listed."""

CELLS_OF_A_LINE = 3


def answered(asked: Asked) -> dict[str, Any]:
    """What `Advice.result` holds."""
    return _Answer(asked).told()


class _Answer:
    def __init__(self, asked: Asked) -> None:
        self.asked, self.plan, self.gathered = asked, asked.plan, asked.gathered
        self.needs = self.plan.problem.result.needs
        everything = [line.candidate for line in self.plan.lines]
        for beside in (self.plan.less, self.plan.more):
            everything += [candidate for candidate, _ in beside.only_here]
        self.offers = self._offers(everything)
        self.codes = dict(Theme.objects.values_list("pk", "code"))
        self.wards = {
            ward.pk: ward for ward in Ward.objects.filter(pk__in=self.gathered.wards).only("code", "name")
        }
        homes = {self.gathered.schools[each.school].id for each in everything if each.school != NONE}
        self.homes = dict(Organisation.objects.filter(pk__in=homes).values_list("pk", "name"))

    def _offers(self, candidates: Iterable[Candidate]) -> dict[int, Offer]:
        """By offer row of the measures."""
        rows = {each.offer for each in candidates if each.offer != NONE}
        keys = {row: self.gathered.pools[row].offer for row in rows}
        found = Offer.objects.select_related("provider", "current").in_bulk(set(keys.values()))
        return {row: found[key] for row, key in keys.items()}

    def told(self) -> dict[str, Any]:
        plan = self.plan
        weights = self.needs.choice_weight[plan.unmet > SHOWN]
        return {
            "free": self._cells(plan.free, most=None),
            "free_days": _number(plan.free.sum()),
            "unmet_days": _number(plan.unmet.sum()),
            "lines": [self._line(number, line) for number, line in enumerate(plan.lines, start=1)],
            "days": _number(plan.days),
            "cost_pence": plan.chosen.cost_pence,
            "less": self._beside(plan.less),
            "more": self._beside(plan.more),
            "greedy": _choice(plan.greedy) | {"seconds": round(plan.greedy_seconds, 2)},
            "exact": self._exact(plan.exact),
            "candidates": len(plan.problem.candidates),
            "weighted": bool((np.abs(weights - 1) > 1e-9).any()),
            "outside_day_pence": self.asked.costs.outside_day_pence,
            "short_wards": [
                {"ward": self.wards[ward].code, "name": self.wards[ward].name, "days": _number(days)}
                for ward, days in plan.short_wards.items()
                if ward in self.wards
            ],
            "costs": [
                {
                    "label": each.metadata["label"],
                    "value": figure(each.name, getattr(self.asked.costs, each.name), each.metadata["unit"]),
                    "source": each.metadata["source"],
                }
                for each in fields(self.asked.costs)
            ],
        }

    def _line(self, number: int, line: Line) -> dict[str, Any]:
        candidate, offer = line.candidate, self.offers.get(line.candidate.offer)
        cells = self._cells(line.given, most=CELLS_OF_A_LINE)
        capacity, reach, unlocated = line.parts
        return {
            "rank": number,
            "kind": candidate.kind.value,
            "kind_label": KINDS[candidate.kind],
            "sentence": self._sentence(candidate, line.blocks),
            "reckoning": reckoning(candidate, line.blocks, self.asked.costs),
            "offer": offer.reference if offer and candidate.kind is not Kind.PRACTITIONER else "",
            "provider": offer.provider.name if offer else "",
            "cells": cells,
            "ward": self._ward(line),
            "days": _number(line.days),
            "bought": _number(line.blocks * candidate.days),
            "km": None if np.isnan(candidate.reach_m) else _number(round(candidate.reach_m / 500) / 2),
            "capacity_gap": _number(capacity),
            "reach_gap": _number(reach),
            "unlocated": _number(unlocated),
            "alone": _number(line.alone),
            "schools": line.schools,
            "cost_pence": line.cost_pence,
            "pence_per_day": round(line.cost_pence / line.days) if line.days > SHOWN else None,
            "weeks": candidate.weeks,
            "blocks": line.blocks,
            "less": line.less,
            "more": line.more,
        }

    def _cells(self, by_need: Any, *, most: int | None) -> list[dict[str, Any]]:
        """Days by theme and phase, the most first, with the schools they are for."""
        found: dict[tuple[int, int], list[int]] = {}
        for row in np.flatnonzero(by_need > 1e-6).tolist():
            found.setdefault((int(self.needs.theme[row]), int(self.needs.phase[row])), []).append(row)
        cells: list[dict[str, Any]] = [
            {
                "theme": self.codes[self.gathered.themes[theme].id],
                "theme_name": self.gathered.themes[theme].name,
                "phase": PHASE_OF[phase].value,
                "phase_label": PHASE_OF[phase].label,
                "days": _number(by_need[rows].sum()),
                "schools": len({self._school(row) for row in rows if by_need[row] > SHOWN}),
            }
            for (theme, phase), rows in found.items()
        ]
        cells = [cell for cell in cells if cell["days"] > SHOWN]
        return sorted(cells, key=lambda cell: (-cell["days"], cell["theme"], cell["phase"]))[:most]

    def _school(self, row: int) -> int:
        return self.gathered.schools[self.needs.school[row]].id

    def _ward(self, line: Line) -> str:
        """Code of the ward that gets all of the line's days, if one does."""
        area = self.plan.problem.result.inputs.schools.area
        wards = {int(area[self.needs.school[row]]) for row in np.flatnonzero(line.given > SHOWN)}
        found = self.wards.get(wards.pop()) if len(wards) == 1 else None
        return found.code if found else ""

    def _sentence(self, candidate: Candidate, blocks: int) -> str:
        offer = self.offers.get(candidate.offer)
        home = self.gathered.schools[candidate.school].id if candidate.school != NONE else 0
        names = Names(
            provider=offer.provider.name if offer else "",
            offer=offer.current.title if offer and offer.current else "",
            theme=self.gathered.themes[candidate.theme].name if candidate.theme != NONE else "",
            phase=PHASE_OF[candidate.phase].label.lower() if candidate.phase != NONE else "",
            school=self.homes.get(home, ""),
        )
        return sentence(candidate, blocks, names)

    def _beside(self, beside: Beside) -> dict[str, Any]:
        return {
            "budget_pence": beside.budget_pence,
            "days": _number(beside.days),
            "cost_pence": beside.cost_pence,
            "only": [
                f"{self._sentence(candidate, blocks)} ({pounds(candidate.cost_pence * blocks)})"
                for candidate, blocks in beside.only_here
            ],
        }

    def _exact(self, exact: Exact | None) -> dict[str, Any] | None:
        if exact is None:
            return None
        bound = exact.bound if np.isfinite(exact.bound) else None
        return {
            **(_choice(exact.chosen) if exact.chosen else {"value": None, "days": None, "cost_pence": None}),
            "bound": None if bound is None else _number(max(bound, self.plan.chosen.value)),
            "value_chosen": _number(self.plan.chosen.value),
            "seconds": round(exact.seconds, 1),
            "limit": self.asked.seconds,
            "proved": exact.proved,
        }


def _choice(chosen: Chosen) -> dict[str, Any]:
    return {
        "value": _number(chosen.value),
        "days": _number(chosen.days),
        "cost_pence": chosen.cost_pence,
    }


def _number(days: float) -> float:
    return round(float(days), 2) + 0.0
