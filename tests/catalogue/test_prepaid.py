"""What tariffs keep of a session from a package or in credits: half-days, half up, and flat charges in money."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalogue.prepaid import kept_of, prepaid_charge_for
from marketplace.catalogue.tariffs import CancellationTariff, CancelledBy, TariffOutcome
from tests.catalogue.test_tariffs import (
    ASSOCIATION,
    CLERKING,
    COUNTY,
    GOVERNOR_SERVICES,
    MUSIC_AND_TRAINING,
    PUBLISHED,
    SESSION,
    TEACHING_SCHOOL,
)


def cancelled(
    tariff: dict[str, object],
    days: int,
    *,
    half_days: int = 2,
    by: CancelledBy = CancelledBy.BUYER,
    **how: object,
) -> TariffOutcome:
    return prepaid_charge_for(
        CancellationTariff.from_data(tariff),
        price_pence=350_00,
        half_days=half_days,
        session_date=SESSION,
        cancelled_on=SESSION - timedelta(days=days),
        by=by,
        **how,  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("half_days", "days", "kept"),
    [
        (2, 29, 0),
        (2, 28, 1),
        (2, 14, 2),
        (2, 7, 2),
        (1, 28, 1),
        (4, 28, 2),
        (4, 14, 3),
        (4, 7, 4),
        (3, 28, 2),
    ],
)
def test_shares_of_a_teaching_schools_tariff_are_kept_in_half_days_half_up(
    half_days: int, days: int, kept: int
) -> None:
    outcome = cancelled(TEACHING_SCHOOL, days, half_days=half_days)
    assert (outcome.kept_half_days, outcome.charge_pence) == (kept, 0)


@pytest.mark.parametrize(("days", "charge"), [(2, 110_00), (5, 0)])
def test_a_flat_fee_of_governor_services_is_due_in_money_and_all_days_come_back(
    days: int, charge: int
) -> None:
    outcome = cancelled(GOVERNOR_SERVICES, days)
    assert (outcome.charge_pence, outcome.kept_half_days, outcome.refund_pence) == (charge, 0, 0)
    assert cancelled(GOVERNOR_SERVICES, days, refilled=True).charge_pence == 0


def test_an_administration_charge_is_money_and_a_share_is_days() -> None:
    long_before, late = cancelled(ASSOCIATION, 60), cancelled(ASSOCIATION, 20)
    assert (long_before.charge_pence, long_before.kept_half_days) == (50_00, 0)
    assert (late.charge_pence, late.kept_half_days) == (0, 1)


def test_not_being_ready_keeps_everything_or_the_flat_charge() -> None:
    whole = cancelled(CLERKING, 0, by=CancelledBy.NO_SHOW_BUYER)
    flat = cancelled(COUNTY, 0, by=CancelledBy.NO_SHOW_BUYER, half_days=1)
    assert (whole.kept_half_days, whole.charge_pence) == (2, 0)
    assert (flat.kept_half_days, flat.charge_pence) == (0, 35_00)


def test_an_order_taken_back_in_time_keeps_nothing() -> None:
    outcome = cancelled(MUSIC_AND_TRAINING, 5, ordered_on=SESSION - timedelta(days=10))
    assert outcome.kept_half_days == 0 and "all of 1 day comes back" in outcome.explanation


def test_the_explanation_says_what_is_used_and_what_comes_back() -> None:
    assert cancelled(TEACHING_SCHOOL, 20).explanation == (
        "Cancelled with 20 days’ notice (28 days’ notice or less): "
        "50% of 1 day: half a day counts as used, half a day comes back."
    )
    assert cancelled(TEACHING_SCHOOL, 10).explanation.endswith(
        "75% of it, rounded to the half-day: 1 day counts as used."
    )


@given(
    st.sampled_from(PUBLISHED),
    st.integers(0, 90),
    st.integers(1, 10),
    st.sampled_from(CancelledBy),
)
def test_no_tariff_keeps_more_than_was_booked_or_days_and_money_both(
    data: dict[str, object], days: int, half_days: int, by: CancelledBy
) -> None:
    outcome = cancelled(data, days, half_days=half_days, by=by)
    assert 0 <= outcome.kept_half_days <= half_days
    assert not (outcome.kept_half_days and outcome.charge_pence)
    assert outcome.extra_pence == outcome.charge_pence


@given(st.integers(0, 400), st.integers(0, 10_000))
def test_what_a_share_keeps_is_within_a_quarter_day_of_it(half_days: int, basis_points: int) -> None:
    assert abs(kept_of(half_days, basis_points) * 10_000 - half_days * basis_points) <= 5_000
    assert isinstance(SESSION, date)
