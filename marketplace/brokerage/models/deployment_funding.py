"""From which funding streams the authority pays for a deployment, where the agreement says that it does."""

from django.db import models

from marketplace.brokerage.models.deployments import Deployment
from marketplace.buyback.models import FundingStream
from marketplace.organisations.models import User


class DeploymentFunding(models.Model):
    """The funding stream that pays for the visits of one financial year. A convenor names it; visits booked from then on follow it."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="funding")
    financial_year = models.CharField(max_length=7)
    stream = models.ForeignKey(FundingStream, on_delete=models.PROTECT, related_name="deployments")
    named_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    named_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["financial_year"]
        constraints = [
            models.UniqueConstraint(
                fields=["deployment", "financial_year"], name="one_stream_pays_for_a_deployment_in_a_year"
            )
        ]

    def __str__(self) -> str:
        return f"{self.deployment}, {self.financial_year}: {self.stream}"
