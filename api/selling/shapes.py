"""What the API of the buy-back takes and answers."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from marketplace.buyback.models import (
    AgreementRoute,
    AgreementStatus,
    Basket,
    BasketStatus,
    BuyBackWindow,
    CarryForward,
    InclusionKind,
    LateRule,
    PackageEdition,
)
from marketplace.buyback.queries import PricedBasket, SchoolPrice
from marketplace.buyback.rules.windows import Standing, WindowState, standing
from marketplace.kernel.dates import ContractCalendar

# What comes out ------------------------------------------------------------------------------------------------------


class WindowOutput(serializers.ModelSerializer[BuyBackWindow]):
    """When the schools of an area order for one contract year, and how that stands today."""

    area = serializers.SlugField(source="area.code", help_text="DfE code of the local authority")
    calendar = serializers.ChoiceField(choices=ContractCalendar.choices())
    year = serializers.CharField(source="year_label")
    first_day = serializers.DateField()
    last_day = serializers.DateField(source="dates.last_day")
    late_rule = serializers.ChoiceField(choices=LateRule.choices)
    late_charge_pence = serializers.IntegerField(help_text="Before VAT, once for each late agreement")
    state = serializers.SerializerMethodField()
    explanation = serializers.SerializerMethodField()

    class Meta:
        model = BuyBackWindow
        fields = [
            "reference",
            "area",
            "calendar",
            "year",
            "first_day",
            "last_day",
            "prices_visible_from",
            "orders_from",
            "closes_on",
            "late_rule",
            "late_charge_pence",
            "state",
            "explanation",
        ]

    @extend_schema_field(
        serializers.ChoiceField(choices=[(state.value, state.value) for state in WindowState])
    )
    def get_state(self, window: BuyBackWindow) -> str:
        return _stands(window).state.value

    @extend_schema_field(serializers.CharField())
    def get_explanation(self, window: BuyBackWindow) -> str:
        return _stands(window).sentence


def _stands(window: BuyBackWindow) -> Standing:
    return standing(window.dates, timezone.localdate())


class PriceStepOutput(serializers.Serializer[Any]):
    sentence = serializers.CharField()
    pence = serializers.IntegerField()


class SchoolPriceOutput(serializers.Serializer[SchoolPrice]):
    """What a package costs a school. Pence; before VAT unless the name says gross."""

    school = serializers.IntegerField(source="wish.school.urn", help_text="URN")
    years = serializers.IntegerField(source="wish.years")
    level = serializers.CharField(source="wish.level")
    year_pence = serializers.IntegerField(
        allow_null=True, help_text="A whole contract year; null without a price"
    )
    months = serializers.IntegerField(
        source="first_year.months", help_text="Months of the first year that are bought"
    )
    net_pence = serializers.IntegerField(help_text="The first year: a part of it for a late order pro rata")
    vat_pence = serializers.IntegerField(help_text="VAT as it stands; the document settles it")
    gross_pence = serializers.IntegerField()
    vat_reason = serializers.CharField(source="vat.reason")
    lines = serializers.SerializerMethodField(help_text="How a whole year’s price is worked out")
    next_year_pence = serializers.IntegerField(source="next_year.pence", allow_null=True)
    next_year_basis = serializers.CharField(source="next_year.basis")
    route = serializers.ChoiceField(source="route.kind.value", choices=AgreementRoute.choices)
    route_reason = serializers.CharField(source="route.reason")
    problem = serializers.CharField(help_text="Why there is no price")

    @extend_schema_field(PriceStepOutput(many=True))
    def get_lines(self, price: SchoolPrice) -> Any:
        lines = price.explanation.lines if price.explanation else ()
        return [{"sentence": line.sentence, "pence": line.pence} for line in lines]


class InclusionOutput(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=InclusionKind.choices)
    quantity = serializers.IntegerField(help_text="Half-days for days of support")
    theme = serializers.SlugField(source="theme.code", default=None, allow_null=True)
    support_type = serializers.SlugField(source="support_type.code", default=None, allow_null=True)


class PackageOutput(serializers.ModelSerializer[PackageEdition]):
    """A package on sale in a window. With `school` (a URN of yours) the answer has its price."""

    package = serializers.CharField(source="package.reference")
    name = serializers.CharField(source="package.name")
    seller = serializers.CharField(source="package.seller.reference")
    seller_name = serializers.CharField(source="package.seller.name")
    window = serializers.CharField(source="window.reference")
    year = serializers.CharField(source="window.year_label")
    included = InclusionOutput(source="inclusions", many=True)
    carry_forward = serializers.ChoiceField(choices=CarryForward.choices)
    terms = serializers.IntegerField(
        source="terms.number", help_text="Number of the seller’s terms", allow_null=True
    )
    price_rule = serializers.JSONField(help_text="The rule of a year’s price")
    cancellation_tariff = serializers.JSONField()
    price = serializers.SerializerMethodField()

    class Meta:
        model = PackageEdition
        fields = [
            "id",
            "package",
            "name",
            "seller",
            "seller_name",
            "window",
            "year",
            "summary",
            "description",
            "core_note",
            "included",
            "term_years",
            "carry_forward",
            "carry_cap_half_days",
            "exchange_rights",
            "terms",
            "price_rule",
            "cancellation_tariff",
            "price",
        ]

    @extend_schema_field(SchoolPriceOutput(allow_null=True))
    def get_price(self, edition: PackageEdition) -> Any:
        price = self.context.get("prices", {}).get(edition.pk)
        return SchoolPriceOutput(price).data if price else None


class BasketLineOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="line.pk")
    package = serializers.CharField(source="line.edition.package.reference")
    name = serializers.CharField(source="line.edition.package.name")
    price = SchoolPriceOutput()
    problem = serializers.CharField(help_text="Why it can’t be ordered as it is")


class OrderOutput(serializers.Serializer[Any]):
    """What becomes one agreement: a school’s packages of one seller for one length."""

    key = serializers.CharField(help_text="Names the order when quotes evidence is given")
    school = serializers.IntegerField(source="school.urn", help_text="URN")
    seller = serializers.CharField(source="seller.reference")
    years = serializers.IntegerField()
    lines = BasketLineOutput(many=True)
    net_pence = serializers.IntegerField()
    late_charge_pence = serializers.IntegerField()
    vat_pence = serializers.IntegerField()
    gross_pence = serializers.IntegerField()
    value_pence = serializers.IntegerField(
        help_text="The whole term with VAT: what the approval ladder looks at"
    )
    approver = serializers.CharField(source="requirement.approver.value")
    quotes_needed = serializers.IntegerField(source="requirement.quotes_needed")
    minute_needed = serializers.BooleanField(source="requirement.minute_needed")


class BasketOutput(serializers.ModelSerializer[Basket]):
    """A basket of a school or a trust."""

    owner = serializers.CharField(source="owner.reference")
    window = serializers.CharField(source="window.reference")
    status = serializers.ChoiceField(choices=BasketStatus.choices)

    class Meta:
        model = Basket
        fields = ["reference", "owner", "window", "status", "created_at", "submitted_at"]


class PricedBasketOutput(serializers.Serializer[PricedBasket]):
    """A basket as it would be ordered today."""

    basket = BasketOutput()
    explanation = serializers.CharField(source="stands.sentence")
    can_submit = serializers.BooleanField(source="stands.can_submit")
    orders = OrderOutput(many=True)
    net_pence = serializers.IntegerField()
    vat_pence = serializers.IntegerField()
    gross_pence = serializers.IntegerField()


class OrderedOutput(serializers.Serializer[Any]):
    """An agreement that came of a basket."""

    reference = serializers.CharField()
    status = serializers.ChoiceField(choices=AgreementStatus.choices)
    buyer = serializers.CharField(source="buyer.reference")
    seller = serializers.CharField(source="seller.reference")
    starts_on = serializers.DateField()
    ends_on = serializers.DateField()


# What goes in --------------------------------------------------------------------------------------------------------


class PutInput(serializers.Serializer[Any]):
    """A package for a basket."""

    owner = serializers.CharField(max_length=12, help_text="Reference of the school or trust")
    package = serializers.CharField(max_length=12)
    window = serializers.CharField(max_length=12)
    schools = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=9_999_999),
        required=False,
        default=list,
        max_length=400,
        help_text="URNs; not needed for a school’s own basket",
    )
    years = serializers.IntegerField(min_value=1, max_value=5, default=1)
    level = serializers.CharField(max_length=60, required=False, default="", allow_blank=True)


class RemoveInput(serializers.Serializer[Any]):
    lines = serializers.ListField(child=serializers.IntegerField(min_value=1), min_length=1, max_length=400)


class SubmitInput(serializers.Serializer[Any]):
    """Who accepts the sellers’ terms. `evidence` maps an order’s key to the reference of complete quotes evidence."""

    accepted_name = serializers.CharField(max_length=150, required=False, default="", allow_blank=True)
    accepted_capacity = serializers.CharField(max_length=120, required=False, default="", allow_blank=True)
    purchase_order_number = serializers.CharField(max_length=40, required=False, default="", allow_blank=True)
    minute_reference = serializers.CharField(max_length=80, required=False, default="", allow_blank=True)
    evidence = serializers.DictField(child=serializers.CharField(max_length=20), required=False, default=dict)


# Views ---------------------------------------------------------------------------------------------------------------
