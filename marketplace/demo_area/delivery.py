"""What is left around delivery: a deployment the local authority pays for, a late move whose charge is asked to be waived, people with
nothing to declare."""

from contextlib import suppress
from datetime import timedelta

from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import Deployment, DeploymentSignature
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today, clock_at
from marketplace.kernel.errors import DomainError
from marketplace.organisations import actions as organisations
from marketplace.organisations.models import User
from marketplace.organisations.queries import actor_for

HALF_DAYS = 4
MORNING = timedelta(hours=10)
PAYER_NOTE = "The board has set money aside for reading in the area."
LATE_MOVE = ("Half the staff are ill.", "We told you as soon as we knew, and the day was free for others.")


def round_off(people: People, today: Today) -> None:
    """Each of them, where the area has the people for it."""
    with suppress(DomainError):  # what the rules refuse in this area is not there
        _paid_by_the_authority(people, today)
    _moved_late(people, today)
    for number, head in enumerate(people.heads.values()):
        if number % 3 == 0 and not actor_for(head).roles.keys() & {
            getattr(people.receiving_school, "pk", None)
        }:
            with clock_at(today.ago(20 + number % 60) + MORNING), suppress(DomainError):
                organisations.declare_nothing(actor=actor_for(head))


def _paid_by_the_authority(people: People, today: Today) -> None:
    """Like one that runs, with the same people, but the authority pays: it has named its stream, and a visit is ordered."""
    first = Deployment.objects.scoped().filter(status="active", need__isnull=False).order_by("pk").first()
    if first is None or not people.convenors:
        return
    signers = {
        each.capacity: actor_for(each.signed_by)
        for each in DeploymentSignature.objects.filter(
            version__deployment=first, version__number=first.version_in_force
        ).select_related("signed_by")
    }
    terms = queries.agreement_terms_of(first, first.version_in_force)
    staff, convenor = actor_for(User.objects.get(pk=first.created_by_id)), actor_for(people.convenors[0])
    with clock_at(today.ago(9) + MORNING):
        row = actions.draft_deployment(
            actor=staff,
            school=first.receiving_school.school,
            offer=first.offer_version.offer,
            practitioner=first.practitioner,
            theme=first.theme,
            phase=first.phase,
            brokered_by="provider" if first.broker_id == first.provider_id else "authority",
            focus=f"{first.theme}: two days for a second year group",
            objectives=[vars(each) | {"number": None} for each in terms.objectives[:2]],
            half_days=HALF_DAYS,
            starts_on=today.day - timedelta(days=5),
            ends_on=today.day + timedelta(days=80),
            payer="authority",
            payer_note=PAYER_NOTE,
        )
        row = actions.send_deployment(actor=staff, deployment=row)
    for capacity, actor in signers.items():
        with clock_at(today.ago(7) + MORNING):
            row = actions.sign_deployment(
                actor=actor,
                deployment=row,
                capacity=capacity,
                version=row.version,
                note="Agreed with our governors.",
                beyond_agreed=True,
            )
    usable = [stream for stream, _, why_not in queries.streams_to_fund(convenor, row) if not why_not]
    for stream in usable:
        with clock_at(today.ago(5) + MORNING):
            actions.fund_deployment(actor=convenor, deployment=row, stream=stream)
    free = booking_queries.next_free_sessions(
        row.practitioner,
        "day",
        after=today.day + timedelta(days=10),
        now=today.ago(3) + MORNING,
        count=1,
        school=row.receiving_school,
    )
    for time in free:
        with clock_at(today.ago(3) + MORNING):
            visit = actions.book_visit(
                actor=staff, deployment=row, day=time.day, session="day", mode="in_person"
            )
            bookings.order_booking(actor=staff, booking=visit)


def _moved_late(people: People, today: Today) -> None:
    """A head moves a confirmed visit with a few days' notice and asks for the charge to be waived."""
    rows = Booking.objects.scoped().filter(
        status=BookingStatus.CONFIRMED,
        day__range=(today.day + timedelta(days=2), today.day + timedelta(days=15)),
        receiving_school__in=people.heads,
        provider__in=people.leads,
    )
    for booking in rows.select_related("practitioner").order_by("day", "pk"):
        actor = actor_for(people.heads[booking.receiving_school_id])
        with clock_at(today.ago(0.4)), suppress(DomainError):
            free = booking_queries.next_free_sessions(
                booking.practitioner,
                booking.session,
                after=booking.day + timedelta(days=14),
                now=today.ago(0.4),
                count=1,
                school=booking.receiving_school,
            )
            for time in free:
                bookings.reschedule_booking(
                    actor=actor, booking=booking, day=time.day, session=time.session, reason=LATE_MOVE[0]
                )
                bookings.ask_for_move_waiver(actor=actor, booking=booking, number=1, reason=LATE_MOVE[1])
                return
