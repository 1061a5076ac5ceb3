"""Where search learns who is free, without knowing of bookings, which stand above the catalogue.

The bookings capability registers its two functions when the application starts (in `ready()` of its AppConfig):

    from marketplace.catalogue.search import availability_source
    availability_source.register(free_between=queries.free_between, next_free=queries.next_free)

Until then a search knows nothing of dates: the filter is not offered, and no next free date is shown.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import date

FreeBetween = Callable[[Collection[int], date, date], set[int]]
NextFree = Callable[[Collection[int]], Mapping[int, date]]


class AvailabilitySource:
    """Two questions about people's diaries, each answered for many people in a few queries."""

    def __init__(self) -> None:
        self._free_between: FreeBetween | None = None
        self._next_free: NextFree | None = None

    def register(self, *, free_between: FreeBetween, next_free: NextFree | None = None) -> None:
        """`free_between(practitioner_ids, first_day, last_day)` gives the ids of those with a free session in those days, both
        included; `next_free(practitioner_ids)` the first free day of each who has one."""
        self._free_between = free_between
        self._next_free = next_free

    @property
    def knows_dates(self) -> bool:
        """Whether anybody has registered."""
        return self._free_between is not None

    def free_between(self, practitioner_ids: Collection[int], first: date, last: date) -> set[int]:
        """Those of the people with a free session between two days; all of them while nobody has registered."""
        if self._free_between is None:
            return set(practitioner_ids)
        return self._free_between(practitioner_ids, first, last) if practitioner_ids else set()

    def next_free(self, practitioner_ids: Collection[int]) -> Mapping[int, date]:
        """The first free day of each of the people who has one."""
        return self._next_free(practitioner_ids) if self._next_free and practitioner_ids else {}


availability_source = AvailabilitySource()
