"""The API of complaints: those one may read. Complaining, answering and deciding take a person and a page."""

from typing import Any

import django_filters
from rest_framework import serializers, viewsets
from rest_framework.routers import DefaultRouter

from marketplace.brokerage import queries
from marketplace.brokerage.models import Complaint, ComplaintStatus, ComplaintSubject


class ComplaintOutput(serializers.ModelSerializer[Complaint]):
    """A complaint as its parties and the convenors read it."""

    school = serializers.CharField(source="school.name")
    provider = serializers.CharField(source="provider.name")
    booking = serializers.CharField(source="booking.reference", allow_null=True, default=None)

    class Meta:
        model = Complaint
        fields = [
            "reference",
            "status",
            "subject",
            "school",
            "provider",
            "booking",
            "details",
            "wanted",
            "raised_at",
            "answer_due_on",
            "answer",
            "answered_at",
            "finding",
            "decided_at",
        ]


class ComplaintFilter(django_filters.FilterSet):
    status = django_filters.ChoiceFilter(choices=ComplaintStatus.choices)
    subject = django_filters.ChoiceFilter(choices=ComplaintSubject.choices)

    class Meta:
        model = Complaint
        fields = ["status", "subject"]


class ComplaintViewSet(viewsets.ReadOnlyModelViewSet[Complaint]):
    """Complaints your organisations made or received, or that you convene."""

    queryset = Complaint.objects.none()
    serializer_class = ComplaintOutput
    filterset_class = ComplaintFilter
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.complaints_visible_to(self.request.actor).order_by("-pk")


def register(router: DefaultRouter) -> None:
    """Add the viewset of complaints to the router."""
    router.register("complaints", ComplaintViewSet, basename="complaint")
