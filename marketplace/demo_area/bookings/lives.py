"""The life of one booking: its steps from the hold to its end, with who took them, when and why.

Moments only ever go forward, none lies in the future, and everything before the session happened before it.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from marketplace.bookings.models import Booking
from marketplace.bookings.models import BookingStatus as S
from marketplace.bookings.states import BOOKING
from marketplace.demo_area.bookings.plans import Plan
from marketplace.demo_area.stage import Chance, Today
from marketplace.demo_area.words.support import ORDER_REASONS
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import local
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import User

HOLD = timedelta(minutes=20)
A_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Parties:
    """Who acts: the person who orders, who pays, who releases (nobody, where that needs no one), who comes, who leads, who heads.

    `approved_under` is what the school's ladder asks for, in words.
    """

    requester: User
    budget_holder: User
    releaser: User | None
    practitioner: User
    lead: User
    head: User
    approved_under: str = ""


@dataclass(frozen=True)
class Step:
    """One line of the history of a booking."""

    verb: str
    before: str
    after: str
    by: User | None
    at: datetime
    note: str = ""

    def line(self, booking: Booking) -> HistoryEntry:
        return HistoryEntry(
            subject_type=Booking._meta.label_lower,
            subject_id=booking.pk,
            verb=self.verb,
            before=self.before,
            after=self.after,
            by=self.by,
            by_name=self.by.name if self.by else SYSTEM.name,
            note=self.note,
            at=self.at,
        )


@dataclass
class Life:
    """All steps of a booking."""

    steps: list[Step] = field(default_factory=list)

    def at(self, *verbs: str) -> datetime | None:
        """When the first of these verbs happened."""
        return next((step.at for step in self.steps if step.verb in verbs), None)

    def step(self, *verbs: str) -> Step | None:
        return next((step for step in self.steps if step.verb in verbs), None)


def live(
    booking: Booking, plan: Plan, parties: Parties, held_at: datetime, chance: Chance, today: Today
) -> Life:
    """The steps of the plan for a booking that was held at a moment; its session's times are set."""
    life = Life([Step("hold", "", S.HELD, parties.requester, held_at)])
    for verb in plan.verbs:
        _go(life, booking, verb, parties, chance, today)
    return life


def _go(life: Life, booking: Booking, verb: str, parties: Parties, chance: Chance, today: Today) -> None:
    last = life.steps[-1]
    by, note = _who(verb, parties, booking, chance)
    if verb == "consent" and parties.releaser is None:
        verb, by, note = "release", None, f"{booking.practitioner} works for the provider itself"
    at = _when(verb, last.at, booking, chance, today)
    if verb == "approve":
        note = parties.approved_under
        if last.by == parties.budget_holder:
            at, note = last.at, f"Approved with the order\n{note}"
    if verb == "release":
        at = last.at
    life.steps.append(Step(verb, last.after, BOOKING.target(last.after, verb), by, at, note))


def _who(verb: str, parties: Parties, booking: Booking, chance: Chance) -> tuple[User | None, str]:
    """Who takes a step, and the reason where one is given."""
    reason = chance.one_of(ORDER_REASONS[verb]) if verb in ORDER_REASONS else ""
    by = {
        "order": parties.requester,
        "withdraw": parties.requester,
        "approve": parties.budget_holder,
        "refuse_approval": parties.budget_holder,
        "decline": parties.lead,
        "consent": parties.releaser,
        "refuse_release": parties.releaser,
        "cancel_by_buyer": parties.head,
        "cancel_by_provider": parties.lead,
        "cancel_by_releasing_school": parties.releaser,
        "no_show_buyer": parties.practitioner,
        "no_show_provider": parties.requester,
        "deliver": parties.practitioner,
        "evaluate": parties.head,
    }.get(verb)
    return by, "Closed without an evaluation of this visit alone" if verb == "complete" else reason


def _when(verb: str, last: datetime, booking: Booking, chance: Chance, today: Today) -> datetime:
    rng = chance.rng
    ends, begins, now = booking.ends_at, booking.starts_at, today.now
    if verb == "order":
        return min(last + timedelta(minutes=rng.randrange(3, 15)), now)
    if verb == "expire":
        return booking.hold_expires_at + A_MINUTE if last < booking.hold_expires_at else begins + A_MINUTE
    if verb in ("deliver", "no_show_buyer", "no_show_provider"):
        late = 9 if chance.happens(8) else 4
        written = ends + timedelta(hours=rng.uniform(1, 24 * late))
        return min(
            chance.time_on(local(written).date()) if written > ends + timedelta(days=1) else written, now
        )
    if verb == "evaluate":
        return min(chance.between(last + timedelta(days=1), last + timedelta(days=24)), now)
    if verb == "complete":
        return min(last + timedelta(days=60, hours=3), now)
    # Everything else happens while the session lies ahead.
    latest = min(begins, now) - A_MINUTE
    most = {"approve": 0.4, "consent": 0.6}.get(verb, 0.9) * (latest - last)
    wish = timedelta(days=rng.uniform(0.05, 4 if verb in ("approve", "consent", "decline") else 40))
    return last + min(wish, most)
