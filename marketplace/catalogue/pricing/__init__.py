"""Price rules: data in, an explained price out. No tables, no clock, no input or output.

    rule = PriceRule.from_data({"kind": "flat_plus_per_pupil", "flat_pence": 46614, "primary_pence": 114})
    price = price_for(rule, school, Quantity(), on_date)
    price.total_pence, [line.sentence for line in price.lines], price.to_data()

`KINDS` and `MODIFIERS` describe every kind and its fields, for forms; `read_form` reads such a form back.
"""

from marketplace.catalogue.pricing.brokerage import BrokerageFee, Split, split, split_whole
from marketplace.catalogue.pricing.described import FieldDescription
from marketplace.catalogue.pricing.facts import (
    PriceCannotBeWorkedOut,
    PriceExplanation,
    PriceInputInvalid,
    PriceLine,
    PriceRuleInvalid,
    PupilPhase,
    Quantity,
    SchoolFacts,
)
from marketplace.catalogue.pricing.fields import DataInvalid
from marketplace.catalogue.pricing.forms import FormReading, read_form
from marketplace.catalogue.pricing.rule import (
    BY_THE_PLACE,
    KINDS,
    MODIFIERS,
    KindDescription,
    PriceRule,
    is_by_the_place,
    price_again,
    price_for,
    rule_in_force,
)

__all__ = [
    "BY_THE_PLACE",
    "KINDS",
    "MODIFIERS",
    "BrokerageFee",
    "DataInvalid",
    "FieldDescription",
    "FormReading",
    "KindDescription",
    "PriceCannotBeWorkedOut",
    "PriceExplanation",
    "PriceInputInvalid",
    "PriceLine",
    "PriceRule",
    "PriceRuleInvalid",
    "PupilPhase",
    "Quantity",
    "SchoolFacts",
    "Split",
    "is_by_the_place",
    "price_again",
    "price_for",
    "read_form",
    "rule_in_force",
    "split",
    "split_whole",
]
