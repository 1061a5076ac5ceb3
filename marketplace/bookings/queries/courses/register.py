"""Who sits on a course, and who came: the register, and the list certificates are written from."""

from typing import NamedTuple

from django.db.models import QuerySet

from marketplace.bookings.models import Attendance, CourseEvent, Place, PlaceStatus


def seats_of(event: CourseEvent) -> QuerySet[Place]:
    """The places people are expected on or came to, by school. The caller has shown that the actor may see names."""
    return (
        Place.objects.filter(
            event=event,
            status__in=[PlaceStatus.RESERVED, PlaceStatus.BOOKED, PlaceStatus.ATTENDED, PlaceStatus.ABSENT],
        )
        .select_related("order__school")
        .order_by("order__school__name", "order", "number")
    )


class Certificate(NamedTuple):
    """One line of the attendance list."""

    attendee: str
    job_title: str
    school: str
    order: str
    dates_attended: int
    dates: int
    status: str


def certificates(event: CourseEvent) -> list[Certificate]:
    """Everybody expected on the course with the number of dates they came on: two queries, however many people."""
    came: dict[int, int] = {}
    for pk in Attendance.objects.filter(place__event=event, came=True).values_list("place_id", flat=True):
        came[pk] = came.get(pk, 0) + 1
    dates = event.dates.count()
    return [
        Certificate(
            place.attendee,
            place.job_title,
            place.order.school.name,
            place.order.reference,
            came.get(place.pk, 0),
            dates,
            place.get_status_display(),
        )
        for place in seats_of(event)
    ]
