"""The steps every verb of deployments takes. Lock order: the practitioner, then the deployment, then its bookings."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Max

from marketplace.bookings.actions.steps import lock_practitioner
from marketplace.bookings.errors import NotBookable
from marketplace.bookings.models import Booking
from marketplace.brokerage import queries, rules
from marketplace.brokerage.deployment_states import DEPLOYMENT
from marketplace.brokerage.errors import NeedInvalid, TextChanged
from marketplace.brokerage.events import DeploymentMoved, DeploymentTextChanged
from marketplace.brokerage.models import (
    Deployment,
    DeploymentObjective,
    DeploymentStatus,
    DeploymentVersion,
)
from marketplace.brokerage.rules.deployments import Terms
from marketplace.kernel import events
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import long_date
from marketplace.kernel.db import locked
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.kernel.transitions import words
from marketplace.organisations.models import User

LONGEST_TEXT = 5_000


def lock_deployment(actor: Actor, deployment: Deployment) -> Deployment:
    """The deployment as it is now, locked; `NotFound` where it isn't there for this person."""
    row: Deployment = locked(queries.deployments_visible_to(actor), pk=deployment.pk)
    return row


def lock_person_and_deployment(actor: Actor, deployment: Deployment) -> Deployment:
    """The practitioner's row first, then the deployment's, for verbs that promise the person's days."""
    person = (
        queries.deployments_visible_to(actor)
        .filter(pk=deployment.pk)
        .values_list("practitioner", flat=True)
        .first()
    )
    if person is None:
        raise NotFound
    lock_practitioner(person)
    return lock_deployment(actor, deployment)


def must(actor: Actor, deployment: Deployment, verb: str) -> None:
    """Raise `NotAllowed` unless the person may do this here at all."""
    if not queries.may_in_deployment(actor, deployment, verb):
        raise NotAllowed(
            f"You can’t {words(verb)} this deployment.",
            remedy="Its page says who signs and speaks for each side.",
        )


def must_run(deployment: Deployment) -> None:
    """Raise `NotNow` unless the deployment is active: a paused or ended one can only be read."""
    if deployment.status != DeploymentStatus.ACTIVE:
        raise NotNow(
            f"This deployment is {deployment.get_status_display().lower()}, so nothing can be added to it.",
            remedy="Resume it first."
            if deployment.status == DeploymentStatus.PAUSED
            else "Open it to see where it stands.",
        )


def move(deployment: Deployment, verb: str, *, actor: Actor, note: str = "", **also: Any) -> None:
    """Move the deployment along `verb`, keep the fields in `also` with it, and tell those who listen."""
    DEPLOYMENT.move(deployment, verb, by=actor, note=note, **also)
    events.publish(DeploymentMoved(deployment.pk, verb, str(deployment.status)))


def signer(actor: Actor) -> User:
    """The person behind the actor: what is signed or written is a person's."""
    if actor.user_id is None:
        raise NotAllowed("The exchange itself signs nothing.", remedy="Sign in as the person who decides.")
    return User.objects.get(pk=actor.user_id)


def needed(text: str, field: str, message: str) -> str:
    """The text without spaces around it; `NeedInvalid` where there is none or too much of it."""
    text = text.strip()
    if not text:
        raise NeedInvalid(message, remedy="One sentence is enough.", field=field)
    return rules.within(text, field, LONGEST_TEXT)


def named_with_day(bookings: Iterable[Booking]) -> str:
    """The references with their days, as a refusal lists them."""
    return "; ".join(f"{each.reference} on {long_date(each.day)}" for each in bookings)


# Versions --------------------------------------------------------------------------------------------------------------


def write_version(actor: Actor, deployment: Deployment, terms: Terms) -> DeploymentVersion:
    """Put a text on the table: the next version. Signatures of the last one count no longer."""
    last = DeploymentVersion.objects.filter(deployment=deployment).aggregate(n=Max("number"))["n"] or 0
    version = DeploymentVersion.objects.create(
        deployment=deployment,
        number=last + 1,
        terms=terms.to_data(),
        written_by_id=actor.user_id,
        written_by_name=actor.name,
    )
    deployment.version = version.number
    deployment.save(update_fields=["version"])
    if deployment.sent_at:
        events.publish(DeploymentTextChanged(version.pk))
    return version


def copy_terms(deployment: Deployment, terms: Terms) -> None:
    """Let the deployment's own columns say what the text says."""
    deployment.focus, deployment.half_days = terms.focus, terms.half_days
    deployment.starts_on, deployment.ends_on = terms.starts_on, terms.ends_on
    deployment.mid_point_on, deployment.net_pence = terms.mid_point_on, terms.net_pence
    deployment.save(update_fields=["focus", "half_days", "starts_on", "ends_on", "mid_point_on", "net_pence"])


def put_objectives_in_force(deployment: Deployment, terms: Terms) -> None:
    """The objectives of the text in force; those it no longer has stay, marked as dropped."""
    DeploymentObjective.objects.filter(deployment=deployment).update(is_dropped=True)
    for each in terms.objectives:
        DeploymentObjective.objects.update_or_create(
            deployment=deployment,
            number=each.number,
            defaults={
                "aim": each.aim,
                "success_measure": each.success_measure,
                "baseline": each.baseline,
                "area": each.area,
                "is_dropped": False,
            },
        )


def must_be_the_text(row: Deployment, version: int) -> None:
    """Raise `TextChanged` where another text than the one the person has read lies on the table by now."""
    if version != row.version:
        raise TextChanged(
            "The text was changed while you were reading.",
            remedy=f"Version {row.version} lies on the table now. Read it, then go on.",
        )


def must_be_deployable(row: Deployment) -> None:
    """Raise `NotBookable` where the person, their employer or the provider takes nothing on at present."""
    suspended = row.provider.suspended_at or row.releasing_organisation.suspended_at
    if suspended or not row.practitioner.is_active:
        raise NotBookable(
            f"{row.practitioner} takes no deployments at present.",
            remedy="Ask the provider for another person.",
        )
