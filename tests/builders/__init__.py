"""Makers of the smallest valid objects, by capability. Each takes what a test cares about and fills in the rest."""

from tests.builders.approvals import *  # noqa: F403
from tests.builders.billing import *  # noqa: F403
from tests.builders.bookings import *  # noqa: F403
from tests.builders.brokerage import *  # noqa: F403
from tests.builders.buyback import *  # noqa: F403
from tests.builders.cards import *  # noqa: F403
from tests.builders.catalogue import *  # noqa: F403
from tests.builders.conversations import *  # noqa: F403
from tests.builders.country import *  # noqa: F403
from tests.builders.courses import *  # noqa: F403
from tests.builders.coverage import *  # noqa: F403
from tests.builders.deployments import *  # noqa: F403
from tests.builders.money import *  # noqa: F403
from tests.builders.networks import *  # noqa: F403
from tests.builders.organisations import *  # noqa: F403
from tests.builders.partnership import *  # noqa: F403
from tests.builders.quality import *  # noqa: F403
from tests.builders.ranking import *  # noqa: F403
from tests.builders.recording import *  # noqa: F403
from tests.builders.requests import *  # noqa: F403
from tests.builders.scenarios import *  # noqa: F403
from tests.builders.shapes import *  # noqa: F403
