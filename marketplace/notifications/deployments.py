"""Who hears of deployments. `tasks.py` imports this, so that its subscribers and jobs are there for the worker."""

from datetime import date, timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.bookings import queries as bookings
from marketplace.bookings.models import BookingStatus
from marketplace.bookings.queries.scopes import OTHER_RELEASERS, RELEASERS_OF_SCHOOLS
from marketplace.brokerage import queries as brokerage
from marketplace.brokerage import rules
from marketplace.brokerage.events import (
    ConcernMoved,
    DeploymentChangeDropped,
    DeploymentDraftedForSchool,
    DeploymentMoved,
    DeploymentNoted,
    DeploymentSigned,
    DeploymentTextChanged,
)
from marketplace.brokerage.models import (
    Deployment,
    DeploymentConcern,
    DeploymentSignature,
    DeploymentStatus,
    DeploymentVersion,
    Listener,
)
from marketplace.brokerage.rules.deployments import Capacity
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local
from marketplace.kernel.events import subscribe
from marketplace.notifications import deployment_messages as messages
from marketplace.notifications import live, people
from marketplace.notifications.actions import tell
from marketplace.notifications.live import Audience
from marketplace.notifications.people import holders
from marketplace.notifications.rules import Message, Recipient
from marketplace.organisations.models import OrganisationKind

RECORDS_REMINDED_FOR = timedelta(days=60)
HEADS = frozenset({Role.HEADTEACHER})
LEADS = frozenset({Role.PROVIDER_LEAD})


# Who is who ------------------------------------------------------------------------------------------------------------


def in_capacity(row: Deployment, capacity: Capacity) -> list[Recipient]:
    """The people who can sign and speak in a capacity."""
    if capacity == Capacity.RECEIVING_HEAD:
        return holders(row.receiving_school_id, HEADS)
    if capacity == Capacity.RELEASING_HEAD:
        is_school = row.releasing_organisation.kind == OrganisationKind.SCHOOL
        return holders(row.releasing_organisation_id, RELEASERS_OF_SCHOOLS if is_school else OTHER_RELEASERS)
    if capacity == Capacity.PRACTITIONER:
        return [Recipient(row.practitioner.user_id)] if row.practitioner.user_id else []
    return brokers(row)


def brokers(row: Deployment) -> list[Recipient]:
    """Leads of the provider, or the convenors where the authority brokers."""
    if row.broker_id == row.provider_id:
        return holders(row.provider_id, LEADS)
    return people.convenors_of(row.receiving_school)


def parties(row: Deployment) -> list[Recipient]:
    """Everybody who signs, and who wrote it."""
    found = [each for capacity in Capacity for each in in_capacity(row, capacity)]
    if row.created_by_id:
        found.append(Recipient(row.created_by_id, row.receiving_school_id))
    return list({each.user_id: each for each in found}.values())


def _but(to: list[Recipient], user_id: int | None) -> list[Recipient]:
    return [each for each in to if each.user_id != user_id]


def _row(pk: int) -> Deployment:
    row: Deployment = brokerage.deployments_visible_to(SYSTEM).select_related("practitioner").get(pk=pk)
    return row


# The agreement ---------------------------------------------------------------------------------------------------------


@subscribe(DeploymentDraftedForSchool)
def tell_of_draft(event: DeploymentDraftedForSchool) -> None:
    """The school alone can send what a convenor wrote for it: its heads are asked to."""
    row = _row(event.deployment_id)
    tell(
        to=in_capacity(row, Capacity.RECEIVING_HEAD),
        message=messages.to_send(row),
        effect=f"deployment:{row.pk}:to_send",
    )


@subscribe(DeploymentMoved)
def tell_of_deployment(event: DeploymentMoved) -> None:
    """Ask for signatures, and tell the parties what has begun, rests or is over; never the person who did it."""
    row = _row(event.deployment_id)
    entry = history.of(row).filter(verb=event.verb).last()
    by = entry.by_id if entry else None
    effect = f"deployment:{row.pk}:{event.verb}:{entry.pk if entry else 0}"
    if event.verb == "send":
        _ask_to_sign(row)
    elif event.verb == "activate":
        tell(to=parties(row), message=messages.in_force(row), effect=effect)
    elif event.verb == "evaluate":
        tell(to=_but(parties(row), by), message=messages.evaluated(row), effect=effect)
    elif row.sent_at:
        tell(to=_but(parties(row), by), message=messages.moved(row, event.verb), effect=effect)


@subscribe(DeploymentTextChanged)
def tell_of_new_text(event: DeploymentTextChanged) -> None:
    """Whoever had signed learns that it no longer counts; all are asked to sign the text on the table."""
    version = DeploymentVersion.objects.get(pk=event.version_id)
    row = _row(version.deployment_id)
    if row.version == version.number and row.waits_for_signatures:
        _ask_to_sign(row)


def _ask_to_sign(row: Deployment) -> None:
    missing = rules.still_to_sign(each.capacity for each in brokerage.signatures_of(row))
    changed = row.version > 1 or row.version_in_force is not None
    for capacity in missing:
        tell(
            to=in_capacity(row, capacity),
            message=messages.signature_wanted(row, capacity, changed=changed),
            effect=f"deployment:{row.pk}:sign:{row.version}:{capacity}",
        )


@subscribe(DeploymentSigned)
def tell_of_signature(event: DeploymentSigned) -> None:
    """The school's people hear who has signed; the fourth signature is told as what it brings about."""
    signature = DeploymentSignature.objects.select_related("version").get(pk=event.signature_id)
    row = _row(signature.version.deployment_id)
    if not row.waits_for_signatures and row.version_in_force == signature.version.number:
        if signature.version.number > 1:
            message = messages.change_in_force(row)
            tell(to=parties(row), message=message, effect=f"deployment:{row.pk}:in_force:{row.version}")
        return
    to = in_capacity(row, Capacity.RECEIVING_HEAD)
    if row.created_by_id:
        to.append(Recipient(row.created_by_id, row.receiving_school_id))
    tell(
        to=_but(to, signature.signed_by_id),
        message=messages.signed(row, signature),
        effect=f"deployment:{row.pk}:signed:{signature.pk}",
    )


