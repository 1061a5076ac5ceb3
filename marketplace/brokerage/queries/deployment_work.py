"""What waits for a person in deployments: to sign, to review, to look in half-way, to evaluate, to answer."""

from datetime import date, datetime, timedelta

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, Max, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

from marketplace.bookings.models import Booking
from marketplace.brokerage import rules
from marketplace.brokerage.models import (
    ConcernStatus,
    Deployment,
    DeploymentFunding,
    DeploymentSignature,
    DeploymentStatus,
    DeploymentVersion,
    ProgressReview,
    Rag,
    ReviewRating,
)
from marketplace.brokerage.queries.deployment_concerns import concerns_visible_to, hears
from marketplace.brokerage.queries.deployment_days import GIVEN
from marketplace.brokerage.queries.deployment_funding import first_day_to_fund
from marketplace.brokerage.queries.deployments import (
    RECEIVING_HEADS,
    capacities_of,
    convenes,
    deployments_visible_to,
    has_interest_in_deployment,
    is_barred,
)
from marketplace.brokerage.rules.deployments import Capacity, Payer
from marketplace.kernel.access import SCHOOL_BUYERS, Actor, Role
from marketplace.kernel.dates import financial_year, local
from marketplace.kernel.days import format_days
from marketplace.kernel.work import WorkItem
from marketplace.organisations.models import Membership

MID_POINT_SHOWN_DAYS = 7
"""The broker is asked a week before the mid-point."""

COMMENT_ASKED_FOR = timedelta(days=30)
"""So long an evaluation stays in the practitioner's work: they may comment on it, and need not."""


def awaiting_in_deployments(actor: Actor, *, now: datetime) -> list[WorkItem]:
    """Signatures, reviews, mid-point checks, evaluations and answers that wait for this person."""
    if actor.user_id is None:
        return []
    today = local(now).date()
    items = [item for row in _waiting(actor, now) for item in _items(actor, row, today)]
    return items + _concerns(actor)


def _waiting(actor: Actor, now: datetime) -> QuerySet[Deployment]:
    """The deployments that could want something of the person, read in one query."""
    uncommented = Q(
        status=DeploymentStatus.FINISHED,
        practitioner__user=actor.user_id,
        evaluation__commented_at__isnull=True,
        evaluation__written_at__gt=now - COMMENT_ASKED_FOR,
    )
    going_on = Q(status__in=[DeploymentStatus.TO_SIGN, DeploymentStatus.ACTIVE])
    return (
        with_standing(deployments_visible_to(actor))
        .filter(_draft(actor) | going_on | uncommented)
        .select_related("mid_point")
        .annotate(
            signed=ArraySubquery(_signatures().values("capacity")),
            payer=Subquery(_text_on_the_table().values("terms__payer")[:1]),
            years_funded=ArraySubquery(
                DeploymentFunding.objects.filter(deployment=OuterRef("pk")).values("financial_year")
            ),
        )
    )


def _draft(actor: Actor) -> Q:
    """A draft waits for whoever wrote it; where nobody of the school did, for its heads, as the school alone sends it."""
    schools = actor.organisations(*SCHOOL_BUYERS)
    own = Q(created_by=actor.user_id, receiving_school__in=schools)
    written_for_them = ~Exists(_roles_of_the_writer()) & Q(
        receiving_school__in=actor.organisations(*RECEIVING_HEADS)
    )
    return Q(own | written_for_them, status=DeploymentStatus.DRAFT)


def _roles_of_the_writer() -> QuerySet[Membership]:
    """Those with which a deployment's writer acts for its school."""
    school = OuterRef("receiving_school")
    return Membership.objects.filter(
        Q(organisation=school) | Q(organisation__trust_schools=school, role=Role.TRUST_LEAD),
        user=OuterRef("created_by"),
        role__in=SCHOOL_BUYERS,
        ended_at__isnull=True,
    )


def _signatures() -> QuerySet[DeploymentSignature]:
    """Those under the text on the table."""
    return DeploymentSignature.objects.filter(
        version__deployment=OuterRef("pk"), version__number=OuterRef("version")
    )


def _text_on_the_table() -> QuerySet[DeploymentVersion]:
    return DeploymentVersion.objects.filter(deployment=OuterRef("pk"), number=OuterRef("version"))


def _items(actor: Actor, row: Deployment, today: date) -> list[WorkItem]:
    if row.status == DeploymentStatus.DRAFT:
        return [_to_send(actor, row)]
    if row.status == DeploymentStatus.FINISHED:
        detail = "The headteacher has evaluated it. You may add your own view; you need not."
        return [_item("Read the evaluation", row, detail, page="deployments:comment_on_evaluation")]
    found = _to_sign(actor, row) + _to_fund(actor, row, today)
    return found + _running(actor, row, today) if row.status == DeploymentStatus.ACTIVE else found


def _to_send(actor: Actor, row: Deployment) -> WorkItem:
    if row.created_by_id == actor.user_id:
        detail = "Provider, practitioner and releasing school don’t see it before you send it."
        return _item("Finish the agreement", row, detail)
    detail = "It was written for your school. Once you send it, all four parties are asked to sign."
    return _item("Send the agreement", row, detail)


