"""The API of organisations: what the register publishes of schools, areas with their wards, and a convenor's imports."""

from typing import Any

import django_filters
from django.db.models import Q, QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from marketplace.kernel.errors import NotFound
from marketplace.organisations import actions, queries
from marketplace.organisations.models import (
    Area,
    ChangeKind,
    Phase,
    RegisterChange,
    RegisterImport,
    School,
    Ward,
)

SCHOOL_FACTS = (
    "establishment_number",
    "ukprn",
    "type_code",
    "type_group_code",
    "status_code",
    "phase_code",
    "phases",
    "low_age",
    "high_age",
    "pupils",
    "capacity",
    "census_date",
    "fsm_basis_points",
    "gender_code",
    "religious_character",
    "open_date",
    "close_date",
    "street",
    "locality",
    "town",
    "county",
    "postcode",
    "website",
    "telephone",
    "easting",
    "northing",
    "latitude",
    "longitude",
    "location_source",
)


class SchoolOutput(serializers.ModelSerializer[School]):
    """A school as the register has it. Money and shares: `fsm_basis_points` is in hundredths of a per cent."""

    reference = serializers.CharField(source="organisation.reference")
    name = serializers.CharField(source="organisation.name")
    legal_status = serializers.CharField(source="organisation.legal_status")
    area = serializers.CharField(source="area.code", help_text="Code of the local authority")
    ward = serializers.CharField(source="ward.code", allow_null=True, default=None)
    trust = serializers.CharField(
        source="trust.reference", allow_null=True, default=None, help_text="Reference of the academy trust"
    )
    is_open = serializers.BooleanField()
    phases = serializers.ListField(child=serializers.ChoiceField(choices=Phase.choices))

    class Meta:
        model = School
        fields = [
            "urn",
            "reference",
            "name",
            "legal_status",
            "is_open",
            "area",
            "ward",
            "trust",
            *SCHOOL_FACTS,
        ]


class SchoolFilter(filters.FilterSet):
    """`q` looks in the name, the postcode and the URN."""

    area = filters.CharFilter(field_name="area__code", help_text="Code of the local authority")
    ward = filters.CharFilter(field_name="ward__code", help_text="ONS code of the ward")
    phase = filters.ChoiceFilter(choices=Phase.choices, method="in_phase")
    status = filters.ChoiceFilter(choices=[("open", "Open"), ("closed", "Closed")], method="of_status")
    trust = filters.CharFilter(field_name="trust__reference", help_text="Reference of the academy trust")
    q = filters.CharFilter(method="matching", max_length=100)
    ordering = django_filters.OrderingFilter(
        fields={"organisation__name": "name", "urn": "urn", "pupils": "pupils", "postcode": "postcode"}
    )

    class Meta:
        model = School
        fields: list[str] = []

    def in_phase(self, rows: QuerySet[School], name: str, value: str) -> QuerySet[School]:
        return rows.filter(phases__contains=[value])

    def of_status(self, rows: QuerySet[School], name: str, value: str) -> QuerySet[School]:
        is_open = Q(status_code__in=School.OPEN_STATUSES)
        return rows.filter(is_open if value == "open" else ~is_open)

    def matching(self, rows: QuerySet[School], name: str, value: str) -> QuerySet[School]:
        return queries.schools_matching(rows, value)


class SchoolViewSet(viewsets.ReadOnlyModelViewSet[School]):
    """Schools of the register, open and closed. The same for everybody: it is what the register publishes."""

    queryset = School.objects.none()
    serializer_class = SchoolOutput
    filterset_class = SchoolFilter
    lookup_field = "urn"
    lookup_value_regex = "[0-9]{6}"

    def get_queryset(self) -> QuerySet[School]:
        return queries.schools(self.request.actor)  # type: ignore[attr-defined]


class AreaOutput(serializers.ModelSerializer[Area]):
    schools_open = serializers.IntegerField(help_text="Number of open schools")

    class Meta:
        model = Area
        fields = ["code", "gss_code", "name", "schools_open"]


class WardOutput(serializers.ModelSerializer[Ward]):
    """A ward with its centroid: metres on the National Grid, and degrees."""

    area = serializers.CharField(source="area.code")

    class Meta:
        model = Ward
        fields = ["code", "name", "area", "easting", "northing", "latitude", "longitude"]


class GeoJSONRenderer(JSONRenderer):
    """JSON under the name that maps know."""

    media_type = "application/geo+json"


class AreaViewSet(viewsets.ReadOnlyModelViewSet[Area]):
    """Local authority areas."""

    queryset = Area.objects.none()
    serializer_class = AreaOutput
    filter_backends: list[Any] = []
    lookup_field = "code"
    lookup_value_regex = "[0-9]{3}"

    def get_queryset(self) -> QuerySet[Area]:
        return queries.areas(self.request.actor)  # type: ignore[attr-defined]

    @extend_schema(
        responses={
            (200, "application/geo+json"): OpenApiResponse(
                OpenApiTypes.OBJECT, description="A GeoJSON feature collection in WGS 84"
            )
        }
    )
    @action(detail=True, url_path="wards.geojson", renderer_classes=[GeoJSONRenderer])
    def wards(self, request: Request, code: str) -> Response:
        """The boundaries of the area's wards, each with `code` and `name`."""
        return Response(queries.wards_as_geojson(self.get_object()))


class WardFilter(filters.FilterSet):
    area = filters.CharFilter(field_name="area__code", help_text="Code of the local authority")

    class Meta:
        model = Ward
        fields: list[str] = []


