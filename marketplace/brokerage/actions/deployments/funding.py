"""The authority says from which of its funding streams it pays for a deployment."""

from marketplace.bookings.errors import CannotBeCommissioned
from marketplace.brokerage import queries
from marketplace.brokerage.actions.deployments.steps import lock_deployment
from marketplace.brokerage.models import Deployment, DeploymentFunding
from marketplace.buyback import queries as buyback
from marketplace.buyback.models import FundingStream
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations import queries as organisations


@action
def fund_deployment(*, actor: Actor, deployment: Deployment, stream: FundingStream) -> DeploymentFunding:
    """Name the funding stream that pays for the visits of its financial year, or another one in its place.

    Visits booked from then on are put on it, and each is committed when it is approved; those booked before stay where they are. Raises
    `CannotBeCommissioned` where the stream may not pay for this school or is of a year the deployment doesn't touch, `InterestInTheWay`
    for whoever declared an interest in those who are paid.
    """
    row = lock_deployment(actor, deployment)
    organisations.check_no_interest(
        actor,
        row.provider,
        row.releasing_organisation,
        decision="say how the authority pays for this deployment",
        remedy="Another convenor of the area has to.",
    )
    if not queries.may_fund(actor, row):
        raise NotAllowed(
            "You can’t say how the authority pays for this deployment.",
            remedy="This is for the convenor of the school’s area, where the agreement says that the authority pays.",
        )
    stream = buyback.stream_for(actor, stream.reference)
    why_not = buyback.why_not_for(stream, row.receiving_school)
    if not why_not and not stream.is_open:
        why_not = f"“{stream}” is closed."
    if not why_not and stream.financial_year not in queries.years_to_fund(row):
        why_not = f"“{stream}” is for {stream.financial_year}, and the deployment is not in that year."
    if why_not:
        raise CannotBeCommissioned(why_not, remedy="Choose another funding stream.", field="stream")
    named, _ = DeploymentFunding.objects.update_or_create(
        deployment=row,
        financial_year=stream.financial_year,
        defaults={"stream": stream, "named_by_id": actor.user_id},
    )
    history.write(
        row,
        verb="fund",
        before=row.status,
        after=row.status,
        by=actor,
        note=f"The local authority pays for visits of {stream.financial_year} from “{stream}”",
    )
    return named
