"""Verbs of scenarios. They write scenarios and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from marketplace.coverage.errors import (
    ScenarioCannotBeWorkedOut,
    ScenarioEditInvalid,
    ScenarioHasGoneOn,
)
from marketplace.coverage.models import Scenario, SharedWith, Snapshot
from marketplace.coverage.scenarios import lines, outcomes, queries
from marketplace.coverage.scenarios.fitting import named
from marketplace.coverage.scenarios.grounds import footing, is_kept
from marketplace.coverage.scenarios.lines import Line
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations.models import Area

MOST_EDITS = 40
MOST_UNDONE = 30
DRAFTS_KEPT = 20
"""Drafts without a name that a person keeps; starting another lets the oldest go."""


@action
def start(*, actor: Actor, area: Area, edits: Sequence[Mapping[str, Any]], name: str = "") -> Scenario:
    """Begin a scenario on the newest snapshot with some edits; a draft until it has a name.

    Raises `ScenarioEditInvalid` for an edit that makes no sense or does not fit, `ScenarioCannotBeWorkedOut`.
    """
    if not actor.convenes(area.pk) or actor.user_id is None:
        raise NotFound
    newest = _newest(area)
    read = _labelled([lines.read(edit, number=number) for number, edit in enumerate(edits, start=1)])
    _must_be_few(read)
    scenario = Scenario(
        area=area,
        author_id=actor.user_id,
        author_name=actor.name,
        snapshot=newest,
        edits_version=lines.VERSION,
        name=_name(name) if name else "",
    )
    _work_out(scenario, read, new={line.id for line in read})
    scenario.save()
    history.write(scenario, verb="start", by=actor, note=_counted(read))
    _let_old_drafts_go(actor, area)
    return scenario


@action
def add(*, actor: Actor, scenario: Scenario, edit: Mapping[str, Any]) -> Scenario:
    """Try one more edit. Raises `ScenarioEditInvalid` where it makes no sense or does not fit."""
    row = _own(actor, scenario)
    line = lines.read(edit, number=_next_number(row))
    every = [*queries.lines_of(row), *_labelled([line])]
    _must_be_few(every)
    _must_stay_fit_for_board(row, every)
    _remember(row)
    _work_out(row, every, new={line.id})
    row.save()
    history.write(row, verb="add", by=actor, note=line.kind.label)
    return row


@action
def remove(*, actor: Actor, scenario: Scenario, number: int) -> Scenario:
    """Take one edit out. Raises `ScenarioHasGoneOn` where it is out already."""
    row = _own(actor, scenario)
    every = queries.lines_of(row)
    kept = [line for line in every if line.id != number]
    if len(kept) == len(every):
        raise ScenarioHasGoneOn(
            "That edit is not in this what-if any more.", remedy="Look at the list again."
        )
    _remember(row)
    _work_out(row, kept)
    row.save()
    history.write(row, verb="remove", by=actor)
    return row


@action
def undo(*, actor: Actor, scenario: Scenario) -> Scenario:
    """Put the edits back as they were before the last change. Raises `ScenarioHasGoneOn` where there is none."""
    row = _own(actor, scenario)
    if not row.past:
        raise ScenarioHasGoneOn("There is nothing to undo.", remedy="Add or remove an edit.")
    before = [lines.stored(data) for data in row.past[-1]]
    _must_stay_fit_for_board(row, before)
    row.past = row.past[:-1]
    _work_out(row, before)
    row.save()
    history.write(row, verb="undo", by=actor)
    return row


@action
def work_out_again(*, actor: Actor, scenario: Scenario) -> Scenario:
    """Put the scenario on the newest snapshot. Edits that do not fit there stay, told so and left out."""
    row = _own(actor, scenario)
    row.snapshot = _newest(row.area)
    _work_out(row, queries.lines_of(row))
    row.save()
    history.write(row, verb="work out again", by=actor)
    return row


@action
def save(*, actor: Actor, scenario: Scenario, name: str) -> Scenario:
    """Keep the scenario under a name. Raises `ScenarioEditInvalid` for an empty or overlong one."""
    row = _own(actor, scenario)
    row.name = _name(name)
    row.save(update_fields=["name", "changed_at"])
    history.write(row, verb="save", by=actor, note=row.name)
    return row


@action
def share(*, actor: Actor, scenario: Scenario, shared_with: str) -> Scenario:
    """Let others see it, or no longer. It needs a name first, and the board sees none that adds a school's need."""
    row = _own(actor, scenario)
    if shared_with not in SharedWith.values:
        raise ScenarioEditInvalid("That is nobody to share with.", remedy="Choose one.", field="shared_with")
    if shared_with != SharedWith.NOBODY and not row.name:
        raise ScenarioEditInvalid(
            "A what-if without a name can’t be shared.",
            remedy="Save it under a name first.",
            field="shared_with",
        )
    before, row.shared_with = row.shared_with, shared_with
    _must_stay_fit_for_board(row, queries.lines_of(row))
    row.save(update_fields=["shared_with", "changed_at"])
    history.write(row, verb="share", by=actor, before=before, after=shared_with)
    return row


