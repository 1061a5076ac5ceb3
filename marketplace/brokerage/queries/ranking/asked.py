"""What is asked for, and the offers that may be considered at all, with what the database can judge of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Least

from marketplace.brokerage.models import Need
from marketplace.brokerage.rules.ranking import HardReason
from marketplace.catalogue.models import DeliveryMode, Offer, OfferScope, OfferStatus, OfferVersion, Theme
from marketplace.catalogue.search import square_metres_from
from marketplace.organisations.models import School

REMOTE = (DeliveryMode.REMOTE, DeliveryMode.BOTH)
JUDGED_BY_DATABASE = (HardReason.THEME, HardReason.PHASE, HardReason.REACH)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Support with a theme in a phase of a school: so many half-days, at a distance or not, and what it may cost before VAT.

    `most_a_day_pence` is a ceiling for a day, `most_pence` one for all of the half-days.
    """

    theme: Theme
    phase: str
    school: School
    half_days: int
    remote_ok: bool
    today: date
    most_a_day_pence: int | None = None
    most_pence: int | None = None

    @property
    def groups(self) -> set[int]:
        """The school's trust and federation, by id."""
        return {pk for pk in (self.school.trust_id, self.school.federation_id) if pk}

    @property
    def works_remotely(self) -> bool:
        """Whether the need can be met at a distance at all."""
        return self.remote_ok and self.theme.remote_fit > 0


def asked_of(need: Need, *, today: date) -> Asked:
    """What a need asks for."""
    school = School.objects.select_related("organisation").get(pk=need.school_id)
    return Asked(
        theme=need.theme,
        phase=need.phase,
        school=school,
        half_days=need.half_days_needed,
        remote_ok=need.remote_ok,
        today=today,
        most_a_day_pence=need.max_price_pence,
    )


def considered(asked: Asked) -> QuerySet[Offer]:
    """Offers on show that the school could buy, those of suspended providers among them, each judged as far as the database can.

    `is_exact`, `is_near` tell of its themes, `has_phase` of its phases, `in_reach` of its distance.
    """
    theme = asked.theme
    themes = OfferVersion.themes.through.objects.filter(offerversion=OuterRef("current"))
    exact = Q(theme=theme.pk) | (Q(theme__parent=theme.pk) if theme.parent_id is None else Q())
    heading = theme.parent_id or theme.pk
    near = Q(theme__parent=heading) | Q(theme=heading)
    farthest: Any = Least(F("current__reach_km"), Value(theme.max_km))
    reaches = Q(square_metres__lte=farthest * farthest * 1_000_000) & ~Q(current__mode=DeliveryMode.REMOTE)
    if asked.works_remotely:
        reaches |= Q(current__mode__in=REMOTE)
    rows: Any = Offer.objects.filter(_for_the_school(asked), status=OfferStatus.PUBLISHED).annotate(
        square_metres=square_metres_from(asked.school)
    )
    judged: QuerySet[Offer] = rows.annotate(
        is_exact=Exists(themes.filter(exact)),
        is_near=Exists(themes.filter(near)),
        has_phase=_yes(Q(current__phases__contains=[asked.phase])),
        in_reach=_yes(reaches),
    )
    return judged


def counts(asked: Asked) -> dict[str, int]:
    """How many offers there are (`all`), and how many each of the reasons leaves out that the database judges. One query."""
    rows: Any = considered(asked)
    found: dict[str, int] = rows.aggregate(
        all=Count("pk"),
        **{str(reason): Count("pk", filter=_left_out_by(reason)) for reason in JUDGED_BY_DATABASE},
    )
    return found


def left_out_by(asked: Asked, reason: HardReason) -> QuerySet[Offer]:
    """The offers that one of the reasons leaves out that the database judges, counted once each."""
    rows: Any = considered(asked)
    found: QuerySet[Offer] = rows.filter(_left_out_by(reason)).order_by("provider__name", "pk")
    return found


def passing() -> Q:
    """The condition on considered offers that the database finds nothing against."""
    return _THEMED & Q(has_phase=True, in_reach=True)


def reasons_of(row: dict[str, Any]) -> Iterable[HardReason]:
    """What the database found against a row of `considered`."""
    if not (row["is_exact"] or row["is_near"]):
        yield HardReason.THEME
    if not row["has_phase"]:
        yield HardReason.PHASE
    if not row["in_reach"]:
        yield HardReason.REACH


_THEMED = Q(is_exact=True) | Q(is_near=True)


def _left_out_by(reason: HardReason) -> Q:
    return {
        HardReason.THEME: Q(is_exact=False, is_near=False),
        HardReason.PHASE: _THEMED & Q(has_phase=False),
        HardReason.REACH: _THEMED & Q(has_phase=True, in_reach=False),
    }[reason]


def _for_the_school(asked: Asked) -> Q:
    """What is open to all, and what is kept to the schools of its own trust or federation."""
    groups = asked.groups
    return (
        Q(current__scope=OfferScope.OPEN)
        | Q(provider__in=groups)
        | Q(provider__school__trust__in=groups)
        | Q(provider__school__federation__in=groups)
        | Q(provider=asked.school.pk)
    )


def _yes(condition: Q) -> Case:
    """True where it holds, false where it does not or nobody knows."""
    return Case(When(condition, then=Value(True)), default=Value(False), output_field=BooleanField())
