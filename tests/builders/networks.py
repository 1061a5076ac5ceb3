"""Networks of schools and who belongs to them."""

import itertools
from typing import Any

from django.utils import timezone

from marketplace.organisations.models import (
    Area,
    BelongingStatus,
    Network,
    NetworkKind,
    NetworkMembership,
    School,
)
from tests.builders.organisations import an_area

_count = itertools.count(1)

__all__ = ["a_belonging", "a_network"]


def a_network(area: Area | None = None, *schools: School, **fields: Any) -> Network:
    """A network that runs, with these schools as members."""
    n = next(_count)
    defaults = {"name": f"Network {n}", "kind": NetworkKind.CLUSTER}
    network: Network = Network.objects.scoped().create(area=area or an_area(), **defaults | fields)
    for school in schools:
        a_belonging(network, school)
    return network


def a_belonging(
    network: Network, school: School, *, status: str = BelongingStatus.ACTIVE, **fields: Any
) -> NetworkMembership:
    """A school in a network, a member unless said otherwise."""
    joined_on = timezone.localdate() if status == BelongingStatus.ACTIVE else None
    row: NetworkMembership = NetworkMembership.objects.scoped().create(
        network=network,
        school=school,
        status=status,
        proposed_at=timezone.now(),
        **{"joined_on": joined_on} | fields,
    )
    return row
