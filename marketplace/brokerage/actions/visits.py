"""Write the record of a visit, and evaluate what changed."""

from django.utils import timezone

from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.models import Booking
from marketplace.brokerage import queries, rules
from marketplace.brokerage.errors import AlreadyWritten, NeedInvalid, TooEarly
from marketplace.brokerage.events import SupportEvaluated
from marketplace.brokerage.models import ImpactEvaluation, VisitRecord
from marketplace.catalogue import actions as catalogue
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, moment_words
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import User


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
            f"The session ends on {moment_words(booking.ends_at)}.",
            remedy="Write the record after it.",
        )
    record = VisitRecord.objects.create(
        booking=booking,
        written_by=_writer(actor),
        happened=_needed(happened, "happened", "Say what happened on the visit.", rules.LONGEST_HAPPENED),
        next_steps=_needed(
            next_steps, "next_steps", "Say what was agreed as next steps.", rules.LONGEST_NEXT_STEPS
        ),
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
    if not queries.is_evaluated_alone(booking):
        raise NotNow(
            "This visit is part of a deployment, which is evaluated as a whole.",
            remedy="Evaluate the deployment on its page once its last day has passed or all its days were given.",
        )
    if ImpactEvaluation.objects.filter(booking=booking).exists():
        raise AlreadyWritten(
            "This support is evaluated already.", remedy="Open the booking to read the evaluation."
        )
    for mark, field in ((success, "success"), (effectiveness, "effectiveness")):
        if mark not in rules.MARK_MEANINGS:
            raise NeedInvalid("Choose a mark from 1 to 5.", field=field)
    longest = rules.LONGEST_EVALUATION_TEXT
    evaluation = ImpactEvaluation.objects.create(
        booking=booking,
        evaluated_by=_writer(actor),
        success=success,
        effectiveness=effectiveness,
        what_changed=_needed(what_changed, "what_changed", "Say what changed.", longest),
        evidence=_needed(evidence, "evidence", "Say how you know.", longest),
        counter_evidence=rules.within(counter_evidence, "counter_evidence", longest),
    )
    bookings.mark_evaluated(actor=actor, booking=booking)
    rating = rules.rating_of(success, effectiveness)
    catalogue.rate_offer(offer=booking.offer_version.offer, hundredths=rating)
    events.publish(SupportEvaluated(booking.pk))
    return evaluation


def _writer(actor: Actor) -> User:
    """The person behind the actor: records and evaluations are signed."""
    if actor.user_id is None:
        raise NotAllowed("The exchange itself signs nothing.", remedy="Sign in as the person who was there.")
    return User.objects.get(pk=actor.user_id)


def _needed(text: str, field: str, message: str, longest: int) -> str:
    if not text.strip():
        raise NeedInvalid(message, field=field)
    return rules.within(text, field, longest)