def _to_sign(actor: Actor, row: Deployment) -> list[WorkItem]:
    if not row.waits_for_signatures:
        return []
    missing = rules.still_to_sign(row.signed)  # type: ignore[attr-defined]
    return [
        _item(
            "Sign the agreement" if row.version_in_force is None else "Sign the change",
            row,
            f"{format_days(row.half_days)} from {row.starts_on:%-d %B %Y}. Sign as {capacity.label.lower()}.",
            due=row.starts_on,
            page="deployments:sign",
            more=(capacity.value,),
        )
        for capacity in capacities_of(actor, row)
        if capacity in missing and not is_barred(actor, row, capacity, row.payer)  # type: ignore[attr-defined]
    ]


def _to_fund(actor: Actor, row: Deployment, today: date) -> list[WorkItem]:
    """One financial year after the other: the first one that no stream is named for."""
    if row.payer != Payer.AUTHORITY or not convenes(actor, row):  # type: ignore[attr-defined]
        return []
    if has_interest_in_deployment(actor, row):
        return []
    due = first_day_to_fund(row, row.years_funded, today)  # type: ignore[attr-defined]
    if due is None:
        return []
    year = financial_year(due)
    detail = (
        f"The agreement says that the local authority pays. Until you name a stream of {year} no visit of that year"
        " can be booked."
    )
    return [_item("Name a funding stream", row, detail, due=due, page="deployments:fund")]


def _running(actor: Actor, row: Deployment, today: date) -> list[WorkItem]:
    held, found = capacities_of(actor, row), []
    if Capacity.RECEIVING_HEAD in held:
        found += _evaluation(row, today)
    if Capacity.PRACTITIONER in held and row.starts_on <= today:
        found += _review(row, today)
    if Capacity.BROKER in held:
        found += _mid_point(row, today)
    return found


def with_standing(rows: QuerySet[Deployment]) -> QuerySet[Deployment]:
    """The deployments with `given` half-days, and of the last review its day, its worst rating and the day of the next one."""
    given = (
        Booking.objects.scoped()
        .filter(deployment_visit__deployment=OuterRef("pk"), status__in=GIVEN)
        .order_by()
        .values("deployment_visit__deployment")
        .annotate(total=Sum("half_days"))
        .values("total")
    )
    worst = Case(When(rag=Rag.RED, then=Value(0)), When(rag=Rag.AMBER, then=Value(1)), default=Value(2))
    rated = ReviewRating.objects.filter(review__deployment=OuterRef("pk")).order_by(
        "-review__reviewed_on", "-review", worst
    )
    last = ProgressReview.objects.filter(deployment=OuterRef("pk")).order_by("-reviewed_on", "-pk")
    return rows.annotate(
        given=Subquery(given),
        last_review=Max("reviews__reviewed_on"),
        next_review=Subquery(last.values("next_review_on")[:1]),
        worst_rag=Subquery(rated.values("rag")[:1]),
    )


def _evaluation(row: Deployment, today: date) -> list[WorkItem]:
    given: int = row.given or 0  # type: ignore[attr-defined]
    if not rules.may_be_evaluated(today=today, ends_on=row.ends_on, agreed=row.half_days, delivered=given):
        return []
    detail = "Say for each objective what became of it, how you know, and what speaks against it."
    due = rules.evaluation_due_by(row.ends_on)
    return [_item("Evaluate the deployment", row, detail, due=due, page="deployments:evaluate")]


def _review(row: Deployment, today: date) -> list[WorkItem]:
    """The practitioner writes the review with the school; nobody is asked again once the last one set no further day."""
    last, following = row.last_review, row.next_review  # type: ignore[attr-defined]
    if last is not None and following is None:
        return []
    due = rules.review_due_on(row.starts_on, row.ends_on, following)
    if today < due - rules.REVIEW_SHOWN_BEFORE:
        return []
    detail = "Red, amber or green for each objective, and the next steps."
    return [_item("Review progress", row, detail, due=due, page="deployments:review")]


def _mid_point(row: Deployment, today: date) -> list[WorkItem]:
    if hasattr(row, "mid_point") or (row.mid_point_on - today).days > MID_POINT_SHOWN_DAYS:
        return []
    detail = "Half-way: is it worth it, and is anything wrong?"
    return [_item("Look in half-way", row, detail, due=row.mid_point_on, page="deployments:mid_point")]


def _concerns(actor: Actor) -> list[WorkItem]:
    rows = concerns_visible_to(actor).filter(status__in=[ConcernStatus.OPEN, ConcernStatus.ANSWERED])
    return [
        _item(
            "Answer a concern" if row.status == ConcernStatus.OPEN else "Close a concern",
            row.deployment,
            f"Raised by {row.raised_by} on {local(row.raised_at):%-d %B %Y}.",
            page="deployments:concern",
            more=(str(row.number),),
        )
        for row in rows
        if hears(actor, row)
    ]


def _item(
    verb: str,
    row: Deployment,
    detail: str,
    *,
    due: date | None = None,
    page: str = "deployments:deployment",
    more: tuple[str, ...] = (),
) -> WorkItem:
    return WorkItem(
        verb=verb,
        title=f"{row.practitioner} at {row.receiving_school}",
        detail=detail,
        due_on=due,
        url_name=page,
        url_args=(row.reference, *more),
    )
