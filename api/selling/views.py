"""The addresses of windows, packages and baskets."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import mixins, serializers, status, viewsets
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import DefaultRouter

# What comes out ------------------------------------------------------------------------------------------------------
from api.selling.shapes import (
    BasketOutput,
    OrderedOutput,
    PackageOutput,
    PricedBasketOutput,
    PutInput,
    RemoveInput,
    SubmitInput,
    WindowOutput,
)
from marketplace.buyback import actions, queries
from marketplace.buyback.models import (
    Basket,
    BuyBackWindow,
    PackageEdition,
)
from marketplace.buyback.queries import SchoolPrice, Wish
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import School


class WindowViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[BuyBackWindow]):
    """The buy-back windows of every area."""

    queryset = BuyBackWindow.objects.none()
    serializer_class = WindowOutput
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.windows()


PRICE_PARAMETERS = [
    OpenApiParameter("school", OpenApiTypes.INT, description="URN of a school of yours to price for"),
    OpenApiParameter("years", OpenApiTypes.INT, description="Length of the agreement; 1 unless given"),
    OpenApiParameter("level", OpenApiTypes.STR, description="Level, where the price has levels"),
]
LIST_PARAMETERS = [
    OpenApiParameter("window", OpenApiTypes.STR, description="Reference of a window"),
    OpenApiParameter("seller", OpenApiTypes.STR, description="Reference of a seller"),
    *PRICE_PARAMETERS,
]


class PriceQuery(serializers.Serializer[Any]):
    school = serializers.IntegerField(min_value=1, max_value=9_999_999, required=False, default=None)
    years = serializers.IntegerField(min_value=1, max_value=5, required=False, default=1)
    level = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)
    window = serializers.CharField(max_length=12, required=False, default="")
    seller = serializers.CharField(max_length=12, required=False, default="")


class PackageViewSet(viewsets.GenericViewSet[PackageEdition]):
    """Packages on sale, in windows that show their prices."""

    queryset = PackageEdition.objects.none()
    serializer_class = PackageOutput
    lookup_value_regex = "[0-9]{1,12}"

    def get_queryset(self) -> Any:
        return queries.editions_on_sale(on=timezone.localdate())

    @extend_schema(parameters=LIST_PARAMETERS, responses=PackageOutput(many=True))
    def list(self, request: Request) -> Response:
        """Packages on sale, by seller and name; with `school`, each with its price."""
        asked = self._asked(request)
        rows = self.get_queryset()
        if asked["window"]:
            rows = rows.filter(window__reference=asked["window"])
        if asked["seller"]:
            rows = rows.filter(package__seller__reference=asked["seller"])
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response(self._shown(page, asked, many=True))

    @extend_schema(parameters=PRICE_PARAMETERS, responses=PackageOutput)
    def retrieve(self, request: Request, pk: str) -> Response:
        """One package on sale; with `school`, its price."""
        edition = self.get_queryset().filter(pk=pk).first()
        if edition is None:
            raise NotFound
        return Response(self._shown([edition], self._asked(request), many=False))

    @staticmethod
    def _asked(request: Request) -> dict[str, Any]:
        given = PriceQuery(data=request.query_params)
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)

    def _shown(self, editions: Iterable[PackageEdition], asked: dict[str, Any], *, many: bool) -> Any:
        editions = list(editions)
        prices: dict[int, SchoolPrice] = {}
        if asked["school"] is not None:
            school = _school_of(self.request, asked["school"])
            wishes = [Wish(each, school, asked["years"], asked["level"]) for each in editions]
            found = queries.prices_for(wishes, on=timezone.localdate())
            prices = {price.wish.edition.pk: price for price in found}
        shown: Any = editions if many else editions[0]
        return PackageOutput(shown, many=many, context={"prices": prices}).data


class BasketViewSet(mixins.ListModelMixin, viewsets.GenericViewSet[Basket]):
    """The baskets of your schools and trusts, newest first."""

    queryset = Basket.objects.none()
    serializer_class = BasketOutput
    lookup_field = "reference"

    def get_queryset(self) -> Any:
        return queries.baskets_visible_to(self.request.actor)

    @extend_schema(responses=PricedBasketOutput)
    def retrieve(self, request: Request, reference: str) -> Response:
        """What is in the basket and what it would come to today."""
        return Response(self._priced(queries.basket_for(request.actor, reference)))

    @extend_schema(request=PutInput, responses={201: PricedBasketOutput})
    def create(self, request: Request) -> Response:
        """Put a package into the basket for its window; what is there already gets the new length and level."""
        given = _read(PutInput, request)
        owner = queries.buyers_of(request.actor).filter(reference=given["owner"]).first()
        if owner is None:
            raise NotFound
        edition = queries.edition_on_sale(given["package"], given["window"], on=timezone.localdate())
        wanted = set(given["schools"])
        schools = [each for each in queries.schools_to_buy_for(owner, edition.window) if each.urn in wanted]
        if len(schools) < len(wanted):
            raise NotFound
        basket = actions.put_in_basket(
            actor=request.actor,
            owner=owner,
            edition=edition,
            schools=schools,
            years=given["years"],
            level=given["level"],
        )
        return Response(self._priced(basket), status=status.HTTP_201_CREATED)

    @extend_schema(request=RemoveInput, responses=PricedBasketOutput)
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, reference: str) -> Response:
        """Take lines out."""
        basket = queries.basket_for(request.actor, reference)
        wanted = _read(RemoveInput, request)["lines"]
        lines = list(basket.lines.filter(pk__in=wanted))
        return Response(
            self._priced(actions.take_out_of_basket(actor=request.actor, basket=basket, lines=lines))
        )

    @extend_schema(request=SubmitInput, responses=OrderedOutput(many=True), filters=False)
    @action(detail=True, methods=["post"], pagination_class=None)
    def submit(self, request: Request, reference: str) -> Response:
        """Order what is in the basket, once: one agreement for each school, seller and length."""
        basket = queries.basket_for(request.actor, reference)
        given = _read(SubmitInput, request)
        evidence = {
            key: queries.evidence_for(request.actor, ref) for key, ref in given.pop("evidence").items()
        }
        made = actions.submit_basket(actor=request.actor, basket=basket, evidence=evidence, **given)
        return Response(OrderedOutput(made, many=True).data)

    @staticmethod
    def _priced(basket: Basket) -> Any:
        return PricedBasketOutput(queries.priced_basket(basket, on=timezone.localdate())).data


def _school_of(request: Any, urn: int) -> School:
    """A school one buys or reads for; `NotFound` otherwise."""
    schools = School.objects.filter(urn=urn, pk__in=queries.buyers_of(request.actor).values("pk"))
    school = schools.select_related("organisation__area", "organisation__school", "trust", "area").first()
    if school is None:
        raise NotFound
    return school


def _read(serializer: type[serializers.Serializer[Any]], request: Request) -> dict[str, Any]:
    given = serializer(data=request.data)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def register(router: DefaultRouter) -> None:
    """Add this capability's addresses."""
    router.register("buy-back-windows", WindowViewSet, basename="buy-back-window")
    router.register("packages", PackageViewSet, basename="package")
    router.register("baskets", BasketViewSet, basename="basket")
