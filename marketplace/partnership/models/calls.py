"""Calls for offers, and what providers answer."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from marketplace.catalogue.models import DeliveryMode, Offer, Practitioner, SupportType, Theme
from marketplace.kernel.access import ScopedManager
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Area, Organisation, Phase, User, Ward


class CallStatus(models.TextChoices):
    OPEN = "open", "Open"
    CLOSED = "closed", "Closed"
    WITHDRAWN = "withdrawn", "Withdrawn"


class ResponseStatus(models.TextChoices):
    SUBMITTED = "submitted", "Submitted"
    TAKEN_BACK = "taken_back", "Taken back"
    PASSED_OVER = "passed_over", "Not taken up"


def call_reference() -> str:
    return new_reference("CFO")


def response_reference() -> str:
    return new_reference("CFR")


class OfferCall(models.Model):
    """What an area lacks: `half_days` of support on `themes` for `phases`, in one ward or (null) anywhere in the area.

    `ceiling_pence` is the most a day may cost, before VAT; null where it is left open. Responses are taken to the end of `closes_on`, local
    time. `origin` says what the call came from, for example a cell of coverage: it is the convenor's own note.
    """

    reference = models.CharField(max_length=12, unique=True, default=call_reference, editable=False)
    status = models.CharField(max_length=10, choices=CallStatus, default=CallStatus.OPEN)
    area = models.ForeignKey(Area, on_delete=models.PROTECT, related_name="offer_calls")
    ward = models.ForeignKey(Ward, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    title = models.CharField(max_length=120)
    words = models.TextField()
    themes = models.ManyToManyField(Theme, related_name="+")
    phases = ArrayField(models.CharField(max_length=12, choices=Phase))
    half_days = models.PositiveSmallIntegerField()
    ceiling_pence = models.PositiveIntegerField(null=True, blank=True)
    closes_on = models.DateField()
    origin = models.CharField(max_length=300, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What everybody who could have answered reads at the end: why it was withdrawn, or a word at the close.
    end_words = models.TextField(blank=True)

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["area", "status"], name="offer_call_by_area"),
            models.Index(fields=["closes_on"], condition=Q(status="open"), name="open_offer_call_by_close"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(half_days__gt=0), name="a_call_wants_days"),
            models.CheckConstraint(
                condition=~Q(status="withdrawn") | ~Q(end_words=""), name="a_withdrawn_call_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reference} {self.title}"


class CallResponse(models.Model):
    """What one provider offers for a call: days a year, the price of a day before VAT, who and how, how far.

    `offer` is the offer it became: a draft of the provider's own, which goes its own way from then on.
    """

    reference = models.CharField(max_length=12, unique=True, default=response_reference, editable=False)
    call = models.ForeignKey(OfferCall, on_delete=models.PROTECT, related_name="responses")
    provider = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="call_responses")
    status = models.CharField(max_length=12, choices=ResponseStatus, default=ResponseStatus.SUBMITTED)
    half_days = models.PositiveSmallIntegerField()
    pence_a_day = models.PositiveIntegerField()
    support_type = models.ForeignKey(SupportType, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=10, choices=DeliveryMode)
    reach_km = models.PositiveSmallIntegerField()
    approach = models.TextField()
    people = models.ManyToManyField(Practitioner, blank=True, related_name="+")
    offer = models.OneToOneField(Offer, on_delete=models.PROTECT, related_name="call_response")
    pass_over_reason = models.TextField(blank=True)
    submitted_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField()

    objects = ScopedManager()
    _rows = models.Manager()

    class Meta:
        base_manager_name = "_rows"
        default_manager_name = "_rows"
        ordering = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["call", "provider"], name="a_provider_answers_a_call_once"),
            models.CheckConstraint(condition=Q(half_days__gt=0), name="an_answer_to_a_call_has_days"),
            models.CheckConstraint(
                condition=~Q(status="passed_over") | ~Q(pass_over_reason=""),
                name="an_answer_not_taken_up_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider}: {self.call}"
