"""The API of what a person subscribes to: e-mails by kind of notification, and calendars."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.kernel.errors import NotFound
from marketplace.notifications import actions, queries
from marketplace.notifications.choosing import offered_for, words_of
from marketplace.notifications.models import CalendarFeed, Choice
from marketplace.notifications.rules import Kind
from marketplace.organisations import queries as organisations

KIND = OpenApiParameter("kind", OpenApiTypes.STR, OpenApiParameter.PATH, description="A kind of notification")


class PreferenceOutput(serializers.Serializer[Any]):
    """How notifications of one kind are e-mailed, and what can be chosen."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.name) for kind in Kind])
    about = serializers.CharField()
    choice = serializers.ChoiceField(choices=Choice.choices)
    offered = serializers.ListField(child=serializers.CharField())


class PreferenceInput(serializers.Serializer[Any]):
    """What is chosen."""

    choice = serializers.ChoiceField(choices=Choice.choices)


class PreferenceViewSet(viewsets.ViewSet):
    """How you are e-mailed about each kind of notification."""

    serializer_class = PreferenceOutput
    lookup_field = "kind"

    @extend_schema(responses=PreferenceOutput(many=True), operation_id="notification_preferences_list")
    def list(self, request: Request) -> Response:
        """Every kind with what holds now."""
        chosen = queries.choices_of(request.actor)  # type: ignore[attr-defined]
        return Response([_shown(kind, choice) for kind, choice in chosen.items()])

    @extend_schema(parameters=[KIND], request=PreferenceInput, responses=PreferenceOutput)
    def update(self, request: Request, kind: str) -> Response:
        """Choose for one kind. What somebody waits for can’t be `never`."""
        if kind not in set(Kind):
            raise NotFound
        given = PreferenceInput(data=request.data)
        given.is_valid(raise_exception=True)
        choice = Choice(given.validated_data["choice"])
        actions.choose_emails(actor=request.actor, choices={Kind(kind): choice})  # type: ignore[attr-defined]
        return Response(_shown(Kind(kind), choice))


def _shown(kind: Kind, choice: Choice) -> dict[str, Any]:
    return PreferenceOutput(
        {"kind": kind, "about": words_of(kind), "choice": choice, "offered": list(offered_for(kind))}
    ).data


class FeedOutput(serializers.ModelSerializer[CalendarFeed]):
    """An address of a calendar: your own (no organisation) or that of an organisation. The address itself is shown when it is made."""

    organisation = serializers.CharField(source="organisation.reference", default=None, allow_null=True)

    class Meta:
        model = CalendarFeed
        fields = ("reference", "organisation", "shows_details", "created_at", "last_asked_at")
        read_only_fields = fields


class FeedMade(FeedOutput):
    """A new address, this once with the address."""

    address = serializers.URLField(read_only=True)

    class Meta:
        model = CalendarFeed
        fields = (*FeedOutput.Meta.fields, "address")
        read_only_fields = fields


class FeedInput(serializers.Serializer[Any]):
    """Which calendar; `shows_details` counts for your own only."""

    organisation = serializers.CharField(max_length=12, required=False, allow_null=True, default=None)
    shows_details = serializers.BooleanField(required=False, default=False)


class FeedViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[CalendarFeed]):
    """Your calendar addresses that work."""

    queryset = CalendarFeed.objects.none()
    serializer_class = FeedOutput
    lookup_field = "reference"

    def get_queryset(self) -> QuerySet[CalendarFeed]:
        return queries.feeds_of(self.request.actor)  # type: ignore[attr-defined]

    @extend_schema(request=FeedInput, responses={201: FeedMade})
    def create(self, request: Request) -> Response:
        """Make an address. An earlier one of the same calendar stops working."""
        given = FeedInput(data=request.data)
        given.is_valid(raise_exception=True)
        wanted = given.validated_data["organisation"]
        actor = request.actor  # type: ignore[attr-defined]
        place = organisations.organisations_of(actor).filter(reference=wanted).first() if wanted else None
        if wanted and place is None:
            raise NotFound
        feed, token = actions.issue_feed(
            actor=actor, organisation=place, shows_details=given.validated_data["shows_details"]
        )
        feed.address = settings.SITE_URL + reverse("messages:calendar_feed", args=[token])  # type: ignore[attr-defined]
        return Response(FeedMade(feed).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, reference: str) -> Response:
        """Take an address back."""
        feed = queries.feed_for(request.actor, reference)  # type: ignore[attr-defined]
        actions.revoke_feed(actor=request.actor, feed=feed)  # type: ignore[attr-defined]
        return Response(status=status.HTTP_204_NO_CONTENT)


def register(router: DefaultRouter) -> None:
    """Add the viewsets of subscriptions to the router."""
    router.register("notification-preferences", PreferenceViewSet, basename="preference")
    router.register("calendar-feeds", FeedViewSet, basename="calendarfeed")
