"""What must agree about calls and commissions, asked by `manage.py verify`. The sentences name references and nothing restricted."""

from django.db.models import F

from marketplace.kernel.verification import must_agree, status_disagreements
from marketplace.partnership import queries
from marketplace.partnership.models import RUNNING, CallResponse, Commission, OfferCall


@must_agree("The status of a call, of an answer to one and of a commission is its last history row (I6)")
def statuses_follow_their_history() -> list[str]:
    """The status is a cache of the history."""
    return [line for model in (OfferCall, CallResponse, Commission) for line in status_disagreements(model)]


@must_agree(
    "What is set aside for a commission is its price less what its visits took over, and nothing once it has ended"
)
def commissions_agree_with_the_ledger() -> list[str]:
    """Counted from the transfers of the funding ledger, whatever the commission says of itself."""
    found = []
    for row in Commission.objects.scoped().order_by("pk").iterator():
        due = row.net_pence - queries.spent_through(row) if row.status in RUNNING else 0
        if (there := queries.set_aside(row)) != due:
            found.append(f"Commission {row}: {there} pence are set aside, {due} should be.")
    return found


@must_agree("No academy’s commission has begun before its responsible body was told")
def responsible_bodies_are_told_first() -> list[str]:
    """Looked up in the notices themselves and in the history of the step they took."""
    begun = Commission.objects.scoped().filter(is_academy=True, started_at__isnull=False).order_by("pk")
    return [
        f"Commission {row}: it began, and nobody responsible is recorded as told."
        for row in begun
        if not queries.told_first(row)
    ]


@must_agree("The offer an answer to a call became is its provider’s own")
def answers_became_offers_of_their_providers() -> list[str]:
    """A draft made for one provider never lies with another."""
    strange = CallResponse.objects.scoped().exclude(offer__provider=F("provider")).order_by("pk")
    return [
        f"Answer {row.reference}: its offer {row.offer} is somebody else’s."
        for row in strange.select_related("offer")
    ]


@must_agree("Bookings paid for under a commission are its school’s and on its funding stream")
def visits_belong_to_their_commission() -> list[str]:
    """A visit never belongs to the commission of another school."""
    rows = (
        Commission.objects.scoped()
        .exclude(visits__booking__receiving_school=F("school"))
        .filter(visits__isnull=False)
    )
    return [
        f"Commission {row}: a booking of another school is paid for under it."
        for row in rows.distinct().order_by("pk")
    ]
