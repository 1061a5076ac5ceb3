"""What is not history but waits to be done: orders made by hand, and a register to look at.

These go through the actions people use, so that what waits is exactly what would wait.
"""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.models import Booking
from marketplace.catalogue.models import Offer, OfferStatus
from marketplace.demo_area.people import People
from marketplace.demo_area.register_file import Borough, register_csv
from marketplace.demo_area.stage import Today, clock_at
from marketplace.organisations import actions as organisations
from marketplace.organisations.models import Area, School, User
from marketplace.organisations.queries import actor_for

ORDERS = 3


def order_by_hand(people: People, today: Today) -> list[Booking]:
    """The school staff to sign in as order three days of the practitioner to sign in as: one waits for the budget holder, one for
    the releasing headteacher."""
    school, person = people.receiving_school, people.practitioner
    if school is None or person is None or school == people.releasing_school:
        return []
    practitioner = getattr(person, "practitioner", None)
    offer = (
        Offer.objects.filter(status=OfferStatus.PUBLISHED, current__practitioners=practitioner)
        .select_related("current", "provider")
        .order_by("pk")
        .first()
    )
    if practitioner is None or offer is None or offer.current is None:
        return []
    staff, pays = people.staff[school.pk], people.budget_holders[school.pk]
    phase = next((each for each in offer.current.phases if each in school.phases), None)
    theme = offer.current.themes.first()
    if phase is None or theme is None:
        return []
    begins = today.ago(2) + timedelta(hours=9)
    free = booking_queries.next_free_sessions(
        practitioner, "day", after=today + 14, now=begins, count=ORDERS, school=school
    )
    ordered = []
    for number, time in enumerate(free):
        at = begins + timedelta(hours=2 * number)
        with clock_at(at):
            booking = bookings.hold_session(
                actor=actor_for(staff),
                offer=offer,
                practitioner=practitioner,
                school=school,
                day=time.day,
                session=time.session,
                theme=theme,
                phase=phase,
                mode="remote" if offer.current.mode == "remote" else "in_person",
                focus="Two colleagues new to the year group; please bring the planning you showed us.",
            )
            bookings.order_booking(actor=actor_for(staff), booking=booking, purchase_order_number="PO31877")
        if number == 1:
            with clock_at(at + timedelta(hours=5)):
                bookings.approve_booking(
                    actor=actor_for(pays), booking=booking, note="Agreed in the budget meeting."
                )
        ordered.append(booking)
    return ordered


def import_to_look_at(area: Area, borough: Borough, today: Today) -> None:
    """This month's extract, read and not yet applied: new numbers of pupils, one school about to close."""
    types = dict(School.objects.filter(area=area).values_list("urn", "type_code"))  # one has converted
    known = [replace(school, type_code=types.get(school.urn, school.type_code)) for school in borough.schools]
    schools = [
        replace(school, pupils=max(1, school.pupils + (-6, 4, 9, -3)[number % 4]))
        if number % 11 == 3 and school.pupils
        else replace(school, status_code="3")
        if number == len(borough.schools) // 2
        else school
        for number, school in enumerate(known)
    ]
    changed = replace(borough, schools=tuple(schools))
    convenor = convenor_of(area)
    organisations.import_register_now(
        actor=actor_for(convenor),
        upload=BytesIO(register_csv([changed])),
        file_name="edubasealldata_this_month.csv",
        area=area,
        apply=False,
    )


def convenor_of(area: Area) -> User:
    """The first of the area's convenors."""
    return User.objects.filter(
        memberships__role="convenor", memberships__organisation__area=area, memberships__ended_at=None
    ).earliest("pk")
