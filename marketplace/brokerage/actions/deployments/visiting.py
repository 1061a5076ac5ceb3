"""Visits under a deployment: booked against the days agreed, recorded, noted by objective, commented on."""

from collections.abc import Mapping
from datetime import date

from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.errors import NotBookable
from marketplace.bookings.models import Booking
from marketplace.bookings.rules import SESSIONS
from marketplace.brokerage import queries, rules
from marketplace.brokerage.actions.deployments.steps import (
    lock_deployment,
    lock_person_and_deployment,
    must,
    must_run,
    needed,
    signer,
)
from marketplace.brokerage.actions.needs import link_booking
from marketplace.brokerage.actions.visits import record_visit
from marketplace.brokerage.errors import BeyondDeployment, NeedInvalid, TooEarly
from marketplace.brokerage.events import DeploymentNoted
from marketplace.brokerage.models import (
    Deployment,
    DeploymentStatus,
    DeploymentVisit,
    NeedBooking,
    ObjectiveNote,
    VisitComment,
    VisitKind,
)
from marketplace.catalogue.models import Theme
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed, NotNow

BEFORE_IN_FORCE = (DeploymentStatus.DRAFT, DeploymentStatus.TO_SIGN)


@action
def book_visit(
    *, actor: Actor, deployment: Deployment, day: date, session: str, mode: str, kind: str = VisitKind.VISIT
) -> Booking:
    """Hold a session of the deployment's person for the school, tied to the deployment from the start.

    The agreement in force says what it costs and who pays. Before the agreement is in force only a scoping visit can be booked. Raises `BeyondDeployment`
    when the days agreed don't reach or the day is outside those of the agreement.
    """
    row = lock_person_and_deployment(actor, deployment)
    _check_bookable(actor, row, kind, day, SESSIONS[session].half_days)
    booking = bookings.hold_session(
        actor=actor,
        offer=row.offer_version.offer,
        practitioner=row.practitioner,
        school=row.receiving_school.school,
        day=day,
        session=session,
        theme=_theme(row),
        phase=row.phase,
        mode=mode,
        focus=row.focus,
        agreed=queries.agreed_for_visit(row, day, SESSIONS[session].half_days),
    )
    if not DeploymentVisit.objects.filter(booking=booking).exists():
        _tie(actor, row, booking, kind)
    return booking


@action
def tie_visit(
    *, actor: Actor, deployment: Deployment, booking: Booking, kind: str = VisitKind.VISIT
) -> DeploymentVisit:
    """Take a booking that was made otherwise into the deployment: the same person for the same school.

    The agreement in force then says who pays for it and, unless its price is approved already, what it costs.
    """
    row = lock_person_and_deployment(actor, deployment)
    found = queries.bookings_to_tie(row).filter(pk=booking.pk).first()
    if found is None or not booking_queries.visible_to(actor).filter(pk=booking.pk).exists():
        raise NotAllowed(
            "That booking can’t be part of this deployment.",
            remedy="Choose a booking of the same person for the same school that belongs to no other deployment.",
        )
    _check_bookable(actor, row, kind, found.day, found.half_days)
    paid_by_school = not booking_queries.why_not_commissioned(found)
    if paid_by_school and (agreed := queries.agreed_for_visit(row, found.day, found.half_days)):
        bookings.follow_agreement(actor=actor, booking=found, agreed=agreed)
    return _tie(actor, row, found, kind)


def _check_bookable(actor: Actor, row: Deployment, kind: str, day: date, half_days: int) -> None:
    must(actor, row, "book")
    if kind not in VisitKind.values:
        raise NeedInvalid("Say what kind of visit it is.", field="kind")
    if row.status in BEFORE_IN_FORCE:
        if kind != VisitKind.SCOPING:
            raise NotNow(
                "The agreement is not signed by all yet.",
                remedy="Until then only a scoping visit can be booked.",
            )
    else:
        must_run(row)
    if why_not := queries.why_not_on(row, day, kind):
        raise BeyondDeployment(
            why_not, remedy="Choose a day within it, or change the agreement first.", field="day"
        )
    taken = queries.half_days_taken(row)
    if taken + half_days > row.half_days:
        left = max(0, row.half_days - taken)
        raise BeyondDeployment(
            f"Agreed: {format_days(row.half_days)}. Left: {format_days(left)}. This visit takes {format_days(half_days)}.",
            remedy="Change the agreement first: all four sign the new number of days.",
            field="session",
        )


