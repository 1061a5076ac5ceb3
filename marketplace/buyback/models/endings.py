"""How an agreement ends before its time, and what schools were told of next year's prices."""

from django.db import models
from django.db.models import Q

from marketplace.buyback.models.agreements import AgreementLine, ServiceAgreement
from marketplace.buyback.models.selling import PackageEdition
from marketplace.organisations.models import Organisation, User


class EndingGround(models.TextChoices):
    """Why an agreement ends early. The values are those of `rules.ending.Ground`, with conversion beside them."""

    AGREED = "agreed", "Both sides agree to end it"
    BUYER_NOTICE = "buyer_notice", "The school gives notice"
    SELLER_NOTICE = "seller_notice", "The seller gives notice"
    SELLER_BREACH = "seller_breach", "The seller broke the terms and did not put it right"
    BUYER_BREACH = "buyer_breach", "The school broke the terms and did not put it right"
    CONVERSION = "conversion", "The school becomes an academy"


class AgreementEnding(models.Model):
    """The notice that an agreement ends on `last_day`. It can be taken back until it is carried out, on the day after that.

    `not_run` maps a line's id (as text) to what of the price of contract year `year_number` is for months not run, in pence before
    VAT: credited to the buyer or, on conversion, paid by the successor agreement. It is written when the ending is carried out.
    `successor` is the organisation that goes on as an academy: the same one, whose legal status changes, or another in the register.
    """

    agreement = models.ForeignKey(ServiceAgreement, on_delete=models.PROTECT, related_name="endings")
    ground = models.CharField(max_length=14, choices=EndingGround)
    told_on = models.DateField()
    last_day = models.DateField()
    reason = models.TextField(blank=True)
    year_number = models.PositiveSmallIntegerField(null=True)
    not_run = models.JSONField(default=dict)
    successor = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(auto_now_add=True)
    taken_back_at = models.DateTimeField(null=True)
    carried_out_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["agreement"], condition=Q(taken_back_at__isnull=True), name="an_agreement_ends_once"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True) | Q(carried_out_at__isnull=True),
                name="what_is_carried_out_is_not_taken_back",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agreement} ends on {self.last_day}"

    @property
    def not_run_pence(self) -> int:
        """What is for months not run, all lines together."""
        return sum(self.not_run.values())


class PriceNotice(models.Model):
    """A buyer was told that a package costs something else next year: both prices of a whole year, in pence before VAT.

    Who does not want it at the new price says so by `notice_by`.
    """

    line = models.ForeignKey(AgreementLine, on_delete=models.CASCADE, related_name="price_notices")
    edition = models.ForeignKey(PackageEdition, on_delete=models.CASCADE, related_name="price_notices")
    last_pence = models.PositiveIntegerField()
    next_pence = models.PositiveIntegerField()
    notice_by = models.DateField()
    sentence = models.CharField(max_length=300)
    sent_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["line", "id"]
        constraints = [
            models.UniqueConstraint(fields=["line", "edition"], name="a_price_change_is_told_once")
        ]

    def __str__(self) -> str:
        return self.sentence
