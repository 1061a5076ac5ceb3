"""What schools are told when a seller records, or takes back, that their places or reviews were used."""

from django.urls import reverse

from marketplace.buyback.events import UseRecorded, UseTakenBack
from marketplace.buyback.models import RecordedUse
from marketplace.buyback.queries.balances import ANSWERABLE
from marketplace.buyback.rules.drawing import amount_words
from marketplace.kernel.dates import long_date
from marketplace.kernel.events import subscribe
from marketplace.notifications import people
from marketplace.notifications.actions import tell
from marketplace.notifications.rules import Kind, Message


@subscribe(UseRecorded)
def tell_of_recorded_use(event: UseRecorded) -> None:
    """Those who answer for the school's days hear what was counted, so that they can contradict it."""
    use = _use(event.use_id)
    _tell(
        use,
        f"{_amount(use)} used: {use.entitlement.line.description}",
        f"{use.entitlement.agreement.seller} has recorded {_amount(use)} as used on {long_date(use.used_on)}: {use.what}."
        " If that is not right, ask it to take this back.",
        "recorded",
    )


@subscribe(UseTakenBack)
def tell_of_use_taken_back(event: UseTakenBack) -> None:
    """The same people hear that they have it again."""
    use = _use(event.use_id)
    _tell(
        use,
        f"{_amount(use)} given back: {use.entitlement.line.description}",
        f"{use.entitlement.agreement.seller} has taken back what it recorded as used on {long_date(use.used_on)}:"
        f" {use.what}. Its reason: {use.taken_back_reason}",
        "taken_back",
    )


def _tell(use: RecordedUse, title: str, body: str, what: str) -> None:
    entitlement = use.entitlement
    page = reverse("balances:entitlement", args=[entitlement.agreement.reference, entitlement.pk])
    tell(
        to=people.holders(entitlement.holder_id, ANSWERABLE),
        message=Message(Kind.USE_RECORDED, title, body, page),
        effect=f"recorded_use:{use.pk}:{what}",
    )


def _amount(use: RecordedUse) -> str:
    return amount_words(use.quantity, use.entitlement.unit)


def _use(pk: int) -> RecordedUse:
    return RecordedUse.objects.select_related(
        "entitlement__holder", "entitlement__line", "entitlement__agreement__seller"
    ).get(pk=pk)
