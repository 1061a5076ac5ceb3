"""What the API of requests for support takes and gives. A provider's side is made of what it is told, and of nothing else."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.brokerage import queries
from marketplace.brokerage.models import (
    DeclineReason,
    LossReason,
    RequestInvitation,
    RequestResponse,
    RequestStatus,
    SupportRequest,
)
from marketplace.catalogue.models import Offer, Practitioner, Theme
from marketplace.organisations.models import Organisation, Phase, School

MOST_HALF_DAYS = 400
MOST_PENCE = 100_000_000


class AskedOutput(serializers.Serializer[Any]):
    """A question and its answer, as everybody asked reads them. Nobody is told who asked."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    asked_on = serializers.DateField()
    answer = serializers.CharField()
    answered_on = serializers.DateField(allow_null=True)
    is_own = serializers.BooleanField()


class InvitedOutput(serializers.ModelSerializer[RequestInvitation]):
    """A provider that was asked, as the school sees it: nothing of its response."""

    provider = serializers.CharField(source="provider.reference")
    provider_name = serializers.CharField(source="provider.name")

    class Meta:
        model = RequestInvitation
        fields = [
            "reference",
            "provider",
            "provider_name",
            "status",
            "suggested",
            "decline_reason",
            "decline_note",
        ]


class SupportRequestOutput(serializers.ModelSerializer[SupportRequest]):
    """A request as its school sees it. Days are half-days; the budget is pence, VAT included."""

    school = serializers.IntegerField(source="school.school.urn", help_text="URN")
    theme = serializers.SlugField(source="theme.code")
    need = serializers.CharField(source="need.reference", default=None, allow_null=True)

    class Meta:
        model = SupportRequest
        fields = [
            "reference",
            "status",
            "school",
            "theme",
            "phase",
            "need",
            "title",
            "wanted",
            "outcomes",
            "half_days",
            "first_day",
            "last_day",
            "remote_ok",
            "budget_pence",
            "budget_shown",
            "questions_close_on",
            "responses_close_on",
            "closes_when_all_answered",
            "fewer_reason",
            "opened_at",
            "closed_at",
            "decided_at",
            "decision_reason",
        ]


class SupportRequestDetail(SupportRequestOutput):
    """The same with whom it went to and the questions."""

    invitations = serializers.SerializerMethodField()
    questions = serializers.SerializerMethodField()

    class Meta(SupportRequestOutput.Meta):
        fields = [*SupportRequestOutput.Meta.fields, "invitations", "questions"]

    @extend_schema_field(InvitedOutput(many=True))
    def get_invitations(self, row: SupportRequest) -> Any:
        return InvitedOutput(queries.invitations_of(self._actor, row), many=True).data

    @extend_schema_field(AskedOutput(many=True))
    def get_questions(self, row: SupportRequest) -> Any:
        return AskedOutput(queries.questions_of(self._actor, row), many=True).data

    @property
    def _actor(self) -> Any:
        return self.context["request"].actor


class ResponseOutput(serializers.ModelSerializer[RequestResponse]):
    """A response, prices in pence and days in half-days."""

    invitation = serializers.CharField(source="invitation.reference")
    provider = serializers.CharField(source="invitation.provider.reference")
    provider_name = serializers.CharField(source="invitation.provider.name")
    people = serializers.SlugRelatedField(slug_field="reference", many=True, read_only=True)
    offer = serializers.CharField(source="offer.reference", default=None, allow_null=True)
    gross_pence = serializers.IntegerField()

    class Meta:
        model = RequestResponse
        fields = [
            "invitation",
            "provider",
            "provider_name",
            "people",
            "other_people",
            "offer",
            "half_days",
            "first_day",
            "last_day",
            "dates",
            "price_pence",
            "vat_pence",
            "gross_pence",
            "vat_reason",
            "approach",
            "submitted_at",
        ]


class BriefOutput(serializers.Serializer[Any]):
    reference = serializers.CharField()
    title = serializers.CharField()
    school = serializers.CharField()
    theme = serializers.CharField()
    phase = serializers.CharField()
    wanted = serializers.CharField()
    outcomes = serializers.CharField()
    half_days = serializers.IntegerField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    remote_ok = serializers.BooleanField()
    budget_pence = serializers.IntegerField(allow_null=True)
    questions_close_on = serializers.DateField()
    responses_close_on = serializers.DateField()
    closes_when_all_answered = serializers.BooleanField()
    status = serializers.ChoiceField(choices=RequestStatus.choices)
    end_reason = serializers.CharField()


