"""What can be wrong with the numbers handed to the measures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from marketplace.kernel.errors import DomainError


class MeasureError(DomainError):
    """The inputs cannot be measured; `problems` lists every reason, each saying how to put it right."""

    code: ClassVar[str] = "not_measurable"

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))