class WardViewSet(viewsets.ReadOnlyModelViewSet[Ward]):
    """Wards, without their boundaries: those are in an area's `wards.geojson`."""

    queryset = Ward.objects.none()
    serializer_class = WardOutput
    filterset_class = WardFilter
    lookup_field = "code"
    lookup_value_regex = "[A-Z][0-9]{8}"

    def get_queryset(self) -> QuerySet[Ward]:
        return queries.all_wards(self.request.actor)  # type: ignore[attr-defined]


class ImportOutput(serializers.ModelSerializer[RegisterImport]):
    """A register import: where it stands, how far it has come (`done` of `total`), what it found."""

    area = serializers.CharField(
        source="area.code", allow_null=True, default=None, help_text="Null for the whole register"
    )

    class Meta:
        model = RegisterImport
        fields = [
            "reference",
            "area",
            "file_name",
            "sha256",
            "layout",
            "encoding",
            "status",
            "problem",
            "done",
            "total",
            "read",
            "added",
            "changed",
            "closed",
            "unchanged",
            "refused",
            "missing",
            "created_at",
            "finished_at",
        ]


class ChangeOutput(serializers.ModelSerializer[RegisterChange]):
    """One school the import adds, changes or closes, with the values that differ; or one it does not have."""

    before = serializers.DictField(child=serializers.JSONField(allow_null=True))
    after = serializers.DictField(child=serializers.JSONField(allow_null=True))
    doubts = serializers.ListField(child=serializers.CharField())

    class Meta:
        model = RegisterChange
        fields = ["kind", "line", "urn", "name", "before", "after", "doubts", "note"]


class RefusalOutput(serializers.Serializer[Any]):
    """A row of the file that was not taken."""

    line = serializers.IntegerField()
    urn = serializers.CharField(allow_blank=True)
    reason = serializers.CharField()


class ImportInput(serializers.Serializer[Any]):
    area = serializers.CharField(max_length=3, help_text="Code of an area you convene")
    file = serializers.FileField(help_text="A register file: CSV, gzip or zip")


class ChangesAsked(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=ChangeKind.choices, required=False, help_text="Only these")


class ImportViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[RegisterImport]
):
    """Register imports of the areas one convenes: upload a file, look at what it would do, apply it, undo it."""

    queryset = RegisterImport.objects.none()
    serializer_class = ImportOutput
    lookup_field = "reference"
    lookup_value_regex = "IMP-[0-9A-Z]+"
    filter_backends: list[Any] = []

    def get_queryset(self) -> QuerySet[RegisterImport]:
        return queries.imports_visible_to(self.request.actor)  # type: ignore[attr-defined]

    @extend_schema(request={"multipart/form-data": ImportInput}, responses={201: ImportOutput})
    def create(self, request: Request) -> Response:
        """Upload a register file for an area. It is read by a job; ask for the import again to see how far it is."""
        given = ImportInput(data=request.data)
        given.is_valid(raise_exception=True)
        actor = request.actor  # type: ignore[attr-defined]
        area = queries.areas_convened_by(actor).filter(code=given.validated_data["area"]).first()
        if area is None:
            raise NotFound
        upload = given.validated_data["file"]
        batch = actions.upload_register(actor=actor, upload=upload, file_name=upload.name, area=area)
        return Response(ImportOutput(batch).data, status=201)

    @extend_schema(parameters=[ChangesAsked], responses=ChangeOutput(many=True))
    @action(detail=True)
    def changes(self, request: Request, reference: str) -> Response:
        """What the import adds, changes and closes, school by school."""
        asked = ChangesAsked(data=request.query_params)
        asked.is_valid(raise_exception=True)
        rows = queries.changes_visible_to(request.actor, self.get_object())  # type: ignore[attr-defined]
        page = self.paginate_queryset(rows.filter(**asked.validated_data))
        return self.get_paginated_response(ChangeOutput(page, many=True).data)

    @extend_schema(responses=RefusalOutput(many=True))
    @action(detail=True)
    def refusals(self, request: Request, reference: str) -> Response:
        """The rows of the file that were not taken, with line and reason."""
        page = self.paginate_queryset(self.get_object().refusals.all())
        return self.get_paginated_response(RefusalOutput(page, many=True).data)

    @extend_schema(request=None, responses=ImportOutput)
    @action(detail=True, methods=["post"])
    def apply(self, request: Request, reference: str) -> Response:
        """Ask for a previewed import to be applied."""
        return self._done(actions.apply_register(actor=request.actor, batch=reference))  # type: ignore[attr-defined]

    @extend_schema(request=None, responses=ImportOutput)
    @action(detail=True, methods=["post"])
    def undo(self, request: Request, reference: str) -> Response:
        """Ask for the newest applied import of an area to be undone."""
        return self._done(actions.undo_register(actor=request.actor, batch=reference))  # type: ignore[attr-defined]

    @extend_schema(request=None, responses=ImportOutput)
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, reference: str) -> Response:
        """Put an import aside that will not be applied."""
        return self._done(actions.discard_register(actor=request.actor, batch=reference))  # type: ignore[attr-defined]

    def _done(self, batch: RegisterImport) -> Response:
        return Response(ImportOutput(batch).data)


def register(router: DefaultRouter) -> None:
    """Add the viewsets of organisations to the router."""
    router.register("schools", SchoolViewSet, basename="school")
    router.register("areas", AreaViewSet, basename="area")
    router.register("wards", WardViewSet, basename="ward")
    router.register("imports", ImportViewSet, basename="import")
