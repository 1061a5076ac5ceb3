"""Who reads a commission, what may be done with it next, and what stands around it: bodies to tell, money set aside, visits."""

from django.db.models import Q, QuerySet, Sum

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import Booking
from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import Deployment
from marketplace.buyback.queries import StreamAccount
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Offer
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import Ledger, Transfer
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import LegalStatus, Membership, School
from marketplace.partnership import rules
from marketplace.partnership.models import (
    Commission,
    CommissionStatus,
    NeedToKnow,
    SupportCategory,
)
from marketplace.partnership.rules import Body, Held
from marketplace.partnership.states import COMMISSION

APPROVED = ("awaiting_release", "confirmed")
"""Bookings whose money a stream can take over at once: approved, and still to come."""


def commissions_visible_to(actor: Actor) -> QuerySet[Commission]:
    """The commissions of the areas the person convenes, and those a convenor named them for."""
    rows = Commission.objects.scoped().select_related(
        "area",
        "school__school",
        "theme",
        "provider",
        "funding_stream",
        "deployment__practitioner",
        "created_by",
    )
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    return rows.filter(Q(area__in=actor.in_area(Role.CONVENOR)) | Q(pk__in=_named_for(actor)))


def _named_for(actor: Actor) -> list[int]:
    """Commissions the person is named for, as long as none of the roles they hold by now forbids it."""
    named = NeedToKnow.objects.filter(user=actor.user_id, ended_at__isnull=True).values_list(
        "commission", "commission__school", "commission__school__school__trust"
    )
    rows = list(named)
    held = roles_held(actor.user_id) if rows else []
    return [pk for pk, school, trust in rows if not rules.why_may_not_know(held, school=school, trust=trust)]


def roles_held(user_id: int | None) -> list[Held]:
    """The roles somebody holds now, with the kind of organisation."""
    rows = Membership.objects.filter(user=user_id, ended_at__isnull=True)
    return [Held(*row) for row in rows.values_list("role", "organisation", "organisation__kind")]


def commission_for(actor: Actor, reference: str) -> Commission:
    """One commission by its reference; `NotFound` where there is none for this person."""
    found = commissions_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def may_commission(actor: Actor) -> bool:
    """Whether the person opens commissions: a convenor of any area."""
    return bool(actor.in_area(Role.CONVENOR))


def may_keep(actor: Actor, commission: Commission) -> bool:
    """Whether the person writes in the commission: a convenor of its area. Those who are named only read."""
    return actor.convenes(commission.area_id)


def has_interest_in_provider(actor: Actor, commission: Commission) -> bool:
    """Whether the person has declared an interest in who is paid: they neither decide nor start."""
    return commission.provider is not None and organisations.has_interest(actor.user_id, commission.provider)


def verbs_for(actor: Actor, commission: Commission) -> frozenset[str]:
    """What the person can do with it now: a page shows these buttons and no others."""
    if not may_keep(actor, commission):
        return frozenset()
    found = set(COMMISSION.verbs_from(commission.status))
    found.discard("decide" if commission.is_academy else "inform")
    if found & {"decide", "start"} and has_interest_in_provider(actor, commission):
        found -= {"decide", "start"}
    if commission.status in (CommissionStatus.DRAFT, CommissionStatus.READY):
        found.add("change")
    if commission.status == CommissionStatus.ACTIVE:
        found |= {"review", "attach", "pay"}
    if commission.status not in (CommissionStatus.EXITED, CommissionStatus.WITHDRAWN):
        found |= {"tell", "name"}
    return frozenset(found)


def schools_to_support(actor: Actor) -> QuerySet[School]:
    """Open maintained schools and academies of the areas the person convenes."""
    return (
        School.objects.filter(
            area__in=actor.in_area(Role.CONVENOR),
            status_code__in=School.OPEN_STATUSES,
            organisation__legal_status__in=[LegalStatus.LA_MAINTAINED, LegalStatus.ACADEMY],
        )
        .select_related("organisation", "trust", "diocese", "area", "ward")
        .order_by("organisation__name")
    )


def readers_of(commission: Commission) -> QuerySet[NeedToKnow]:
    """Those who are named for the commission now."""
    return NeedToKnow.objects.filter(commission=commission, ended_at__isnull=True).select_related("user")


