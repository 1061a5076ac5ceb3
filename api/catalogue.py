"""The API of the catalogue: the vocabulary, the search, each offer with its price for a school, and the people on show."""

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import mixins, serializers, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

from api.pagination import Pages
from marketplace.catalogue import actions, queries, search, tariffs
from marketplace.catalogue.models import (
    ActivityBasis,
    DeliveryMode,
    Offer,
    OfferScope,
    Practitioner,
    ServiceKind,
    SupportType,
    Theme,
)
from marketplace.catalogue.quotes import priced
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import OrganisationKind, Phase, School

MOST_HALF_DAYS = 400
REFERENCE = "[-A-Za-z0-9]{1,20}"
URN = {"min_value": 1, "max_value": 999_999_999}


class ThemeOutput(serializers.ModelSerializer[Theme]):
    parent = serializers.SlugField(
        source="parent.code", allow_null=True, default=None, help_text="Null for a heading"
    )

    class Meta:
        model = Theme
        fields = ["code", "name", "parent", "aliases", "remote_fit", "max_km"]


class SupportTypeOutput(serializers.ModelSerializer[SupportType]):
    service_kind = serializers.ChoiceField(choices=ServiceKind.choices)

    class Meta:
        model = SupportType
        fields = ["code", "name", "service_kind"]


class DesignationOutput(serializers.Serializer[Any]):
    scheme = serializers.CharField()
    awarded_by = serializers.CharField()
    valid_from = serializers.DateField()
    valid_to = serializers.DateField(allow_null=True)


class PractitionerOutput(serializers.ModelSerializer[Practitioner]):
    """What is public of a person: name, title and designations."""

    designations = DesignationOutput(many=True)

    class Meta:
        model = Practitioner
        fields = ["reference", "name", "job_title", "designations"]


class ProviderOutput(serializers.Serializer[Any]):
    reference = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=OrganisationKind.choices)


class FoundProvider(serializers.Serializer[Any]):
    reference = serializers.CharField(source="provider_reference")
    name = serializers.CharField(source="provider_name")
    kind = serializers.ChoiceField(source="provider_kind", choices=OrganisationKind.choices)


class OfferPriceLine(serializers.Serializer[Any]):
    sentence = serializers.CharField()
    pence = serializers.IntegerField()


class OfferPriceOutput(serializers.Serializer[Any]):
    """A price before VAT, or in words why there is none."""

    total_pence = serializers.IntegerField(allow_null=True)
    half_days = serializers.IntegerField(
        allow_null=True, help_text="What was priced, where the price is by days"
    )
    lines = OfferPriceLine(many=True)
    problem = serializers.CharField(allow_blank=True)

    def to_representation(self, instance: Any) -> Any:
        quote = instance.quote
        return {
            "total_pence": quote.total_pence if quote else None,
            "half_days": (quote.quantity.half_days or None) if quote else None,
            "lines": [line._asdict() for line in quote.lines] if quote else [],
            "problem": instance.problem,
        }


class FoundOffer(serializers.Serializer[Any]):
    """An offer as a search finds it. Distances in metres, quality and score in hundredths."""

    reference = serializers.CharField(source="offer.reference")
    title = serializers.CharField(source="offer.title")
    summary = serializers.CharField(source="offer.summary")
    provider = FoundProvider(source="offer")
    support_type = serializers.CharField(source="support_type.code")
    themes = serializers.SerializerMethodField()
    phases = serializers.ListField(
        source="offer.phases", child=serializers.ChoiceField(choices=Phase.choices)
    )
    mode = serializers.ChoiceField(source="offer.mode", choices=DeliveryMode.choices)
    reach_km = serializers.IntegerField(source="offer.reach_km")
    minimum_half_days = serializers.IntegerField(source="offer.minimum_half_days")
    price = OfferPriceOutput(source="priced")
    metres = serializers.IntegerField(source="offer.metres", allow_null=True)
    beyond_reach = serializers.BooleanField()
    quality = serializers.IntegerField(source="offer.quality")
    ratings = serializers.IntegerField(source="offer.rating_count")
    score = serializers.SerializerMethodField(
        help_text="How well it fits, by the published weights, from 0 to 100"
    )
    next_free = serializers.DateField(allow_null=True)
    is_own = serializers.BooleanField()
    is_la_service = serializers.BooleanField(help_text="Provided by the local authority itself")
    is_confirmed = serializers.BooleanField(help_text="The provider confirmed it within 180 days")

    def get_themes(self, result: search.Result) -> list[str]:
        return [theme.code for theme in result.themes]

    def get_score(self, result: search.Result) -> int:
        return round(result.fit.score)


