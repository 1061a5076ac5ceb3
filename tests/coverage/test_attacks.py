"""What the board is told can’t be worked backwards to a few schools: by somebody who knows it exactly, and keeps every release."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from marketplace.coverage.disclosure import LEAST_DAYS, Needs, Pattern, admitted, pattern, safe_after
from marketplace.coverage.disclosure.tables import determined, sums
from tests.coverage.attacks import Attacker, Sum, secret_sums, some_needs, told_sums

BOARD, PROVIDERS = 3, 5
SECRETS_LOOKED_AT = 6


def needs_of(seed: int) -> Needs:
    rng = np.random.default_rng(seed)
    return some_needs(rng, schools=int(rng.integers(10, 45)))


def all_but_the_small(needs: Needs, least: int) -> Pattern:
    """What would be told without hiding a second time: every sum that does not give a school away by itself."""

    def open_ones(code: np.ndarray, count: int) -> np.ndarray:
        return ~sums(needs, code, count, least).given_away

    def grid(column: np.ndarray, count: int) -> np.ndarray:
        return open_ones(needs.theme * count + column, needs.themes * count).reshape(needs.themes, count)

    return Pattern(
        True,
        open_ones(needs.theme, needs.themes),
        open_ones(needs.phase, needs.phases),
        grid(needs.phase, needs.phases),
        open_ones(needs.place, needs.places),
        grid(needs.place, needs.places),
        open_ones(needs.ward, needs.wards),
    )


def widths(needs: Needs, told: list[Sum], secrets: list[Sum]) -> list[float]:
    attacker = Attacker(needs, told)
    return [attacker.width(secret) for secret in secrets]


def some_of(secrets: list[Sum], seed: int) -> list[Sum]:
    rng = np.random.default_rng(seed)
    chosen = rng.choice(len(secrets), min(SECRETS_LOOKED_AT, len(secrets)), replace=False)
    return [secrets[at] for at in chosen]


@pytest.mark.parametrize("seed", range(8))
def test_whoever_knows_all_that_is_told_exactly_knows_no_secret_to_within_five_days(seed: int) -> None:
    needs = needs_of(seed)
    board = pattern(needs, least=BOARD)
    providers = pattern(needs, least=PROVIDERS, within=board)
    told = list({*told_sums(board), *told_sums(providers)})
    secrets = secret_sums(needs, BOARD)

    assert told and secrets
    assert not set(told) & set(secrets)
    assert min(widths(needs, told, some_of(secrets, seed))) >= LEAST_DAYS - 1e-4


def test_without_hiding_a_second_time_the_attack_succeeds() -> None:
    found = 0
    for seed in range(4):
        needs = needs_of(seed)
        told = list(told_sums(all_but_the_small(needs, BOARD)))
        secrets = [each for each in secret_sums(needs, BOARD) if each.ward is None]
        assert not set(told) & set(secrets)
        found += sum(width < 1e-6 for width in widths(needs, told, some_of(secrets, seed)))

    assert found >= 3


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000), st.sampled_from([BOARD, PROVIDERS]))
def test_every_told_sum_has_enough_schools_days_and_no_dominant_one(seed: int, least: int) -> None:
    needs = needs_of(seed)

    for one in told_sums(pattern(needs, least=least)):
        held = one.holds(needs)
        by_school = np.bincount(needs.school[held], needs.days[held])
        if held.any():
            assert len(np.unique(needs.school[held])) >= least
            assert by_school.max() <= 0.6 * by_school.sum() + 1e-9
            assert by_school.sum() >= LEAST_DAYS


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 100_000))
def test_providers_are_told_nothing_the_board_is_not(seed: int) -> None:
    needs = needs_of(seed)
    board = pattern(needs, least=BOARD)
    providers = pattern(needs, least=PROVIDERS, within=board)

    assert set(told_sums(providers)) <= set(told_sums(board))


def test_the_rank_test_finds_what_follows_and_nothing_else() -> None:
    """Of a table of two rows and three columns, the last cell alone in its column follows; the square does not."""
    hidden = np.array([True, True, False, True, True, True])
    rows = np.array([[1, 1, 1, 0, 0, 0], [0, 0, 0, 1, 1, 1]], bool)
    columns = np.array([[1, 0, 0, 1, 0, 0], [0, 1, 0, 0, 1, 0], [0, 0, 1, 0, 0, 1]], bool)

    assert determined(hidden, np.concatenate([rows, columns])).tolist() == [False] * 5 + [True]


def test_a_small_theme_is_told_with_another_only() -> None:
    """Five schools need phonics and writing, one needs maths: maths goes, and the smaller of the others with it."""
    schools = [*range(5), *range(5, 11), 11]
    needs = Needs(
        np.array(schools),
        np.array([0] * 5 + [1] * 6 + [2]),
        np.zeros(12, np.int64),
        np.zeros(12, np.int64),
        np.full((12, 1), 4.0),
        3,
        1,
        1,
        np.zeros(1, np.int64),
    )

    assert pattern(needs, least=BOARD).themes.tolist() == [False, True, False]


# Over time -------------------------------------------------------------------------------------------------------------


def changed_needs(needs: Needs, seed: int) -> Needs:
    """Some schools need other days now."""
    rng = np.random.default_rng(seed)
    parts = needs.parts.copy()
    changes = rng.random(len(parts)) < rng.choice([0.05, 0.3, 0.7])
    parts[changes] += rng.choice([1.0, 2.0, 5.0], size=(changes.sum(), 1))
    return replace(needs, parts=parts)


def next_release(before: Needs, now: Needs) -> tuple[Needs, Pattern]:
    """As `releasing` does: changes are held back until all of them may be told."""
    kept = (before.parts != now.parts).any(axis=1)
    blended, told = now, pattern(now, least=BOARD)
    while True:
        atoms = told.atoms(now.theme, now.phase, now.place, now.ward)
        good = admitted(kept, now.school, atoms, BOARD)
        blended = replace(now, parts=np.where(good[:, None], now.parts, before.parts))
        told = pattern(blended, least=BOARD)
        if (good == kept).all():
            return blended, told
        kept = good


def followed(told: list[Sum], wanted: Sum, needs: Needs) -> bool:
    """Whether a sum is worked out from told ones, whatever the days are."""
    leaves = Attacker(needs, told).leaves
    known = np.array([each.holds(leaves) for each in told], float)
    one = wanted.holds(leaves).astype(float)
    answer = np.linalg.lstsq(known.T, one, rcond=None)[0]
    return bool(np.abs(known.T @ answer - one).max() < 1e-6)


@pytest.mark.parametrize("seed", range(10))
def test_the_difference_of_two_releases_tells_of_no_fewer_than_three_schools(seed: int) -> None:
    first = needs_of(seed)
    second, told = next_release(first, changed_needs(first, seed))
    changed = (first.parts != second.parts).any(axis=1)
    both = list(set(told_sums(pattern(first, least=BOARD))) & set(told_sums(told)))

    assert safe_after(
        changed, first.school, told.atoms(first.theme, first.phase, first.place, first.ward), BOARD
    )
    for at in np.flatnonzero(changed):
        place = Sum(int(first.theme[at]), int(first.phase[at]), int(first.place[at]), None)
        for wanted in (
            place,
            place._replace(place=None),
            place._replace(phase=None),
            Sum(*place[:2], None, int(first.ward[at])),
        ):
            schools = len(np.unique(first.school[changed & wanted.holds(first)]))
            if schools < BOARD and both:
                assert not followed(both, wanted, first)


def test_without_holding_changes_back_a_difference_tells_of_one_school() -> None:
    found = 0
    for seed in range(10):
        first = needs_of(seed)
        second = changed_needs(first, seed)
        changed = (first.parts != second.parts).any(axis=1)
        both = set(told_sums(pattern(first, least=BOARD))) & set(told_sums(pattern(second, least=BOARD)))
        for one in both:
            found += len(np.unique(first.school[changed & one.holds(first)])) in (1, 2)

    assert found >= 3


def test_a_change_is_admitted_in_the_company_of_two_other_schools_only() -> None:
    atoms = np.array([[0, 10], [0, 10], [0, 10], [1, 10], [2, -1]])
    school = np.array([1, 2, 3, 4, 5])
    everything = np.ones(5, bool)

    assert admitted(everything, school, atoms, 3).tolist() == [True, True, True, False, False]
    assert admitted(everything, np.array([1, 1, 3, 4, 5]), atoms, 3).tolist() == [False] * 5
    assert not safe_after(everything, school, atoms, 3)
