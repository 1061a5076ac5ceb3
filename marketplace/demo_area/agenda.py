"""What happened when: things to do at moments of the past, done in the order of time with the clock at each.

Numbers of documents, journal runs and settlements follow from one another, so they have to be made in the order in which they would
have come, whoever asks for them. What is done may put more on the agenda, for later.
"""

import heapq
from collections.abc import Callable
from datetime import datetime

from marketplace.demo_area.ledgers import at_once
from marketplace.demo_area.stage import clock_at


class Agenda:
    """Things to do until `until`; what is put there for later is left out."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self._waiting: list[tuple[datetime, int, Callable[[], object]]] = []
        self._count = 0

    def at(self, moment: datetime, do: Callable[[], object]) -> None:
        """Do something at a moment; of two at the same moment the one that was put here first."""
        self._count += 1
        if moment <= self.until:
            heapq.heappush(self._waiting, (moment, self._count, do))

    def at_once(self, moment: datetime, do: Callable[[], object]) -> None:
        """The same for what reads ledgers that others on the agenda write in bulk."""

        def reading() -> None:
            with at_once():
                do()

        self.at(moment, reading)

    def run(self) -> None:
        """Do everything."""
        while self._waiting:
            moment, _, do = heapq.heappop(self._waiting)
            with clock_at(moment):
                do()
