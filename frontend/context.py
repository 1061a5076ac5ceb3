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
    """One entry of the navigation: shown to whoever holds one of `roles` anywhere. Its `parts` are a second row on its pages."""

    text: str
    url_name: str
    prefixes: tuple[str, ...]
    roles: frozenset[Role]
    parts: "tuple[Way, ...]" = ()


BUYING = SCHOOL_BUYERS | {Role.GOVERNOR}
DELIVERING = SCHOOL_BUYERS | {Role.PROVIDER_LEAD, Role.PRACTITIONER}
TRADING = BUYING | {Role.PROVIDER_LEAD, Role.CONVENOR}
ANSWERING = frozenset({Role.PROVIDER_LEAD, Role.HEADTEACHER, Role.TRUST_LEAD})
CONVENING = frozenset({Role.CONVENOR})
OVERSEEING = frozenset({Role.CONVENOR, Role.BOARD_MEMBER, Role.SCRUTINY})

WAYS = (
    Way(
        "Find support", "catalogue:find", ("/find/", "/offers/"), BUYING | {Role.CONVENOR, Role.PROVIDER_LEAD}
    ),
    Way(
        "Needs",
        "brokerage:needs",
        ("/needs/", "/calls/", "/commissions/"),
        BUYING | {Role.PROVIDER_LEAD, Role.CONVENOR},
        parts=(
            Way("Our needs", "brokerage:needs", ("/needs/",), BUYING),
            Way("Requests for support", "requests:requests", ("/needs/requests/",), BUYING),
            Way("Requests to us", "requests:invitations", ("/needs/invitations/",), ANSWERING),
            Way("Requests in the area", "requests:overview", ("/needs/overview/",), CONVENING),
            Way("Looked for, not found", "brokerage:unmet", ("/needs/unmet/",), CONVENING),
            Way("Schools to remind", "requests:silent", ("/needs/silent/",), CONVENING),
            Way("Calls for offers", "partnership:calls", ("/calls/",), ANSWERING | CONVENING),
            Way("Commissioned support", "partnership:commissions", ("/commissions/",), CONVENING),
        ),
    ),
    Way(
        "Bookings",
        "bookings:list",
        ("/bookings/", "/courses/", "/deployments/", "/messages/"),
        DELIVERING | {Role.GOVERNOR, Role.FINANCE, Role.CONVENOR},
        parts=(
            Way("Sessions", "bookings:list", ("/bookings/",), DELIVERING | {Role.FINANCE, Role.CONVENOR}),
            Way("Courses", "courses:coming", ("/courses/",), DELIVERING | {Role.GOVERNOR, Role.CONVENOR}),
            Way("Deployments", "deployments:list", ("/deployments/",), DELIVERING | {Role.CONVENOR}),
            Way("Messages", "messages:list", ("/messages/",), DELIVERING),
        ),
    ),
    Way(
        "Buy-back",
        "buyback:landing",
        ("/buy-back/", "/agreements/", "/balances/", "/approvals/", "/funding/"),
        TRADING | {Role.FINANCE},
        parts=(
            Way("Packages and prices", "buyback:landing", ("/buy-back/",), TRADING | {Role.FINANCE}),
            Way("Agreements", "agreements:list", ("/agreements/",), TRADING | {Role.FINANCE}),
            Way("Balances", "balances:index", ("/balances/",), TRADING | {Role.FINANCE}),
            Way("Approvals", "approvals:evidence_list", ("/approvals/",), BUYING),
            Way("Funding", "approvals:streams", ("/funding/",), frozenset({Role.CONVENOR, Role.FINANCE})),
        ),
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
    Way("Coverage", "coverage:matrix", ("/coverage/", "/engagement/"), OVERSEEING),
    Way("Networks", "networks:list", ("/networks/",), TRADING | OVERSEEING),
    Way(
        "Quality",
        "catalogue:quality",
        ("/quality/", "/complaints/"),
        frozenset({Role.CONVENOR}),
        parts=(
            Way("Offers to judge", "catalogue:quality", ("/quality/",), frozenset({Role.CONVENOR})),
            Way("Providers", "quality:providers", ("/quality/providers/",), frozenset({Role.CONVENOR})),
            Way(
                "Designations",
                "quality:designations",
                ("/quality/designations/",),
                frozenset({Role.CONVENOR}),
            ),
            Way("Complaints", "quality:complaints", ("/complaints/",), frozenset({Role.CONVENOR})),
        ),
    ),
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
        "subnavigation": SimpleLazyObject(lambda: parts_of_way(actor, request.path)),
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
    return _open_to(actor, WAYS, path)


def parts_of_way(actor: Actor, path: str) -> list[dict[str, Any]]:
    """The second row: the parts of the way the page lies on, where it has any."""
    on_it = next((way for way in WAYS if way.parts and path.startswith(way.prefixes)), None)
    return _open_to(actor, on_it.parts, path) if on_it else []


def _open_to(actor: Actor, ways: tuple[Way, ...], path: str) -> list[dict[str, Any]]:
    held = frozenset().union(*actor.roles.values())
    opened = [way for way in ways if held & way.roles]
    # Of parts whose addresses begin alike, the page lies on the one whose beginning says most.
    here = max(
        (len(prefix) for way in opened for prefix in way.prefixes if path.startswith(prefix)), default=0
    )
    return [
        {
            "href": reverse(_door(way, held)),
            "text": way.text,
            "current": any(path.startswith(prefix) and len(prefix) == here for prefix in way.prefixes),
        }
        for way in opened
    ]


def _door(way: Way, held: frozenset[Role]) -> str:
    """The page a way leads to: its first part that is open to the person, where it has parts."""
    return next((part.url_name for part in way.parts if held & part.roles), way.url_name)


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
