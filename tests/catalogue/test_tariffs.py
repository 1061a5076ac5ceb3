"""Cancellation tariffs as published, to the penny, and what holds for any tariff."""

import json
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.catalogue.tariffs import (
    STANDARD_TARIFF,
    CancellationTariff,
    CancelledBy,
    SessionHasPassed,
    TariffInvalid,
    TariffOutcome,
    charge_for,
    describe,
)
from marketplace.kernel.dates import add_working_days

SESSION = date(2027, 2, 10)  # a Wednesday with no bank holiday near
PRICE = 350_00
FREE = 0


def cancelled(
    tariff,
    days_before=None,
    *,
    working_days_before=None,
    by=CancelledBy.BUYER,
    price=PRICE,
    half_days=2,
    **how,
):
    """The outcome of cancelling so many days before the session."""
    if working_days_before is not None:
        on = add_working_days(SESSION, -working_days_before)
    else:
        on = SESSION - timedelta(days=days_before or 0)
    return charge_for(
        CancellationTariff.from_data(tariff) if isinstance(tariff, dict) else tariff,
        price_pence=price,
        half_days=half_days,
        session_date=SESSION,
        cancelled_on=on,
        by=by,
        **how,
    )


# Published tariffs

TEACHING_SCHOOL = {
    "tiers": [
        {"at_most": 7, "percent_bp": 10_000},
        {"at_most": 14, "percent_bp": 7_500},
        {"at_most": 28, "percent_bp": 5_000},
    ],
    "free_tiers": [{"at_most": 6, "full_day_pence": 50_00}],
}


@pytest.mark.parametrize(
    ("days", "charge"),
    [(29, 0), (28, 175_00), (15, 175_00), (14, 262_50), (8, 262_50), (7, 350_00), (0, 350_00)],
)
def test_half_within_28_days_three_quarters_within_14_all_within_7(days, charge):
    outcome = cancelled(TEACHING_SCHOOL, days)

    assert outcome.charge_pence == charge
    assert outcome.refund_pence == PRICE - charge


@pytest.mark.parametrize(("days", "charge"), [(7, 0), (6, 50_00)])
def test_a_free_event_is_charged_with_less_than_7_days(days, charge):
    assert cancelled(TEACHING_SCHOOL, days, price=FREE).charge_pence == charge


GOVERNOR_SERVICES = {
    "tiers": [
        {
            "at_most": 2,
            "unit": "working",
            "full_day_pence": 110_00,
            "half_day_pence": 75_00,
            "evening_pence": 50_00,
        }
    ],
    "waived_if_refilled": True,
}


@pytest.mark.parametrize(
    ("half_days", "evening", "charge"), [(2, False, 110_00), (1, False, 75_00), (1, True, 50_00)]
)
def test_a_flat_fee_under_3_working_days_by_length(half_days, evening, charge):
    late = cancelled(GOVERNOR_SERVICES, working_days_before=2, half_days=half_days, evening=evening)
    in_time = cancelled(GOVERNOR_SERVICES, working_days_before=3, half_days=half_days, evening=evening)

    assert (late.charge_pence, in_time.charge_pence) == (charge, 0)


def test_a_flat_fee_is_due_for_prepaid_places_too():
    outcome = cancelled(GOVERNOR_SERVICES, working_days_before=0, price=FREE)
    assert (outcome.charge_pence, outcome.refund_pence, outcome.extra_pence) == (110_00, 0, 110_00)


def test_a_flat_fee_is_waived_when_the_place_is_refilled():
    assert cancelled(GOVERNOR_SERVICES, working_days_before=0, refilled=True).charge_pence == 0


def test_a_weekend_is_not_notice_in_working_days():
    tariff = CancellationTariff.from_data(GOVERNOR_SERVICES)
    monday, friday_before = date(2027, 2, 15), date(2027, 2, 12)
    for cancelled_on, charge in [
        (friday_before, 110_00),
        (date(2027, 2, 13), 110_00),
        (date(2027, 2, 10), 0),
    ]:
        outcome = charge_for(
            tariff,
            price_pence=PRICE,
            half_days=2,
            session_date=monday,
            cancelled_on=cancelled_on,
            by=CancelledBy.BUYER,
        )
        assert outcome.charge_pence == charge


COUNTY = {
    "tiers": [{"at_most": 10, "unit": "working", "full_day_pence": 70_00, "half_day_pence": 35_00}],
    "no_show": {"full_day_pence": 70_00, "half_day_pence": 35_00},
}


@pytest.mark.parametrize(("half_days", "charge"), [(1, 35_00), (2, 70_00), (3, 105_00)])
def test_a_small_flat_fee_within_10_working_days_or_for_not_coming(half_days, charge):
    assert cancelled(COUNTY, working_days_before=10, half_days=half_days).charge_pence == charge
    assert cancelled(COUNTY, working_days_before=11, half_days=half_days).charge_pence == 0
    assert cancelled(COUNTY, by=CancelledBy.NO_SHOW_BUYER, half_days=half_days).charge_pence == charge


