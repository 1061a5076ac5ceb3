"""A complaint from the school's first word to the convenor's finding."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage import queries, rules
from marketplace.brokerage.errors import ComplaintInvalid
from marketplace.brokerage.events import ComplaintMoved
from marketplace.brokerage.models import Complaint, ComplaintStatus, ComplaintSubject
from marketplace.brokerage.states import COMPLAINT
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import Organisation

BEFORE_ANY_PROMISE = (BookingStatus.HELD, BookingStatus.EXPIRED)
FINDINGS = {
    "uphold": "Upheld",
    "uphold_in_part": "Upheld in part",
    "dismiss": "Not upheld",
}


@action
def raise_complaint(
    *,
    actor: Actor,
    school: Organisation,
    provider: Organisation,
    subject: str,
    details: str,
    wanted: str = "",
    booking: Booking | None = None,
) -> Complaint:
    """A school complains about a provider it has booked, mostly about one booking of it.

    Raises `NotAllowed` for others than the school's leaders, `ComplaintInvalid`, `NotNow` where the same is under way.
    """
    actor.must_hold(*queries.COMPLAINERS, at=school.pk, to="complain for this school")
    _check_between(school, provider, booking)
    if subject not in ComplaintSubject.values:
        raise ComplaintInvalid("Choose what it is about.", field="subject")
    now = timezone.now()
    try:
        with transaction.atomic():
            complaint: Complaint = Complaint.objects.scoped().create(
                school=school,
                provider=provider,
                booking=booking,
                subject=subject,
                details=_text(details, "details", "Say what went wrong."),
                wanted=_text(wanted, "wanted", ""),
                raised_by_id=_person(actor),
                raised_at=now,
                answer_due_on=rules.answer_due_on(local(now).date()),
            )
    except IntegrityError as error:
        if constraint_of(error) != "one_open_complaint_about_a_booking":
            raise
        raise NotNow(
            "Your school’s complaint about this booking is under way.",
            remedy="Open it to see where it stands.",
        ) from error
    history.write(complaint, verb="raise", after=ComplaintStatus.RAISED, by=actor)
    events.publish(ComplaintMoved(complaint.pk, "raise"))
    return complaint


@action
def answer_complaint(*, actor: Actor, complaint: Complaint, answer: str) -> Complaint:
    """The provider's answer, which the school and the convenor read."""
    row = _locked(actor, complaint)
    actor.must_hold(*queries.COMPLAINT_ANSWERERS, at=row.provider_id, to="answer this complaint")
    text = _text(answer, "answer", "Write your answer.")
    return _move(row, "answer", actor, answer=text, answered_by_id=_person(actor), answered_at=timezone.now())


@action
def settle_complaint(*, actor: Actor, complaint: Complaint, note: str = "") -> Complaint:
    """The school is content with the answer."""
    row = _locked(actor, complaint)
    actor.must_hold(*queries.COMPLAINERS, at=row.school_id, to="settle this complaint")
    return _move(row, "settle", actor, note=_text(note, "note", ""))


@action
def withdraw_complaint(*, actor: Actor, complaint: Complaint, note: str) -> Complaint:
    """The school takes the complaint back, with the reason."""
    row = _locked(actor, complaint)
    actor.must_hold(*queries.COMPLAINERS, at=row.school_id, to="withdraw this complaint")
    return _move(row, "withdraw", actor, note=_text(note, "note", "Say why you withdraw it."))


@action
def decide_complaint(*, actor: Actor, complaint: Complaint, verb: str, finding: str) -> Complaint:
    """A convenor's finding: `verb` is one of `FINDINGS`.

    Raises `NotAllowed` for who works for either side or has an interest in it, and `NotNow` while the provider may still answer.
    """
    row = _locked(actor, complaint)
    if not queries.may_decide_complaint(actor, row):
        raise NotAllowed(
            "You can’t decide this complaint.",
            remedy="A convenor of the provider’s area decides, who works for neither side and has an interest in neither.",
        )
    if verb not in FINDINGS:
        raise ComplaintInvalid("Choose what you find.", field="verb")
    today = local(timezone.now()).date()
    if not rules.may_be_decided(
        is_answered=row.answered_at is not None, answer_due=row.answer_due_on, today=today
    ):
        raise NotNow(
            f"{row.provider} has until {long_date(row.answer_due_on)} to answer.",
            remedy="Decide when it has answered, or after that day.",
        )
    text = _text(finding, "finding", "Say what you find and why.")
    return _move(row, verb, actor, finding=text, decided_by_id=_person(actor), decided_at=timezone.now())


def _check_between(school: Organisation, provider: Organisation, booking: Booking | None) -> None:
    if booking is None:
        if not queries.has_booked(school, provider):
            raise ComplaintInvalid(
                f"{school} has booked nothing from {provider}.",
                remedy="Speak to a convenor about what you heard of others.",
                field="provider",
            )
        return
    if booking.receiving_school_id != school.pk or booking.provider_id != provider.pk:
        raise ComplaintInvalid(
            "That booking is not between these two.", remedy="Choose one of your own.", field="booking"
        )
    if booking.status in BEFORE_ANY_PROMISE:
        raise ComplaintInvalid(
            "That booking was never ordered.", remedy="Choose a booking that was.", field="booking"
        )


def _locked(actor: Actor, complaint: Complaint) -> Complaint:
    row: Complaint = locked(queries.complaints_visible_to(actor), pk=complaint.pk)
    return row


def _move(row: Complaint, verb: str, actor: Actor, note: str = "", **also: Any) -> Complaint:
    COMPLAINT.move(row, verb, by=actor, note=note, **also)
    events.publish(ComplaintMoved(row.pk, verb))
    return row


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise NotAllowed("The exchange itself complains of nobody.", remedy="Sign in as yourself.")
    return actor.user_id


def _text(text: str, field: str, if_missing: str) -> str:
    text = text.strip()
    if not text and if_missing:
        raise ComplaintInvalid(if_missing, field=field)
    if len(text) > rules.LONGEST_TEXT:
        raise ComplaintInvalid(
            f"This has {len(text):,} characters.", remedy=f"Use {rules.LONGEST_TEXT:,} or fewer.", field=field
        )
    return text
