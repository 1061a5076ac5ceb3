"""What every page's frame needs: the ways on for this person, their organisations, the badge, live updates.

Nothing is read before a page's frame asks for it, so that a fragment answered to a script costs no query here.
"""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from frontend.session import seconds_left
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.notifications import queries as notifications
from marketplace.organisations import queries as organisations

SECONDS_OF_WARNING = 300


@dataclass(frozen=True)
class Way:
    """One entry of the navigation: shown to whoever holds one of `roles` anywhere."""

    text: str
    url_name: str
    prefixes: tuple[str, ...]
    roles: frozenset[Role]


BUYING = SCHOOL_BUYERS | {Role.GOVERNOR}
OVERSEEING = frozenset({Role.CONVENOR, Role.BOARD_MEMBER, Role.SCRUTINY})

WAYS = (
    Way(
        "Find support", "catalogue:find", ("/find/", "/offers/"), BUYING | {Role.CONVENOR, Role.PROVIDER_LEAD}
    ),
    Way("Needs", "brokerage:needs", ("/needs/",), SCHOOL_BUYERS | {Role.CONVENOR}),
    Way(
        "Bookings",
        "bookings:list",
        ("/bookings/",),
        SCHOOL_BUYERS | {Role.PROVIDER_LEAD, Role.PRACTITIONER, Role.FINANCE, Role.CONVENOR},
    ),
    Way(
        "Provide",
        "catalogue:provide",
        ("/provide/",),
        frozenset({Role.PROVIDER_LEAD, Role.PRACTITIONER, Role.HEADTEACHER, Role.TRUST_LEAD}),
    ),
    Way(
        "Money",
        "billing:documents",
        ("/money/",),
        frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD, Role.PROVIDER_LEAD, Role.FINANCE}),
    ),
    Way("Coverage", "coverage:matrix", ("/coverage/",), OVERSEEING),
    Way("Quality", "catalogue:quality", ("/quality/",), frozenset({Role.CONVENOR})),
    Way("Register", "organisations:register", ("/register/", "/areas/"), frozenset({Role.CONVENOR})),
    Way(
        "People",
        "organisations:people",
        ("/people/",),
        frozenset({Role.CONVENOR, Role.HEADTEACHER, Role.TRUST_LEAD, Role.PROVIDER_LEAD}),
    ),
)


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """The context of `frontend/base.html`; `components/README.md` lists its names."""
    frame: dict[str, Any] = {"navigation": []}
    if settings.DEMO_AREA:
        frame["environment_notice"] = (
            "A demonstration: the borough of Calderbeck, its schools and its people are fictional."
        )
    if not getattr(request, "user", None) or not request.user.is_authenticated:
        return frame
    actor: Actor = request.actor  # type: ignore[attr-defined]
    badge = SimpleLazyObject(lambda: notifications.badge_of(actor))
    return frame | {
        "navigation": SimpleLazyObject(lambda: ways_on(actor, request.path)),
        "acting": SimpleLazyObject(lambda: _acting(actor)),
        "notifications": SimpleLazyObject(
            lambda: {"href": reverse("notifications:list"), "unread": badge.unread}
        ),
        "live": SimpleLazyObject(
            lambda: {
                "ws_path": "/live/",
                "poll_url": reverse("notifications:poll"),
                "last_id": badge.last_frame,
            }
        ),
        "session_timeout": {
            "seconds": seconds_left(request),
            "warn": SECONDS_OF_WARNING,
            "extend_url": reverse("home:extend_session"),
        },
    }


def ways_on(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The navigation of a person: where their roles give them something to do."""
    held = frozenset().union(*actor.roles.values())
    return [
        {"href": reverse(way.url_name), "text": way.text, "current": path.startswith(way.prefixes)}
        for way in WAYS
        if held & way.roles
    ]


def _acting(actor: Actor) -> dict[str, Any] | None:
    choices = list(organisations.organisations_of(actor))
    current = next((each for each in choices if each.pk == actor.current), None)
    if current is None:
        return None
    return {
        "label": current.name,
        "role": in_words(actor.roles[current.pk]),
        "action": reverse("home:act_for"),
        "choices": [
            {"value": each.pk, "text": each.name, "selected": each.pk == actor.current} for each in choices
        ],
    }


def in_words(roles: frozenset[Role]) -> str:
    """`headteacher and budget holder`, in the order the roles are named."""
    words = [role.value.replace("_", " ") for role in Role if role in roles]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
