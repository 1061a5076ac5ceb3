"""What schools are told of packages that they can't have again next year."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from marketplace.buyback import queries as buyback
from marketplace.buyback.events import NotSoldAgainTold
from marketplace.buyback.rules import notice_by
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.events import subscribe
from marketplace.notifications.actions import tell
from marketplace.notifications.agreements import DECIDERS
from marketplace.notifications.people import holders
from marketplace.notifications.rules import Kind, Message


@subscribe(NotSoldAgainTold)
def tell_of_what_is_not_sold_again(event: NotSoldAgainTold) -> None:
    """Those who decide and pay for the school hear of it while there is time to choose something else."""
    agreement = buyback.agreements_visible_to(SYSTEM).get(pk=event.agreement_id)
    said = history.of(agreement).get(pk=event.entry_id).note
    new_year = agreement.ends_on + timedelta(days=1)
    last_day = notice_by(new_year)
    say_no = f", and tell the seller by {long_date(last_day)} what you do not want again"
    is_time = local(timezone.now()).date() <= last_day
    message = Message(
        Kind.NOT_SOLD_AGAIN,
        f"Not to be had again from {long_date(new_year)}: {agreement.seller} for {agreement.buyer}",
        f"{said}\n\nSee what is on sale for the new year{say_no if is_time else ''}.",
        reverse("agreements:renew", args=[agreement.reference]),
    )
    to = holders(agreement.buyer_id, DECIDERS | {Role.FINANCE})
    tell(to=to, message=message, effect=f"not_sold_again:{event.entry_id}")
