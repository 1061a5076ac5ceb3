"""The headteacher's word on somebody leading a course: until everybody is released it takes no bookings."""

from django.utils import timezone

from marketplace.bookings.actions.courses.ending import call_off
from marketplace.bookings.actions.courses.scheduling import open_when_released
from marketplace.bookings.actions.courses.steps import EventRef, lock_event
from marketplace.bookings.actions.steps import lock_practitioner, needed
from marketplace.bookings.course_states import COURSE_LEAD
from marketplace.bookings.errors import BeyondAgreedDays, NoLongerPossible
from marketplace.bookings.models import CourseEvent, CourseLead, LeadStatus, LeadTime
from marketplace.bookings.queries.courses import scopes
from marketplace.bookings.queries.work import load_of
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import academic_year, local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotFound


@action
def consent_to_lead(
    *, actor: Actor, event: EventRef, practitioner: str, note: str = "", beyond_agreed: bool = False
) -> CourseEvent:
    """Let a person (by reference) lead the course. Raises `BeyondAgreedDays` where the year's days would be exceeded and that was not said."""
    row, lead = _lock(actor, event, practitioner)
    COURSE_LEAD.target(lead.status, "consent")
    if row.starts_at <= timezone.now():
        raise NoLongerPossible(
            f"The course began on {long_date(local(row.starts_at).date())}.",
            remedy="Nothing is left to decide.",
        )
    year = academic_year(local(row.starts_at).date())
    load = load_of(lead.practitioner, year)
    if load.left < 0 and not (
        beyond_agreed and note.strip()
    ):  # what they already promised includes this course
        raise BeyondAgreedDays(
            f"Of the {format_days(load.agreed)} agreed for {year}, this course would take {format_days(-load.left)} too many.",
            remedy="Tick that you agree to more days and write a note, or refuse.",
            field="beyond_agreed",
        )
    COURSE_LEAD.move(
        lead,
        "consent",
        by=actor,
        note=note.strip()[:2000],
        decided_by_id=actor.user_id,
        decided_at=timezone.now(),
    )
    open_when_released(row)
    return row


@action
def refuse_to_release_lead(*, actor: Actor, event: EventRef, practitioner: str, reason: str) -> CourseEvent:
    """Keep the person, with the reason. The course goes on with the others who lead it; without any it is called off."""
    row, lead = _lock(actor, event, practitioner)
    COURSE_LEAD.move(
        lead,
        "refuse_release",
        by=actor,
        note=needed(reason),
        decided_by_id=actor.user_id,
        decided_at=timezone.now(),
    )
    LeadTime.objects.filter(lead=lead).delete()
    if CourseLead.objects.filter(event=row).exclude(status=LeadStatus.REFUSED).exists():
        open_when_released(row)
    else:
        call_off(row, actor=SYSTEM, reason=f"Nobody is released to lead it: {needed(reason)}")
    return row


def _lock(actor: Actor, event: EventRef, practitioner: str) -> tuple[CourseEvent, CourseLead]:
    person = Practitioner.objects.filter(reference=practitioner).first()
    if person is None:
        raise NotFound
    lock_practitioner(person.pk)
    row = lock_event(actor, event)
    lead: CourseLead = locked(
        CourseLead.objects.select_related("practitioner__releasing_organisation"),
        event=row,
        practitioner=person,
    )
    if not scopes.may_release(actor, lead):
        raise NotAllowed(
            "You can’t decide about this release.",
            remedy="This is for the headteacher or lead of the releasing organisation.",
        )
    return row, lead
