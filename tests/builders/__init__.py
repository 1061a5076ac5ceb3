"""Makers of the smallest valid objects, by capability. Each takes what a test cares about and fills in the rest."""

from tests.builders.billing import *  # noqa: F403
from tests.builders.bookings import *  # noqa: F403
from tests.builders.brokerage import *  # noqa: F403
from tests.builders.catalogue import *  # noqa: F403
from tests.builders.coverage import *  # noqa: F403
from tests.builders.organisations import *  # noqa: F403
