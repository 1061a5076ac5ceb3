"""What a contract year brings, what becomes of the rest at its end, and who may decide it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from marketplace.buyback import actions, queries
from marketplace.buyback.actions import NotConvertible, NothingToCarry, entitlements
from marketplace.buyback.ledgers import Drawdown, accounts_of
from marketplace.buyback.models import BuyBackWindow, CarryForward, Entitlement, ServiceAgreement
from marketplace.buyback.rules.drawing import carried, grant_words, granted_for
from marketplace.buyback.verification import carried_days_arrive, grants_are_accounted_for
from marketplace.kernel import history, transfers
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import FINANCIAL, contract_year
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.kernel.transfers import Movement
from tests.builders import (
    a_convenor,
    a_package,
    a_person,
    a_provider,
    a_school,
    a_window,
    actor_of,
    an_agreement,
    an_edition,
)
from tests.buyback.test_agreements import on_the

pytestmark = pytest.mark.django_db


def granted(agreement: ServiceAgreement | None = None, **how: Any) -> Entitlement:
    """The entitlement of an agreement's first contract year."""
    agreement = agreement or an_agreement(**how)
    [entitlement] = actions.grant_entitlements(actor=SYSTEM, year=agreement.contract_years.get(number=1))
    return entitlement


def with_policy(policy: str, *, cap: int = 0, rights: bool = False, years: int = 2) -> Entitlement:
    school = a_school()
    year = contract_year(FINANCIAL, timezone.now().date())
    before = {"prices_visible_from": year.start, "orders_from": year.start, "closes_on": year.start}
    edition = an_edition(
        window=a_window(school.area, first_day=year.start, **before),
        carry_forward=policy,
        carry_cap_half_days=cap,
        exchange_rights=rights,
    )
    return granted(school=school, editions=[edition], years=years)


def balances(entitlement: Entitlement) -> dict[str, int]:
    return {purpose: row.balance for purpose, row in accounts_of(entitlement).items() if row.balance}


def ended(entitlement: Entitlement, days_ago: int = 1) -> Entitlement:
    """The same, its year over."""
    entitlement.valid_from = timezone.now().date() - timedelta(days=365 + days_ago)
    entitlement.valid_to = timezone.now().date() - timedelta(days=days_ago)
    entitlement.save()
    return entitlement


def holder(entitlement: Entitlement, role: Role = Role.BUDGET_HOLDER):  # type: ignore[no-untyped-def]
    return actor_of(a_person(role, at=entitlement.holder))


def seller(entitlement: Entitlement):  # type: ignore[no-untyped-def]
    return actor_of(a_person(Role.PROVIDER_LEAD, at=entitlement.agreement.seller))


# Granting ------------------------------------------------------------------------------------------------------------


def test_a_contract_year_brings_what_the_package_includes_once() -> None:
    agreement = an_agreement()
    year = agreement.contract_years.get()

    [entitlement] = actions.grant_entitlements(actor=SYSTEM, year=year)
    again = actions.grant_entitlements(actor=SYSTEM, year=year)

    assert again == [entitlement]
    assert balances(entitlement) == {"granted": -8, "available": 8}
    assert (entitlement.holder, entitlement.unit) == (agreement.buyer, "half_days")
    assert (entitlement.valid_from, entitlement.valid_to) == (year.starts_on, year.ends_on)
    assert transfers.disagreements() == grants_are_accounted_for() == []


def test_places_and_reviews_are_counted_apart_from_days() -> None:
    window = a_window()
    edition = an_edition(window=window, includes=[("days", 4), ("places", 3), ("peer_review", 1)])
    agreement = an_agreement(
        status="submitted",
        editions=[edition],
        school=a_school(window.area),
        starts_on=window.first_day,
        with_year=True,
    )

    entitlements = actions.grant_entitlements(actor=SYSTEM, year=agreement.contract_years.get())

    assert [(e.kind, e.unit, e.granted) for e in entitlements] == [
        ("days", "half_days", 4),
        ("places", "places", 3),
        ("peer_review", "reviews", 1),
    ]


@pytest.mark.parametrize(
    ("quantity", "months", "brings", "words"),
    [
        (8, 12, 8, "4 days a year"),
        (8, 6, 4, "6 of 12 months of 4 days a year: 2 days"),
        (9, 6, 5, "6 of 12 months of 4½ days a year: 2½ days, rounded to the half-day"),
        (8, 7, 5, "7 of 12 months of 4 days a year: 2½ days, rounded to the half-day"),
        (8, 5, 3, "5 of 12 months of 4 days a year: 1½ days, rounded to the half-day"),
        (1, 5, 0, "5 of 12 months of half a day a year: 0 days, rounded to the half-day"),
    ],
)
def test_a_part_of_a_year_brings_its_share_half_up_and_says_so(
    quantity: int, months: int, brings: int, words: str
) -> None:
    assert granted_for(quantity, months) == brings
    assert grant_words(quantity, months, "half_days") == words


