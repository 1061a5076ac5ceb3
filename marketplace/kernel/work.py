"""One thing that needs a person: what “my work” lists, whatever capability it comes from."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class WorkItem:
    """Something to do. `verb` is the button's word (“Approve”), `url_name` and `url_args` lead to the page to do it on."""

    verb: str
    title: str
    detail: str
    due_on: date | None
    url_name: str
    url_args: tuple[str, ...] = ()

    @property
    def sort_key(self) -> tuple[bool, date, str]:
        """Those with a date first, soonest first."""
        return (self.due_on is None, self.due_on or date.max, self.title)
