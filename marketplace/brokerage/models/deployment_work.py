"""What happens under a deployment agreement: visits, reviews, the broker's look half-way, the evaluation, concerns."""

from django.db import models
from django.db.models import Q

from marketplace.bookings.models import Booking
from marketplace.brokerage.models.deployments import Deployment, DeploymentObjective
from marketplace.kernel.access import ScopedManager
from marketplace.organisations.models import User


class VisitKind(models.TextChoices):
    SCOPING = "scoping", "Scoping visit"
    VISIT = "visit", "Visit"
    FINAL = "final", "Final visit"


class DeploymentVisit(models.Model):
    """A booking made under a deployment: its half-days count against the days agreed as long as it takes up the person's time."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="visits")
    booking = models.OneToOneField(Booking, on_delete=models.PROTECT, related_name="deployment_visit")
    kind = models.CharField(max_length=8, choices=VisitKind, default=VisitKind.VISIT)
    tied_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    tied_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["booking__starts_at"]

    def __str__(self) -> str:
        return f"{self.booking} of {self.deployment}"


class ObjectiveNote(models.Model):
    """What a visit did for one objective, beside the record of visit."""

    visit = models.ForeignKey(DeploymentVisit, on_delete=models.PROTECT, related_name="notes")
    objective = models.ForeignKey(DeploymentObjective, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["objective__number"]
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "objective"], name="a_visit_has_one_note_for_an_objective"
            )
        ]

    def __str__(self) -> str:
        return f"{self.visit}: {self.objective}"


class VisitComment(models.Model):
    """What the receiving school says to a record of visit."""

    visit = models.ForeignKey(DeploymentVisit, on_delete=models.PROTECT, related_name="comments")
    text = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.visit}: {self.written_by}"


class Rag(models.TextChoices):
    GREEN = "green", "On track"
    AMBER = "amber", "Some way off"
    RED = "red", "Off track"


class ProgressReview(models.Model):
    """How far the objectives have come on a day, what comes next, and when to look again."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="reviews")
    reviewed_on = models.DateField()
    next_steps = models.TextField()
    next_review_on = models.DateField(null=True, blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_as = models.CharField(max_length=260)
    written_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["reviewed_on", "id"]

    def __str__(self) -> str:
        return f"{self.deployment}, {self.reviewed_on}"


class ReviewRating(models.Model):
    """One objective in one review: red, amber or green, and why."""

    review = models.ForeignKey(ProgressReview, on_delete=models.PROTECT, related_name="ratings")
    objective = models.ForeignKey(DeploymentObjective, on_delete=models.PROTECT, related_name="ratings")
    rag = models.CharField(max_length=5, choices=Rag)
    details = models.TextField()

    class Meta:
        ordering = ["objective__number"]
        constraints = [
            models.UniqueConstraint(fields=["review", "objective"], name="a_review_rates_an_objective_once")
        ]

    def __str__(self) -> str:
        return f"{self.objective}: {self.rag}"


class Answer(models.TextChoices):
    YES = "yes", "Yes"
    PARTLY = "partly", "Partly"
    NO = "no", "No"


class MidPointCheck(models.Model):
    """The broker's look half-way: is it worth it, and is anything wrong."""

    deployment = models.OneToOneField(Deployment, on_delete=models.PROTECT, related_name="mid_point")
    on_course = models.CharField(max_length=6, choices=Answer)
    value = models.TextField()
    concern = models.TextField(blank=True)
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_as = models.CharField(max_length=260)
    written_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.deployment}: {self.get_on_course_display()}"


class DeploymentEvaluation(models.Model):
    """The receiving head's last word on a deployment, and the practitioner's on that. Marks run from 1 to 5."""

    deployment = models.OneToOneField(Deployment, on_delete=models.PROTECT, related_name="evaluation")
    overall = models.PositiveSmallIntegerField()
    effectiveness = models.PositiveSmallIntegerField()
    value_for_money = models.CharField(max_length=6, choices=Answer)
    what_lasts = models.TextField()
    written_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(auto_now_add=True)
    practitioner_comment = models.TextField(blank=True)
    commented_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    commented_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(overall__range=(1, 5), effectiveness__range=(1, 5)),
                name="deployment_marks_run_from_1_to_5",
            ),
            models.CheckConstraint(
                condition=Q(practitioner_comment="", commented_at__isnull=True, commented_by__isnull=True)
                | (~Q(practitioner_comment="") & Q(commented_at__isnull=False, commented_by__isnull=False)),
                name="a_comment_on_an_evaluation_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.deployment}: {self.overall}"


class Outcome(models.TextChoices):
    ACHIEVED = "achieved", "Achieved"
    PARTLY = "partly", "Partly achieved"
    NOT = "not", "Not achieved"


class ObjectiveOutcome(models.Model):
    """What became of one objective, how one knows, and what else might explain it or speaks against it."""

    evaluation = models.ForeignKey(DeploymentEvaluation, on_delete=models.PROTECT, related_name="outcomes")
    objective = models.ForeignKey(DeploymentObjective, on_delete=models.PROTECT, related_name="outcomes")
    outcome = models.CharField(max_length=8, choices=Outcome)
    evidence = models.TextField()
    counter_evidence = models.TextField(blank=True)

    class Meta:
        ordering = ["objective__number"]
        constraints = [
            models.UniqueConstraint(fields=["evaluation", "objective"], name="an_objective_has_one_outcome")
        ]

    def __str__(self) -> str:
        return f"{self.objective}: {self.outcome}"


class ConcernStatus(models.TextChoices):
    OPEN = "open", "Waiting for an answer"
    ANSWERED = "answered", "Answered"
    CLOSED = "closed", "Closed"


class Listener(models.TextChoices):
    """Who is to hear a concern. The convenors of the area oversee brokers and see every concern."""

    BROKER = "broker", "The broker"
    AUTHORITY = "authority", "The local authority’s convenors only"


class DeploymentConcern(models.Model):
    """Something a party is worried about. Need to know: those who raised it, those it was raised with, and the convenors."""

    deployment = models.ForeignKey(Deployment, on_delete=models.PROTECT, related_name="concerns")
    number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=ConcernStatus, default=ConcernStatus.OPEN)
    listener = models.CharField(max_length=10, choices=Listener, default=Listener.BROKER)
    # The capacity of whoever raised it: the heads and leads of that side see it too.
    side = models.CharField(max_length=16)
    raised_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    raised_as = models.CharField(max_length=260)
    raised_at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["deployment", "number"], name="deployment_concerns_are_numbered"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer="", status="open")
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="an_answer_to_a_concern_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"Concern {self.number} on {self.deployment}"
