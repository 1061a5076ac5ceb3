"""Requests for support: what a school asks several providers for, what they answer, and whom it chose.

A `SupportRequest` is drafted, opened to the providers of its `RequestInvitation` rows, and closed on its date. Until it is closed
each provider may ask a `RequestQuestion`, which all asked can read without learning who asked, and give one `RequestResponse`,
which nobody but the provider itself can read. From then on the responses stay as they are (a trigger refuses), the school
reads and compares them, and awards one, or ends the request without.
"""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from marketplace.brokerage.models.needs import Need
from marketplace.buyback.models import QuotesEvidence
from marketplace.catalogue.models import Offer, Practitioner, Theme
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, Phase, User


class RequestStatus(models.TextChoices):
    DRAFT = "draft", "Draft"
    OPEN = "open", "Open for responses"
    CLOSED = "closed", "Closed, to be decided"
    AWARDED = "awarded", "Awarded"
    UNSUCCESSFUL = "unsuccessful", "Unsuccessful"
    WITHDRAWN = "withdrawn", "Withdrawn"


class InvitationStatus(models.TextChoices):
    INVITED = "invited", "Asked"
    RESPONDED = "responded", "Responded"
    DECLINED = "declined", "Declined"
    NO_ANSWER = "no_answer", "Did not answer"
    CHOSEN = "chosen", "Chosen"
    NOT_CHOSEN = "not_chosen", "Not chosen"


class DeclineReason(models.TextChoices):
    NO_CAPACITY = "no_capacity", "We have nobody free"
    NOT_OUR_FIELD = "not_our_field", "It is not what we do"
    DATES = "dates", "The dates do not work"
    TOO_FAR = "too_far", "It is too far away"
    BUDGET = "budget", "The budget is too small"
    INTEREST = "interest", "We have a conflict of interest"
    OTHER = "other", "Another reason"


class LossReason(models.TextChoices):
    """Why a response was not chosen, as its provider is told."""

    PRICE = "price", "Another response cost less for what we need"
    FIT = "fit", "Another response met the outcomes better"
    PEOPLE = "people", "Another response offered people with more of the experience we need"
    DATES = "dates", "Another response offered dates that suit us better"
    CLOSE = "close", "It was close: several responses would have done"
    CHANGED = "changed", "What we need has changed"


def request_reference() -> str:
    return new_reference("RQ")


def invitation_reference() -> str:
    return new_reference("RI")


