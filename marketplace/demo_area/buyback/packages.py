"""The packages sold in the demo area: what each includes and costs this year, and what changes next year."""

from dataclasses import dataclass, field
from typing import Any

from marketplace.buyback.models import CarryForward, InclusionKind
from marketplace.catalogue.models import ServiceKind
from marketplace.catalogue.presets import STANDARD, TARIFFS
from marketplace.demo_area.listings.form import (
    FROZEN,
    MULTI_BUY,
    THREE_YEARS,
    Data,
    bands,
    fixed,
    flat_plus,
    place,
    within,
)

SERVICE, COMPANY, HUB, SCHOOL = "service", "company", "hub", "west_special"


@dataclass(frozen=True, kw_only=True)
class Sale:
    """A package: `seller` by its name in `bodies.Providers`, quantities of days in half-days.

    `next_price` is there where next year's price differs, by `rise` in per cent. `theme` limits the days to one theme.
    """

    key: str
    seller: str
    name: str
    summary: str
    description: str
    price: Data
    includes: tuple[tuple[str, int], ...]
    years: tuple[int, ...] = (1,)
    carry: str = CarryForward.NONE
    cap: int = 0
    exchange: bool = False
    tariff: Data = field(default_factory=lambda: TARIFFS[STANDARD].data)
    service_kind: str = ServiceKind.IMPROVEMENT
    theme: str = ""
    next_price: Data | None = None
    rise: int = 0

    @property
    def half_days(self) -> int:
        """Half-days of support in a year."""
        return sum(quantity for kind, quantity in self.includes if kind == InclusionKind.DAYS)


def days(number: int) -> tuple[str, int]:
    return InclusionKind.DAYS, number * 2


def places(number: int) -> tuple[str, int]:
    return InclusionKind.PLACES, number


A_REVIEW = (InclusionKind.PEER_REVIEW, 1)


def _tiers(*tiers: dict[str, Any], **more: Any) -> Data:
    return {"tiers": list(tiers)} | {
        "waived_if_refilled": True, "substitution_allowed": True, "cooling_off_days": 0,
    } | more  # fmt: skip


TEN_WORKING_DAYS = _tiers(
    {"at_most": 10, "unit": "working", "full_day_pence": 7_000, "half_day_pence": 3_500},
)
"""A flat charge within ten working days (a county's governor services)."""

FOUR_WEEKS = _tiers(
    {"at_most": 14, "unit": "calendar", "percent_bp": 10_000},
    {"at_most": 28, "unit": "calendar", "percent_bp": 5_000},
    {"at_most": 90, "unit": "calendar", "full_day_pence": 5_000, "half_day_pence": 5_000},
    waived_if_refilled=False,
)
"""All, half, and £50 for a change of mind before that (a leaders' association)."""

