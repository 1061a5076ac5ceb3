"""Who sees which scenarios, and how exactly.

A convenor sees their own and those shared with the convenors of their area, in exact numbers. The board and scrutiny see those shared
with them, worked out on the newest snapshot only and through the same rules as all coverage (`disclosure`): two bases could be
subtracted from each other. For everybody else there is nothing here, whatever link they have.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet

from marketplace.catalogue.models import Offer
from marketplace.coverage.errors import ScenarioCannotBeWorkedOut
from marketplace.coverage.gathering.columns import PHASES
from marketplace.coverage.models import Scenario, SharedWith, Snapshot
from marketplace.coverage.queries import Sight, released
from marketplace.coverage.scenarios import lines, outcomes
from marketplace.coverage.scenarios.grounds import footing
from marketplace.coverage.scenarios.lines import Kind, Line
from marketplace.coverage.scenarios.outcomes import Outcome
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Phase, School


def visible_to(actor: Actor) -> QuerySet[Scenario]:
    """Scenarios the person may look at, those changed last first."""
    convened = Q(area__in=actor.in_area(Role.CONVENOR)) & (
        Q(author=actor.user_id) | ~Q(shared_with=SharedWith.NOBODY)
    )
    told = Q(area__in=actor.in_area(Role.BOARD_MEMBER, Role.SCRUTINY), shared_with=SharedWith.BOARD)
    return Scenario.objects.scoped().filter(convened | told).select_related("area", "snapshot")


def own(actor: Actor) -> QuerySet[Scenario]:
    """Scenarios the person may change: their own, while they convene the area."""
    return visible_to(actor).filter(author=actor.user_id, area__in=actor.in_area(Role.CONVENOR))


def of_area(actor: Actor, sight: Sight) -> QuerySet[Scenario]:
    """The list for an area."""
    return visible_to(actor).filter(area=sight.area)


def scenario_for(actor: Actor, reference: str) -> Scenario:
    """One scenario. Raises `NotFound`."""
    found = visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def lines_of(scenario: Scenario) -> list[Line]:
    return [lines.stored(data) for data in scenario.edits]


@dataclass(frozen=True)
class Shown:
    """A scenario as one person sees it.

    `basis` is the snapshot its outcome was worked out from, `newest` the area's latest. `lines` are empty of names for the board.
    """

    scenario: Scenario
    lines: list[Line]
    outcome: Outcome
    basis: Snapshot
    newest: Snapshot
    exact: bool
    mine: bool

    @property
    def overtaken(self) -> bool:
        """Whether what coverage is made of has changed since it was worked out."""
        return self.basis.inputs_hash != self.newest.inputs_hash

    @cached_property
    def unfit(self) -> list[Line]:
        return [line for line in self.lines if line.id in self.outcome.unfit]


def shown(actor: Actor, scenario: Scenario, *, as_board: bool = False) -> Shown:
    """The scenario with what it comes to; a convenor may look at it as the board would see it.

    Raises `ScenarioCannotBeWorkedOut` where the board must wait for a new snapshot, `NotFound` for what is never for the board.
    """
    every = lines_of(scenario)
    if as_board or not actor.convenes(scenario.area_id):
        return _as_board(scenario, every)
    newest = Snapshot.objects.filter(area=scenario.area).select_related("area").first()
    assert newest is not None  # a scenario has one
    return Shown(
        scenario,
        every,
        outcomes.stored(scenario.outcome),
        scenario.snapshot,
        newest,
        exact=True,
        mine=scenario.author_id == actor.user_id,
    )


def _as_board(scenario: Scenario, every: list[Line]) -> Shown:
    if not for_board(every):
        raise NotFound
    release = released(scenario.area)
    if release is None:
        raise ScenarioCannotBeWorkedOut
    basis = release.snapshot
    as_stored = scenario.snapshot_id == basis.pk
    outcome = outcomes.stored(scenario.outcome) if as_stored else outcomes.worked_out(every, footing(basis))
    return Shown(scenario, every, outcome.for_board(), basis, basis, exact=False, mine=False)


def tried(actor: Actor, area: Area, given: Sequence[Line]) -> tuple[Snapshot, Outcome]:
    """What lines come to on the newest snapshot, without keeping anything. For a convenor; raises `NotFound` for others."""
    if not actor.convenes(area.pk):
        raise NotFound
    newest = Snapshot.objects.filter(area=area).select_related("area").first()
    if newest is None:
        raise NotFound(
            "The coverage of this area has not been worked out yet.", remedy="Ask again in a minute."
        )
    return newest, outcomes.worked_out(given, footing(newest))


@dataclass(frozen=True)
class Choice:
    """An offer or a school that an edit can be about. `fits` tells whether it serves the theme and phase looked at."""

    code: str
    name: str
    fits: bool = False


def offers_to_choose(sight: Sight, snapshot: Snapshot, *, theme: str = "", phase: str = "") -> list[Choice]:
    """Offers counted in a snapshot, those for the theme and phase first. For a convenor's forms."""
    if not sight.exact:
        raise NotFound
    on = footing(snapshot)
    theme_id = next((pk for pk, code in on.theme_codes.items() if code == theme), None)
    fits = {
        key.offer: theme_id in key.themes and (not phase or phase in key.phases) for key in on.gathered.pools
    }
    rows = Offer.objects.filter(pk__in=fits).values_list(
        "pk", "reference", "current__title", "provider__name", "provider__reference"
    )
    found = [
        Choice(reference, f"{title or reference}, {provider}", fits[pk])
        for pk, reference, title, provider, _ in rows
    ]
    return sorted(found, key=lambda choice: (not choice.fits, choice.name))


def providers_to_choose(sight: Sight, snapshot: Snapshot) -> list[Choice]:
    """Providers with an offer counted in a snapshot, by name."""
    if not sight.exact:
        raise NotFound
    offers = [key.offer for key in footing(snapshot).gathered.pools]
    rows = Offer.objects.filter(pk__in=offers).values_list("provider__reference", "provider__name")
    return [Choice(code, name) for code, name in sorted(set(rows), key=lambda row: row[1])]


def schools_to_choose(sight: Sight, snapshot: Snapshot, *, phase: str = "") -> list[Choice]:
    """The area's open schools by name, those of the phase first."""
    if not sight.exact:
        raise NotFound
    gathered = footing(snapshot).gathered
    rows = gathered.inputs.schools.phase.tolist()
    of_phase = PHASES[Phase(phase)] if phase in Phase.values else None
    fits: dict[int, bool] = {}
    for key, row in zip(gathered.schools, rows, strict=True):
        if key.inside:
            fits[key.id] = fits.get(key.id, False) or row == of_phase
    named = School.objects.filter(pk__in=fits).values_list("pk", "urn", "organisation__name")
    found = [Choice(str(urn), name, fits[pk]) for pk, urn, name in named]
    return sorted(found, key=lambda choice: (not choice.fits, choice.name))


def for_board(lines_: Sequence[Line]) -> bool:
    """Whether a scenario may be shown to the board: not one that names a school's need."""
    return not any(line.kind is Kind.NEED for line in lines_)
