"""From an advice's question to its answer: gather the area, measure it, choose, and say the choice in words and plain numbers.

`answer` is what is stored as `Advice.result`: everything the page shows, so that an old advice reads as it did when it was given.
"""

from marketplace.coverage.advising.answer import answered
from marketplace.coverage.advising.asking import Asked, plan_for

__all__ = ["Asked", "answered", "plan_for"]
