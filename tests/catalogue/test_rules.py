"""The published ranking, quality, nearness and the other pure rules."""

from datetime import date

import pytest

from marketplace.catalogue import rules
from marketplace.catalogue.rules import (
    fit,
    nearness_share,
    phase_share,
    price_shares,
    quality_hundredths,
    theme_share,
)


def test_the_weights_are_hundredths_of_one() -> None:
    assert sum(weight.hundredths for weight in rules.WEIGHTS) == 100


def test_the_score_is_the_weighted_mean_of_the_parts_in_play() -> None:
    assert fit(text=1, theme=1, phase=1, nearness=1, quality=1, price=1).score == 100
    assert fit(text=0.5, theme=1, phase=0.5, nearness=0.25, quality=0.8, price=0.4).score == pytest.approx(
        25 * 0.5 + 20 + 10 * 0.5 + 20 * 0.25 + 15 * 0.8 + 10 * 0.4
    )


def test_a_part_nobody_asked_about_counts_for_nothing() -> None:
    assert fit(text=None, theme=None, quality=0.7).score == pytest.approx(70)
    assert fit().score == 0


def test_an_unknown_part_is_a_fault_of_the_program() -> None:
    with pytest.raises(ValueError, match="popularity"):
        fit(popularity=1.0)


@pytest.mark.parametrize(
    ("km", "share"), [(0, 1), (10, 1), (11, 29 / 30), (25, 0.5), (39.9, 0.05), (40, 0.05), (41, 0)]
)
def test_nearness_falls_evenly_from_ten_to_forty_kilometres(km: float, share: float) -> None:
    assert nearness_share(int(km * 1000), reach_metres=100_000) == pytest.approx(share, abs=0.001)


def test_nearness_is_nothing_beyond_the_offers_reach() -> None:
    assert nearness_share(26_000, reach_metres=25_000) == 0
    assert nearness_share(25_000, reach_metres=25_000) == 0.5


def test_remote_support_is_never_farther_than_its_theme_allows() -> None:
    assert nearness_share(300_000, reach_metres=25_000, remote_fit=60) == 0.6
    assert nearness_share(12_000, reach_metres=25_000, remote_fit=60) > 0.9
    assert nearness_share(None, reach_metres=25_000, remote_fit=30) == 0.3


def test_an_unknown_distance_is_not_in_play() -> None:
    assert nearness_share(None, reach_metres=25_000) is None


@pytest.mark.parametrize(
    ("total", "count", "quality"), [(0, 0, 70), (100, 1, 75), (900, 10, 83), (200, 10, 37), (1, 0, 70)]
)
def test_quality_starts_from_five_ratings_of_seventy(total: int, count: int, quality: int) -> None:
    assert quality_hundredths(total, count) == quality


def test_themes_are_exact_adjacent_or_neither() -> None:
    assert theme_share([1, 2], wanted={2}, adjacent={3}) == 1
    assert theme_share([3], wanted={2}, adjacent={3}) == 0.6
    assert theme_share([9], wanted={2}, adjacent={3}) == 0
    assert theme_share([9], wanted=set(), adjacent=set()) is None


def test_phases_are_own_neighbouring_or_neither() -> None:
    assert phase_share(["primary", "secondary"], ["primary"]) == 1
    assert phase_share(["early_years"], ["primary"]) == 0.5
    assert phase_share(["secondary"], ["primary"]) == 0.5
    assert phase_share(["post_16"], ["primary"]) == 0
    assert phase_share(["primary"], ["special_ap"]) == 0
    assert phase_share(["primary"], []) is None


def test_prices_are_placed_between_the_tenth_and_the_ninetieth_percentile() -> None:
    prices = [100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100]
    shares = price_shares(prices)
    assert shares[0] == shares[1] == 1
    assert shares[-1] == shares[-2] == 0
    assert shares[5] == pytest.approx(0.5)


def test_a_missing_price_is_not_in_play_and_equal_prices_are_all_good() -> None:
    assert price_shares([None, 500]) == [None, 1]
    assert price_shares([None, None]) == [None, None]
    assert price_shares([]) == []


def test_an_offer_is_confirmed_for_180_days() -> None:
    assert rules.is_confirmed(date(2026, 5, 25), date(2026, 11, 21))
    assert not rules.is_confirmed(date(2026, 5, 24), date(2026, 11, 21))
    assert not rules.is_confirmed(None, date(2026, 11, 21))


def test_marks_of_headteachers_become_hundredths() -> None:
    assert [rules.rating_of(mark) for mark in (1, 3, 5)] == [20, 60, 100]