@extend_schema_serializer(many=False)
class OfferSearchOutput(serializers.Serializer[Any]):
    """A page of results with, for each filter, what every value of it would find beside the other filters."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = FoundOffer(many=True)
    facets = serializers.DictField(child=serializers.DictField(child=serializers.IntegerField()))
    widening = serializers.DictField(
        child=serializers.IntegerField(),
        help_text="Where nothing was found: how many there are without each filter",
    )
    cut = serializers.BooleanField(help_text="More than 500 match the words; the nearest 500 were ranked")


class OfferOutput(serializers.ModelSerializer[Offer]):
    """An offer with everything its page shows."""

    title = serializers.CharField(source="current.title")
    summary = serializers.CharField(source="current.summary")
    description = serializers.CharField(source="current.description")
    provider = ProviderOutput()
    support_type = serializers.SlugField(source="current.support_type.code")
    themes = serializers.SerializerMethodField()
    phases = serializers.ListField(
        source="current.phases", child=serializers.ChoiceField(choices=Phase.choices)
    )
    mode = serializers.ChoiceField(source="current.mode", choices=DeliveryMode.choices)
    reach_km = serializers.IntegerField(source="current.reach_km")
    capacity_half_days = serializers.IntegerField(source="current.capacity_half_days", allow_null=True)
    minimum_half_days = serializers.IntegerField(source="current.minimum_half_days")
    activity_basis = serializers.ChoiceField(source="current.activity_basis", choices=ActivityBasis.choices)
    scope = serializers.ChoiceField(source="current.scope", choices=OfferScope.choices)
    evidence = serializers.CharField(source="current.evidence")
    practitioners = PractitionerOutput(source="current.practitioners", many=True)
    cancellation_terms = serializers.SerializerMethodField()

    class Meta:
        model = Offer
        fields = [
            "reference", "title", "summary", "description", "provider", "support_type", "themes", "phases", "mode",
            "reach_km", "capacity_half_days", "minimum_half_days", "activity_basis", "scope", "evidence",
            "practitioners", "cancellation_terms", "rating_count", "published_at", "confirmed_at",
        ]  # fmt: skip

    def get_themes(self, offer: Offer) -> list[str]:
        return [theme.code for theme in offer.shown.themes.all()]

    def get_cancellation_terms(self, offer: Offer) -> list[str]:
        return tariffs.describe(tariffs.CancellationTariff.from_data(offer.shown.cancellation_tariff))


class OfferPriceInput(serializers.Serializer[Any]):
    school = serializers.IntegerField(
        required=False, help_text="URN of the school; your own where left out", **URN
    )
    half_days = serializers.IntegerField(
        required=False,
        min_value=1,
        max_value=MOST_HALF_DAYS,
        help_text="The least that can be bought where left out",
    )


class OfferSearchInput(OfferPriceInput):
    """The filters of a search. Several values of one filter mean any of them."""

    q = serializers.CharField(
        required=False, max_length=200, help_text="Words; quotes and a leading minus work"
    )
    theme = serializers.ListField(required=False, child=serializers.SlugField())
    phase = serializers.ListField(required=False, child=serializers.ChoiceField(choices=Phase.choices))
    type = serializers.ListField(required=False, child=serializers.SlugField())
    mode = serializers.ListField(required=False, child=serializers.ChoiceField(choices=DeliveryMode.choices))
    provider = serializers.ListField(
        required=False, child=serializers.ChoiceField(choices=OrganisationKind.choices)
    )
    within = serializers.IntegerField(required=False, min_value=1, max_value=1000, help_text="Kilometres")
    max_price_pence = serializers.IntegerField(required=False, min_value=0, max_value=10**9)
    quality = serializers.IntegerField(required=False, min_value=0, max_value=100, help_text="Hundredths")
    free_from = serializers.DateField(required=False)
    free_to = serializers.DateField(required=False)
    sort = serializers.ChoiceField(required=False, choices=[sort.value for sort in search.Sort])

    def validate_theme(self, codes: list[str]) -> list[str]:
        return _known(codes, Theme.objects.filter(code__in=codes).values_list("code", flat=True), "theme")

    def validate_type(self, codes: list[str]) -> list[str]:
        found = SupportType.objects.filter(code__in=codes).values_list("code", flat=True)
        return _known(codes, found, "support type")

    def criteria(self) -> search.Criteria:
        """The checked parameters as a search."""
        given = dict(self.validated_data)
        given["max_price"] = given.pop("max_price_pence", None)
        given["days"] = given.pop("half_days", None)
        return search.Criteria.from_parameters(given)


def _known(codes: list[str], found: Any, noun: str) -> list[str]:
    if unknown := set(codes) - set(found):
        raise serializers.ValidationError(f"There is no {noun} with the code {', '.join(sorted(unknown))}.")
    return codes


class ThemeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Theme]):
    """The themes of support, headings before the themes under them."""

    queryset = queries.themes()
    serializer_class = ThemeOutput
    pagination_class = None
    filter_backends: ClassVar[list[Any]] = []


class SupportTypeViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[SupportType]):
    """The ways of supporting a school."""

    queryset = queries.support_types()
    serializer_class = SupportTypeOutput
    pagination_class = None
    filter_backends: ClassVar[list[Any]] = []


class PractitionerViewSet(
    mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[Practitioner]
):
    """The people named in offers on show: their public side only."""

    queryset = Practitioner.objects.none()
    serializer_class = PractitionerOutput
    lookup_field = "reference"
    lookup_value_regex = REFERENCE
    filter_backends: ClassVar[list[Any]] = []

    def get_queryset(self) -> Any:
        return queries.practitioners_on_show(self.request.actor)

    def get_object(self) -> Practitioner:
        found = self.get_queryset().filter(reference=self.kwargs["reference"]).first()
        if found is None:
            raise NotFound
        return found


class OfferViewSet(viewsets.GenericViewSet[Offer]):
    """Offers on show to you, with the price for a school."""

    queryset = Offer.objects.none()
    serializer_class = OfferOutput
    lookup_field = "reference"
    lookup_value_regex = REFERENCE
    filter_backends: ClassVar[list[Any]] = []

    @extend_schema(parameters=[OfferSearchInput], responses=OfferSearchOutput)
    def list(self, request: Request) -> Response:
        """Search the offers: the same search, filters and order as the page."""
        given = OfferSearchInput(data=_lists(request))
        given.is_valid(raise_exception=True)
        school = queries.acting_school(request.actor, given.validated_data.get("school"))
        today = timezone.localdate()
        criteria = given.criteria()
        found = search.find(request.actor, criteria, school=school, today=today)
        if not found.results:
            _note_empty(request, criteria, school)
        pages = Pages()
        shown = search.with_people(pages.paginate_queryset(found.results, request, view=self))
        answer = pages.get_paginated_response(FoundOffer(shown, many=True).data)
        answer.data |= {"facets": found.facets, "widening": found.widening, "cut": found.cut}
        return answer

    @extend_schema(responses=OfferOutput)
    def retrieve(self, request: Request, reference: str) -> Response:
        """One offer."""
        return Response(OfferOutput(_on_show(request, reference)).data)

    @extend_schema(parameters=[OfferPriceInput], responses=OfferPriceOutput)
    @action(detail=True)
    def price(self, request: Request, reference: str) -> Response:
        """The price for a school, line by line, or in words why it can't be worked out."""
        given = OfferPriceInput(data=request.query_params)
        given.is_valid(raise_exception=True)
        version = _on_show(request, reference).shown
        school = queries.acting_school(request.actor, given.validated_data.get("school"))
        if school is None:
            raise NotFound("You act for no school.", remedy="Name one: ?school=URN.")
        price = priced(
            version.price_rule,
            version.brokerage_fee,
            queries.school_facts(school),
            on_date=timezone.localdate(),
            half_days=given.validated_data.get("half_days"),
            minimum_half_days=version.minimum_half_days,
        )
        return Response(OfferPriceOutput(price).data)


def _on_show(request: Request, reference: str) -> Offer:
    offer = queries.offer_for(request.actor, reference)
    if offer.current is None:
        raise NotFound
    return offer


def _lists(request: Request) -> dict[str, Any]:
    """The query string with the filters of several values as lists, whether repeated or parted by commas."""
    several = {"theme", "phase", "type", "mode", "provider"}
    given: dict[str, Any] = {}
    for name in request.query_params:
        values = [value for value in request.query_params.getlist(name) if value]
        if name in several:
            given[name] = [part for value in values for part in value.split(",") if part]
        elif values:
            given[name] = values[-1]
    return given


def _note_empty(request: Request, criteria: search.Criteria, school: School | None) -> None:
    own = request.actor.organisations()
    if school is not None and school.pk in own:
        actions.note_empty_search(
            actor=request.actor, school=school, query=criteria.to_query(), today=timezone.localdate()
        )


def register(router: DefaultRouter) -> None:
    """Add the viewsets of the catalogue to the router."""
    router.register("offers", OfferViewSet, basename="offer")
    router.register("themes", ThemeViewSet, basename="theme")
    router.register("support-types", SupportTypeViewSet, basename="support-type")
    router.register("practitioners", PractitionerViewSet, basename="practitioner")
