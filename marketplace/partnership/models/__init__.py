"""What a convenor does about a gap: calls for offers, and support the authority commissions for a school causing concern.

An `OfferCall` asks the providers of an area for days that are missing. Each answers with one `CallResponse`, sealed from the others, which
becomes a draft offer of its own: whether schools ever see that offer is decided by quality assurance, not by the call.

A `Commission` is support for one school that the authority decides on (a maintained school) or agrees with the school's responsible body
(an academy). Who was told is in `CommissionNotice`, how it goes in `CommissionReview`, what was paid for in `CommissionVisit`. The work
itself is a deployment or bookings, which know nothing of the commission.

How much concern a school causes is a `SupportCategory`: restricted. Only the convenors of the school's area, and those they name for one
commission (`NeedToKnow`), read it, through `queries`. It stands in no history line, no event, no message, no CSV and no API answer.
"""

from marketplace.partnership.models.calls import (
    CallResponse,
    CallStatus,
    OfferCall,
    ResponseStatus,
)
from marketplace.partnership.models.commissions import (
    RUNNING,
    Commission,
    CommissionNotice,
    CommissionReview,
    CommissionStatus,
    CommissionVisit,
    InformedBody,
    NeedToKnow,
    Rag,
)
from marketplace.partnership.models.concern import SupportCategory, SupportLevel

__all__ = [
    "RUNNING",
    "CallResponse",
    "CallStatus",
    "Commission",
    "CommissionNotice",
    "CommissionReview",
    "CommissionStatus",
    "CommissionVisit",
    "InformedBody",
    "NeedToKnow",
    "OfferCall",
    "Rag",
    "ResponseStatus",
    "SupportCategory",
    "SupportLevel",
]
