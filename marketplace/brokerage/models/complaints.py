"""What a school says went wrong with a provider, what the provider answers, and what a convenor finds."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.bookings.models import Booking
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


class ComplaintSubject(models.TextChoices):
    """What a complaint is about. Safeguarding is not among them: it goes to the designated officer, never through here."""

    QUALITY = "quality", "The quality of the support"
    CONDUCT = "conduct", "How somebody behaved"
    RELIABILITY = "reliability", "Sessions missed, late or cut short"
    TERMS = "terms", "Price, invoice or terms"
    OTHER = "other", "Something else"


class ComplaintStatus(models.TextChoices):
    RAISED = "raised", "Waiting for the provider’s answer"
    ANSWERED = "answered", "Answered by the provider"
    SETTLED = "settled", "Settled between the two"
    UPHELD = "upheld", "Upheld"
    PARTLY_UPHELD = "partly_upheld", "Upheld in part"
    NOT_UPHELD = "not_upheld", "Not upheld"
    WITHDRAWN = "withdrawn", "Withdrawn"


OPEN = (ComplaintStatus.RAISED, ComplaintStatus.ANSWERED)


def complaint_reference() -> str:
    return new_reference("CM")


class Complaint(models.Model):
    """A complaint of `school` about `provider`, mostly about one booking. Read by those two and the convenors, nobody else."""

    reference = models.CharField(max_length=12, unique=True, default=complaint_reference, editable=False)
    school = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="complaints_made")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="complaints_received")
    booking = models.ForeignKey(
        Booking, null=True, blank=True, on_delete=models.PROTECT, related_name="complaints"
    )
    status = models.CharField(max_length=16, choices=ComplaintStatus, default=ComplaintStatus.RAISED)
    subject = models.CharField(max_length=12, choices=ComplaintSubject)
    details = models.TextField()
    wanted = models.TextField(blank=True)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    answer_due_on = models.DateField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)
    finding = models.TextField(blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-id"]
        indexes = [models.Index(fields=["provider", "status"], name="complaint_by_provider")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["booking", "school"],
                condition=Q(status__in=OPEN),
                name="one_open_complaint_about_a_booking",
            ),
            models.CheckConstraint(
                condition=~Q(school=F("provider")), name="a_complaint_is_between_two_organisations"
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
                name="complaint_answer_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_at__isnull=True, decided_by__isnull=True, finding="")
                | (Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(finding="")),
                name="complaint_finding_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def is_open(self) -> bool:
        """Whether anybody still has something to do."""
        return self.status in OPEN
