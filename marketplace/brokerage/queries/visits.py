"""What one may read of records of visit and evaluations, and who writes them."""

from marketplace.bookings.models import Booking
from marketplace.brokerage.models import ImpactEvaluation, VisitRecord
from marketplace.kernel.access import Actor, Role

RECORD_WRITERS = frozenset({Role.PRACTITIONER, Role.PROVIDER_LEAD})
EVALUATORS = frozenset({Role.HEADTEACHER, Role.TRUST_LEAD})


def record_of(booking: Booking) -> VisitRecord | None:
    """The record of visit of a booking the caller may see."""
    return VisitRecord.objects.filter(booking=booking).select_related("written_by").first()


def evaluation_of(booking: Booking) -> ImpactEvaluation | None:
    """The evaluation of a booking the caller may see."""
    return ImpactEvaluation.objects.filter(booking=booking).select_related("evaluated_by").first()


def is_evaluated_alone(booking: Booking) -> bool:
    """Whether a booking is judged by itself: a visit of a deployment is not, as the deployment is evaluated as a whole."""
    return not hasattr(booking, "deployment_visit")


def may_write_record(actor: Actor, booking: Booking) -> bool:
    """The practitioner themself, or a lead of the provider."""
    is_the_person = actor.user_id is not None and booking.practitioner.user_id == actor.user_id
    return actor.is_system or is_the_person or actor.holds(Role.PROVIDER_LEAD, at=booking.provider_id)
