"""What an area's convenor can let the authority pay for, and from which pots."""

from django.db.models import QuerySet

from marketplace.buyback.models import AgreementStatus, FundingStream, ServiceAgreement
from marketplace.buyback.queries.agreements import agreements_visible_to
from marketplace.buyback.queries.funding import KEEPERS, budgets_of, streams_visible_to, why_not_for
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Area, Organisation


def may_commission(actor: Actor) -> bool:
    """Whether the person can let an authority pay for orders: a convenor of any area."""
    return bool(actor.in_area(Role.CONVENOR))


def areas_with_streams_kept_by(actor: Actor) -> QuerySet[Area]:
    """The areas whose pots the person keeps."""
    return Area.objects.filter(pk__in=actor.in_area(*KEEPERS))


def may_commission_agreement(actor: Actor, agreement: ServiceAgreement) -> bool:
    """Whether the person may let the authority pay for an agreement: a convenor of the buyer's area."""
    return actor.convenes(agreement.buyer.area_id)


def why_agreement_not_commissioned(agreement: ServiceAgreement) -> str:
    """Why no funding stream can pay for the agreement, in a sentence; empty where one can.

    A stream is one financial year's money: what an agreement costs in years to come would be billed and never committed.
    """
    if agreement.years > 1:
        return f"This agreement is for {agreement.years} years, and a funding stream has money for one."
    return ""


def agreements_to_commission(actor: Actor) -> QuerySet[ServiceAgreement]:
    """Agreements of the area's schools that wait for approval and that they would pay for themselves."""
    return (
        agreements_visible_to(actor)
        .filter(
            buyer__area__in=actor.in_area(Role.CONVENOR),
            status=AgreementStatus.AWAITING_APPROVAL,
            funding_stream=None,
            years=1,
        )
        .prefetch_related("lines")
        .order_by("starts_on", "pk")
    )


def streams_for(
    actor: Actor, school: Organisation, financial_year: str, pence: int
) -> list[tuple[FundingStream, str, str]]:
    """The open pots of the school's area: each with what is left, and why it can't pay where it can't."""
    rows = list(streams_visible_to(actor).filter(area=school.area_id, is_open=True).order_by("name"))
    budgets = budgets_of(rows)
    found = []
    for row in rows:
        left = budgets[row.pk].available
        why_not = why_not_for(row, school)
        if not why_not and row.financial_year != financial_year:
            why_not = f"It is for {row.financial_year}, and this is in {financial_year}."
        if not why_not and left < pence:
            why_not = f"{pounds(left)} are left, and this takes {pounds(pence)}."
        found.append((row, f"{row.get_kind_display()}. {pounds(left)} left.", why_not))
    return found
