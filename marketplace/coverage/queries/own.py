"""A school’s own needs in coverage: exact, and nothing of anybody else’s."""

from dataclasses import dataclass

from marketplace.coverage.models import NeedOutcome, Share, Snapshot
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import OrganisationKind, School

READERS = (*SCHOOL_BUYERS, Role.GOVERNOR)


@dataclass(frozen=True)
class OwnNeed:
    """A need as it was last worked out, and the offers that reach it, nearest first. What others need stays theirs."""

    outcome: NeedOutcome
    offers: list[Share]

    @property
    def unmet(self) -> float:
        """Days that no provider’s free days fall to as things stand."""
        return self.outcome.days - self.outcome.met


def own_needs(actor: Actor) -> tuple[Snapshot | None, list[OwnNeed]]:
    """The needs of the person’s schools in the newest snapshots of their areas, and the newest of these.

    Raises `NotFound` for people of no school.
    """
    schools = School.objects.filter(
        pk__in=actor.organisations(*READERS), organisation__kind=OrganisationKind.SCHOOL
    )
    areas = set(schools.values_list("area_id", flat=True))
    if not areas:
        raise NotFound
    newest = Snapshot.objects.filter(area__in=areas).order_by("area_id", "-id").distinct("area_id")
    snapshots = list(newest)
    outcomes = (
        NeedOutcome.objects.filter(snapshot__in=snapshots, school__in=schools.values("pk"))
        .select_related("theme", "school")
        .order_by("school__name", "theme__name", "phase")
    )
    reaching: dict[int, list[Share]] = {}
    shares = (
        Share.objects.filter(need_outcome__in=outcomes.order_by().values("pk"))
        .select_related("pool_outcome__offer__current", "pool_outcome__provider")
        .order_by("km", "pk")
    )
    for share in shares:
        reaching.setdefault(share.need_outcome_id, []).append(share)
    needs = [OwnNeed(outcome, reaching.get(outcome.pk, [])) for outcome in outcomes]
    return max(snapshots, key=lambda each: each.computed_at, default=None), needs
