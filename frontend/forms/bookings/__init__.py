"""Forms of bookings and diaries. They read what was typed; the rules are in `marketplace.bookings`."""

from frontend.forms.bookings.clock import HOURS, ClockField, session_hours, session_query
from frontend.forms.bookings.diaries import (
    BlackoutForm,
    DiarySettingsForm,
    ExceptionForm,
    PatternForm,
    TermsForm,
)
from frontend.forms.bookings.moving import CancelDaysForm, ClosureForm, MoveForm, VisitsForm
from frontend.forms.bookings.ordering import (
    ApprovalForm,
    BookingFilterForm,
    ConsentForm,
    DayForm,
    DecisionForm,
    HandOverForm,
    OptionalReasonForm,
    OrderForm,
    PayByForm,
    ReasonForm,
    WishForm,
)

__all__ = [
    "HOURS",
    "ApprovalForm",
    "BlackoutForm",
    "BookingFilterForm",
    "CancelDaysForm",
    "ClockField",
    "ClosureForm",
    "ConsentForm",
    "DayForm",
    "DecisionForm",
    "DiarySettingsForm",
    "ExceptionForm",
    "HandOverForm",
    "MoveForm",
    "OptionalReasonForm",
    "OrderForm",
    "PatternForm",
    "PayByForm",
    "ReasonForm",
    "TermsForm",
    "VisitsForm",
    "WishForm",
    "session_hours",
    "session_query",
]