@subscribe(DeploymentChangeDropped)
def tell_of_dropped_change(event: DeploymentChangeDropped) -> None:
    """A change came to nothing."""
    row = _row(event.deployment_id)
    entry = history.of(row).filter(verb="drop_change").last()
    tell(
        to=_but(parties(row), entry.by_id if entry else None),
        message=messages.change_dropped(row),
        effect=f"deployment:{row.pk}:dropped:{event.number}",
    )


# The work --------------------------------------------------------------------------------------------------------------


@subscribe(DeploymentNoted)
def tell_of_note(event: DeploymentNoted) -> None:
    """A review, a mid-point check or a comment: the parties hear that there is something to read."""
    row = _row(event.deployment_id)
    verb = {"mid_point": "look_in_half_way", "practitioner_comment": "comment"}.get(event.what, event.what)
    entry = history.of(row).filter(verb=verb).last()
    to = parties(row)
    if event.what == "visit_comment":
        to = in_capacity(row, Capacity.PRACTITIONER) + holders(row.provider_id, LEADS)
    tell(
        to=_but(to, entry.by_id if entry else None),
        message=messages.noted(row, event.what),
        effect=f"deployment:{row.pk}:{event.what}:{event.row_id}",
    )


@subscribe(ConcernMoved)
def tell_of_concern(event: ConcernMoved) -> None:
    """Whom it was raised with, and who raised it: nobody else learns that there is one. The message names no detail."""
    concern: DeploymentConcern = brokerage.concerns_visible_to(SYSTEM).get(pk=event.concern_id)
    row = concern.deployment
    moves = history.of(concern).count()
    effect = f"concern:{concern.pk}:{event.verb}:{moves}"
    if event.verb in ("raise", "reopen"):
        heard = concern.listener == Listener.BROKER
        to = (brokers(row) if heard else []) + people.convenors_of(row.receiving_school)
        tell(to=_but(to, concern.raised_by_id), message=messages.concern_raised(concern), effect=effect)
    else:
        tell(
            to=[Recipient(concern.raised_by_id)],
            message=messages.concern_answered(concern, event.verb),
            effect=effect,
        )


@subscribe(DeploymentMoved)
def show_deployment(event: DeploymentMoved) -> None:
    """Open pages of the organisations concerned ask again."""
    row = _row(event.deployment_id)
    sides = {row.receiving_school_id}
    if row.sent_at:
        sides |= {row.provider_id, row.releasing_organisation_id}
    live.broadcast_all(
        "deployment", [Audience(organisation=pk) for pk in sorted(sides)], {"reference": row.reference}
    )


# Every morning ---------------------------------------------------------------------------------------------------------


@app.periodic(cron="15 6 * * *")
@app.task(name="remind_of_late_records", queue="notifications")
def remind_of_late_records(timestamp: int) -> None:
    """Every morning: a word on the last day of a record of visit, and one when it is late; each once."""
    now = timezone.now()
    today = local(now).date()
    waiting = bookings.visible_to(SYSTEM).filter(
        status=BookingStatus.CONFIRMED,
        ends_at__lt=now,
        ends_at__gt=now - RECORDS_REMINDED_FOR,
        visit_record=None,
    )
    for booking in waiting:
        due_on = rules.record_due_on(booking.day)
        to = people.practitioner(booking) or people.provider_leads(booking)
        if today == due_on:
            message: Message = messages.record_due_today(booking)
            tell(to=to, message=message, effect=f"booking:{booking.pk}:record_due_today")
        elif today > due_on:
            everybody = to + people.provider_leads(booking)
            message = messages.record_late(booking, due_on)
            tell(to=everybody, message=message, effect=f"booking:{booking.pk}:record_late")


@app.periodic(cron="25 6 * * *")
@app.task(name="remind_of_deployments", queue="notifications")
def remind_of_deployments(timestamp: int) -> None:
    """Every morning: reviews and mid-point checks that are due, and deployments to evaluate; each once for its day."""
    today = local(timezone.now()).date()
    rows = (
        brokerage.with_standing(brokerage.deployments_visible_to(SYSTEM))
        .filter(status=DeploymentStatus.ACTIVE)
        .select_related("mid_point")
    )
    for row in rows:
        _remind_of_review(row, today)
        if not hasattr(row, "mid_point") and row.mid_point_on <= today:
            tell(
                to=brokers(row),
                message=messages.mid_point_due(row),
                effect=f"deployment:{row.pk}:mid_point_due:{row.mid_point_on}",
            )
        given: int = row.given or 0  # type: ignore[attr-defined]
        if rules.may_be_evaluated(today=today, ends_on=row.ends_on, agreed=row.half_days, delivered=given):
            tell(
                to=in_capacity(row, Capacity.RECEIVING_HEAD),
                message=messages.evaluation_due(row),
                effect=f"deployment:{row.pk}:evaluation_due",
            )


def _remind_of_review(row: Deployment, today: date) -> None:
    last, following = row.last_review, row.next_review  # type: ignore[attr-defined]
    due = rules.review_due_on(row.starts_on, row.ends_on, following)
    if (last is None or following is not None) and due <= today:
        tell(
            to=in_capacity(row, Capacity.PRACTITIONER),
            message=messages.review_due(row, due),
            effect=f"deployment:{row.pk}:review_due:{due}",
        )
