"""Where the entries of calendar feeds come from: one line per source. See `entries.py` for what a source answers."""

from marketplace.notifications.feeds.bookings import BookingEntries
from marketplace.notifications.feeds.courses import CourseEntries
from marketplace.notifications.feeds.deployments import DeploymentEntries
from marketplace.notifications.feeds.entries import Source

SOURCES: tuple[Source, ...] = (BookingEntries(), CourseEntries(), DeploymentEntries())