MUSIC_AND_TRAINING = {
    "tiers": [{"at_most": 13, "percent_bp": 10_000}, {"at_most": 27, "percent_bp": 5_000}],
    "cooling_off_days": 14,
}


@pytest.mark.parametrize(("days", "charge"), [(28, 0), (27, 175_00), (14, 175_00), (13, 350_00)])
def test_half_under_4_weeks_all_under_2(days, charge):
    assert cancelled(MUSIC_AND_TRAINING, days).charge_pence == charge


@pytest.mark.parametrize(("ordered_days_before", "charge"), [(14, 0), (15, 350_00)])
def test_an_order_can_be_taken_back_for_14_days(ordered_days_before, charge):
    cancelled_on = SESSION - timedelta(days=5)
    outcome = cancelled(MUSIC_AND_TRAINING, 5, ordered_on=cancelled_on - timedelta(days=ordered_days_before))
    assert outcome.charge_pence == charge


def test_without_a_cooling_off_period_an_order_cancelled_the_same_day_is_charged():
    cancelled_on = SESSION - timedelta(days=5)
    assert cancelled(CLERKING, 5, ordered_on=cancelled_on).charge_pence == 350_00


ASSOCIATION = {
    "tiers": [
        {"at_most": 14, "percent_bp": 10_000},
        {"at_most": 28, "percent_bp": 5_000},
        {"full_day_pence": 50_00},
    ]
}


@pytest.mark.parametrize(
    ("days", "charge"), [(60, 50_00), (29, 50_00), (28, 175_00), (15, 175_00), (14, 350_00)]
)
def test_an_administration_charge_for_any_longer_notice(days, charge):
    assert cancelled(ASSOCIATION, days).charge_pence == charge


def test_the_tier_that_fits_decides_even_where_a_longer_one_is_dearer():
    assert cancelled(ASSOCIATION, 20, price=80_00).charge_pence == 40_00


CLERKING = {"tiers": [{"at_most": 29, "percent_bp": 10_000}]}


@pytest.mark.parametrize(("days", "charge"), [(30, 0), (29, 350_00)])
def test_a_meeting_cancelled_under_30_days_is_charged(days, charge):
    assert cancelled(CLERKING, days).charge_pence == charge


CONSULTANT = {
    "tiers": [{"at_most": 14, "percent_bp": 5_000}],
    "peak_dates": [{"first_day": "2027-02-08", "last_day": "2027-02-10"}],
    "peak_tiers": [{"at_most": 56, "percent_bp": 10_000}],
}


def test_peak_dates_have_a_stricter_tariff():
    peak = cancelled(CONSULTANT, 56)
    ordinary = charge_for(
        CancellationTariff.from_data(CONSULTANT),
        price_pence=PRICE,
        half_days=2,
        session_date=SESSION + timedelta(days=1),
        cancelled_on=SESSION - timedelta(days=1),
        by=CancelledBy.BUYER,
    )

    assert peak.charge_pence == 350_00
    assert "peak date" in peak.explanation
    assert ordinary.charge_pence == 175_00


@pytest.mark.parametrize(
    "by", [CancelledBy.PROVIDER, CancelledBy.RELEASING_SCHOOL, CancelledBy.NO_SHOW_PROVIDER]
)
@pytest.mark.parametrize("days", [0, 60])
def test_a_school_owes_nothing_when_the_other_side_calls_it_off(by, days):
    outcome = cancelled(ASSOCIATION, days, by=by)
    assert (outcome.charge_pence, outcome.refund_pence) == (0, PRICE)


def test_an_aborted_visit_costs_the_whole_price():
    assert cancelled(CLERKING, by=CancelledBy.NO_SHOW_BUYER).charge_pence == PRICE


# What else a tariff says


def test_a_school_cannot_cancel_after_the_day():
    with pytest.raises(SessionHasPassed) as refused:
        cancelled(STANDARD_TARIFF, -1)
    assert refused.value.remedy


def test_a_tariff_without_tiers_is_free_up_to_the_day():
    assert cancelled({}, 0).explanation == "Cancelled on the day: nothing to pay."


def test_the_explanation_names_the_tier_that_decided():
    assert cancelled(TEACHING_SCHOOL, 10).explanation == (
        "Cancelled with 10 days’ notice (14 days’ notice or less): 75% of the price, £262.50."
    )
    assert cancelled(GOVERNOR_SERVICES, working_days_before=1).explanation == (
        "Cancelled with 1 working day’s notice (2 working days’ notice or less): £110.00."
    )


def test_the_tariff_is_told_before_purchase():
    assert describe(STANDARD_TARIFF) == [
        "You can cancel free of charge with more than 28 days’ notice.",
        "28 days’ notice or less: 50% of the price.",
        "14 days’ notice or less: 75% of the price.",
        "7 days’ notice or less: the whole price.",
        "If the school is not ready or nobody comes: the whole price.",
        "There is no charge if somebody else takes the place.",
        "A colleague may take part instead, or another school of your trust, federation or cluster may take the session, free"
        " of charge.",
        "If the provider or the releasing school cancels, you pay nothing or choose another date.",
    ]


