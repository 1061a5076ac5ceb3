"""Who sees a deployment, in which capacity, and what they may do with it.

The receiving school's people, the head or lead who releases the person, the provider's leads, the practitioner, and the convenors of the
school's area. Until the school has sent the agreement it is the school's paper: only its own people and the convenors see it.
"""

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.bookings.queries.scopes import OTHER_RELEASERS, RELEASERS_OF_SCHOOLS
from marketplace.brokerage import rules
from marketplace.brokerage.deployment_states import DEPLOYMENT
from marketplace.brokerage.models import (
    CaseStudyConsent,
    Deployment,
    DeploymentSignature,
    DeploymentStatus,
    DeploymentVersion,
    DeploymentVisit,
)
from marketplace.brokerage.queries.deployment_days import is_time_to_evaluate
from marketplace.brokerage.rules.deployments import HEADS, Capacity, Payer, Terms
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations import queries as organisations
from marketplace.organisations.models import OrganisationKind

RECEIVING_HEADS = frozenset({Role.HEADTEACHER, Role.TRUST_LEAD})


def deployments_visible_to(actor: Actor) -> QuerySet[Deployment]:
    """The deployments the person may see, with the names a list shows."""
    rows = Deployment.objects.scoped().select_related(
        "receiving_school__school",
        "provider",
        "practitioner",
        "releasing_organisation",
        "broker",
        "theme",
        "need",
        "offer_version__offer",
    )
    if actor.is_system:
        return rows
    if actor.user_id is None:
        return rows.none()
    school = Q(receiving_school__in=actor.organisations(*SCHOOL_BUYERS))
    convenor = Q(receiving_school__school__area__in=actor.in_area(Role.CONVENOR))
    others = (
        Q(provider__in=actor.organisations(Role.PROVIDER_LEAD))
        | released_by(actor)
        | Q(practitioner__user=actor.user_id)
    )
    return rows.filter(school | convenor | Q(others, sent_at__isnull=False))


def released_by(actor: Actor, path: str = "") -> Q:
    """Deployments (at `path` of the rows) of people whose release is this person's to give: a school's head, another employer's lead."""
    place = f"{path}releasing_organisation"
    is_school = Q(**{f"{place}__kind": OrganisationKind.SCHOOL})
    heads = Q(**{f"{place}__in": actor.organisations(*RELEASERS_OF_SCHOOLS)})
    leads = Q(**{f"{place}__in": actor.organisations(*OTHER_RELEASERS)})
    return (is_school & heads) | (~is_school & leads)


def deployment_for(actor: Actor, reference: str) -> Deployment:
    """One deployment by its reference; `NotFound` where there is none for this person."""
    row = deployments_visible_to(actor).filter(reference=reference).first()
    if row is None:
        raise NotFound
    return row


# Capacities ----------------------------------------------------------------------------------------------------------


def capacities_of(actor: Actor, deployment: Deployment) -> tuple[Capacity, ...]:
    """The capacities in which this person can sign and speak."""
    is_school = deployment.releasing_organisation.kind == OrganisationKind.SCHOOL
    releasers = RELEASERS_OF_SCHOOLS if is_school else OTHER_RELEASERS
    holds = {
        Capacity.RECEIVING_HEAD: actor.holds(*RECEIVING_HEADS, at=deployment.receiving_school_id),
        Capacity.RELEASING_HEAD: actor.holds(*releasers, at=deployment.releasing_organisation_id),
        Capacity.PRACTITIONER: actor.user_id is not None and deployment.practitioner.user_id == actor.user_id,
        Capacity.BROKER: is_broker(actor, deployment),
    }
    return tuple(capacity for capacity in Capacity if holds[capacity])


def spoken_as(actor: Actor, deployment: Deployment) -> tuple[str, str]:
    """The side a person speaks for, and the words for it: capacity and organisation."""
    held = capacities_of(actor, deployment)
    if held:
        return held[0].value, signed_as(deployment, held[0])
    if is_school_side(actor, deployment):
        return Capacity.RECEIVING_HEAD.value, f"For {deployment.receiving_school}"
    if convenes(actor, deployment):
        return "authority", f"Convenor of {deployment.receiving_school.school.area}"
    return Capacity.BROKER.value, f"For {deployment.provider}"