@action
def copy(*, actor: Actor, scenario: Scenario) -> Scenario:
    """A draft of one's own with the edits of a scenario one can see, as it stands on the same snapshot."""
    seen = queries.scenario_for(actor, scenario.reference)
    if not actor.convenes(seen.area_id) or actor.user_id is None:
        raise NotAllowed("You can’t copy this what-if.", remedy="Ask a convenor of the area.")
    made = Scenario.objects.scoped().create(
        area=seen.area,
        author_id=actor.user_id,
        author_name=actor.name,
        snapshot=seen.snapshot,
        edits=seen.edits,
        edits_version=seen.edits_version,
        outcome=seen.outcome,
    )
    history.write(made, verb="copy", by=actor, note=f"from {seen.reference}")
    return made


@action
def discard(*, actor: Actor, scenario: Scenario) -> None:
    """Let a scenario go for good. Its history stays."""
    row = _own(actor, scenario)
    history.write(row, verb="discard", by=actor, note=row.name)
    row.delete()


def _own(actor: Actor, scenario: Scenario) -> Scenario:
    """The scenario, locked, for its author. Others who may see it are told why they may not change it."""
    seen = queries.scenario_for(actor, scenario.reference)
    if not queries.own(actor).filter(pk=seen.pk).exists():
        raise NotAllowed(
            f"Only {seen.author_name} can change this what-if.",
            remedy="Make a copy of it and change that." if actor.convenes(seen.area_id) else "",
        )
    row: Scenario = locked(Scenario.objects.scoped().select_related("snapshot__area", "area"), pk=seen.pk)
    return row


def _newest(area: Area) -> Snapshot:
    """The latest snapshot; one made before inputs were kept is asked for again."""
    newest = Snapshot.objects.filter(area=area).select_related("area").first()
    if newest is None or not is_kept(newest):
        raise ScenarioCannotBeWorkedOut
    return newest


def _work_out(row: Scenario, every: Sequence[Line], *, new: set[int] | frozenset[int] = frozenset()) -> None:
    """Set the edits and what they come to, on the snapshot the scenario stands on or, where that has gone, on the newest.

    Lines of `new` must fit: somebody is there to put them right.
    """
    if row.snapshot_id is None or not is_kept(row.snapshot):
        row.snapshot = _newest(row.area)
    outcome = outcomes.worked_out(every, footing(row.snapshot))
    for line in every:
        if line.id in new and line.id in outcome.unfit:
            raise ScenarioEditInvalid(outcome.unfit[line.id], remedy="Choose another.", field=_about(line))
    row.edits = [line.as_data() for line in every]
    row.outcome = outcome.as_data()


def _about(line: Line) -> str:
    """The field that says what a line is about."""
    about = next((name for name in ("offer", "provider", "school", "ward") if getattr(line, name)), "theme")
    return "theme" if about == "offer" and line.theme else about


def _labelled(read: Sequence[Line]) -> list[Line]:
    names = named(read)
    return [replace(line, label=names.get(line.id, "")) for line in read]


def _remember(row: Scenario) -> None:
    row.past = [*row.past, row.edits][-MOST_UNDONE:]


def _next_number(row: Scenario) -> int:
    """Above every number ever used, so that an edit put back is not mistaken for another."""
    return 1 + max((edit["id"] for edits in (row.edits, *row.past) for edit in edits), default=0)


def _must_be_few(every: Sequence[Line]) -> None:
    if not 1 <= len(every) <= MOST_EDITS:
        raise ScenarioEditInvalid(
            f"A what-if has between 1 and {MOST_EDITS} edits.", remedy="Take some out.", field="edits"
        )


def _must_stay_fit_for_board(row: Scenario, every: Sequence[Line]) -> None:
    if row.shared_with == SharedWith.BOARD and not queries.for_board(every):
        raise ScenarioEditInvalid(
            "A what-if that adds a school’s need can’t be shown to the board, because it would tell what a school needs.",
            remedy="Share it with the convenors only, or take that edit out.",
            field="shared_with",
        )


def _name(name: str) -> str:
    tidy = " ".join(name.replace("\x00", "").split())
    if not 1 <= len(tidy) <= 100:
        raise ScenarioEditInvalid(
            "A name has between 1 and 100 characters.", remedy="Give it a name.", field="name"
        )
    return tidy


def _counted(read: Sequence[Line]) -> str:
    return f"{len(read)} edit" + ("" if len(read) == 1 else "s")


def _let_old_drafts_go(actor: Actor, area: Area) -> None:
    drafts = queries.own(actor).filter(area=area, name="").order_by("-pk").values_list("pk", flat=True)
    Scenario.objects.scoped().filter(pk__in=list(drafts[DRAFTS_KEPT:])).delete()
