"""What one may read of bookings and diaries."""

from marketplace.bookings.queries.diaries import (
    diaries_editable_by,
    diary_of,
    facts_of,
    first_free_days,
    free_between,
    free_sessions,
    next_free,
    next_free_sessions,
    term_dates_missing,
)
from marketplace.bookings.queries.quotes import Quote, cancellation_quote, quote
from marketplace.bookings.queries.scopes import booking_for, may, verbs_for, visible_to
from marketplace.bookings.queries.work import awaiting, load_of, upcoming

__all__ = [
    "Quote",
    "awaiting",
    "booking_for",
    "cancellation_quote",
    "diaries_editable_by",
    "diary_of",
    "facts_of",
    "first_free_days",
    "free_between",
    "free_sessions",
    "load_of",
    "may",
    "next_free",
    "next_free_sessions",
    "quote",
    "term_dates_missing",
    "upcoming",
    "verbs_for",
    "visible_to",
]
