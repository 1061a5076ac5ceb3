"""What the catalogue announces."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class OfferMoved:
    """An offer went along `verb` to the status `after`, or its content or confirmation changed (`verb` then says how).

    Verbs: submit, take_back, return, publish, pause, resume, withdraw; revise (a new version took over), confirm; submit_revision,
    return_revision (of a later version, while the offer stays as it is).
    """

    offer_id: int
    verb: str
    after: str


@dataclass(frozen=True)
class AssuranceChanged:
    """The releasing organisation gave its assurance for a person, or took one back."""

    practitioner_id: int
    withdrawn: bool


@dataclass(frozen=True)
class SearchFoundNothing:
    """Somebody of a school searched and found nothing: told once per person, search and day.

    `query` holds the search as its address does: parameter name → list of values.
    """

    area_id: int
    organisation_id: int
    query: dict[str, Any]
