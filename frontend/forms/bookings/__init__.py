"""Forms of bookings and diaries. They read what was typed; the rules are in `marketplace.bookings`."""

from frontend.forms.bookings.clock import ClockField, clock, session_hours
from frontend.forms.bookings.diaries import (
    BlackoutForm,
    DiarySettingsForm,
    ExceptionForm,
    PatternForm,
    TermsForm,
)
from frontend.forms.bookings.ordering import (
    BookingFilterForm,
    ConsentForm,
    DayForm,
    DecisionForm,
    OptionalReasonForm,
    OrderForm,
    ReasonForm,
    ThresholdForm,
    WishForm,
)

__all__ = [
    "BlackoutForm",
    "BookingFilterForm",
    "ClockField",
    "ConsentForm",
    "DayForm",
    "DecisionForm",
    "DiarySettingsForm",
    "ExceptionForm",
    "OptionalReasonForm",
    "OrderForm",
    "PatternForm",
    "ReasonForm",
    "TermsForm",
    "ThresholdForm",
    "WishForm",
    "clock",
    "session_hours",
]
