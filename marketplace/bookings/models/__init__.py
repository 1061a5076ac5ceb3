"""Diaries and bookings of people.

A practitioner's free time is worked out by one function, `rules.free_sessions`, from the `WeeklyPattern` less what closes it:
`DiaryException`s of the person, `Blackout`s of their releasing organisation or area (tests, exams, inspection windows), days
outside `TermDate`s, the minimum notice and other bookings with the travel time after them. Patterns are local times in
Europe/London; UTC is worked out late, so that 9 o'clock stays 9 o'clock over the clock changes.

A `Booking` is held first (with an expiry), then ordered, approved by a budget holder, released by the practitioner's
headteacher, confirmed, delivered and evaluated. Its price, tariff and fee are snapshots of the offer version it was made
from. The database itself refuses two live bookings of one person that overlap, travel time included.

A `BookingOrder` groups the dates that were ordered as one. A `BookingMove` says that a booking went to another time and what that cost.
A `SchoolClosure` is a day on which schools are closed without warning, and nobody can visit them.

A `CourseEvent` is a course that takes place on one or more `CourseDate`s, with seats; those who lead it give their time (`LeadTime`)
as they do to bookings. A school's `PlaceOrder` is for one or more `Place`s; a `WaitingEntry` waits for seats on a full course; a
`GroupBooking` is bought by several schools as one.
"""

from marketplace.bookings.models.bookings import (
    LIVE,
    OCCUPYING,
    PREPAID,
    PROMISED,
    UNCONFIRMED,
    USED,
    Booking,
    BookingStatus,
    HandOver,
    HandOverStatus,
    PaymentRoute,
    Session,
    booking_reference,
    session_words,
)
from marketplace.bookings.models.courses import (
    CourseDate,
    CourseEvent,
    CourseLead,
    EventStatus,
    LeadStatus,
    LeadTime,
    WaitingEntry,
    WaitingStatus,
)
from marketplace.bookings.models.diaries import (
    Blackout,
    Diary,
    DiaryException,
    TermDate,
    Weekday,
    WeeklyPattern,
)
from marketplace.bookings.models.places import (
    PLACES_LIVE,
    PLACES_UNCONFIRMED,
    SEATED,
    Attendance,
    GroupBooking,
    Place,
    PlaceOrder,
    PlaceOrderStatus,
    PlaceStatus,
    SplitBy,
)
from marketplace.bookings.models.shapes import (
    BookingMove,
    BookingOrder,
    SchoolClosure,
)
from marketplace.bookings.models.waivers import (
    MoveWaiver,
    WaiverRequest,
    WaiverStatus,
)

__all__ = [
    "LIVE",
    "OCCUPYING",
    "PLACES_LIVE",
    "PLACES_UNCONFIRMED",
    "PREPAID",
    "PROMISED",
    "SEATED",
    "UNCONFIRMED",
    "USED",
    "Attendance",
    "Blackout",
    "Booking",
    "BookingMove",
    "BookingOrder",
    "BookingStatus",
    "CourseDate",
    "CourseEvent",
    "CourseLead",
    "Diary",
    "DiaryException",
    "EventStatus",
    "GroupBooking",
    "HandOver",
    "HandOverStatus",
    "LeadStatus",
    "LeadTime",
    "MoveWaiver",
    "PaymentRoute",
    "Place",
    "PlaceOrder",
    "PlaceOrderStatus",
    "PlaceStatus",
    "SchoolClosure",
    "Session",
    "SplitBy",
    "TermDate",
    "WaitingEntry",
    "WaitingStatus",
    "WaiverRequest",
    "WaiverStatus",
    "Weekday",
    "WeeklyPattern",
    "booking_reference",
    "session_words",
]