class InvitationOutput(serializers.ModelSerializer[RequestInvitation]):
    """A request as the provider that was asked is told of it. `budget_pence` is null where there is none or it is kept from providers."""

    request = serializers.SerializerMethodField()
    provider = serializers.CharField(source="provider.reference")

    class Meta:
        model = RequestInvitation
        fields = [
            "reference",
            "provider",
            "status",
            "invited_at",
            "answered_at",
            "decline_reason",
            "decline_note",
            "loss_reason",
            "request",
        ]

    @extend_schema_field(BriefOutput)
    def get_request(self, row: RequestInvitation) -> Any:
        return BriefOutput(queries.brief_of(row)).data


class InvitationDetail(InvitationOutput):
    """The same with the questions, and the provider's own response."""

    questions = serializers.SerializerMethodField()
    response = serializers.SerializerMethodField()

    class Meta(InvitationOutput.Meta):
        fields = [*InvitationOutput.Meta.fields, "questions", "response"]

    @extend_schema_field(AskedOutput(many=True))
    def get_questions(self, row: RequestInvitation) -> Any:
        return AskedOutput(queries.questions_for(row), many=True).data

    @extend_schema_field(ResponseOutput(allow_null=True))
    def get_response(self, row: RequestInvitation) -> Any:
        own = queries.own_response(row)
        return ResponseOutput(own).data if own else None


class TermsInput(serializers.Serializer[Any]):
    """What a request says."""

    title = serializers.CharField(max_length=120)
    wanted = serializers.CharField(max_length=5000)
    outcomes = serializers.CharField(max_length=5000)
    half_days = serializers.IntegerField(min_value=1, max_value=MOST_HALF_DAYS)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    questions_close_on = serializers.DateField()
    responses_close_on = serializers.DateField()
    remote_ok = serializers.BooleanField(default=False)
    budget_pence = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, max_value=MOST_PENCE
    )
    budget_shown = serializers.BooleanField(default=False)
    closes_when_all_answered = serializers.BooleanField(default=False)


class SupportRequestInput(TermsInput):
    """A new request, as a draft."""

    school = serializers.SlugRelatedField(slug_field="urn", queryset=School.objects.all())
    theme = serializers.SlugRelatedField(slug_field="code", queryset=Theme.objects.all())
    phase = serializers.ChoiceField(choices=Phase.choices)
    need = serializers.CharField(required=False, default="", allow_blank=True, max_length=12)


class ProvidersInput(serializers.Serializer[Any]):
    providers = serializers.SlugRelatedField(
        slug_field="reference", many=True, queryset=Organisation.objects.all()
    )


class SendInput(serializers.Serializer[Any]):
    fewer_reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)


class RequestReasonInput(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)


class QuestionAnswerInput(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    text = serializers.CharField(max_length=3000)


class LossInput(serializers.Serializer[Any]):
    invitation = serializers.CharField(max_length=12)
    reason = serializers.ChoiceField(choices=LossReason.choices)


class AwardInput(serializers.Serializer[Any]):
    """The choice. `conflicts` declares who has an interest; `None` where nobody has. `losses` names every other response."""

    invitation = serializers.CharField(max_length=12)
    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    reason_fewer_quotes = serializers.CharField(required=False, default="", allow_blank=True, max_length=2000)
    conflicts = serializers.CharField(max_length=2000)
    losses = LossInput(many=True)


class EndInput(RequestReasonInput):
    loss = serializers.ChoiceField(choices=LossReason.choices)


class ResponseInput(serializers.Serializer[Any]):
    """A response: the price is for the whole, in pence before VAT."""

    people = serializers.SlugRelatedField(
        slug_field="reference", many=True, queryset=Practitioner.objects.all(), required=False, default=list
    )
    offer = serializers.SlugRelatedField(
        slug_field="reference", queryset=Offer.objects.all(), required=False, allow_null=True, default=None
    )
    other_people = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    half_days = serializers.IntegerField(min_value=1, max_value=MOST_HALF_DAYS)
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    dates = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    price_pence = serializers.IntegerField(min_value=0, max_value=MOST_PENCE)
    approach = serializers.CharField(max_length=5000)


class QuestionInput(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=1000)


class RequestDeclineInput(serializers.Serializer[Any]):
    reason = serializers.ChoiceField(choices=DeclineReason.choices)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=1000)
