"""What closing days, moves and the money of deployments add to the world: a deployment the authority pays for, visits moved late."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from marketplace.bookings.models import BookingMove, MoveWaiver
from marketplace.organisations.queries import actor_for
from tests.builders import Parties, a_booking_day, a_deployment, a_stream


def lay_out(world: Any) -> None:
    """One move nobody has asked about, and one the school has."""
    scene = world.scene
    parties = Parties(scene, world.deployment_need, actor_for(world.people["convenor"]))
    world.authority_deployment = a_deployment(
        parties, status="to_sign", half_days=2, payer="authority", with_need=False
    )
    world.deployment_stream = a_stream(world.area, name="For deployments")
    world.moved, world.moved_and_asked = (_moved(world, ahead) for ahead in (270, 275))
    MoveWaiver.objects.create(
        move=world.moved_and_asked.moves.get(), reason="Snow", asked_by=world.people["headteacher"]
    )


def _moved(world: Any, ahead: int) -> Any:
    booking = world._booking("confirmed", ahead)
    BookingMove.objects.create(
        booking=booking,
        from_day=booking.day - timedelta(days=7),
        from_session=booking.session,
        from_starts_at=booking.starts_at - timedelta(days=7),
        to_day=booking.day,
        to_session=booking.session,
        to_starts_at=booking.starts_at,
        reason="Inset",
        charge_pence=17_500,
    )
    return booking


VALUES: dict[str, Any] = {
    "deployments:fund reference": lambda w: w.authority_deployment.reference,
    "bookings:waive_move reference": lambda w: w.moved.reference,
    "bookings:waive_move number": lambda w: 1,
    "bookings:ask_move_waiver reference": lambda w: w.moved.reference,
    "bookings:ask_move_waiver number": lambda w: 1,
    "bookings:decide_move_waiver reference": lambda w: w.moved_and_asked.reference,
    "bookings:decide_move_waiver number": lambda w: 1,
    "course-call-off reference": lambda w: w.open_course.reference,
    "calling-off-cancel-days reference": lambda w: w.scene.practitioner.reference,
    "deployment-concern-list deployment": lambda w: w.deployment.reference,
    "deployment-concern-detail deployment": lambda w: w.deployment.reference,
    "deployment-concern-detail number": lambda w: 1,
    "deployment-concern-answer deployment": lambda w: w.deployment.reference,
    "deployment-concern-answer number": lambda w: 1,
    "deployment-concern-close deployment": lambda w: w.deployment.reference,
    "deployment-concern-close number": lambda w: 1,
    "deployment-concern-reopen deployment": lambda w: w.deployment.reference,
    "deployment-concern-reopen number": lambda w: 1,
}


def _ahead(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


BODIES: dict[str, Any] = {
    "deployments:fund": lambda w: {"stream": w.deployment_stream.reference},
    "bookings:waive_move": lambda w: {"reason": "Snow"},
    "bookings:ask_move_waiver": lambda w: {"reason": "Snow"},
    "bookings:decide_move_waiver": lambda w: {"decision": "yes"},
    "calling-off-cancel-days": lambda w: {
        "first_day": _ahead(230),
        "last_day": _ahead(231),
        "by": "provider",
        "reason": "Away",
    },
    "school-closure-list": lambda w: {
        "school": w.scene.school.organisation.reference,
        "area": "",
        "day": _ahead(4),
        "reason": "Snow",
    },
    "deployment-concern-list": lambda w: {"text": "A word"},
    "deployment-concern-answer": lambda w: {"answer": "A word back"},
    "deployment-concern-reopen": lambda w: {"reason": "Still so"},
    "course-list": lambda w: {
        "offer": w.course_offer.reference,
        "dates[0]day": a_booking_day(days_ahead=240).isoformat(),
        "dates[0]starts": "09:00",
        "dates[0]ends": "12:00",
        "mode": "remote",
        "seats": 5,
        "closing_day": a_booking_day(days_ahead=200).isoformat(),
        "leaders": [w.course_offer.current.practitioners.first().reference],
    },
    "course-call-off": lambda w: {"reason": "Too few people"},
}
