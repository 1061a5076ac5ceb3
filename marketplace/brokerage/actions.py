"""Verbs of brokerage: declare a need, write the record of a visit, evaluate what changed."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.models import Booking
from marketplace.brokerage import queries, rules
from marketplace.brokerage.errors import AlreadyDeclared, AlreadyWritten, NeedInvalid, TooEarly
from marketplace.brokerage.events import NeedsChanged, SupportEvaluated
from marketplace.brokerage.models import (
    ImpactEvaluation,
    Need,
    NeedBooking,
    NeedLevel,
    NeedsReturn,
    NeedStatus,
    UnmetDemand,
    Urgency,
    VisitRecord,
)
from marketplace.brokerage.states import NEED
from marketplace.catalogue import actions as catalogue
from marketplace.catalogue.models import Theme
from marketplace.kernel import events, history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import academic_year, local, long_date
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import Area, Organisation, Phase, School, User


@action
def declare_need(
    *,
    actor: Actor,
    school: School,
    theme: Theme,
    phase: str,
    level: str = NeedLevel.FOCUSED,
    half_days: int | None = None,
    urgency: str = Urgency.THIS_YEAR,
    remote_ok: bool = False,
    max_price_pence: int | None = None,
    note: str = "",
) -> Need:
    """Say that the school needs support this academic year, in half-days or by a rough level.

    `max_price_pence` is the most the school would pay for a day. Raises `NeedInvalid`, and `AlreadyDeclared` where the same theme
    and phase stand open.
    """
    actor.must_hold(*SCHOOL_BUYERS, at=school.pk, to="declare needs for this school")
    _check_need(school, theme, phase, half_days)
    now = timezone.now()
    try:
        with transaction.atomic():
            need = Need.objects.scoped().create(
                school=school.organisation,
                theme=theme,
                phase=phase,
                level=level,
                half_days=half_days,
                urgency=urgency,
                remote_ok=remote_ok,
                max_price_pence=max_price_pence,
                note=note.strip(),
                academic_year=academic_year(local(now).date()),
                declared_by_id=actor.user_id,
                declared_at=now,
            )
    except IntegrityError as error:
        if constraint_of(error) != "one_open_need_per_theme_and_phase":
            raise
        raise _already_declared(theme, phase) from error
    history.write(need, verb="declare", after=NeedStatus.OPEN, by=actor)
    events.publish(NeedsChanged(school.pk, "declare"))
    return need


@action
def change_need(
    *,
    actor: Actor,
    need: Need,
    level: str,
    half_days: int | None,
    urgency: str,
    remote_ok: bool,
    max_price_pence: int | None,
    note: str = "",
) -> Need:
    """Change the size and terms of an open need. Its theme and phase stay: withdraw it and declare another instead."""
    need = _own_open_need(actor, need)
    _check_size(half_days)
    before = need.half_days_needed
    need.level, need.half_days, need.urgency = level, half_days, urgency
    need.remote_ok, need.max_price_pence, need.note = remote_ok, max_price_pence, note.strip()
    need.declared_at = timezone.now()
    need.save()
    history.write(
        need,
        verb="change",
        before=need.status,
        after=need.status,
        by=actor,
        note=f"{before} → {need.half_days_needed} half-days",
    )
    events.publish(NeedsChanged(need.school_id, "change"))
    return need


@action
def withdraw_need(*, actor: Actor, need: Need, reason: str) -> Need:
    """Take a need back, with the reason, which the convenor sees."""
    if not reason.strip():
        raise NeedInvalid("Say why you withdraw this need.", remedy="One sentence is enough.", field="reason")
    return _move_need(actor, need, "withdraw", note=reason.strip())


@action
def mark_need_met(*, actor: Actor, need: Need) -> Need:
    """Say that the need has been met, by support bought here or found elsewhere."""
    return _move_need(actor, need, "meet")


@action
def reopen_need(*, actor: Actor, need: Need) -> Need:
    """Open a met or withdrawn need again."""
    try:
        with transaction.atomic():
            return _move_need(actor, need, "reopen")
    except IntegrityError as error:
        if constraint_of(error) != "one_open_need_per_theme_and_phase":
            raise
        raise _already_declared(need.theme, need.phase) from error


@action
def confirm_needs(*, actor: Actor, school: School) -> NeedsReturn:
    """Confirm that the school's list of needs for this academic year is complete, be it empty."""
    actor.must_hold(*SCHOOL_BUYERS, at=school.pk, to="confirm this school’s needs")
    now = timezone.now()
    returned, _ = NeedsReturn.objects.update_or_create(
        school=school.organisation,
        academic_year=academic_year(local(now).date()),
        defaults={"confirmed_by_id": actor.user_id, "confirmed_at": now},
    )
    history.write(returned, verb="confirm", by=actor)
    events.publish(NeedsChanged(school.pk, "confirm"))
    return returned


@action
def link_booking(*, actor: Actor, need: Need, booking: Booking) -> NeedBooking:
    """Tie a booking to the need it was made for. Both belong to the same school."""
    actor.must_hold(*SCHOOL_BUYERS, at=need.school_id, to="book for this school’s need")
    if booking.receiving_school_id != need.school_id:
        raise NotAllowed(
            "That booking is for another school.", remedy="Choose a booking of the school that has the need."
        )
    tie, is_new = NeedBooking.objects.get_or_create(booking=booking, defaults={"need": need})
    if is_new:
        events.publish(NeedsChanged(need.school_id, "book"))
    return tie


