"""What of a document can still be credited, and who may do it."""

from collections import defaultdict
from typing import NamedTuple

from marketplace.billing.models import Document, DocumentKind, DocumentLine
from marketplace.billing.queries.books import may_keep_books
from marketplace.billing.rules import Piece, left_of
from marketplace.kernel.access import Actor

CREDITABLE = (DocumentKind.INVOICE, DocumentKind.JOURNAL)
"""A self-billing invoice is taken back with its statement, a credit note not at all."""


class LineLeft(NamedTuple):
    """A line of a document, the pieces credited so far (above zero), and what is left of it."""

    line: DocumentLine
    credited: list[Piece]
    left: Piece


def may_credit(actor: Actor, document: Document) -> bool:
    """Whether the person may issue a credit note for the document: whoever keeps the supplier's books."""
    return may_keep_books(actor, document.supplier)


def lines_left(document: Document) -> list[LineLeft]:
    """The document's lines with what credit notes took back of each, and what is left."""
    credited: dict[int | None, list[Piece]] = defaultdict(list)
    for taken in DocumentLine.objects.filter(document__credits=document).order_by("pk"):
        credited[taken.credits_line_id].append(Piece(-taken.net_pence, -taken.vat_pence))
    return [
        LineLeft(line, credited[line.pk], left_of(Piece(line.net_pence, line.vat_pence), credited[line.pk]))
        for line in document.lines.all()
    ]


def current_of(document: Document) -> Document:
    """The paper that stands for a document now: itself, or the last of those issued in its place."""
    while (again := document.replaced_by.select_related("series").first()) is not None:
        document = again
    return document


def current_lines(document: Document) -> dict[int, DocumentLine]:
    """By key of each line of a document, the line that stands for it now; one credited in full before a re-issue stands no more.

    The credit note before a re-issue takes back just the lines that are issued again, in their order.
    """
    found = {line.pk: line for line in document.lines.all()}
    while (again := document.replaced_by.first()) is not None:
        note = document.credit_notes.order_by("-pk")[0]
        back = note.lines.values_list("credits_line", flat=True)
        renewed = dict(zip(back, again.lines.all(), strict=True))
        found = {key: renewed[line.pk] for key, line in found.items() if line.pk in renewed}
        document = again
    return found


def is_creditable(document: Document) -> bool:
    """Whether something of the document is left to be credited."""
    return document.kind in CREDITABLE and any(each.left.net_pence for each in lines_left(document))