def test_everything_that_can_cost_money_is_told():
    told = " ".join(
        describe(
            CancellationTariff.from_data(
                CONSULTANT
                | MUSIC_AND_TRAINING
                | {
                    "free_tiers": TEACHING_SCHOOL["free_tiers"],
                    "no_show": COUNTY["no_show"],
                    "provider_notice_working_days": 10,
                    "substitution_allowed": False,
                }
            )
        )
    )

    for words in (
        "within 14 days of ordering",
        "8 February 2027 to 10 February 2027",
        "56 days’ notice or less: the whole price",
        "6 days’ notice or less: £50.00",
        "£70.00 for a full day, £35.00 for a half day",
        "at least 10 working days’ notice",
    ):
        assert words in told
    assert "colleague" not in told
    assert "Any longer notice: £50.00." in describe(CancellationTariff.from_data(ASSOCIATION))
    assert describe(CancellationTariff())[0] == "You can cancel free of charge up to the day of the session."


# Data

PUBLISHED = [
    TEACHING_SCHOOL,
    GOVERNOR_SERVICES,
    COUNTY,
    MUSIC_AND_TRAINING,
    ASSOCIATION,
    CLERKING,
    CONSULTANT,
    {},
]


@pytest.mark.parametrize("data", PUBLISHED)
def test_a_snapshot_reads_back_as_the_same_tariff(data):
    tariff = CancellationTariff.from_data(data)
    assert CancellationTariff.from_data(json.loads(json.dumps(tariff.to_data()))) == tariff


@pytest.mark.parametrize(
    ("data", "field"),
    [
        (None, ""),
        ({"teirs": []}, "teirs"),
        ({"tiers": "none"}, "tiers"),
        ({"tiers": [{"at_most": 7}]}, "tiers-0-percent_bp"),
        ({"tiers": [{"at_most": 7, "percent_bp": 100, "full_day_pence": 5}]}, "tiers-0-percent_bp"),
        ({"tiers": [{"at_most": 7, "percent_bp": 100, "evening_pence": 5}]}, "tiers-0-half_day_pence"),
        ({"tiers": [{"at_most": 7, "percent_bp": 10_001}]}, "tiers-0-percent_bp"),
        ({"tiers": [{"at_most": -1, "percent_bp": 100}]}, "tiers-0-at_most"),
        ({"tiers": [{"at_most": 7, "unit": "moon", "percent_bp": 100}]}, "tiers-0-unit"),
        ({"tiers": [{"at_most": 7, "percent_bp": 100}, {"at_most": 7, "percent_bp": 50}]}, "tiers-1-at_most"),
        ({"tiers": [{"percent_bp": 100}, {"at_most": 7, "percent_bp": 50}]}, "tiers-1-at_most"),
        (
            {
                "tiers": [
                    {"at_most": 7, "percent_bp": 100},
                    {"at_most": 9, "unit": "working", "percent_bp": 50},
                ]
            },
            "tiers-1-unit",
        ),
        ({"peak_tiers": [{"percent_bp": 100}]}, "peak_dates"),
        ({"peak_dates": CONSULTANT["peak_dates"]}, "peak_tiers"),
        ({"peak_dates": [{"first_day": "2027-02-08", "last_day": "2027-02-07"}]}, "peak_dates-0-last_day"),
        ({"no_show": {}}, "no_show-percent_bp"),
        ({"waived_if_refilled": "yes"}, "waived_if_refilled"),
    ],
)
def test_a_faulty_tariff_names_its_field_and_a_remedy(data, field):
    with pytest.raises(TariffInvalid) as refused:
        CancellationTariff.from_data(data)

    assert refused.value.field == field
    assert refused.value.remedy


@given(
    st.sampled_from(PUBLISHED),
    st.integers(min_value=0, max_value=90),
    st.integers(min_value=0, max_value=1_000_000),
    st.integers(min_value=1, max_value=10),
    st.sampled_from(CancelledBy),
)
def test_price_and_extra_always_equal_charge_and_refund(data, days, price, half_days, by):
    outcome = cancelled(data, days, price=price, half_days=half_days, by=by)

    assert isinstance(outcome, TariffOutcome)
    assert price + outcome.extra_pence == outcome.charge_pence + outcome.refund_pence
    assert min(outcome.charge_pence, outcome.refund_pence, outcome.extra_pence) >= 0


@given(st.integers(min_value=0, max_value=90), st.integers(min_value=0, max_value=90))
def test_longer_notice_never_costs_more(one, other):
    longer, shorter = max(one, other), min(one, other)
    assert cancelled(STANDARD_TARIFF, longer).charge_pence <= cancelled(STANDARD_TARIFF, shorter).charge_pence
