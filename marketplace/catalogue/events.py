"""What the catalogue announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class OfferMoved:
    """An offer went along `verb` to the status `after`, or its content or confirmation changed (`verb` then says how)."""

    offer_id: int
    verb: str
    after: str
