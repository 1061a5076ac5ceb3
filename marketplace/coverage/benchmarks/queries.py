"""What one may read of comparisons: the convenor, the board and scrutiny of an area alike."""

from dataclasses import dataclass

from marketplace.coverage.benchmarks.definitions import INDICATORS, Indicator
from marketplace.coverage.benchmarks.files import Figures
from marketplace.coverage.benchmarks.worked_out import own_figures
from marketplace.coverage.models import Neighbour, NeighbourFigures
from marketplace.coverage.queries.access import Sight
from marketplace.kernel.errors import NotFound


@dataclass(frozen=True)
class Compared:
    """A neighbour, why it was chosen, and its figures: the newest first, older ones as history."""

    neighbour: Neighbour
    figures: list[NeighbourFigures]

    @property
    def newest(self) -> NeighbourFigures | None:
        return self.figures[0] if self.figures else None

    def value(self, indicator: Indicator) -> float | None:
        return self.newest.values.get(indicator.key) if self.newest else None


@dataclass(frozen=True)
class Line:
    """One indicator: our value, and each neighbour's in the order of `Comparison.neighbours`; `None` is hidden or not known."""

    indicator: Indicator
    own: float | None
    others: list[float | None]


@dataclass(frozen=True)
class Comparison:
    """An area beside its neighbours. `own` is `None` before anything was told of the area."""

    own: Figures | None
    neighbours: list[Compared]

    @property
    def windows(self) -> list[tuple[str, str]]:
        """Of each area with figures: its name, and whether its days are those of a term or of the school year."""
        told = [(self.own.name, self.own.of_a_term)] if self.own else []
        told += [(str(each.neighbour), each.newest.of_a_term) for each in self.neighbours if each.newest]
        return [
            (name, "counts a term" if of_a_term else "counts the school year") for name, of_a_term in told
        ]

    @property
    def mixes_windows(self) -> bool:
        """Whether the days of a term stand beside those of a school year."""
        return len({counts for _, counts in self.windows}) > 1

    @property
    def lines(self) -> list[Line]:
        return [
            Line(
                indicator,
                self.own.values.get(indicator.key) if self.own else None,
                [each.value(indicator) for each in self.neighbours],
            )
            for indicator in INDICATORS
        ]


def comparison(sight: Sight) -> Comparison:
    """The area that is seen, beside those chosen."""
    chosen = Neighbour.objects.filter(area=sight.area).prefetch_related("figures")
    return Comparison(own_figures(sight.area), [Compared(each, list(each.figures.all())) for each in chosen])


def to_give(sight: Sight) -> Figures:
    """The area's own figures to give away, for its convenor. Raises `NotFound` for others, and before there are any."""
    figures = own_figures(sight.area) if sight.exact else None
    if figures is None:
        raise NotFound
    return figures
