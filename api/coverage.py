"""The API of coverage: the cells of an area as the person may see them, and the times it was worked out."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from api.pagination import Pages
from marketplace.coverage import queries
from marketplace.coverage.models import Snapshot
from marketplace.coverage.queries import ShownCell
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Phase

AREA = OpenApiParameter(
    "area",
    OpenApiTypes.STR,
    description="Code of the area: three digits. The area the person acts in, where left out.",
)


class CellOutput(serializers.Serializer[Any]):
    """One theme and phase in days: need = met + brokerable + capacity_gap + reach_gap + unlocated.

    Exact for a convenor; otherwise in fives of days, with `hidden` cells empty and the balance told by its class.
    """

    theme = serializers.CharField(allow_blank=True, help_text="Code of the theme; empty for all themes")
    phase = serializers.ChoiceField(choices=Phase.choices, allow_blank=True, help_text="Empty for all phases")
    ward = serializers.CharField(allow_blank=True, help_text="Code of the ward; empty for the whole area")
    ward_name = serializers.CharField(allow_blank=True)
    exact = serializers.BooleanField()
    hidden = serializers.BooleanField()
    need = serializers.FloatField(allow_null=True)
    met = serializers.FloatField(allow_null=True)
    brokerable = serializers.FloatField(allow_null=True)
    capacity_gap = serializers.FloatField(allow_null=True)
    reach_gap = serializers.FloatField(allow_null=True)
    unlocated = serializers.FloatField(allow_null=True)
    balance = serializers.FloatField(
        allow_null=True, help_text="From -1, nothing offered, to 1; 0.5 is twice the need"
    )
    schools = serializers.IntegerField(
        allow_null=True, help_text="How many there are; at least, unless exact"
    )
    status = serializers.ChoiceField(choices=queries.TOLD_STATUSES, allow_null=True)
    confidence = serializers.CharField(allow_blank=True)
    sentence = serializers.CharField()
    measures = serializers.DictField(
        child=serializers.JSONField(), help_text="What the status follows from; empty unless exact"
    )

    def to_representation(self, instance: ShownCell) -> dict[str, Any]:
        shown = {name: getattr(instance, name) for name in self.fields}
        if instance.hidden:
            shown |= dict.fromkeys(("need", *queries.PARTS, "balance", "schools", "status"))
        return shown


class SnapshotOutput(serializers.ModelSerializer[Snapshot]):
    area = serializers.CharField(source="area.code")

    class Meta:
        model = Snapshot
        fields = ["area", "number", "computed_at", "academic_year", "settings_version", "milliseconds"]


class CellFilters(serializers.Serializer[Any]):
    """The query string of the list of cells."""

    area = serializers.CharField(required=False, default="")
    theme = serializers.SlugField(required=False, default="")
    phase = serializers.ChoiceField(choices=Phase.choices, required=False, default="")
    ward = serializers.CharField(required=False, default="", max_length=9)
    status = serializers.ChoiceField(choices=queries.TOLD_STATUSES, required=False, default="")


class CellViewSet(viewsets.GenericViewSet[Snapshot]):
    """Cells of the newest snapshot, or of the last release for those who see rounded numbers, totals included."""

    serializer_class = CellOutput
    queryset = Snapshot.objects.none()
    pagination_class = Pages
    filter_backends = ()

    @extend_schema(parameters=[CellFilters], responses=CellOutput(many=True))
    def list(self, request: Request) -> Response:
        """Cells of the whole area, or of one ward."""
        asked = CellFilters(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        sight = queries.sight_of(request.actor, wanted["area"])  # type: ignore[attr-defined]
        snapshot = queries.latest(sight)
        if snapshot is None:
            raise NotFound(
                "The coverage of this area has not been worked out yet.", remedy="Ask again in a minute."
            )
        cells = queries.cells_of(
            sight,
            snapshot,
            ward=wanted["ward"],
            theme=wanted["theme"] or None,
            phase=wanted["phase"] or None,
        )
        if wanted["status"]:
            cells = [cell for cell in cells if cell.status == wanted["status"]]
        cells.sort(key=lambda cell: (cell.theme, cell.phase))
        page = self.paginate_queryset(cells)  # type: ignore[arg-type]
        return self.get_paginated_response(CellOutput(page, many=True).data)


class SnapshotViewSet(viewsets.GenericViewSet[Snapshot]):
    """The times an area was worked out, newest first; only the one last released for those who see rounded numbers."""

    serializer_class = SnapshotOutput
    queryset = Snapshot.objects.none()
    pagination_class = Pages
    filter_backends = ()

    @extend_schema(parameters=[AREA], responses=SnapshotOutput(many=True))
    def list(self, request: Request) -> Response:
        """Snapshots of an area."""
        sight = queries.sight_of(request.actor, request.query_params.get("area", ""))  # type: ignore[attr-defined]
        page = self.paginate_queryset(queries.snapshots_of(sight).select_related("area"))
        return self.get_paginated_response(SnapshotOutput(page, many=True).data)


def register(router: DefaultRouter) -> None:
    """Add the viewsets of coverage to the router."""
    router.register("coverage/cells", CellViewSet, basename="coverage-cell")
    router.register("coverage/snapshots", SnapshotViewSet, basename="coverage-snapshot")
