"""What billing announces."""

from dataclasses import dataclass


@dataclass(frozen=True)
class DocumentIssued:
    """An invoice, journal or credit note was issued."""

    document_id: int
