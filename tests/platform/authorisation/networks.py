"""What networks and engagement add to the world: a network led by the provider, with a member and a school it has asked."""

from collections.abc import Callable
from typing import Any

from tests.builders import a_school
from tests.builders.networks import a_belonging, a_network


def lay_out(world: Any) -> None:
    """The scene's school is a member and another school is asked; a third belongs to nothing and has never been heard of."""
    world.network = a_network(world.area, world.scene.school, lead=world.scene.provider)
    world.member = world.network.memberships.get()
    world.outside = a_school(world.area)
    world.network_asks = a_belonging(world.network, a_school(world.area), status="proposed")


VALUES: dict[str, Callable[[Any], Any]] = {
    "networks reference": lambda w: w.network.reference,
    "network reference": lambda w: w.network.reference,
    "networks:move number": lambda w: w.member.pk,
    "networks:move verb": lambda w: "leave",
}
BODIES: dict[str, Callable[[Any], dict[str, Any]]] = {
    "networks:new": lambda w: {"name": "A new one", "kind": "cluster", "themes": []},
    "networks:change": lambda w: {
        "name": "Another name",
        "kind": "cluster",
        "lead": w.scene.provider.reference,
        "themes": [],
    },
    "networks:add": lambda w: {"school": w.outside.urn, "role": "member"},
    "networks:from_file": lambda w: {
        "text": f"network,kind,urn\nFrom a file,cluster,{w.outside.urn}\n",
        "import": "yes",
    },
    "coverage:engagement_nudge": lambda w: {"urn": ""},
    "coverage:engagement_words": lambda w: {"text": "Come back."},
}