@action
def record_visit(*, actor: Actor, booking: Booking, happened: str, next_steps: str) -> VisitRecord:
    """Write the record of a visit: the booking counts as delivered from now on, and the money document follows.

    Raises `TooEarly` before the session's end and `AlreadyWritten` the second time.
    """
    booking = locked(booking_queries.visible_to(actor), pk=booking.pk)
    if not queries.may_write_record(actor, booking):
        raise NotAllowed(
            "You can’t write this record of visit.", remedy="The practitioner or their provider writes it."
        )
    now = timezone.now()
    if VisitRecord.objects.filter(booking=booking).exists():
        raise AlreadyWritten(
            "The record of this visit is written already.", remedy="Open the booking to read it."
        )
    if booking.ends_at > now:
        raise TooEarly(
            f"The session ends on {long_date(local(booking.ends_at).date())} at {local(booking.ends_at):%H:%M}.",
            remedy="Write the record after it.",
        )
    _check_text(happened, "happened", "Say what happened on the visit.")
    _check_text(next_steps, "next_steps", "Say what was agreed as next steps.")
    record = VisitRecord.objects.create(
        booking=booking,
        written_by=_writer(actor),
        happened=happened.strip(),
        next_steps=next_steps.strip(),
        late=local(now).date() > rules.record_due_on(booking.day),
    )
    bookings.mark_delivered(actor=actor, booking=booking)
    return record


@action
def evaluate(
    *,
    actor: Actor,
    booking: Booking,
    success: int,
    effectiveness: int,
    what_changed: str,
    evidence: str,
    counter_evidence: str = "",
) -> ImpactEvaluation:
    """The receiving head's judgement, marks from 1 to 5. The offer's rating takes them in; the words stay with the parties."""
    booking = locked(booking_queries.visible_to(actor), pk=booking.pk)
    actor.must_hold(*queries.EVALUATORS, at=booking.receiving_school_id, to="evaluate this support")
    if ImpactEvaluation.objects.filter(booking=booking).exists():
        raise AlreadyWritten(
            "This support is evaluated already.", remedy="Open the booking to read the evaluation."
        )
    for mark, field in ((success, "success"), (effectiveness, "effectiveness")):
        if mark not in rules.MARK_MEANINGS:
            raise NeedInvalid("Choose a mark from 1 to 5.", field=field)
    _check_text(what_changed, "what_changed", "Say what changed.")
    _check_text(evidence, "evidence", "Say how you know.")
    evaluation = ImpactEvaluation.objects.create(
        booking=booking,
        evaluated_by=_writer(actor),
        success=success,
        effectiveness=effectiveness,
        what_changed=what_changed.strip(),
        evidence=evidence.strip(),
        counter_evidence=counter_evidence.strip(),
    )
    bookings.mark_evaluated(actor=actor, booking=booking)
    rating = rules.rating_of(success, effectiveness)
    catalogue.rate_offer(offer=booking.offer_version.offer, hundredths=rating)
    events.publish(SupportEvaluated(booking.pk))
    return evaluation


@action
def tell_the_authority(
    *,
    actor: Actor,
    area: Area,
    organisation: Organisation | None,
    query: dict[str, list[str]],
    note: str = "",
    told_us: bool = True,
) -> UnmetDemand:
    """Keep a search that found nothing: `told_us` where a person asked for it to be passed on, with their words."""
    return UnmetDemand.objects.create(
        area=area, organisation=organisation, query=query, told_us=told_us, note=note.strip()
    )


def _move_need(actor: Actor, need: Need, verb: str, note: str = "") -> Need:
    need = locked(queries.needs_visible_to(actor), pk=need.pk)
    actor.must_hold(*SCHOOL_BUYERS, at=need.school_id, to="change this school’s needs")
    NEED.move(need, verb, by=actor, note=note)
    events.publish(NeedsChanged(need.school_id, verb))
    return need


def _own_open_need(actor: Actor, need: Need) -> Need:
    need = locked(queries.needs_visible_to(actor), pk=need.pk)
    actor.must_hold(*SCHOOL_BUYERS, at=need.school_id, to="change this school’s needs")
    NEED.target(need.status, "withdraw")  # only an open need can be changed
    return need


def _check_need(school: School, theme: Theme, phase: str, half_days: int | None) -> None:
    if theme.parent_id is None:
        raise NeedInvalid(
            f"“{theme}” is a heading.",
            remedy="Choose one of the themes under it, so that it can be matched.",
            field="theme",
        )
    if phase not in school.phases:
        offered = ", ".join(Phase(p).label for p in school.phases) or "none in the register"
        raise NeedInvalid(
            f"{school.organisation} has no {Phase(phase).label.lower()} phase.",
            remedy=f"Its phases: {offered}.",
            field="phase",
        )
    _check_size(half_days)


def _check_size(half_days: int | None) -> None:
    if half_days is not None and not 0 < half_days <= rules.MAX_NEED_HALF_DAYS:
        raise NeedInvalid(
            "The days needed must be between half a day and 200 days.",
            remedy="Leave it blank to use the level.",
            field="days",
        )


def _writer(actor: Actor) -> User:
    """The person behind the actor: records and evaluations are signed."""
    if actor.user_id is None:
        raise NotAllowed("The exchange itself signs nothing.", remedy="Sign in as the person who was there.")
    return User.objects.get(pk=actor.user_id)


def _check_text(text: str, field: str, message: str) -> None:
    if not text.strip():
        raise NeedInvalid(message, field=field)


def _already_declared(theme: Theme, phase: str) -> AlreadyDeclared:
    return AlreadyDeclared(
        f"The school has already declared a need for {theme} in {Phase(phase).label.lower()}.",
        remedy="Change that one instead.",
        field="theme",
    )