class SupportRequest(models.Model):
    """What a school asks for. `budget_pence` is the most it would pay, VAT included, told to providers only where
    `budget_shown`. Questions and responses are taken until the end of their days, local time.

    With `closes_when_all_answered` the request closes as soon as everybody asked has responded or declined. `fewer_reason` says
    why fewer providers were asked than the school's ladder wants.
    """

    reference = models.CharField(max_length=12, unique=True, default=request_reference, editable=False)
    status = models.CharField(max_length=12, choices=RequestStatus, default=RequestStatus.DRAFT)
    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="support_requests")
    need = models.ForeignKey(Need, null=True, blank=True, on_delete=models.PROTECT, related_name="requests")
    theme = models.ForeignKey(Theme, on_delete=models.PROTECT, related_name="+")
    phase = models.CharField(max_length=12, choices=Phase)
    title = models.CharField(max_length=120)
    wanted = models.TextField()
    outcomes = models.TextField()
    half_days = models.PositiveSmallIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    remote_ok = models.BooleanField(default=False)
    budget_pence = models.PositiveIntegerField(null=True, blank=True)
    budget_shown = models.BooleanField(default=False)
    questions_close_on = models.DateField()
    responses_close_on = models.DateField()
    closes_when_all_answered = models.BooleanField(default=False)
    fewer_reason = models.TextField(blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    opened_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    # Why this one, why none, or why it was withdrawn: the school's words.
    decision_reason = models.TextField(blank=True)
    chosen = models.OneToOneField(
        "RequestInvitation", null=True, on_delete=models.PROTECT, related_name="award"
    )
    evidence = models.OneToOneField(
        QuotesEvidence, null=True, on_delete=models.PROTECT, related_name="support_request"
    )

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["school", "status"], name="request_by_school"),
            models.Index(
                fields=["responses_close_on"], condition=Q(status="open"), name="open_request_by_close"
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(half_days__gt=0), name="a_request_has_days"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="a_request_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=Q(responses_close_on__gte=F("questions_close_on")),
                name="questions_close_before_responses",
            ),
            models.CheckConstraint(
                condition=~Q(status="awarded")
                | Q(chosen__isnull=False, evidence__isnull=False, decided_at__isnull=False),
                name="an_award_names_its_provider_and_evidence",
            ),
            models.CheckConstraint(
                condition=Q(status="awarded") | Q(chosen__isnull=True), name="only_an_award_has_a_choice"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class RequestInvitation(models.Model):
    """A provider asked, and how far it has come. Nothing of it is shown to another provider. `invited_at` is empty in a draft."""

    reference = models.CharField(max_length=12, unique=True, default=invitation_reference, editable=False)
    request = models.ForeignKey(SupportRequest, on_delete=models.CASCADE, related_name="invitations")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="request_invitations")
    status = models.CharField(max_length=12, choices=InvitationStatus, default=InvitationStatus.INVITED)
    suggested = models.BooleanField(default=False)
    invited_at = models.DateTimeField(null=True)
    decline_reason = models.CharField(max_length=14, choices=DeclineReason, blank=True)
    decline_note = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    loss_reason = models.CharField(max_length=10, choices=LossReason, blank=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["id"]
        indexes = [models.Index(fields=["provider", "status"], name="invitation_by_provider")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["request", "provider"], name="a_provider_is_asked_once"),
            models.CheckConstraint(
                condition=~Q(status="declined") | ~Q(decline_reason=""), name="a_decline_has_a_reason"
            ),
            models.CheckConstraint(
                condition=~Q(status="not_chosen") | ~Q(loss_reason=""), name="a_loser_is_told_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.request}"


class RequestQuestion(models.Model):
    """A question from one of those asked. Who asked is kept to show them their own, and is shown to nobody else, the school included."""

    request = models.ForeignKey(SupportRequest, on_delete=models.CASCADE, related_name="questions")
    invitation = models.ForeignKey(RequestInvitation, on_delete=models.CASCADE, related_name="questions")
    text = models.TextField()
    asked_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    answered_at = models.DateTimeField(null=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"Question {self.pk} on {self.request.reference}"


class RequestResponse(models.Model):
    """What a provider proposes: one per provider, changed until the request closes, unchanged from then on.

    `price_pence` is for the whole, before VAT; `vat_pence` and `vat_reason` are worked out from who the two are. `offer` is the
    provider's own through which the support can be booked.
    """

    invitation = models.OneToOneField(RequestInvitation, on_delete=models.CASCADE, related_name="response")
    people = models.ManyToManyField(Practitioner, blank=True, related_name="+")
    other_people = models.CharField(max_length=300, blank=True)
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    half_days = models.PositiveSmallIntegerField()
    first_day = models.DateField()
    last_day = models.DateField()
    dates = models.CharField(max_length=300, blank=True)
    price_pence = models.PositiveIntegerField()
    vat_pence = models.PositiveIntegerField(default=0)
    vat_reason = models.CharField(max_length=300, blank=True)
    approach = models.TextField()
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(half_days__gt=0), name="a_response_has_days"),
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="a_response_ends_after_it_starts"
            ),
        ]

    def __str__(self) -> str:
        return f"Response of {self.invitation}"

    @property
    def gross_pence(self) -> int:
        """The price with VAT."""
        return self.price_pence + self.vat_pence

    @property
    def pence_a_day(self) -> int:
        """The price of a day before VAT, to the nearest penny."""
        return round(self.price_pence * 2 / self.half_days)