def _theme(row: Deployment) -> Theme:
    """The deployment's theme where the offer still has it, else the first one it has now."""
    themes = list(row.offer_version.offer.shown.themes.all())
    if not themes:
        raise NotBookable("This offer is about no theme any more.", remedy="Ask the provider.")
    return next((each for each in themes if each.pk == row.theme_id), themes[0])


def _tie(actor: Actor, row: Deployment, booking: Booking, kind: str) -> DeploymentVisit:
    visit = DeploymentVisit.objects.create(
        deployment=row, booking=booking, kind=kind, tied_by_id=actor.user_id
    )
    history.write(
        row,
        verb="book",
        before=row.status,
        after=row.status,
        by=actor,
        note=f"{visit.get_kind_display()} on {long_date(booking.day)}, {format_days(booking.half_days)} ({booking.reference})",
    )
    if row.need is not None and not NeedBooking.objects.filter(booking=booking).exists():
        link_booking(actor=actor, need=row.need, booking=booking)
    return visit


# What came of it -------------------------------------------------------------------------------------------------------


@action
def record_deployment_visit(
    *, actor: Actor, visit: DeploymentVisit, happened: str, next_steps: str, notes: Mapping[int, str]
) -> DeploymentVisit:
    """Write the record of visit together with what it did for each objective (`notes`: text by number of the objective)."""
    record_visit(actor=actor, booking=visit.booking, happened=happened, next_steps=next_steps)
    if any(text.strip() for text in notes.values()):
        note_objectives(actor=actor, visit=visit, notes=notes)
    return visit


@action
def note_objectives(*, actor: Actor, visit: DeploymentVisit, notes: Mapping[int, str]) -> list[ObjectiveNote]:
    """Say what a visit did for the objectives, one note each; what is noted already stays."""
    row = lock_deployment(actor, visit.deployment)
    must(actor, row, "note")
    must_run(row)
    if queries.record_of(visit.booking) is None:
        raise TooEarly("The record of this visit is not written yet.", remedy="Write the record first.")
    there = set(visit.notes.values_list("objective__number", flat=True))
    objectives = {each.number: each for each in row.objectives.filter(is_dropped=False)}
    made = [
        ObjectiveNote.objects.create(
            visit=visit,
            objective=objectives[number],
            text=rules.within(text, f"note_{number}", rules.LONGEST_OBJECTIVE_NOTE),
            written_by=signer(actor),
        )
        for number, text in sorted(notes.items())
        if text.strip() and number in objectives and number not in there
    ]
    if not made:
        raise NeedInvalid(
            "Write a note on at least one objective.", field=f"note_{min(objectives, default=1)}"
        )
    history.write(
        row,
        verb="note_objectives",
        before=row.status,
        after=row.status,
        by=actor,
        note=f"Visit of {long_date(visit.booking.day)}: objective {', '.join(str(each.objective.number) for each in made)}",
    )
    return made


@action
def comment_on_visit(*, actor: Actor, visit: DeploymentVisit, text: str) -> VisitComment:
    """The receiving school says something to a record of visit."""
    row = lock_deployment(actor, visit.deployment)
    must(actor, row, "comment")
    must_run(row)
    comment = VisitComment.objects.create(
        visit=visit, text=needed(text, "text", "Write your comment."), written_by=signer(actor)
    )
    events.publish(DeploymentNoted(row.pk, "visit_comment", comment.pk))
    return comment