def signed_as(deployment: Deployment, capacity: Capacity) -> str:
    """A capacity with its organisation: “Headteacher of Barton Primary School”."""
    releasing = deployment.releasing_organisation
    return {
        Capacity.RECEIVING_HEAD: f"For {deployment.receiving_school} as its headteacher or trust lead",
        Capacity.RELEASING_HEAD: f"For {releasing} as {'headteacher' if releasing.kind == 'school' else 'employer'}",
        Capacity.PRACTITIONER: f"Practitioner, of {releasing}",
        Capacity.BROKER: f"Broker, for {deployment.broker}",
    }[capacity]


def is_broker(actor: Actor, deployment: Deployment) -> bool:
    """Whether the person brokers it: a lead of the provider, or a convenor where the authority does."""
    if deployment.broker_id == deployment.provider_id:
        return actor.holds(Role.PROVIDER_LEAD, at=deployment.provider_id)
    return convenes(actor, deployment)


def convenes(actor: Actor, deployment: Deployment) -> bool:
    """Whether the person is a convenor of the receiving school's area."""
    return actor.convenes(deployment.receiving_school.school.area_id)


def is_school_side(actor: Actor, deployment: Deployment) -> bool:
    """Whether the person works for the receiving school or its trust."""
    return actor.holds(*SCHOOL_BUYERS, at=deployment.receiving_school_id)


def is_overseer_only(actor: Actor, deployment: Deployment) -> bool:
    """Whether the person sees it as a convenor and is no party: the background and the school's comments are not for them."""
    lead = actor.holds(Role.PROVIDER_LEAD, at=deployment.provider_id)
    return not (is_school_side(actor, deployment) or lead or capacities_of(actor, deployment))


def sees_need(actor: Actor, deployment: Deployment) -> bool:
    """Whether the school's own words about its need are for this person: its people and the convenors, never the provider."""
    return is_school_side(actor, deployment) or convenes(actor, deployment)


def may_in_deployment(actor: Actor, deployment: Deployment, verb: str) -> bool:
    """Whether the person's roles let them do this, whatever state the deployment is in."""
    if actor.is_system:
        return True
    held = set(capacities_of(actor, deployment))
    school, lead = (
        is_school_side(actor, deployment),
        actor.holds(Role.PROVIDER_LEAD, at=deployment.provider_id),
    )
    return {
        "send": school,
        "withdraw": school,
        "change": school or lead or bool(held),
        "decline": bool(held - {Capacity.RECEIVING_HEAD}),
        "drop_change": bool(held) or school,
        "sign": bool(held),
        "pause": bool(held & {Capacity.RECEIVING_HEAD, Capacity.BROKER}),
        "resume": bool(held & {Capacity.RECEIVING_HEAD, Capacity.BROKER}),
        "stop": bool(held & {Capacity.RECEIVING_HEAD, Capacity.BROKER}),
        "evaluate": Capacity.RECEIVING_HEAD in held,
        "book": school,
        "note": Capacity.PRACTITIONER in held or lead,
        "comment": school,
        "review": bool(held & {Capacity.RECEIVING_HEAD, Capacity.PRACTITIONER, Capacity.BROKER}) or lead,
        "check_mid_point": Capacity.BROKER in held,
        "comment_on_evaluation": Capacity.PRACTITIONER in held,
        "agree_case_study": bool(held & set(HEADS)),
        "raise_concern": school or lead or bool(held),
    }[verb]


# The text and its signatures -------------------------------------------------------------------------------------------


def version_of(deployment: Deployment, number: int | None = None) -> DeploymentVersion:
    """A version of the text: that on the table where no number is given."""
    return DeploymentVersion.objects.get(
        deployment=deployment, number=deployment.version if number is None else number
    )


def agreement_terms_of(deployment: Deployment, number: int | None = None) -> Terms:
    """The text of a version: that on the table where no number is given."""
    return Terms.from_data(version_of(deployment, number).terms)


def changes_on_the_table(deployment: Deployment) -> list[str]:
    """What a change that waits for signatures would change, a short sentence each."""
    if not deployment.has_change_to_sign:
        return []
    return rules.changes(
        agreement_terms_of(deployment, deployment.version_in_force), agreement_terms_of(deployment)
    )


def signatures_of(deployment: Deployment, number: int | None = None) -> list[DeploymentSignature]:
    """The signatures of a version: that on the table where no number is given."""
    return list(
        DeploymentSignature.objects.filter(
            version__deployment=deployment, version__number=number or deployment.version
        )
    )


