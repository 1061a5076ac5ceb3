"""How an organisation agrees to spend: its approval ladder, and the evidence that others were asked for a price."""

from django.db import models
from django.db.models import Q

from marketplace.buyback.models.selling import PackageEdition
from marketplace.buyback.rules.approvals import Approver
from marketplace.catalogue.models import OfferVersion
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, User


class ApprovalLadder(models.Model):
    """The ladder of an organisation or, for the schools that have none of their own, of a trust or an area.

    Without steps it counts for nothing: its owner took them away again, and its history says when.
    """

    organisation = models.OneToOneField(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="approval_ladder"
    )
    area = models.OneToOneField(
        Area, null=True, blank=True, on_delete=models.CASCADE, related_name="approval_ladder"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, area__isnull=True)
                | Q(organisation__isnull=True, area__isnull=False),
                name="an_approval_ladder_belongs_to_one",
            )
        ]

    def __str__(self) -> str:
        return f"Approval ladder of {self.organisation or self.area}"


class ApprovalStep(models.Model):
    """From `from_pence` (VAT included) on: whose approval, how many quotes, and whether a minute reference is needed."""

    ladder = models.ForeignKey(ApprovalLadder, on_delete=models.CASCADE, related_name="steps")
    from_pence = models.PositiveIntegerField()
    approver = models.CharField(max_length=14, choices=Approver.choices())
    quotes_needed = models.PositiveSmallIntegerField(default=0)
    minute_needed = models.BooleanField(default=False)

    class Meta:
        ordering = ["from_pence"]
        constraints = [
            models.UniqueConstraint(fields=["ladder", "from_pence"], name="approval_steps_start_apart")
        ]

    def __str__(self) -> str:
        return f"From {self.from_pence} pence: {self.get_approver_display()}"


def evidence_reference() -> str:
    return new_reference("QE")


class EvidenceStatus(models.TextChoices):
    DRAFT = "draft", "Being gathered"
    COMPLETE = "complete", "Complete"


class QuotesEvidence(models.Model):
    """Who was asked for a price, what they answered, and why the one chosen was chosen. Unchanged once complete.

    `need_pence` is what the order is expected to come to, VAT included: the ladder is asked for that amount. `requirement` is what
    the ladder asked for when the evidence was completed. `minute_reference` names the minute of the meeting that approved it,
    where there is one by then; an order can name its own.
    """

    reference = models.CharField(max_length=12, unique=True, default=evidence_reference, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="quotes_evidence")
    status = models.CharField(max_length=10, choices=EvidenceStatus, default=EvidenceStatus.DRAFT)
    subject = models.CharField(max_length=200)
    need_pence = models.PositiveIntegerField(default=0)
    requirement = models.JSONField(default=dict)
    reason_not_lowest = models.TextField(blank=True)
    reason_fewer_quotes = models.TextField(blank=True)
    conflicts = models.TextField(blank=True)
    minute_reference = models.CharField(max_length=80, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    completed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    completed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "quotes evidence"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.reference} {self.subject}"


class QuoteAnswer(models.TextChoices):
    WAITING = "waiting", "Asked, no answer yet"
    QUOTED = "quoted", "Gave a price"
    DECLINED = "declined", "Declined"
    NO_ANSWER = "no_answer", "Did not answer"


class AskedQuote(models.Model):
    """One supplier who was asked, on the exchange or elsewhere, and the answer. `price_pence` is before VAT.

    `offer_version` (or `edition`) and `price`, its explanation, are there where the price was taken from an offer (or a package) of
    the exchange.
    """

    evidence = models.ForeignKey(QuotesEvidence, on_delete=models.CASCADE, related_name="quotes")
    supplier = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    supplier_name = models.CharField(max_length=200)
    asked_on = models.DateField()
    answer = models.CharField(max_length=10, choices=QuoteAnswer, default=QuoteAnswer.WAITING)
    answered_on = models.DateField(null=True, blank=True)
    price_pence = models.PositiveIntegerField(null=True, blank=True)
    offer_version = models.ForeignKey(
        OfferVersion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    edition = models.ForeignKey(
        PackageEdition, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    price = models.JSONField(default=dict, blank=True)
    comment = models.TextField(blank=True)
    is_chosen = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["evidence"], condition=Q(is_chosen=True), name="one_quote_is_chosen"
            ),
            models.CheckConstraint(
                condition=~Q(answer="quoted") | Q(price_pence__isnull=False), name="a_quote_has_a_price"
            ),
        ]

    def __str__(self) -> str:
        return self.supplier_name
