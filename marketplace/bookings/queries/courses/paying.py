"""How places are paid: by the route between the parties, or from the places of a package."""

from django.db.models import QuerySet

from marketplace.bookings.models import CourseEvent, PaymentRoute
from marketplace.bookings.queries.paying import WayToPay
from marketplace.buyback import queries as buyback
from marketplace.buyback.models import Entitlement, InclusionKind
from marketplace.buyback.rules.drawing import Wish, amount_words, why_unfit
from marketplace.kernel.dates import local, long_date

PLACES = "places"


def ways_to_pay(event: CourseEvent, school_id: int, places: int) -> list[WayToPay]:
    """Pay as you go, then the packages so many places can be drawn from, soonest to lapse first.

    A course is not paid in credits of the bank of days: those are half-days of a person of another school, and a seat is not.
    """
    ways = [
        WayToPay(
            "",
            "Pay as you go",
            "By journal or invoice after the course, as it says above. An invoice can be paid by card where cards are taken.",
        )
    ]
    wish = wish_of(event, school_id)
    for entitlement in _places_held(event, school_id):
        available: int = entitlement.available  # type: ignore[attr-defined]
        if available >= places and not why_unfit(buyback.holding_of(entitlement), wish):
            ways.append(
                WayToPay(
                    PaymentRoute.ENTITLEMENT,
                    f"{amount_words(places, PLACES).capitalize()} of {entitlement.line.description}",
                    f"{amount_words(available, PLACES)} left to use until {long_date(entitlement.valid_to)}."
                    f" {amount_words(available - places, PLACES).capitalize()} left after this. Nothing to pay.",
                    entitlement,
                )
            )
    return ways


def wish_of(event: CourseEvent, school_id: int) -> Wish:
    """The course as the rules of packages read it."""
    themes = event.offer_version.themes.all()
    return Wish(
        school=school_id,
        provider=event.provider_id,
        themes=frozenset(key for theme in themes for key in (theme.pk, theme.parent_id or theme.pk)),
        support_type=event.offer_version.support_type_id,
        day=local(event.starts_at).date(),
        is_for_places=True,
    )


def _places_held(event: CourseEvent, school_id: int) -> QuerySet[Entitlement]:
    day = local(event.starts_at).date()
    rows = Entitlement.objects.select_related("agreement__seller", "line", "theme", "support_type")
    return (
        buyback.with_balances(rows)
        .filter(
            holder=school_id,
            agreement__seller=event.provider_id,
            kind=InclusionKind.PLACES,
            closed_at=None,
            valid_from__lte=day,
            valid_to__gte=day,
        )
        .order_by("valid_to", "pk")
    )
