"""What an agreement says of the price and the payer of its visits, and from which funding streams the authority can pay."""

from collections.abc import Collection
from datetime import date, timedelta

from marketplace.bookings.queries import Agreed
from marketplace.brokerage.errors import StreamNotNamed
from marketplace.brokerage.models import Deployment, DeploymentFunding, DeploymentStatus
from marketplace.brokerage.queries.deployments import (
    agreement_terms_of,
    convenes,
    has_interest_in_deployment,
)
from marketplace.brokerage.rules.deployments import Payer, Terms
from marketplace.brokerage.rules.visit_prices import price_of_visit
from marketplace.buyback import queries as buyback
from marketplace.buyback.models import FundingStream
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import FINANCIAL, contract_year, financial_year

GOING_ON = (
    DeploymentStatus.TO_SIGN,
    DeploymentStatus.ACTIVE,
    DeploymentStatus.PAUSED,
)


def terms_in_force(deployment: Deployment) -> Terms | None:
    """The text all four have signed last; `None` before that."""
    if deployment.version_in_force is None:
        return None
    return agreement_terms_of(deployment, deployment.version_in_force)


def agreed_for_visit(deployment: Deployment, day: date, half_days: int) -> Agreed | None:
    """What the agreement in force says of a visit's price and payer; `None` where none is in force yet.

    Raises `StreamNotNamed` where the authority pays and nobody has said from which funding stream of that year.
    """
    terms = terms_in_force(deployment)
    if terms is None:
        return None
    text = f"{deployment.reference} (version {deployment.version_in_force})"
    price = price_of_visit(terms, half_days, text)
    stream = _stream_on(deployment, day) if terms.payer == Payer.AUTHORITY else None
    return Agreed(price=price.data if price else None, stream=stream, reason=_reason(terms, text, stream))


def _reason(terms: Terms, text: str, stream: FundingStream | None) -> str:
    said = f"As deployment agreement {text} says: "
    if stream is not None:
        return f"{said}the local authority pays, from “{stream}”. The school has nothing to pay."
    if terms.payer == Payer.SPLIT:
        return (
            f"{said}the school is billed and the local authority pays it back {100 - terms.school_percent}%."
        )
    return f"{said}the receiving school pays."


def _stream_on(deployment: Deployment, day: date) -> FundingStream:
    year = financial_year(day)
    found = DeploymentFunding.objects.filter(deployment=deployment, financial_year=year).first()
    if found is None:
        area = deployment.receiving_school.school.area
        raise StreamNotNamed(
            f"The local authority pays for this deployment and has named no funding stream for {year} yet.",
            remedy=f"Ask the convenor of {area} to name one on the deployment’s page.",
            field="day",
        )
    return found.stream


def may_fund(actor: Actor, deployment: Deployment) -> bool:
    """Whether the person can say from which funding stream the authority pays: a convenor of the school's area, once it was sent.

    Nobody does who has declared an interest in those who are paid.
    """
    return (
        convenes(actor, deployment)
        and not has_interest_in_deployment(actor, deployment)
        and deployment.status in GOING_ON
        and Payer.AUTHORITY in {terms.payer for terms in _texts(deployment)}
    )


def _texts(deployment: Deployment) -> list[Terms]:
    """The text on the table and the one in force."""
    return [agreement_terms_of(deployment), *filter(None, [terms_in_force(deployment)])]


def years_to_fund(deployment: Deployment) -> list[str]:
    """The financial years the deployment touches, the first one first."""
    first, last = deployment.starts_on, deployment.ends_on
    days = [first + timedelta(days=n) for n in range(0, (last - first).days + 1, 28)]
    return sorted({financial_year(day) for day in [*days, last]})


def first_day_to_fund(deployment: Deployment, named: Collection[str], today: date) -> date | None:
    """The first day of the deployment in a financial year that is not over and not among those `named`; `None` where all are."""
    day = deployment.starts_on
    while day <= deployment.ends_on:
        last = contract_year(FINANCIAL, day).end
        if financial_year(day) not in named and last >= today:
            return day
        day = last + timedelta(days=1)
    return None


def streams_to_fund(actor: Actor, deployment: Deployment) -> list[tuple[FundingStream, str, str]]:
    """The open pots of the school's area of those years: each with what is left, and why it can't pay where it can't."""
    return [
        (stream, hint, why_not)
        for year in years_to_fund(deployment)
        for stream, hint, why_not in buyback.streams_for(actor, deployment.receiving_school, year, 0)
        if stream.financial_year == year
    ]


def funding_of_deployment(deployment: Deployment) -> list[DeploymentFunding]:
    """The streams named so far, by year."""
    return list(DeploymentFunding.objects.filter(deployment=deployment).select_related("stream", "named_by"))
