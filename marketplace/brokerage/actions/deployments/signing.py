"""Four sign, in any order; the last signature puts the text in force. Or one of them says no."""

from django.utils import timezone

from marketplace.bookings.errors import BeyondAgreedDays
from marketplace.brokerage import queries, rules
from marketplace.brokerage.actions.deployments.steps import (
    copy_terms,
    lock_deployment,
    move,
    must,
    must_be_deployable,
    must_be_the_text,
    named_with_day,
    needed,
    put_objectives_in_force,
    signer,
)
from marketplace.brokerage.actions.deployments.steps import lock_person_and_deployment as lock_both
from marketplace.brokerage.errors import AlreadySigned
from marketplace.brokerage.events import DeploymentSigned
from marketplace.brokerage.models import (
    Deployment,
    DeploymentSignature,
    DeploymentVersion,
)
from marketplace.brokerage.rules.deployments import Capacity, Terms
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.days import format_days
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations import queries as organisations


@action
def sign_deployment(
    *,
    actor: Actor,
    deployment: Deployment,
    capacity: str,
    version: int,
    note: str = "",
    beyond_agreed: bool = False,
) -> Deployment:
    """Sign the text the person has read. The fourth signature puts it in force.

    `version` is the text they were shown: `TextChanged` where another lies on the table by now. The releasing head's signature promises the
    days: `BeyondAgreedDays` when that is more than was agreed for a year and it was not said, with a note. The last signature raises
    `NotNow` where more is booked by then than the text agrees. `InterestInTheWay` for a convenor who signs as broker what the authority
    pays for, and has declared an interest in those who are paid.
    """
    row = lock_both(actor, deployment)
    _must_wait_for_signatures(row)
    must_be_the_text(row, version)
    wanted = Capacity(capacity)
    if wanted not in queries.capacities_of(actor, row):
        raise NotAllowed(
            f"You can’t sign as {wanted.label.lower()}.",
            remedy="Sign in the capacity you hold, or ask that person.",
        )
    text = queries.version_of(row)
    if text.signatures.filter(capacity=wanted).exists():
        raise AlreadySigned("This signature is given already.", remedy="Open the agreement to see it.")
    must_be_deployable(row)
    terms = Terms.from_data(text.terms)
    if queries.is_barred(actor, row, wanted, terms.payer):
        raise organisations.interest_in_the_way(
            row.provider,
            row.releasing_organisation,
            decision="sign that the authority pays for this deployment",
            remedy="Another convenor of the area has to.",
        )
    if wanted == Capacity.RELEASING_HEAD:
        _check_load(row, terms, beyond_agreed=beyond_agreed and bool(note.strip()))
    signature = DeploymentSignature.objects.create(
        version=text,
        capacity=wanted,
        signed_by=signer(actor),
        signed_name=actor.name,
        signed_as=queries.signed_as(row, wanted),
        note=note.strip()[:2_000],
    )
    history.write(
        row,
        verb="sign",
        before=row.status,
        after=row.status,
        by=actor,
        note="\n".join(filter(None, [f"Version {text.number}. {signature.signed_as}.", signature.note])),
    )
    events.publish(DeploymentSigned(signature.pk))
    if not rules.still_to_sign(text.signatures.values_list("capacity", flat=True)):
        _put_in_force(row, text, terms)
    return row


@action
def decline_deployment(*, actor: Actor, deployment: Deployment, reason: str) -> Deployment:
    """Another party says no: the agreement does not come about. The reason is read by all parties."""
    row = lock_deployment(actor, deployment)
    must(actor, row, "decline")
    why = needed(reason, "reason", "Say why you don’t agree.")
    move(row, "decline", actor=actor, note=f"{queries.spoken_as(actor, row)[1]}: {why}", reason=why)
    return row


def _put_in_force(row: Deployment, text: DeploymentVersion, terms: Terms) -> None:
    _check_reaches(row, terms)
    first = row.version_in_force is None
    put_objectives_in_force(row, terms)
    copy_terms(row, terms)
    row.version_in_force = text.number
    if first:
        move(
            row,
            "activate",
            actor=SYSTEM,
            note=f"All four have signed version {text.number}",
            version_in_force=text.number,
            activated_at=timezone.now(),
        )
        return
    row.save(update_fields=["version_in_force"])
    history.write(
        row,
        verb="put_in_force",
        before=row.status,
        after=row.status,
        by=SYSTEM,
        note=f"All four have signed version {text.number}: it holds from now on",
    )


def _check_reaches(row: Deployment, terms: Terms) -> None:
    """Visits could be booked under the text in force while this one was being signed."""
    taken = queries.half_days_taken(row)
    if terms.half_days < taken:
        raise NotNow(
            f"Already booked: {format_days(taken)}. This text agrees on {format_days(terms.half_days)} only.",
            remedy="Cancel visits and sign then, or agree on another number of days.",
        )
    if outside := queries.visits_outside(row, terms.starts_on, terms.ends_on):
        raise NotNow(
            f"Visits were booked outside the days of this text: {named_with_day(outside)}.",
            remedy="Move or cancel them and sign then, or agree on other days.",
        )


def _must_wait_for_signatures(row: Deployment) -> None:
    if not row.waits_for_signatures:
        raise NotNow(
            f"This deployment is {row.get_status_display().lower()}: there is nothing to sign.",
            remedy="Somebody may have changed it while you were looking. Open it again to see where it stands.",
        )


def _check_load(row: Deployment, terms: Terms, *, beyond_agreed: bool) -> None:
    if beyond_agreed:
        return
    for year, load, extra in queries.loads_if_signed(row, terms, queries.half_days_taken(row)):
        if extra > load.left:
            raise BeyondAgreedDays(
                f"Of the {format_days(load.agreed)} agreed for {year}, {format_days(max(0, load.left))} are left and this"
                f" deployment takes {format_days(extra)}.",
                remedy="Tick that you agree to more days and write a note, or don’t sign.",
                field="beyond_agreed",
            )