SALES = (
    Sale(
        key="bronze",
        seller=SERVICE,
        name="Improvement partner: bronze",
        summary="Three days a year with an adviser who knows your school.",
        description="A visit each term: standards in the autumn, teaching in the spring, the plan for next year in the summer.",
        price=flat_plus(90_000, 160),
        next_price=flat_plus(93_600, 166),
        rise=4,
        includes=(days(3),),
        years=(1, 2, 3),
    ),
    Sale(
        key="silver",
        seller=SERVICE,
        name="Improvement partner: silver",
        summary="Six days a year, and two of them can wait for next year.",
        description="Bronze, with a subject review chosen with you and a day beside your leaders each term.",
        price=within(1_050, 2_150, 6_400, THREE_YEARS),
        includes=(days(6),),
        years=(1, 2, 3),
        carry=CarryForward.CAPPED,
        cap=4,
    ),
    Sale(
        key="gold",
        seller=SERVICE,
        name="Improvement partner: gold",
        summary="Ten days a year and a peer review; the price is fixed for two years.",
        description="A named adviser for the whole year, a review of the school by peers, and days where you want them.",
        price=flat_plus(310_000, 240, FROZEN),
        includes=(days(10), A_REVIEW),
        years=(1, 2, 3),
        carry=CarryForward.WITH_APPROVAL,
        tariff=TARIFFS["two_steps"].data,
    ),
    Sale(
        key="governance",
        seller=SERVICE,
        name="Governance support",
        summary="Two days of advice to the board and four places on governors’ courses.",
        description="Advice by telephone, a visit to the board, help with the self-review, and courses for governors.",
        price=bands((210, 690), (420, 860), (None, 1_190)),
        next_price=bands((210, 725), (420, 905), (None, 1_250)),
        rise=5,
        includes=(days(2), places(4)),
        years=(1, 3),
        tariff=TEN_WORKING_DAYS,
        service_kind=ServiceKind.GOVERNANCE,
    ),
    Sale(
        key="six",
        seller=COMPANY,
        name="Partnership membership: 6 days",
        summary="Six days from colleagues of other schools; unused days become credits of the bank of days.",
        description="Membership of the partnership, with leaders of other schools for the work you choose.",
        price=fixed(3_150),
        includes=(days(6),),
        years=(1, 2),
        exchange=True,
        tariff=TARIFFS["two_steps"].data,
    ),
    Sale(
        key="nine",
        seller=COMPANY,
        name="Partnership membership: 9 days",
        summary="Nine days from colleagues of other schools; two can be carried forward.",
        description="Membership of the partnership, with leaders of other schools for the work you choose.",
        price=fixed(4_590),
        includes=(days(9),),
        years=(1, 2),
        carry=CarryForward.CAPPED,
        cap=4,
        exchange=True,
        tariff=FOUR_WEEKS,
    ),
    Sale(
        key="twelve",
        seller=COMPANY,
        name="Partnership membership: 12 days",
        summary="Twelve days from colleagues of other schools, and a peer review of yours.",
        description="Membership of the partnership with a peer review: three schools look at one question you set.",
        price=fixed(5_940, THREE_YEARS),
        includes=(days(12), A_REVIEW),
        years=(1, 2, 3),
        carry=CarryForward.WITH_APPROVAL,
        exchange=True,
        tariff=FOUR_WEEKS,
    ),
    Sale(
        key="peers",
        seller=COMPANY,
        name="Peer review partnership",
        summary="One review by leaders of other schools, with two days to follow it up.",
        description="Two days in your school with a question you set, an improvement workshop, and two days afterwards.",
        price=fixed(1_450),
        includes=(A_REVIEW, days(2)),
        carry=CarryForward.WITH_APPROVAL,
    ),
    Sale(
        key="places",
        seller=HUB,
        name="Course places: 10 in a year",
        summary="Ten places on any course of the hub, for any of your staff.",
        description="Book single places as you need them. Teaching assistants are welcome.",
        price=place(110, MULTI_BUY),
        includes=(places(10),),
        tariff=TARIFFS["flat_short_notice"].data,
        service_kind=ServiceKind.COURSE,
    ),
    Sale(
        key="leaders",
        seller=HUB,
        name="Course places and coaching",
        summary="Twenty places on courses, and four days of coaching for new leaders.",
        description="Courses for all your staff, and a coach for the one or two who have just begun to lead.",
        price=bands((210, 2_900), (420, 3_350), (None, 4_300)),
        includes=(places(20), days(4)),
        years=(1, 2),
        carry=CarryForward.CAPPED,
        cap=2,
        tariff=TARIFFS["flat_short_notice"].data,
        service_kind=ServiceKind.COURSE,
    ),
    Sale(
        key="outreach",
        seller=SCHOOL,
        name="Outreach for special needs",
        summary="Four days with our specialist teachers in your classrooms.",
        description="We watch, model and plan with class teachers and assistants. Please agree it with your SENCO first.",
        price=fixed(1_480),
        includes=(days(4),),
        theme="send-provision",
        tariff=TARIFFS["free"].data,
    ),
)
