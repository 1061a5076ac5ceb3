"""Requests of one's schools, and those one's providers were asked to answer: thin over the actions."""

from typing import Any

import django_filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from api.requests.shapes import (
    AwardInput,
    EndInput,
    InvitationDetail,
    InvitationOutput,
    ProvidersInput,
    QuestionAnswerInput,
    QuestionInput,
    RequestDeclineInput,
    RequestReasonInput,
    ResponseInput,
    ResponseOutput,
    SendInput,
    SupportRequestDetail,
    SupportRequestInput,
    SupportRequestOutput,
)
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import (
    InvitationStatus,
    Need,
    RequestInvitation,
    RequestStatus,
    SupportRequest,
)
from marketplace.brokerage.rules import RequestTerms, ResponseTerms
from marketplace.kernel.errors import NotFound


class SupportRequestFilter(django_filters.FilterSet):
    school = django_filters.NumberFilter(field_name="school__school__urn", label="URN of the school")
    status = django_filters.ChoiceFilter(choices=RequestStatus.choices)

    class Meta:
        model = SupportRequest
        fields = ["school", "status"]


class InvitationFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=InvitationStatus.choices)

    class Meta:
        model = RequestInvitation
        fields = ["status"]


def _read(kind: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = kind(data=request.data)
    given.is_valid(raise_exception=True)
    return given.validated_data


class SupportRequestViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[SupportRequest]):
    """Requests of the schools you work for."""

    queryset = SupportRequest._rows.none()
    serializer_class = SupportRequestOutput
    filterset_class = SupportRequestFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.requests_visible_to(self.request.actor).order_by("-pk")

    def _found(self, request: Request, reference: str) -> SupportRequest:
        return queries.request_for(request.actor, reference)

    def _shown(self, request: Request, reference: str, code: int = status.HTTP_200_OK) -> Response:
        row = self._found(request, reference)
        return Response(SupportRequestDetail(row, context={"request": request}).data, status=code)

    @extend_schema(responses=SupportRequestDetail)
    def retrieve(self, request: Request, reference: str) -> Response:
        """One request with whom it went to and the questions."""
        return self._shown(request, reference)

    @extend_schema(request=SupportRequestInput, responses={201: SupportRequestDetail})
    def create(self, request: Request) -> Response:
        """Write a request as a draft."""
        given = _read(SupportRequestInput, request)
        about = {name: given.pop(name) for name in ("school", "theme", "phase")}
        reference = given.pop("need")
        need: Need | None = queries.need_for(request.actor, reference) if reference else None
        made = actions.draft_request(actor=request.actor, terms=RequestTerms(**given), need=need, **about)
        return self._shown(request, made.reference, status.HTTP_201_CREATED)

    @extend_schema(request=ProvidersInput, responses=SupportRequestDetail)
    @action(detail=True, methods=["post"])
    def providers(self, request: Request, reference: str) -> Response:
        """Say whom a draft is to go to, in place of those chosen before."""
        row = self._found(request, reference)
        actions.choose_providers(actor=request.actor, request=row, **_read(ProvidersInput, request))
        return self._shown(request, reference)

    @extend_schema(request=SendInput, responses=SupportRequestDetail)
    @action(detail=True, methods=["post"])
    def send(self, request: Request, reference: str) -> Response:
        """Send a draft to those chosen."""
        row = self._found(request, reference)
        actions.open_request(actor=request.actor, request=row, **_read(SendInput, request))
        return self._shown(request, reference)

    @extend_schema(request=QuestionAnswerInput, responses=SupportRequestDetail)
    @action(detail=True, methods=["post"])
    def answer(self, request: Request, reference: str) -> Response:
        """Answer a question, for all asked to read."""
        row, given = self._found(request, reference), _read(QuestionAnswerInput, request)
        question = queries.question_for(request.actor, row, given["number"])
        actions.answer_question(actor=request.actor, question=question, text=given["text"])
        return self._shown(request, reference)

    @extend_schema(responses=ResponseOutput(many=True), filters=False)
    @action(detail=True, methods=["get"], pagination_class=None)
    def responses(self, request: Request, reference: str) -> Response:
        """The responses, the lowest price first. None before the close, nor for somebody who belongs to a provider asked."""
        row = self._found(request, reference)
        return Response(ResponseOutput(queries.responses_to(request.actor, row), many=True).data)

    @extend_schema(request=AwardInput, responses=SupportRequestDetail)
    @action(detail=True, methods=["post"])
    def award(self, request: Request, reference: str) -> Response:
        """Choose a response. The quotes evidence is made and completed."""
        row, given = self._found(request, reference), _read(AwardInput, request)
        asked = {each.reference: each for each in queries.invitations_of(request.actor, row)}
        losses = given.pop("losses")
        named = [given.pop("invitation"), *(each["invitation"] for each in losses)]
        if any(name not in asked for name in named):
            raise NotFound
        actions.award_request(
            actor=request.actor,
            request=row,
            chosen=asked[named[0]],
            losses={asked[each["invitation"]].pk: each["reason"] for each in losses},
            **given,
        )
        return self._shown(request, reference)

    @extend_schema(request=EndInput, responses=SupportRequestDetail)
    @action(detail=True, methods=["post"])
    def end(self, request: Request, reference: str) -> Response:
        """Choose nobody, with the reason."""
        row = self._found(request, reference)
        actions.end_request(actor=request.actor, request=row, **_read(EndInput, request))
        return self._shown(request, reference)

    @extend_schema(request=RequestReasonInput, responses=SupportRequestDetail)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, reference: str) -> Response:
        """Take the request back, with the reason, which those asked are told."""
        row = self._found(request, reference)
        actions.withdraw_request(actor=request.actor, request=row, **_read(RequestReasonInput, request))
        return self._shown(request, reference)


class RequestInvitationViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[RequestInvitation]):
    """Requests for support that your providers were asked to answer."""

    queryset = RequestInvitation._rows.none()
    serializer_class = InvitationOutput
    filterset_class = InvitationFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.invitations_visible_to(self.request.actor)

    @extend_schema(responses=InvitationDetail)
    def retrieve(self, request: Request, reference: str) -> Response:
        """One request with the questions and your own response."""
        return self._shown(request, reference)

    def _shown(self, request: Request, reference: str) -> Response:
        return Response(InvitationDetail(queries.invitation_for(request.actor, reference)).data)

    @extend_schema(request=QuestionInput, responses=InvitationDetail)
    @action(detail=True, methods=["post"])
    def ask(self, request: Request, reference: str) -> Response:
        """Ask the school a question, which all asked can read."""
        row = queries.invitation_for(request.actor, reference)
        actions.ask_question(actor=request.actor, invitation=row, **_read(QuestionInput, request))
        return self._shown(request, reference)

    @extend_schema(request=ResponseInput, responses=InvitationDetail)
    @action(detail=True, methods=["post"])
    def respond(self, request: Request, reference: str) -> Response:
        """Respond, or change the response before the close."""
        row, given = queries.invitation_for(request.actor, reference), _read(ResponseInput, request)
        people, offer = given.pop("people"), given.pop("offer")
        actions.respond_to_request(
            actor=request.actor, invitation=row, terms=ResponseTerms(**given), people=people, offer=offer
        )
        return self._shown(request, reference)

    @extend_schema(request=RequestDeclineInput, responses=InvitationDetail)
    @action(detail=True, methods=["post"])
    def decline(self, request: Request, reference: str) -> Response:
        """Say no, with the reason."""
        row = queries.invitation_for(request.actor, reference)
        actions.decline_request(actor=request.actor, invitation=row, **_read(RequestDeclineInput, request))
        return self._shown(request, reference)


def register(router: DefaultRouter) -> None:
    """Add the viewsets of requests for support to the router."""
    router.register("support-requests", SupportRequestViewSet, basename="support-request")
    router.register("request-invitations", RequestInvitationViewSet, basename="request-invitation")
