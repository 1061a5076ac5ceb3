"""The line of a cell from day to day, as points of a drawing."""

from collections.abc import Sequence
from dataclasses import dataclass

from marketplace.coverage.queries import Point

WIDTH, HEIGHT = 600, 120
MARGIN = 6


@dataclass(frozen=True)
class Drawing:
    """Two lines, of days needed and of days met, as points of an SVG `width` by `height`; `most` is the top of the scale in days."""

    width: int
    height: int
    need: str
    met: str
    between: str
    ends: list[tuple[float, float, float]]
    most: float


def trend_drawing(points: Sequence[Point]) -> Drawing | None:
    """The drawing of at least two days; of fewer there is no line."""
    if len(points) < 2:
        return None
    first, last = points[0].day.toordinal(), points[-1].day.toordinal()
    most = max(point.need for point in points) or 1.0

    def x(point: Point) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (point.day.toordinal() - first) / (last - first), 1)

    def y(days: float) -> float:
        return round(HEIGHT - MARGIN - (HEIGHT - 2 * MARGIN) * days / most, 1)

    need = [f"{x(point)},{y(point.need)}" for point in points]
    met = [f"{x(point)},{y(point.met)}" for point in points]
    return Drawing(
        width=WIDTH,
        height=HEIGHT,
        need=" ".join(need),
        met=" ".join(met),
        between=" ".join([*need, *reversed(met)]),
        ends=[(x(point), y(point.need), y(point.met)) for point in points],
        most=most,
    )