def capacities_to_sign(actor: Actor, deployment: Deployment) -> tuple[Capacity, ...]:
    """In which capacities this person's signature is missing now."""
    if not deployment.waits_for_signatures:
        return ()
    missing = rules.still_to_sign(each.capacity for each in signatures_of(deployment))
    payer = agreement_terms_of(deployment).payer
    return tuple(
        each
        for each in capacities_of(actor, deployment)
        if each in missing and not is_barred(actor, deployment, each, payer)
    )


def is_barred(actor: Actor, deployment: Deployment, capacity: Capacity, payer: str) -> bool:
    """Whether a declared interest bars the person from this signature: the authority's, under a text that has it pay."""
    return (
        capacity == Capacity.BROKER
        and deployment.broker_id != deployment.provider_id
        and payer != Payer.SCHOOL
        and has_interest_in_deployment(actor, deployment)
    )


def has_interest_in_deployment(actor: Actor, deployment: Deployment) -> bool:
    """Whether the person has declared an interest in one of those who are paid for its days."""
    paid = (deployment.provider_id, deployment.releasing_organisation_id)
    return organisations.has_interest(actor.user_id, *paid)


def verbs_for_deployment(actor: Actor, deployment: Deployment) -> frozenset[str]:
    """What the person can do with it now: a page shows these buttons and no others."""
    status = deployment.status
    found = {verb for verb in DEPLOYMENT.verbs_from(status) if verb != "activate"}
    running = status == DeploymentStatus.ACTIVE
    if running and not is_time_to_evaluate(deployment):
        found.discard("evaluate")
    if running or status in (DeploymentStatus.DRAFT, DeploymentStatus.TO_SIGN):
        found |= {"change", "book"}
    if deployment.has_change_to_sign and running:
        found.add("drop_change")
    if running:
        found |= {"note", "comment"}
        if deployment.starts_on <= local(timezone.now()).date():
            found.add("review")
        if not hasattr(deployment, "mid_point"):
            found.add("check_mid_point")
    if status == DeploymentStatus.FINISHED:
        found |= {"agree_case_study", "comment_on_evaluation"}
    if status != DeploymentStatus.DRAFT:
        found.add("raise_concern")
    return frozenset(verb for verb in found if may_in_deployment(actor, deployment, verb))


# The chain ---------------------------------------------------------------------------------------------------------------


def visits_of(deployment: Deployment) -> QuerySet[DeploymentVisit]:
    """Its visits in order of time, with booking, record, notes and comments; holds that ran out are left out."""
    return (
        DeploymentVisit.objects.filter(deployment=deployment)
        .exclude(booking__status__in=[BookingStatus.EXPIRED, BookingStatus.WITHDRAWN])
        .select_related("booking", "booking__visit_record", "booking__visit_record__written_by")
        .prefetch_related("notes__objective", "notes__written_by", "comments__written_by")
        .order_by("booking__starts_at")
    )


def deployment_it_belongs_to(booking: Booking) -> str:
    """A sentence on the deployment a visit belongs to; empty where it belongs to none."""
    visit = DeploymentVisit.objects.filter(booking=booking).select_related("deployment").first()
    return f"The visit is part of the deployment {visit.deployment}, agreed for this school." if visit else ""


def visit_for(deployment: Deployment, booking_reference: str) -> DeploymentVisit:
    """One visit of a deployment the caller may see; `NotFound` where it has none by this booking."""
    visit = visits_of(deployment).filter(booking__reference=booking_reference).first()
    if visit is None:
        raise NotFound
    return visit


def with_chain(rows: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """The deployments with all that was said under them: a fixed number of queries, however long the chain."""
    return rows.select_related("mid_point__written_by", "evaluation__written_by").prefetch_related(
        "objectives",
        "versions__signatures",
        "reviews__ratings__objective",
        "evaluation__outcomes__objective",
        Prefetch(
            "case_study_consents",
            queryset=CaseStudyConsent.objects.filter(withdrawn_at=None).select_related("given_by"),
            to_attr="standing_consents",
        ),
    )


def case_studies(rows: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """Those of the deployments whose two heads both agree that they may be shared."""
    for capacity in HEADS:
        consent = CaseStudyConsent.objects.filter(
            deployment=OuterRef("pk"), capacity=capacity, withdrawn_at=None
        )
        rows = rows.filter(Exists(consent))
    return rows
