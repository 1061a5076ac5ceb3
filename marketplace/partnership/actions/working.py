"""The work under a commission: its deployment, and the visits its money pays for. Neither learns of the commission."""

from typing import Any

from marketplace.bookings import actions as bookings
from marketplace.bookings.models import Booking
from marketplace.brokerage import actions as brokerage
from marketplace.brokerage.models import Deployment
from marketplace.buyback import actions as funding
from marketplace.catalogue.models import Offer, Practitioner
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound, NotNow
from marketplace.organisations.models import School
from marketplace.partnership import queries
from marketplace.partnership.actions.steps import lock_commission, must_be_in
from marketplace.partnership.models import RUNNING, Commission, CommissionStatus, CommissionVisit
from marketplace.partnership.queries.commissions import funding_effect


@action
def draft_deployment_for(
    *, actor: Actor, commission: Commission, offer: Offer, practitioner: Practitioner, **text: Any
) -> Deployment:
    """Write the agreement of a deployment for the commission: the authority brokers and pays, the school sends it to be signed.

    `text` is what `brokerage.draft_deployment` takes. Nothing of the commission is copied into it but theme and phase.
    """
    row = lock_commission(actor, commission, to="draft a deployment")
    _may_be_tied(row)
    if offer.provider_id != row.provider_id:
        raise NotFound
    made = brokerage.draft_deployment(
        actor=actor,
        school=School.objects.get(pk=row.school_id),
        offer=offer,
        practitioner=practitioner,
        theme=row.theme,
        phase=row.phase,
        **text | {"brokered_by": "authority", "payer": "authority"},
    )
    _tie(actor, row, made)
    return made


@action
def attach_deployment(*, actor: Actor, commission: Commission, deployment: Deployment) -> Commission:
    """Let a deployment of the school that is there already be the work of this commission."""
    row = lock_commission(actor, commission, to="attach a deployment")
    _may_be_tied(row)
    found = queries.deployments_to_attach(actor, row).filter(pk=deployment.pk).first()
    if found is None:
        raise NotFound
    _tie(actor, row, found)
    return row


@action
def pay_for_visit(*, actor: Actor, commission: Commission, booking: Booking) -> CommissionVisit:
    """Pay for an approved booking of the school out of what is set aside: the booking takes its price over, in one step.

    What it costs beyond that comes out of the stream itself. Raises `BudgetExceeded` where there is not enough.
    """
    row = lock_commission(actor, commission, to="pay for a visit")
    must_be_in(row, *RUNNING, to="pay for a visit")
    visit = queries.bookings_to_pay(actor, row).filter(pk=booking.pk).first()
    if visit is None or row.funding_stream is None:
        raise NotFound
    visit = locked(queries.bookings_to_pay(actor, row).order_by(), pk=visit.pk)
    pence = min(queries.set_aside(row), visit.net_pence)
    if pence:
        funding.release_funding(
            actor=actor,
            stream=row.funding_stream,
            pence=pence,
            effect=f"{funding_effect(row)}visit:{visit.pk}",
            reason=f"Handed to {visit.reference}",
        )
    bookings.commission_booking(actor=actor, booking=visit, stream=row.funding_stream)
    made = CommissionVisit.objects.create(commission=row, booking=visit, pence=pence)
    history.write(row, verb="pay", before=row.status, after=row.status, by=actor, note=visit.reference)
    return made


def _may_be_tied(row: Commission) -> None:
    must_be_in(row, CommissionStatus.ACTIVE, to="tie a deployment to it")
    if row.deployment_id is not None:
        raise NotNow(
            "The commission has its deployment already.",
            remedy="Change that one, or open another commission.",
        )


def _tie(actor: Actor, row: Commission, deployment: Deployment) -> None:
    row.deployment = deployment
    row.save(update_fields=["deployment"])
    history.write(
        row, verb="attach", before=row.status, after=row.status, by=actor, note=deployment.reference
    )
