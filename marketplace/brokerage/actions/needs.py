"""Declare, change and confirm what a school needs; keep what was looked for in vain."""

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from marketplace.bookings.models import Booking
from marketplace.brokerage import queries, rules
from marketplace.brokerage.errors import AlreadyDeclared, NeedInvalid
from marketplace.brokerage.events import NeedsChanged
from marketplace.brokerage.models import (
    Need,
    NeedBooking,
    NeedLevel,
    NeedsReturn,
    NeedStatus,
    UnmetDemand,
    Urgency,
)
from marketplace.brokerage.states import NEED
from marketplace.catalogue.models import Theme
from marketplace.kernel import events, history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.days import format_days
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import Area, Organisation, Phase, School


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
    _check_need(school, theme, phase)
    note = _check_terms(half_days, max_price_pence, note)
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
                note=note,
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
    note = _check_terms(half_days, max_price_pence, note)
    before = need.half_days_needed
    need.level, need.half_days, need.urgency = level, half_days, urgency
    need.remote_ok, need.max_price_pence, need.note = remote_ok, max_price_pence, note
    need.declared_at = timezone.now()
    need.save()
    history.write(
        need,
        verb="change",
        before=need.status,
        after=need.status,
        by=actor,
        note=f"{format_days(before)} → {format_days(need.half_days_needed)}",
    )
    events.publish(NeedsChanged(need.school_id, "change"))
    return need


@action
def withdraw_need(*, actor: Actor, need: Need, reason: str) -> Need:
    """Take a need back, with the reason, which the convenor sees."""
    if not reason.strip():
        raise NeedInvalid("Say why you withdraw this need.", remedy="One sentence is enough.", field="reason")
    note = rules.within(reason, "reason", rules.LONGEST_REASON)
    return _move_need(actor, need, "withdraw", note=note)


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
def release_from_need(*, actor: Actor, booking: Booking) -> None:
    """A session that went to another school no longer counts for the need of the one that booked it."""
    left = NeedBooking.objects.filter(booking=booking).exclude(need__school=F("booking__receiving_school"))
    for tie in left.select_related("need"):
        tie.delete()
        events.publish(NeedsChanged(tie.need.school_id, "hand_over"))


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
        area=area,
        organisation=organisation,
        query=query,
        told_us=told_us,
        note=rules.within(note, "note", rules.LONGEST_NEED_NOTE),
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


def _check_need(school: School, theme: Theme, phase: str) -> None:
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


def _check_terms(half_days: int | None, max_price_pence: int | None, note: str) -> str:
    """The note as it is kept, where days, price and note are such that the need can be matched."""
    if half_days is not None and not 0 < half_days <= rules.MAX_NEED_HALF_DAYS:
        raise NeedInvalid(
            "The days needed must be between half a day and 200 days.",
            remedy="Leave it blank to use the level.",
            field="days",
        )
    if max_price_pence is not None and max_price_pence <= 0:
        raise NeedInvalid(
            "The most you would pay for a day must be more than £0.",
            remedy="Leave it empty for no limit.",
            field="max_price",
        )
    return rules.within(note, "note", rules.LONGEST_NEED_NOTE)


def _already_declared(theme: Theme, phase: str) -> AlreadyDeclared:
    return AlreadyDeclared(
        f"The school has already declared a need for {theme} in {Phase(phase).label.lower()}.",
        remedy="Change that one instead.",
        field="theme",
    )
