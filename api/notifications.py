"""The API of notifications: one's own, and marking them read."""

from typing import Any

from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.notifications import actions, queries
from marketplace.notifications.models import Notification
from marketplace.notifications.rules import Kind


class NotificationOutput(serializers.ModelSerializer[Notification]):
    """One message. `path` is the page it is about, relative to the exchange’s address."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.name) for kind in Kind])
    organisation = serializers.CharField(source="organisation.reference", default=None, allow_null=True)

    class Meta:
        model = Notification
        fields = ("reference", "kind", "title", "body", "path", "organisation", "created_at", "read_at")
        read_only_fields = fields


class ReadCount(serializers.Serializer[Any]):
    """How many were marked."""

    marked = serializers.IntegerField()


class NotificationFilter(filters.FilterSet):
    unread = filters.BooleanFilter(
        field_name="read_at", lookup_expr="isnull", label="Only those not read yet"
    )
    kind = filters.MultipleChoiceFilter(choices=[(kind.value, kind.name) for kind in Kind])

    class Meta:
        model = Notification
        fields = ("unread", "kind")


class NotificationViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Notification]
):
    """The person’s notifications, newest first."""

    queryset = Notification.objects.none()
    serializer_class = NotificationOutput
    filterset_class = NotificationFilter
    lookup_field = "reference"

    def get_queryset(self) -> QuerySet[Notification]:
        return queries.visible_to(self.request.actor)  # type: ignore[attr-defined]

    @extend_schema(request=None, responses=NotificationOutput)
    @action(detail=True, methods=["post"])
    def read(self, request: Request, reference: str) -> Response:
        """Mark one as read."""
        notification = queries.notification_for(request.actor, reference)  # type: ignore[attr-defined]
        actions.mark_read(actor=request.actor, notification=notification)  # type: ignore[attr-defined]
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(request=None, responses=ReadCount)
    @action(detail=False, methods=["post"], url_path="read-all")
    def read_all(self, request: Request) -> Response:
        """Mark all as read."""
        return Response({"marked": actions.mark_all_read(actor=request.actor)})  # type: ignore[attr-defined]


def register(router: DefaultRouter) -> None:
    """Add the viewsets of notifications to the router."""
    router.register("notifications", NotificationViewSet, basename="notification")
