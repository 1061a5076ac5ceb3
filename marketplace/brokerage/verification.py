"""What must agree about deployments, asked by `manage.py verify`."""

from django.db.models import Count, F, Q, Sum

from marketplace.brokerage.models import RUNNING, Deployment, DeploymentConcern, DeploymentVersion
from marketplace.brokerage.queries import TAKING_DAYS
from marketplace.brokerage.rules.deployments import Capacity
from marketplace.kernel.verification import must_agree, status_disagreements


@must_agree("A deployment’s status is its last history row (I6)")
def deployments_follow_their_history() -> list[str]:
    """The status is a cache of the history."""
    return status_disagreements(Deployment)


@must_agree("A concern’s status is its last history row (I6)")
def concerns_follow_their_history() -> list[str]:
    """The status is a cache of the history."""
    return status_disagreements(DeploymentConcern)


@must_agree("Each deployment text in force is signed in all four capacities")
def texts_in_force_are_signed() -> list[str]:
    """Counted from the signatures, whatever the deployment says of itself."""
    unsigned = (
        DeploymentVersion.objects.filter(number=F("deployment__version_in_force"))
        .annotate(signed=Count("signatures"))
        .exclude(signed=len(Capacity))
        .order_by("pk")
    )
    return [
        f"Deployment {version.deployment}: version {version.number} is in force with {version.signed} signatures."  # type: ignore[attr-defined]
        for version in unsigned.select_related("deployment")
    ]


@must_agree("Visits of a deployment take no more days than were agreed")
def visits_stay_within_the_agreement() -> list[str]:
    """For each running deployment, the half-days its bookings take against those of the text in force."""
    taken = Sum("visits__booking__half_days", filter=Q(visits__booking__status__in=TAKING_DAYS))
    over = (
        Deployment.objects.scoped()
        .filter(status__in=RUNNING)
        .annotate(taken=taken)
        .filter(taken__gt=F("half_days"))
        .order_by("pk")
    )
    return [
        f"Deployment {row}: {row.half_days} half-days are agreed, its visits take {row.taken}."
        for row in over
    ]
