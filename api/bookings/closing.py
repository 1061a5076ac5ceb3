"""The addresses of what calls a day off: schools closed without warning, and the days of a person who can't come."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from marketplace.bookings import actions, queries
from marketplace.bookings.models import SchoolClosure
from marketplace.catalogue.models import Practitioner
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Organisation


class ClosureOutput(serializers.ModelSerializer[SchoolClosure]):
    """A school, or every school of an area, that is closed on a day."""

    number = serializers.IntegerField(source="pk")
    school = serializers.CharField(source="school.reference", allow_null=True, default=None)
    area = serializers.CharField(source="area.code", allow_null=True, default=None)

    class Meta:
        model = SchoolClosure
        fields = ["number", "school", "area", "day", "reason"]


class ClosureInput(serializers.Serializer[Any]):
    """Either a school of yours or an area you convene; visits that turn remote instead of being called off."""

    school = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=12, help_text="Reference of the school"
    )
    area = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=3, help_text="Code of the area"
    )
    day = serializers.DateField()
    reason = serializers.CharField(max_length=120)
    remote = serializers.ListField(
        child=serializers.CharField(max_length=12),
        required=False,
        default=list,
        max_length=500,
        help_text="References of bookings",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs["school"]) == bool(attrs["area"]):
            raise serializers.ValidationError({"school": ["Give the school or the area, and not both."]})
        return attrs


class ClosureViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[SchoolClosure]):
    """Closures of the schools you head and the areas you convene. A POST declares one: visits to it are called off free of charge."""

    queryset = SchoolClosure.objects.none()
    serializer_class = ClosureOutput
    filterset_fields = ("day",)

    def get_queryset(self) -> Any:
        return queries.closures_declared_by(self.request.actor).order_by("-day", "-pk")  # type: ignore[attr-defined]

    @extend_schema(request=ClosureInput, responses={201: ClosureOutput})
    def create(self, request: Request) -> Response:
        """Say that a school or an area is closed on a day that is not over."""
        given = ClosureInput(data=request.data)
        given.is_valid(raise_exception=True)
        data = dict(given.validated_data)
        place = self._place(data.pop("school"), data.pop("area"))
        made = actions.declare_closure(actor=request.actor, place=place, **data)
        return Response(ClosureOutput(made).data, status=status.HTTP_201_CREATED)

    def _place(self, school: str, area: str) -> Area | Organisation:
        areas, schools = queries.places_to_close(self.request.actor)  # type: ignore[attr-defined]
        found: Any = next((each for each in areas if each.code == area), None) if area else None
        found = found or next((each for each in schools if each.reference == school), None)
        if found is None:
            raise NotFound
        return found  # type: ignore[no-any-return]


class CalledOffInput(serializers.Serializer[Any]):
    """The days, and the side that calls them off: `provider` or `releasing_school`."""

    first_day = serializers.DateField()
    last_day = serializers.DateField()
    by = serializers.ChoiceField(choices=["provider", "releasing_school"])
    reason = serializers.CharField(max_length=120)


class CalledOffOutput(serializers.Serializer[Any]):
    """The bookings that were called off."""

    bookings = serializers.ListField(child=serializers.CharField())


class CallingOffViewSet(viewsets.GenericViewSet[Practitioner]):
    """Days of a person, closed with everything on them; the schools pay nothing."""

    queryset = Practitioner.objects.none()
    serializer_class = CalledOffOutput
    lookup_field = "reference"
    filter_backends = ()

    def get_queryset(self) -> Any:
        return queries.diaries_editable_by(self.request.actor)  # type: ignore[attr-defined]

    @extend_schema(request=CalledOffInput, responses=CalledOffOutput)
    @action(detail=True, methods=["post"], url_path="cancel-days")
    def cancel_days(self, request: Request, reference: str) -> Response:
        """Call the days off: all or nothing, refused where something on them is not yours to call off."""
        given = CalledOffInput(data=request.data)
        given.is_valid(raise_exception=True)
        person = self.get_object()
        ended = actions.cancel_days(actor=request.actor, practitioner=person, **given.validated_data)
        return Response(CalledOffOutput({"bookings": [each.reference for each in ended]}).data)