@given(st.integers(0, 400), st.integers(0, 12))
def test_two_parts_of_a_year_never_bring_less_than_the_year(quantity: int, months: int) -> None:
    both = granted_for(quantity, months) + granted_for(quantity, 12 - months)
    assert quantity <= both <= quantity + 1


def test_an_agreement_from_mid_year_brings_the_months_left() -> None:
    first_day = an_agreement().starts_on
    starts = date(first_day.year, first_day.month, 1)
    starts = starts.replace(month=(starts.month + 5) % 12 + 1, year=starts.year + (starts.month + 5) // 12)
    entitlement = granted(starts_on=starts)

    assert entitlement.granted == 4
    [step] = queries.steps_of(entitlement)
    assert "6 of 12 months" in step.transfer.reason


# The end of the year -------------------------------------------------------------------------------------------------


def test_unused_days_lapse_when_the_year_is_over() -> None:
    entitlement = ended(with_policy(CarryForward.NONE))

    assert actions.settle_ended_years() == 1
    assert actions.settle_ended_years() == 0

    entitlement.refresh_from_db()
    assert balances(entitlement) == {"granted": -8, "expired": 8}
    assert entitlement.closed_at is not None
    last = history.of(entitlement).last()
    assert last is not None and last.note == "4 days lapsed."


def test_one_entitlement_that_fails_keeps_no_other_from_being_settled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken, sound = ended(with_policy(CarryForward.NONE)), ended(with_policy(CarryForward.NONE))
    real = entitlements.waits_for_an_order

    def fails(entitlement: Entitlement, *, on: date) -> bool:
        assert entitlement != broken
        return real(entitlement, on=on)

    monkeypatch.setattr(entitlements, "waits_for_an_order", fails)

    assert actions.settle_ended_years() == 1
    assert balances(sound) == {"granted": -8, "expired": 8}
    assert balances(broken) == {"granted": -8, "available": 8}


def test_nothing_lapses_before_its_last_day_is_over() -> None:
    entitlement = ended(with_policy(CarryForward.NONE), days_ago=0)

    assert actions.settle_ended_years() == 0
    assert balances(entitlement)["available"] == 8


def test_up_to_the_cap_days_are_carried_into_the_next_year_only() -> None:
    entitlement = ended(with_policy(CarryForward.CAPPED, cap=3))
    entitlement.agreement.ends_on = entitlement.valid_to + timedelta(days=365)
    entitlement.agreement.save()

    actions.settle_ended_years()

    after = entitlement.carried_into
    assert balances(entitlement) == {"granted": -8, "carried": 3, "expired": 5}
    assert balances(after) == {"granted": -3, "available": 3}
    assert after.valid_from == entitlement.valid_to + timedelta(days=1)
    assert carried_days_arrive() == grants_are_accounted_for() == []

    ended(after)
    actions.settle_ended_years()
    assert balances(after) == {"granted": -3, "expired": 3}


def test_days_are_not_carried_where_no_agreement_follows() -> None:
    entitlement = ended(with_policy(CarryForward.CAPPED, cap=3, years=1))
    entitlement.agreement.ends_on = entitlement.valid_to
    entitlement.agreement.starts_on = entitlement.valid_from
    entitlement.agreement.save()

    actions.settle_ended_years()

    assert balances(entitlement) == {"granted": -8, "expired": 8}


def ordered_late(policy: str, *, opened_days_ago: int = 5, open_days: int = 40, cap: int = 3) -> Entitlement:
    """Days whose year ended where next year's orders open after its end (as in East Sussex), not ordered yet."""
    entitlement = with_policy(policy, cap=cap, years=1)
    agreement = entitlement.agreement
    ended(entitlement, days_ago=opened_days_ago)
    agreement.starts_on, agreement.ends_on = entitlement.valid_from, entitlement.valid_to
    agreement.save()
    opens = entitlement.valid_to + timedelta(days=1)
    a_window(
        agreement.window.area,
        first_day=opens,
        prices_visible_from=opens,
        orders_from=opens,
        closes_on=opens + timedelta(days=open_days),
    )
    return entitlement


def order_again(entitlement: Entitlement) -> None:
    window = BuyBackWindow.objects.get(first_day=entitlement.valid_to + timedelta(days=1))
    following = an_agreement(
        school=entitlement.holder.school,
        editions=[an_edition(entitlement.line.edition.package, window=window)],
        status="submitted",
    )
    assert actions.link_renewal(following) == entitlement.agreement


def test_days_wait_for_next_years_order_while_its_window_is_open() -> None:
    entitlement = ordered_late(CarryForward.CAPPED)
    assert actions.settle_ended_years() == 0

    order_again(entitlement)

    assert actions.settle_ended_years() == 1
    assert balances(entitlement) == {"granted": -8, "carried": 3, "expired": 5}


def test_days_wait_while_next_years_order_waits_for_approval_and_lapse_when_it_is_refused() -> None:
    entitlement = ordered_late(CarryForward.CAPPED, opened_days_ago=60)
    order_again(entitlement)
    order = ServiceAgreement.objects.scoped().filter(supersedes=entitlement.agreement)
    order.update(status="awaiting_approval")
    assert actions.settle_ended_years() == 0

    head = actor_of(a_person(Role.HEADTEACHER, at=entitlement.holder))
    actions.refuse_agreement(actor=head, agreement=order.get(), reason="Not this year")

    assert actions.settle_ended_years() == 1
    assert balances(entitlement) == {"granted": -8, "expired": 8}


def test_days_are_carried_where_one_order_renews_two_agreements() -> None:
    school, provider = a_school(), a_provider()
    year = contract_year(FINANCIAL, timezone.now().date())
    window = a_window(school.area, first_day=year.start)
    next_window = a_window(school.area, first_day=year.end + timedelta(days=1))
    packages = [a_package(provider) for _ in range(2)]
    policy = {"carry_forward": CarryForward.CAPPED, "carry_cap_half_days": 3}
    agreements = [
        an_agreement(school=school, editions=[an_edition(package, window=window, **policy)])
        for package in packages
    ]
    entitlements = [granted(agreement) for agreement in agreements]
    both = [an_edition(package, window=next_window) for package in packages]
    following = an_agreement(school=school, editions=both, status="submitted")

    assert actions.link_renewal(following) == agreements[0]
    with on_the(year.end):
        assert not queries.ending_soon(year.end, 60)
        head = actor_of(a_person(Role.HEADTEACHER, at=school))
        assert "renew" not in queries.agreement_verbs_for(head, agreements[1], today=year.end)
    with on_the(year.end + timedelta(days=1)):
        actions.settle_ended_years()

    assert [balances(each)["carried"] for each in entitlements] == [3, 3]


@pytest.mark.parametrize(("ago", "open_days"), [(60, 40), (95, 300)])
def test_days_wait_no_longer_than_the_window_and_three_months(ago: int, open_days: int) -> None:
    entitlement = ordered_late(CarryForward.CAPPED, opened_days_ago=ago, open_days=open_days)

    assert actions.settle_ended_years() == 1
    assert balances(entitlement) == {"granted": -8, "expired": 8}


def test_days_that_are_never_carried_do_not_wait() -> None:
    entitlement = ordered_late(CarryForward.NONE)

    assert actions.settle_ended_years() == 1
    assert balances(entitlement) == {"granted": -8, "expired": 8}


def test_where_orders_open_after_the_year_the_school_asks_the_seller_once_it_has_ordered() -> None:
    entitlement = ordered_late(CarryForward.WITH_APPROVAL)
    ask: dict[str, Any] = {"entitlement": entitlement, "quantity": 5, "reason": "Staff were ill"}
    with pytest.raises(NothingToCarry, match="no agreement for the next"):
        actions.request_carry_forward(actor=holder(entitlement), **ask)
    order_again(entitlement)
    assert actions.settle_ended_years() == 0

    request = actions.request_carry_forward(actor=holder(entitlement), **ask)
    assert actions.settle_ended_years() == 0
    actions.decide_carry_forward(actor=seller(entitlement), request=request, approve=True)

    assert balances(entitlement) == {"granted": -8, "carried": 5, "expired": 3}


def test_the_cap_is_one_for_all_days_of_a_package_and_for_days_only() -> None:
    school = a_school()
    year = contract_year(FINANCIAL, timezone.now().date())
    before = {"prices_visible_from": year.start, "orders_from": year.start, "closes_on": year.start}
    edition = an_edition(
        window=a_window(school.area, first_day=year.start, **before),
        carry_forward=CarryForward.CAPPED,
        carry_cap_half_days=5,
        includes=[("days", 4), ("days", 6), ("places", 3)],
    )
    agreement = an_agreement(school=school, editions=[edition], years=2)
    entitlements = actions.grant_entitlements(actor=SYSTEM, year=agreement.contract_years.get(number=1))
    for each in entitlements:
        ended(each)
    ServiceAgreement.objects.scoped().filter(pk=agreement.pk).update(
        ends_on=timezone.now().date() + timedelta(days=300)
    )

    actions.settle_ended_years()

    assert [balances(each).get("carried", 0) for each in entitlements] == [4, 1, 0]
    assert [balances(each).get("expired", 0) for each in entitlements] == [0, 5, 3]


@pytest.mark.parametrize(
    ("policy", "left", "how", "expected"),
    [
        ("none", 8, {}, 0),
        ("capped", 8, {"cap": 3}, 3),
        ("capped", 2, {"cap": 3}, 2),
        ("with_approval", 8, {}, 0),
        ("with_approval", 8, {"approved": 5}, 5),
        ("with_approval", 2, {"approved": 5}, 2),
        ("capped", 8, {"cap": 3, "was_carried": True}, 0),
        ("capped", 8, {"cap": 3, "is_days": False}, 0),
    ],
)
def test_what_is_carried_follows_the_policy(
    policy: str, left: int, how: dict[str, Any], expected: int
) -> None:
    assert carried(policy, left, **how) == expected


def asked(quantity: int = 5) -> tuple[Entitlement, Any]:
    entitlement = with_policy(CarryForward.WITH_APPROVAL)
    entitlement.valid_to = timezone.now().date() + timedelta(days=30)
    entitlement.save()
    request = actions.request_carry_forward(
        actor=holder(entitlement), entitlement=entitlement, quantity=quantity, reason="Staff were ill"
    )
    return entitlement, request


def test_with_the_sellers_approval_days_are_carried_forward() -> None:
    entitlement, request = asked()
    actions.decide_carry_forward(actor=seller(entitlement), request=request, approve=True)

    entitlement.refresh_from_db()
    ended(entitlement)
    actions.settle_ended_years()

    assert balances(entitlement) == {"granted": -8, "carried": 5, "expired": 3}


def test_days_wait_for_the_sellers_word_and_no_longer_than_four_weeks() -> None:
    entitlement, request = asked()
    ended(entitlement)
    assert actions.settle_ended_years() == 0

    long_ago = actions.entitlements.CARRY_DECISION_DAYS + 1
    ended(entitlement, days_ago=long_ago)
    type(request).objects.update(requested_at=timezone.now() - timedelta(days=long_ago))
    assert actions.settle_ended_years() == 1
    assert balances(entitlement) == {"granted": -8, "expired": 8}


def test_an_answer_after_the_year_settles_it_at_once() -> None:
    entitlement, request = asked()
    ended(entitlement)

    actions.decide_carry_forward(actor=seller(entitlement), request=request, approve=False, note="Rules")

    assert balances(entitlement) == {"granted": -8, "expired": 8}


def test_only_the_seller_decides_and_only_those_who_answer_for_the_school_ask() -> None:
    entitlement, request = asked()
    with pytest.raises(NotAllowed):
        actions.decide_carry_forward(actor=holder(entitlement), request=request, approve=True)
    with pytest.raises(NotFound):
        actions.decide_carry_forward(
            actor=actor_of(a_person(Role.PROVIDER_LEAD, at=a_school())), request=request, approve=True
        )
    with pytest.raises(NotAllowed):
        actions.request_carry_forward(
            actor=holder(entitlement, Role.STAFF), entitlement=entitlement, quantity=1, reason="x"
        )
    actions.decide_carry_forward(actor=seller(entitlement), request=request, approve=True)
    with pytest.raises(NotNow):
        actions.decide_carry_forward(actor=seller(entitlement), request=request, approve=True)


def test_carrying_is_asked_for_near_the_end_and_not_for_more_than_is_left() -> None:
    entitlement = with_policy(CarryForward.WITH_APPROVAL)
    entitlement.valid_to = timezone.now().date() + timedelta(days=200)
    entitlement.save()
    with pytest.raises(NothingToCarry, match="too soon"):
        actions.request_carry_forward(
            actor=holder(entitlement), entitlement=entitlement, quantity=1, reason="x"
        )
    entitlement.valid_to = timezone.now().date() + timedelta(days=20)
    entitlement.save()
    with pytest.raises(NothingToCarry, match="4 days of these are left"):
        actions.request_carry_forward(
            actor=holder(entitlement), entitlement=entitlement, quantity=9, reason="x"
        )


# Ending early, conversion, credits -----------------------------------------------------------------------------------


def test_days_of_an_agreement_ended_early_lapse() -> None:
    entitlement = with_policy(CarryForward.CAPPED, cap=8)

    actions.close_entitlements(actor=SYSTEM, agreement=entitlement.agreement, on=timezone.now().date())

    assert balances(entitlement) == {"granted": -8, "expired": 8}


def test_what_is_left_moves_to_the_agreement_of_the_converted_school() -> None:
    entitlement = granted()
    old = entitlement.agreement
    new = an_agreement(school=a_school(old.buyer.area), seller=old.seller)

    [moved] = actions.move_entitlements(actor=SYSTEM, old=old, new=new, on=timezone.now().date())

    assert balances(entitlement) == {"granted": -8, "carried": 8}
    assert balances(moved) == {"granted": -8, "available": 8}
    assert (moved.holder, moved.agreement, moved.valid_to) == (new.buyer, new, entitlement.valid_to)
    assert carried_days_arrive() == []


def test_what_comes_back_after_the_move_follows() -> None:
    entitlement = granted()
    old = entitlement.agreement
    accounts = accounts_of(entitlement)
    held = Movement(accounts["available"], accounts["reserved"], 2, "Held", "x")
    with transaction.atomic():
        transfers.move(by=SYSTEM, movements=[held], on=date(2026, 1, 1))
    new = an_agreement(school=a_school(old.buyer.area), seller=old.seller)
    [moved] = actions.move_entitlements(actor=SYSTEM, old=old, new=new, on=timezone.now().date())

    actions.release(actor=SYSTEM, entitlement=entitlement, quantity=2, effect="x", reason="Cancelled")
    assert actions.settle_ended_years() == 1

    moved.refresh_from_db()
    assert balances(entitlement) == {"granted": -8, "carried": 8}
    assert balances(moved) == {"granted": -8, "available": 8}
    assert carried_days_arrive() == grants_are_accounted_for() == []


def test_unused_days_become_credits_where_the_package_has_that_right() -> None:
    entitlement = with_policy(CarryForward.NONE, rights=True)

    actions.convert_to_credits(actor=holder(entitlement), entitlement=entitlement, quantity=3)

    assert balances(entitlement) == {"granted": -8, "available": 5, "converted": 3}
    assert queries.credits_of(entitlement.holder_id) == (3, 0)
    with pytest.raises(NotConvertible, match="2½ days of these are left"):
        actions.convert_to_credits(actor=holder(entitlement), entitlement=entitlement, quantity=6)


def test_without_that_right_days_stay_days() -> None:
    entitlement = with_policy(CarryForward.NONE)
    with pytest.raises(NotConvertible, match="no right"):
        actions.convert_to_credits(actor=holder(entitlement), entitlement=entitlement, quantity=1)


# Who sees what -------------------------------------------------------------------------------------------------------


def test_balances_are_seen_by_the_school_its_trust_the_seller_and_the_area() -> None:
    entitlement = granted()
    area = entitlement.holder.area
    assert area is not None
    readers = [
        holder(entitlement, Role.STAFF),
        holder(entitlement, Role.GOVERNOR),
        seller(entitlement),
        actor_of(a_convenor(area)),
    ]
    for reader in readers:
        assert entitlement in queries.entitlements_visible_to(reader)
    for stranger in (
        actor_of(a_person(Role.HEADTEACHER, at=a_school())),
        actor_of(a_person(Role.PROVIDER_LEAD, at=a_package().seller)),
    ):
        assert entitlement not in queries.entitlements_visible_to(stranger)
        with pytest.raises(NotFound):
            queries.entitlement_for(stranger, entitlement.agreement.reference, entitlement.pk)


def test_each_movement_says_who_when_and_what_was_left() -> None:
    entitlement = with_policy(CarryForward.NONE, rights=True)
    actions.convert_to_credits(actor=holder(entitlement), entitlement=entitlement, quantity=3)

    steps = queries.steps_of(entitlement)

    assert [(s.verb, s.quantity, s.left) for s in steps] == [
        ("Granted", 8, 8),
        ("Turned into credits", 3, 5),
    ]
    assert steps[1].transfer.by is not None and steps[0].transfer.by is None


def test_days_about_to_lapse_are_found() -> None:
    entitlement = granted()
    entitlement.valid_to = timezone.now().date() + timedelta(days=20)
    entitlement.save()
    rows = queries.with_balances(Entitlement.objects.all())

    today = timezone.now().date()
    assert list(queries.lapsing(rows, today=today)) == [entitlement]
    assert list(queries.lapsing(rows, today=today, within=10)) == []
    assert Drawdown.AVAILABLE == "available"
