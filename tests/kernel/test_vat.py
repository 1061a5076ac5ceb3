"""VAT rates by date and VAT on an amount."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.kernel.vat import RATES, NoVatRate, VatTreatment, rate_on, vat_on


@pytest.mark.parametrize(
    ("day", "basis_points"),
    [
        (date(2008, 11, 30), 1750),
        (date(2008, 12, 1), 1500),
        (date(2010, 12, 31), 1750),
        (date(2011, 1, 3), 1750),
        (date(2011, 1, 4), 2000),
        (date(2026, 11, 21), 2000),
    ],
)
def test_the_standard_rate_is_that_of_the_tax_date(day, basis_points):
    assert rate_on(VatTreatment.STANDARD, day) == basis_points


@pytest.mark.parametrize(
    "treatment", [VatTreatment.OUTSIDE_SCOPE, VatTreatment.EXEMPT_EDUCATION, VatTreatment.ZERO]
)
def test_only_standard_rated_lines_bear_vat(treatment):
    assert rate_on(treatment, date(2026, 11, 21)) == 0


def test_a_date_before_the_first_rate_is_refused():
    with pytest.raises(NoVatRate):
        rate_on(VatTreatment.STANDARD, date(1980, 1, 1))


def test_every_treatment_has_words_and_rates_in_order():
    for treatment in VatTreatment:
        assert treatment.label
        assert list(RATES[treatment]) == sorted(RATES[treatment])
    assert VatTreatment.choices()[0] == ("outside_scope", "Outside the scope of VAT")


@given(st.integers(min_value=-(10**12), max_value=10**12))
def test_vat_agrees_with_decimal(net):
    assert vat_on(net, 2000) == int((Decimal(net) * Decimal("0.2")).quantize(Decimal(1), ROUND_HALF_UP))
