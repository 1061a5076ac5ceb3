"""A what-if to look at: what £20,000 would close in the worst gap, shared with the board."""

from django.db.models import F

from marketplace.coverage.models import Cell, CellStatus, Scenario, SharedWith, Snapshot
from marketplace.coverage.scenarios import actions
from marketplace.coverage.scenarios.grounds import footing
from marketplace.kernel.access import Role
from marketplace.organisations.models import User
from marketplace.organisations.queries import actor_for

BUDGET_PENCE = 20_000_00
PENCE_A_DAY = 400_00
REACH_KM = 30


def try_to_close_the_worst_gap(snapshot: Snapshot) -> Scenario | None:
    """Spend the budget where most days are unmet that brokering can't meet and the board may know; `None` where there is no gap."""
    gaps = Cell.objects.filter(
        snapshot=snapshot,
        status=CellStatus.GAP,
        theme__isnull=False,
        ward__isnull=True,
    ).exclude(phase="")
    known = footing(snapshot)
    by_size = gaps.select_related("theme").order_by(-(F("capacity_gap") + F("reach_gap")), "pk")
    worst = next((cell for cell in by_size if not known.hidden((cell.theme_id, cell.phase, None))), None)
    convenor = User.objects.filter(
        memberships__role=Role.CONVENOR, memberships__organisation__area=snapshot.area
    ).order_by("pk")
    author = convenor.first()
    if worst is None or worst.theme is None or author is None:
        return None
    actor = actor_for(author)
    scenario = actions.start(
        actor=actor,
        area=snapshot.area,
        edits=[
            {
                "kind": "add",
                "theme": worst.theme.code,
                "phase": worst.phase,
                "days": BUDGET_PENCE / PENCE_A_DAY,
                "pence": PENCE_A_DAY,
                "km": REACH_KM,
            }
        ],
        name=f"A £20,000 commission for {worst.theme.name.lower()}",
    )
    return actions.share(actor=actor, scenario=scenario, shared_with=SharedWith.BOARD)
