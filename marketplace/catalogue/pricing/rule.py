"""A price rule: a base kind, the changes that follow it, and the days on which it holds."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple, Self, TypeVar

from marketplace.catalogue.pricing.described import Described, FieldDescription
from marketplace.catalogue.pricing.facts import (
    PriceCannotBeWorkedOut,
    PriceExplanation,
    PriceRuleInvalid,
    Quantity,
    SchoolFacts,
)
from marketplace.catalogue.pricing.fields import Day, Unreadable
from marketplace.catalogue.pricing.kinds import (
    BandedByPupils,
    BaseKind,
    BasePlusStaff,
    Fixed,
    FlatPlusPerPupil,
    Levels,
    PackageOfDays,
    PerDay,
    PerHalfDay,
    PerPlace,
    PerPupil,
    PerPupilWithinLimits,
    PerSession,
)
from marketplace.catalogue.pricing.modifiers import (
    EarlyOrder,
    MemberRate,
    Modifier,
    MultiBuy,
    MultiYearDiscount,
    PriceFreeze,
    SoFar,
)
from marketplace.kernel.dates import long_date


class KindDescription(NamedTuple):
    """A kind of price or of change to it: enough to offer it on a form and to read the form back."""

    kind: str
    label: str
    summary: str
    cls: type[Described]

    @property
    def fields(self) -> tuple[FieldDescription, ...]:
        """The fields to fill in."""
        return self.cls.fields()


def _described(cls: type[BaseKind] | type[Modifier]) -> tuple[str, KindDescription]:
    return cls.KIND, KindDescription(cls.KIND, cls.LABEL, cls.SUMMARY, cls)


_BASES: dict[str, type[BaseKind]] = {
    cls.KIND: cls
    for cls in (
        PerDay,
        PerHalfDay,
        PerSession,
        PerPlace,
        Fixed,
        PerPupil,
        FlatPlusPerPupil,
        PerPupilWithinLimits,
        BandedByPupils,
        BasePlusStaff,
        Levels,
        PackageOfDays,
    )
}
_MODIFIERS: dict[str, type[Modifier]] = {
    cls.KIND: cls
    for cls in (
        MemberRate,
        MultiBuy,
        MultiYearDiscount,
        PriceFreeze,
        EarlyOrder,
    )
}

KINDS: dict[str, KindDescription] = dict(_described(cls) for cls in _BASES.values())
"""Every kind of base price, in the order of the form."""

MODIFIERS: dict[str, KindDescription] = dict(_described(cls) for cls in _MODIFIERS.values())
"""Every kind of change to a base price, in the order in which a form should apply them."""

T = TypeVar("T")

_ENVELOPE = ("modifiers", "effective_from", "effective_to")


@dataclass(frozen=True, kw_only=True)
class PriceRule:
    """How a price is worked out, as data: `{"kind": "per_day", "amount_pence": 35000, "modifiers": [...]}`.

    `effective_from` and `effective_to` are the first and the last day on which the rule may be used for an order.
    """

    base: BaseKind
    modifiers: tuple[Modifier, ...] = ()
    effective_from: date | None = None
    effective_to: date | None = None

    def __post_init__(self) -> None:
        for number, modifier in enumerate(self.modifiers):
            if any(type(modifier) is type(other) for other in self.modifiers[:number]):
                raise PriceRuleInvalid(
                    f"“{modifier.LABEL}” is there twice.",
                    remedy="Take one of them out.",
                    field=f"modifiers-{number}",
                )
            try:
                modifier.check_base(self.base)
            except PriceRuleInvalid as refused:
                raise _in_modifier(number, modifier, refused) from None
        if self.effective_from and self.effective_to and self.effective_to < self.effective_from:
            raise PriceRuleInvalid(
                "The price ends before it starts.",
                remedy="Correct one of the two dates.",
                field="effective_to",
            )

    @classmethod
    def from_data(cls, data: Any) -> Self:
        """The rule that a piece of JSON stands for. Raises `PriceRuleInvalid` naming field and remedy."""
        base, fields = _kind_and_fields(data, _BASES, "kind")
        envelope = {name: fields.pop(name, None) for name in _ENVELOPE}
        return cls(
            base=base.from_data(fields),
            modifiers=_read_modifiers(envelope["modifiers"]),
            effective_from=_read_day(envelope["effective_from"], "effective_from"),
            effective_to=_read_day(envelope["effective_to"], "effective_to"),
        )

    def to_data(self) -> dict[str, Any]:
        """JSON from which `from_data` gives an equal rule back."""
        data: dict[str, Any] = {"kind": self.base.KIND} | self.base.to_data()
        if self.modifiers:
            data["modifiers"] = [{"kind": modifier.KIND} | modifier.to_data() for modifier in self.modifiers]
        if self.effective_from:
            data["effective_from"] = self.effective_from.isoformat()
        if self.effective_to:
            data["effective_to"] = self.effective_to.isoformat()
        return data

    def holds_on(self, day: date) -> bool:
        """Whether an order of that day may use this rule."""
        return (self.effective_from or day) <= day <= (self.effective_to or day)

    def describe(self) -> list[str]:
        """The rule in sentences, for any school."""
        sentences = [self.base.describe(), *(modifier.describe() for modifier in self.modifiers)]
        if self.effective_from:
            sentences.append(f"For orders from {long_date(self.effective_from)}")
        if self.effective_to:
            sentences.append(f"For orders until {long_date(self.effective_to)}")
        return sentences

    def smallest_quantity(self) -> Quantity:
        """The least that can be bought: what a search page prices."""
        return self.base.smallest_quantity()


BY_THE_PLACE = PerPlace.KIND
"""The kind of the rules that price each person who comes: `is_by_the_place` for a query."""


def is_by_the_place(data: Mapping[str, Any]) -> bool:
    """Whether a rule, as JSON, prices each person who comes: such a service is had on its courses, never by the day."""
    return data.get("kind") == BY_THE_PLACE


def price_for(rule: PriceRule, school: SchoolFacts, quantity: Quantity, on_date: date) -> PriceExplanation:
    """The price before VAT of a quantity for a school, were it ordered on a day.

    Raises `PriceCannotBeWorkedOut` when the rule does not hold on that day or when something it needs (pupils, staff, a
    number of days, a level) is not known; the error says what to do.
    """
    if not rule.holds_on(on_date):
        raise PriceCannotBeWorkedOut(
            f"This price is not for orders of {long_date(on_date)}.", remedy=f"{'. '.join(_validity(rule))}."
        )
    lines = list(rule.base.lines(school, quantity))
    for modifier in rule.modifiers:
        total = sum(line.pence for line in lines)
        line = modifier.line(SoFar(rule.base, school, quantity, on_date, total))
        if line is not None:
            lines.append(line)
    return PriceExplanation(
        lines=tuple(lines), rule=rule.to_data(), school=school, quantity=quantity, on_date=on_date
    )


def price_again(snapshot: Mapping[str, Any]) -> PriceExplanation:
    """Work a price out afresh from the snapshot that `PriceExplanation.to_data` made."""
    inputs = snapshot["inputs"]
    return price_for(
        PriceRule.from_data(snapshot["rule"]),
        SchoolFacts.from_data(inputs["school"]),
        Quantity.from_data(inputs["quantity"]),
        date.fromisoformat(inputs["on_date"]),
    )


def rule_in_force(rules: Iterable[PriceRule], on_date: date) -> PriceRule:
    """Of several rules of one offer, the one for orders of a day; the latest to start where several hold.

    Raises `PriceCannotBeWorkedOut` when none does.
    """
    holding = [rule for rule in rules if rule.holds_on(on_date)]
    if not holding:
        raise PriceCannotBeWorkedOut(
            f"No price is set for orders of {long_date(on_date)}.", remedy="Ask the provider to publish one."
        )
    return max(holding, key=lambda rule: rule.effective_from or date.min)


def _validity(rule: PriceRule) -> list[str]:
    return [sentence for sentence in rule.describe() if sentence.startswith("For orders")]


def _kind_and_fields(data: Any, known: Mapping[str, type[T]], field: str) -> tuple[type[T], dict[str, Any]]:
    if not isinstance(data, Mapping):
        raise PriceRuleInvalid(
            "The price is not a record.", remedy="Give an object with a “kind”.", field=field
        )
    kind = data.get("kind")
    if not isinstance(kind, str) or kind not in known:
        raise PriceRuleInvalid(
            f"There is no kind of price called “{kind}”." if kind else "The kind of price is missing.",
            remedy=f"Use one of: {', '.join(known)}.",
            field=field,
        )
    return known[kind], {name: value for name, value in data.items() if name != "kind"}


def _read_modifiers(raw: Any) -> tuple[Modifier, ...]:
    if raw is None:
        return ()
    if not isinstance(raw, list | tuple):
        raise PriceRuleInvalid(
            "The changes to the price are not a list.", remedy="Give a list.", field="modifiers"
        )
    read = []
    for number, data in enumerate(raw):
        kind, fields = _kind_and_fields(data, _MODIFIERS, f"modifiers-{number}-kind")
        try:
            read.append(kind.from_data(fields))
        except PriceRuleInvalid as refused:
            raise _in_modifier(number, kind, refused) from None
    return tuple(read)


def _in_modifier(
    number: int, modifier: Modifier | type[Modifier], refused: PriceRuleInvalid
) -> PriceRuleInvalid:
    place = f"modifiers-{number}-{refused.field}" if refused.field else f"modifiers-{number}"
    return PriceRuleInvalid(f"{modifier.LABEL}: {refused.message}", remedy=refused.remedy, field=place)


def _read_day(raw: Any, name: str) -> date | None:
    if raw is None:
        return None
    label = "First day for orders" if name == "effective_from" else "Last day for orders"
    field = Day(label)
    try:
        day: date = field.from_json(raw)
        field.check(day)
    except Unreadable as no:
        raise PriceRuleInvalid(no.message, remedy=no.remedy, field=name) from None
    return day