# Who is told ---------------------------------------------------------------------------------------------------------


def bodies_of(commission: Commission) -> list[Body]:
    """Whom the convenor can record as told, the one that counts first."""
    return rules.bodies_to_inform(
        school=commission.school.name, is_academy=commission.is_academy, **_responsible(commission)
    )


def told_first(commission: Commission) -> bool:
    """Whether the academy's responsible body is recorded as told; true of a maintained school, where nobody comes first.

    Whoever was responsible on the day it was recorded counts, whatever trust or diocese the register names since: the step that the
    notice took then stands in the history.
    """
    if not commission.is_academy:
        return True
    return commission.notices.exists() and history.of(commission).filter(verb="inform").exists()


def first_bodies(commission: Commission) -> frozenset[str]:
    """Kinds of body of which one has to be told before the commission may begin."""
    return rules.first_to_inform(is_academy=commission.is_academy, **_responsible(commission))


def _responsible(commission: Commission) -> dict[str, str]:
    school = commission.school.school
    return {"trust": str(school.trust or ""), "diocese": str(school.diocese or "")}


def what_is_missing(commission: Commission) -> list[str]:
    """What has to be said before it can start, a short sentence each."""
    recorded = SupportCategory.objects.scoped().filter(school=commission.school_id, area=commission.area_id)
    return rules.missing_to_start(
        provider=commission.provider_id is not None,
        stream=commission.funding_stream_id is not None,
        price=commission.pence_a_day is not None,
        category=recorded.exists(),
    )


# Money ---------------------------------------------------------------------------------------------------------------


def funding_effect(commission: Commission) -> str:
    """How the effects of a commission's movements in its funding stream begin."""
    return f"commission:{commission.pk}:funding:"


def set_aside(commission: Commission) -> int:
    """What is committed for the commission itself and not yet handed to a visit or given back, in pence."""
    moved = Transfer.objects.filter(
        source__ledger=Ledger.FUNDING, effect__startswith=funding_effect(commission)
    )
    came = moved.filter(target__purpose=StreamAccount.COMMITTED).aggregate(pence=Sum("amount"))["pence"] or 0
    went = moved.filter(source__purpose=StreamAccount.COMMITTED).aggregate(pence=Sum("amount"))["pence"] or 0
    return int(came - went)


def spent_through(commission: Commission) -> int:
    """What was handed to visits, in pence: committed or spent under their own names."""
    return commission.visits.aggregate(pence=Sum("pence"))["pence"] or 0


# The work ------------------------------------------------------------------------------------------------------------


def visits_under(commission: Commission) -> list[Booking]:
    """Bookings of its deployment and those paid for under it, in order of time."""
    own = Q(commission_visit__commission=commission)
    if commission.deployment_id is not None:
        own |= Q(deployment_visit__deployment=commission.deployment_id)
    rows = bookings.visible_to(SYSTEM).filter(own).exclude(status__in=["expired", "withdrawn"])
    return list(
        rows.select_related("practitioner", "commission_visit", "funding_stream").order_by("starts_at")
    )


def bookings_to_pay(actor: Actor, commission: Commission) -> QuerySet[Booking]:
    """Approved bookings of the school with the provider that the commission could pay for, those of its deployment first."""
    return bookings.to_commission(actor).filter(
        receiving_school=commission.school_id, provider=commission.provider_id, status__in=APPROVED
    )


def deployments_to_attach(actor: Actor, commission: Commission) -> QuerySet[Deployment]:
    """Deployments of the school that are not over and belong to no commission yet."""
    return (
        brokerage.deployments_visible_to(actor)
        .filter(
            receiving_school=commission.school_id,
            status__in=["draft", "to_sign", "active", "paused"],
            commission__isnull=True,
        )
        .order_by("-created_at")
    )


def offers_to_deploy(actor: Actor, commission: Commission) -> QuerySet[Offer]:
    """The provider's offers on the theme with people a deployment can be drafted for."""
    return (
        catalogue.published_offers(actor)
        .filter(provider=commission.provider_id, current__themes=commission.theme_id)
        .order_by("current__title", "pk")
    )
