"""What an agreement made beforehand says of a visit's price and payer, in place of the offer of the day."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from marketplace.bookings.models import Booking, PaymentRoute
from marketplace.bookings.queries import quotes
from marketplace.buyback.models import FundingStream
from marketplace.kernel.dates import local


@dataclass(frozen=True, kw_only=True)
class Agreed:
    """`price` is the snapshot the booking keeps, none where the offer's price holds. `stream` pays where the authority does.

    `reason` says in a sentence what was agreed on who pays, and where: pages show it with the route.
    """

    reason: str
    price: dict[str, Any] | None = None
    stream: FundingStream | None = None

    def fields(self, booking: Booking) -> dict[str, Any]:
        """What of the booking the agreement decides."""
        found: dict[str, Any] = {"route_reason": f"{self.reason} {booking.route_reason}".strip()[:300]}
        if self.price is not None:
            pence = self.price["total_pence"]
            found |= {"price": self.price, "net_pence": pence, "vat_pence": _vat(booking, pence)}
        if self.stream is not None:
            found |= {
                "funding_stream": self.stream,
                "route": PaymentRoute.COMMISSIONED,
                "route_reason": self.reason[:300],
            }
        return found

    def is_kept_by(self, booking: Booking) -> bool:
        """Whether the booking is priced and paid so."""
        same_price = self.price is None or booking.price == self.price
        return same_price and booking.funding_stream_id == (self.stream.pk if self.stream else None)


def _vat(booking: Booking, net_pence: int) -> int:
    return quotes.vat_of(
        booking.offer_version,
        booking.provider,
        booking.receiving_school,
        net_pence,
        today=local(timezone.now()).date(),
    )
