"""Which bookings there are to be: how many end in each state, by what verb, and on days how far from today."""

from dataclasses import dataclass

from marketplace.bookings.models import BookingStatus as S


@dataclass(frozen=True)
class Plan:
    """A fate: the verbs after the hold that lead to it, and days from today between which the session lies."""

    status: S
    verbs: tuple[str, ...]
    days: tuple[int, int]
    count: int = 1

    @property
    def lies_ahead(self) -> bool:
        return self.days[0] > 0

    @property
    def is_confirmed_once(self) -> bool:
        """Whether it came to be confirmed, for which the employer's assurance was needed."""
        return "consent" in self.verbs


ORDERED = ("order",)
APPROVED = (*ORDERED, "approve")
CONFIRMED = (*APPROVED, "consent")

PLANS = (
    Plan(S.EVALUATED, (*CONFIRMED, "deliver", "evaluate"), (-365, -14), 170),
    Plan(S.COMPLETED, (*CONFIRMED, "deliver", "complete"), (-365, -72), 45),
    Plan(S.DELIVERED, (*CONFIRMED, "deliver"), (-50, -5), 28),
    Plan(S.CONFIRMED, CONFIRMED, (-8, -1), 9),
    Plan(S.CONFIRMED, CONFIRMED, (4, 130), 62),
    Plan(S.AWAITING_RELEASE, APPROVED, (12, 75), 16),
    Plan(S.AWAITING_APPROVAL, ORDERED, (12, 75), 15),
    Plan(S.HELD, (), (14, 60), 3),
    Plan(S.DECLINED, (*ORDERED, "decline"), (-300, -5), 7),
    Plan(S.DECLINED, (*APPROVED, "decline"), (8, 60), 5),
    Plan(S.WITHDRAWN, ("withdraw",), (-300, -5), 5),
    Plan(S.WITHDRAWN, (*ORDERED, "withdraw"), (-200, -5), 5),
    Plan(S.WITHDRAWN, (*ORDERED, "refuse_approval"), (-250, -5), 7),
    Plan(S.EXPIRED, ("expire",), (-300, -5), 9),
    Plan(S.EXPIRED, (*ORDERED, "expire"), (-300, -5), 4),
    Plan(S.EXPIRED, (*APPROVED, "expire"), (-300, -5), 2),
    Plan(S.CANCELLED_BY_BUYER, (*CONFIRMED, "cancel_by_buyer"), (-330, -5), 18),
    Plan(S.CANCELLED_BY_BUYER, (*CONFIRMED, "cancel_by_buyer"), (6, 60), 4),
    Plan(S.CANCELLED_BY_PROVIDER, (*CONFIRMED, "cancel_by_provider"), (-330, -5), 9),
    Plan(S.CANCELLED_BY_RELEASING_SCHOOL, (*CONFIRMED, "cancel_by_releasing_school"), (-330, -5), 5),
    Plan(S.CANCELLED_BY_RELEASING_SCHOOL, (*APPROVED, "refuse_release"), (-330, -5), 5),
    Plan(S.NO_SHOW_BUYER, (*CONFIRMED, "no_show_buyer"), (-330, -3), 6),
    Plan(S.NO_SHOW_PROVIDER, (*CONFIRMED, "no_show_provider"), (-330, -3), 4),
)


def scaled(count: int, schools: int) -> int:
    """So many for an area of this many schools, never none."""
    return max(1, round(count * schools / 130))
