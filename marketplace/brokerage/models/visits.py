"""What happened on a visit, and what changed."""

from django.db import models
from django.db.models import Q

from marketplace.bookings.models import Booking
from marketplace.organisations.models import User


class VisitRecord(models.Model):
    """What happened on the visit and what was agreed, written by the practitioner within five working days (domain 3.3)."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="visit_record")
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)
    happened = models.TextField()
    next_steps = models.TextField()
    late = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"Record of visit {self.booking}"


class ImpactEvaluation(models.Model):
    """The receiving head's judgement. `success` and `effectiveness` run from 1 to 5; 5 is best."""

    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="evaluation")
    evaluated_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    evaluated_at = models.DateTimeField(auto_now_add=True)
    success = models.PositiveSmallIntegerField()
    effectiveness = models.PositiveSmallIntegerField()
    what_changed = models.TextField()
    evidence = models.TextField()
    counter_evidence = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(success__range=(1, 5), effectiveness__range=(1, 5)),
                name="evaluation_marks_run_from_1_to_5",
            )
        ]

    def __str__(self) -> str:
        return f"Evaluation of {self.booking}"
