"""Support that the authority commissions for a school, with who was told, how it goes and what it paid for."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.bookings.models import Booking
from marketplace.brokerage.models import Deployment, Rag
from marketplace.buyback.models import FundingStream
from marketplace.catalogue.models import Theme
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, Phase, User

__all__ = [
    "RUNNING",
    "Commission",
    "CommissionNotice",
    "CommissionReview",
    "CommissionStatus",
    "CommissionVisit",
    "InformedBody",
    "NeedToKnow",
    "Rag",
]


class CommissionStatus(models.TextChoices):
    DRAFT = "draft", "Being prepared"
    READY = "ready", "Ready to start"
    ACTIVE = "active", "Running"
    PAUSED = "paused", "Paused"
    EXITED = "exited", "Ended"
    WITHDRAWN = "withdrawn", "Did not go ahead"


RUNNING = (CommissionStatus.ACTIVE, CommissionStatus.PAUSED)
"""Begun and not yet over: its money is set aside."""

OPEN = (CommissionStatus.DRAFT, CommissionStatus.READY, *RUNNING)
"""Not over: its days are needed."""


def commission_reference() -> str:
    return new_reference("CSP")


class Commission(models.Model):
    """Days of support on a theme for one school, paid for from a funding stream of its area.

    `provider`, `funding_stream` and `pence_a_day` (before VAT) may be open until it starts; at the start `net_pence` is committed.
    `is_academy` is how the school stood when it was opened: it decides who has to be told before anything begins.
    """

    reference = models.CharField(max_length=12, unique=True, default=commission_reference, editable=False)
    status = models.CharField(max_length=10, choices=CommissionStatus, default=CommissionStatus.DRAFT)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="commissions")
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="commissions")
    is_academy = models.BooleanField()
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    half_days = models.PositiveSmallIntegerField()
    provider = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="commissions_given"
    )
    funding_stream = models.ForeignKey(
        FundingStream, null=True, blank=True, on_delete=models.PROTECT, related_name="commissions"
    )
    pence_a_day = models.PositiveIntegerField(null=True, blank=True)
    reason = models.TextField()
    deployment = models.OneToOneField(
        Deployment, null=True, blank=True, on_delete=models.PROTECT, related_name="commission"
    )
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    # The next progress review, set at the start and by each review.
    next_review_on = models.DateField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    end_evidence = models.TextField(blank=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-id"]
        indexes = [models.Index(fields=["area", "status"], name="commission_by_area")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(half_days__gt=0), name="a_commission_has_days"),
            models.CheckConstraint(
                condition=~Q(status__in=["active", "paused", "exited"])
                | Q(
                    provider__isnull=False,
                    funding_stream__isnull=False,
                    pence_a_day__isnull=False,
                    started_at__isnull=False,
                ),
                name="a_commission_that_began_has_provider_and_money",
            ),
            models.CheckConstraint(
                condition=~Q(status="exited") | (Q(ended_on__isnull=False) & ~Q(end_evidence="")),
                name="a_commission_ends_with_evidence",
            ),
            models.CheckConstraint(
                condition=Q(provider__isnull=True) | ~Q(provider=F("school")),
                name="a_school_is_not_commissioned_to_help_itself",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def net_pence(self) -> int:
        """What all its days cost before VAT, rounded up to the penny; 0 where no price is set yet."""
        return -(-(self.pence_a_day or 0) * self.half_days // HALF_DAYS_IN_A_DAY)


class InformedBody(models.TextChoices):
    GOVERNING_BODY = "governing_body", "Governing body"
    TRUST = "trust", "Trust"
    DIOCESE = "diocese", "Diocese"
    OTHER = "other", "Another body"


class CommissionNotice(models.Model):
    """Who was told of a commission: which body, which person there, on which day. Never changed: triggers refuse."""

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="notices")
    body = models.CharField(max_length=14, choices=InformedBody)
    body_name = models.CharField(max_length=200)
    person = models.CharField(max_length=150)
    informed_on = models.DateField()
    note = models.TextField(blank=True)
    recorded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    recorded_by_name = models.CharField(max_length=150)
    recorded_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["informed_on", "id"]

    def __str__(self) -> str:
        return f"{self.commission}: {self.body_name}"


class CommissionReview(models.Model):
    """How a commission goes, at a day: red, amber or green, what was seen, what comes next and when it is looked at again."""

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="reviews")
    reviewed_on = models.DateField()
    rag = models.CharField(max_length=5, choices=Rag)
    findings = models.TextField()
    next_steps = models.TextField()
    next_review_on = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    written_by_name = models.CharField(max_length=150)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["reviewed_on", "id"]

    def __str__(self) -> str:
        return f"{self.commission}: {self.reviewed_on}"


class CommissionVisit(models.Model):
    """A booking paid for under a commission. `pence` of what was set aside for the commission became the booking's own."""

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="visits")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="commission_visit")
    pence = models.PositiveIntegerField()
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.commission}: {self.booking}"


class NeedToKnow(models.Model):
    """Somebody a convenor named who may read one commission, its school's category with it."""

    commission = models.ForeignKey(Commission, on_delete=models.PROTECT, related_name="readers")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200)
    added_by_name = models.CharField(max_length=150)
    added_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "people who need to know"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["commission", "user"],
                condition=Q(ended_at__isnull=True),
                name="a_person_is_named_once_for_a_commission",
            )
        ]

    def __str__(self) -> str:
        return f"{self.commission}: {self.user}"
