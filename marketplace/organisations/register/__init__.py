"""Reads the register of schools, Get Information About Schools (GIAS), as people download it. See `reading`."""

from .errors import RegisterFileError
from .groups import GroupRow, MembershipRow
from .links import LinkRow, Succession, successions
from .location import Point, point, points
from .reading import Header, Reading, read_groups, read_links, read_memberships, read_register
from .refusals import Refusal
from .rows import Inspection, RegisterRow

__all__ = [
    "GroupRow",
    "Header",
    "Inspection",
    "LinkRow",
    "MembershipRow",
    "Point",
    "Reading",
    "Refusal",
    "RegisterFileError",
    "RegisterRow",
    "Succession",
    "point",
    "points",
    "read_groups",
    "read_links",
    "read_memberships",
    "read_register",
    "successions",
]
