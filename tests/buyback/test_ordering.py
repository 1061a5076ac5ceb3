"""From the prices of a school to its basket and its agreements."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, time, timedelta
from typing import Any
from unittest import mock

import pytest
from django.utils import timezone

from marketplace.buyback import actions, queries
from marketplace.buyback.actions.checking import EvidenceMissing
from marketplace.buyback.models import Basket, ServiceAgreement
from marketplace.buyback.queries import Wish, price_of, prices_for
from marketplace.buyback.selling_errors import AlreadyAgreed, BasketInvalid, NotOnSale, NotYetOpen
from marketplace.catalogue.pricing import price_again
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.kernel.dates import ACADEMIC, local, to_utc
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations.models import School
from tests.builders import (
    a_basket,
    a_package,
    a_person,
    a_provider,
    a_school,
    a_window,
    actor_of,
    an_agreement,
    an_area,
    an_edition,
    an_organisation,
)

pytestmark = pytest.mark.django_db

FLAT_PLUS_PER_PUPIL = {"kind": "flat_plus_per_pupil", "flat_pence": 46_614, "primary_pence": 114}


def today() -> date:
    return local(timezone.now()).date()


@contextmanager
def on(day: date) -> Iterator[None]:
    """At noon of a day."""
    with mock.patch("django.utils.timezone.now", return_value=to_utc(day, time(12))):
        yield


def a_head(school: School) -> Actor:
    return actor_of(a_person(Role.HEADTEACHER, at=school))


def order(actor: Actor, basket: Basket, **given: Any) -> list[ServiceAgreement]:
    """The basket submitted by somebody who accepts the terms."""
    fields = {"accepted_name": "Jo Marsh", "accepted_capacity": "Headteacher"} | given
    return actions.submit_basket(actor=actor, basket=basket, **fields)


def a_trust_with(count: int) -> tuple[Any, list[School]]:
    area = an_area()
    trust = an_organisation("trust", area=area)
    schools = []
    for _ in range(count):
        school = a_school(area, academy=True)
        school.trust = trust
        school.save()
        schools.append(school)
    return trust, schools


# Prices ---------------------------------------------------------------------------------------------------------------


def test_the_published_tariff_costs_a_school_of_210_pupils_705_pounds_54() -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)

    price = price_of(Wish(edition, a_school(edition.window.area)), on=today())

    assert price.year_pence == 70_554
    assert price.explanation is not None
    assert [line.pence for line in price.explanation.lines] == [46_614, 23_940]
    assert (price.route.kind, price.vat_pence) == ("journal", 0)


def test_an_academy_pays_the_same_tariff_by_invoice_with_vat() -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)

    price = price_of(Wish(edition, a_school(edition.window.area, academy=True)), on=today())

    assert (price.route.kind, price.net_pence, price.vat_pence) == ("invoice", 70_554, 14_111)
    assert "keeps its money apart" in price.route.reason


def test_a_price_that_cannot_be_worked_out_says_why() -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)

    price = price_of(Wish(edition, a_school(edition.window.area, pupils=None)), on=today())

    assert price.year_pence is None
    assert "pupils" in price.problem


def test_a_longer_agreement_has_its_reduction_and_its_held_price() -> None:
    rule = FLAT_PLUS_PER_PUPIL | {
        "modifiers": [
            {"kind": "multi_year_discount", "steps": [{"years": 2, "percent_off_bp": 1_000}]},
            {"kind": "price_freeze", "years": 2, "yearly_increase_bp": 500},
        ]
    }
    edition = an_edition(price_rule=rule)
    school = a_school(edition.window.area)

    one, two = prices_for([Wish(edition, school), Wish(edition, school, years=2)], on=today())

    assert (one.year_pence, two.year_pence) == (70_554, 63_499)
    assert one.next_year.pence == 74_082  # 5% more, for an agreement of one year
    assert two.next_year.pence == 63_499  # held
    assert two.commitment_pence == 2 * 63_499


def test_next_years_price_is_that_of_next_years_edition_where_it_shows_already() -> None:
    edition = an_edition()
    school = a_school(edition.window.area)
    following = a_window(
        edition.window.area, first_day=edition.window.dates.last_day + timedelta(days=1), state="early"
    )
    an_edition(edition.package, window=following, price_rule={"kind": "fixed", "amount_pence": 130_000})

    estimate = price_of(Wish(edition, school), on=today()).next_year

    assert estimate.pence == 130_000
    assert "on sale already" in estimate.basis


def test_the_price_is_compared_with_what_the_school_pays_now() -> None:
    area = an_area()
    package, school = a_package(a_provider(area)), a_school(area)
    coming = a_window(area)
    running = a_window(area, first_day=coming.first_day.replace(year=coming.first_day.year - 1))
    this_year = an_edition(package, window=running)
    now = an_agreement(school=school, editions=[this_year])
    edition = an_edition(package, window=coming, price_rule={"kind": "fixed", "amount_pence": 126_000})

    price = price_of(Wish(edition, school), on=today())

    assert price.held is not None and price.held.reference == now.reference
    assert (price.held.year_pence, price.change_pence) == (120_000, 6_000)


def test_thirty_packages_and_ten_schools_of_a_trust_are_priced_in_a_fixed_number_of_queries(
    django_assert_max_num_queries: Any,
) -> None:
    trust, _ = a_trust_with(10)
    window = a_window(trust.area)
    seller = a_provider(trust.area)
    for _ in range(30):
        an_edition(a_package(seller), window=window, price_rule={"kind": "per_pupil", "pupil_pence": 500})

    with django_assert_max_num_queries(7):
        editions = list(queries.editions_on_sale(on=today(), window=window))
        rows = queries.schools_to_buy_for(trust, window)
        prices = prices_for([Wish(e, s) for e in editions for s in rows], on=today())

    assert len(prices) == 300
    assert {price.year_pence for price in prices} == {105_000}


# Baskets ----------------------------------------------------------------------------------------------------------------


def test_a_basket_is_filled_before_orders_are_taken_and_kept_until_then() -> None:
    edition = an_edition(window=a_window(state="early"))
    school = a_school(edition.window.area)
    head = a_head(school)

    basket = actions.put_in_basket(actor=head, owner=school.organisation, edition=edition, years=2)

    with pytest.raises(NotYetOpen) as refused:
        order(head, basket)
    assert "Your basket is kept until then" in refused.value.message
    with on(edition.window.orders_from):
        [agreement] = order(head, basket)
    assert agreement.years == 2


def test_before_prices_are_shown_nothing_can_be_put_into_a_basket() -> None:
    edition = an_edition(window=a_window(state="hidden"))
    school = a_school(edition.window.area)

    with pytest.raises(NotYetOpen):
        actions.put_in_basket(actor=a_head(school), owner=school.organisation, edition=edition)


def test_putting_a_package_in_again_changes_its_length() -> None:
    edition = an_edition()
    school = a_school(edition.window.area)
    head = a_head(school)
    actions.put_in_basket(actor=head, owner=school.organisation, edition=edition, years=1)

    basket = actions.put_in_basket(actor=head, owner=school.organisation, edition=edition, years=3)

    assert [line.years for line in basket.lines.all()] == [3]
    with pytest.raises(NotOnSale):
        actions.put_in_basket(actor=head, owner=school.organisation, edition=edition, years=4)


def test_a_level_is_chosen_where_the_price_has_levels() -> None:
    levels = [
        {"name": "Bronze", "visits": 3, "hours": 3, "amount_pence": 294_400},
        {"name": "Gold", "visits": 11, "hours": 6, "amount_pence": 587_100},
    ]
    edition = an_edition(price_rule={"kind": "levels", "levels": levels})
    school = a_school(edition.window.area)
    head = a_head(school)
    with pytest.raises(NotOnSale) as refused:
        actions.put_in_basket(actor=head, owner=school.organisation, edition=edition)
    assert "Bronze, Gold" in refused.value.remedy

    basket = actions.put_in_basket(actor=head, owner=school.organisation, edition=edition, level="Gold")

    assert queries.priced_basket(basket, on=today()).net_pence == 587_100


def test_a_package_the_school_has_already_is_not_bought_twice() -> None:
    edition = an_edition()
    school = a_school(edition.window.area)
    agreement = an_agreement(status="submitted", school=school, editions=[edition])

    with pytest.raises(AlreadyAgreed) as refused:
        actions.put_in_basket(actor=a_head(school), owner=school.organisation, edition=edition)

    assert agreement.reference in refused.value.message


def test_a_basket_belongs_to_its_school_and_its_trust() -> None:
    trust, [school, *_] = a_trust_with(1)
    basket = a_basket(school)

    assert queries.basket_for(actor_of(a_person(Role.TRUST_LEAD, at=trust)), basket.reference) == basket
    with pytest.raises(NotFound):
        queries.basket_for(a_head(a_school(trust.area)), basket.reference)
    with pytest.raises(NotAllowed):
        actions.put_in_basket(
            actor=actor_of(a_person(Role.GOVERNOR, at=school)),
            owner=school.organisation,
            edition=an_edition(window=a_window(trust.area)),
        )


def test_a_trust_buys_for_its_own_schools_only() -> None:
    trust, schools = a_trust_with(2)
    lead = actor_of(a_person(Role.TRUST_LEAD, at=trust))
    edition = an_edition(window=a_window(trust.area, calendar=ACADEMIC))

    with pytest.raises(BasketInvalid):
        actions.put_in_basket(actor=lead, owner=trust, edition=edition)
    with pytest.raises(BasketInvalid):
        actions.put_in_basket(actor=lead, owner=trust, edition=edition, schools=[a_school(trust.area)])
    basket = actions.put_in_basket(actor=lead, owner=trust, edition=edition, schools=schools)
    assert basket.lines.count() == 2


# Submitting ------------------------------------------------------------------------------------------------------------


def test_a_basket_becomes_an_agreement_with_everything_as_it_then_stood() -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)
    school = a_school(edition.window.area)
    head = a_head(school)
    basket = actions.put_in_basket(actor=head, owner=school.organisation, edition=edition)

    [agreement] = order(head, basket, purchase_order_number="PO-17")

    line = agreement.lines.get()
    assert (agreement.buyer, agreement.seller) == (school.organisation, edition.package.seller)
    assert (agreement.starts_on, agreement.ends_on) == (
        edition.window.first_day,
        edition.window.dates.last_day,
    )
    assert (line.year_pence, price_again(line.price).total_pence) == (70_554, 70_554)
    assert line.cancellation_tariff == edition.cancellation_tariff
    assert agreement.parties["buyer"]["urn"] == str(school.urn)
    assert agreement.parties["buyer"]["legal_status"] == "la_maintained"
    assert agreement.route == "journal" and agreement.route_reason
    assert (agreement.terms, agreement.accepted_name, agreement.accepted_capacity) == (
        edition.terms,
        "Jo Marsh",
        "Headteacher",
    )
    assert agreement.purchase_order_number == "PO-17"
    # £705.54 lies below the first step of the ladder: who orders may approve.
    assert agreement.status == "submitted"
    assert [entry.after for entry in history.of(agreement)] == ["draft", "awaiting_approval", "submitted"]
    basket.refresh_from_db()
    assert basket.status == "submitted"


def test_a_larger_order_waits_for_a_second_person() -> None:
    edition = an_edition()  # £1,200
    school = a_school(edition.window.area)
    head = a_head(school)
    basket = actions.put_in_basket(actor=head, owner=school.organisation, edition=edition)

    [agreement] = order(head, basket)

    assert agreement.status == "awaiting_approval"
    assert agreement.approved_by is None


def test_an_order_of_other_staff_waits_for_somebody_to_accept_the_terms() -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)
    school = a_school(edition.window.area)
    staff = actor_of(a_person(Role.STAFF, at=school))
    basket = actions.put_in_basket(actor=staff, owner=school.organisation, edition=edition)

    [agreement] = order(staff, basket)

    assert agreement.status == "awaiting_approval"
    assert (agreement.accepted_at, agreement.accepted_name) == (None, "")


def test_whoever_may_commit_money_accepts_the_terms_by_name_and_position() -> None:
    edition = an_edition()
    school = a_school(edition.window.area)
    head = a_head(school)
    basket = actions.put_in_basket(actor=head, owner=school.organisation, edition=edition)

    with pytest.raises(BasketInvalid) as refused:
        order(head, basket, accepted_capacity=" ")

    assert refused.value.field == "accepted_capacity"
    assert (
        not queries.agreements_visible_to(SYSTEM).exists()
        if hasattr(queries, "agreements_visible_to")
        else True
    )


def test_a_trusts_basket_splits_into_an_agreement_per_school_seller_and_length() -> None:
    trust, [first, second] = a_trust_with(2)
    lead = actor_of(a_person(Role.TRUST_LEAD, at=trust))
    window = a_window(trust.area, calendar=ACADEMIC)
    one_seller, another = a_provider(trust.area), a_provider(trust.area)
    support, extra, other = (
        an_edition(a_package(seller), window=window) for seller in (one_seller, one_seller, another)
    )
    for edition, schools, years in (
        (support, [first, second], 1),
        (extra, [first], 1),
        (other, [first], 2),
    ):
        basket = actions.put_in_basket(actor=lead, owner=trust, edition=edition, schools=schools, years=years)

    made = order(lead, basket, accepted_capacity="Chief executive")

    assert sorted((a.buyer.name, a.seller.name, a.years, a.lines.count()) for a in made) == sorted(
        [
            (first.organisation.name, one_seller.name, 1, 2),
            (second.organisation.name, one_seller.name, 1, 1),
            (first.organisation.name, another.name, 2, 1),
        ]
    )
    assert {a.ordered_by for a in made} == {trust}
    assert {a.route for a in made} == {"invoice"}
    assert {a.ends_on.year - a.starts_on.year for a in made if a.years == 2} == {2}


def test_a_basket_is_ordered_once_however_often_it_is_submitted() -> None:
    edition = an_edition()
    school = a_school(edition.window.area)
    head = a_head(school)
    basket = actions.put_in_basket(actor=head, owner=school.organisation, edition=edition)

    first, again = order(head, basket), order(head, basket)

    assert [a.pk for a in first] == [a.pk for a in again]


def test_a_late_order_pays_the_months_left_and_the_late_charge() -> None:
    area = an_area()
    window = a_window(
        area,
        first_day=date(2027, 4, 1),
        prices_visible_from=date(2027, 1, 15),
        orders_from=date(2027, 2, 1),
        closes_on=date(2027, 3, 31),
        late_rule="pro_rata",
        late_charge_pence=5_000,
    )
    edition = an_edition(a_package(a_provider(area)), window=window)
    school = a_school(area)
    head = a_head(school)
    with on(date(2027, 10, 2)):
        basket = actions.put_in_basket(actor=head, owner=school.organisation, edition=edition, years=2)
        [agreement] = order(head, basket)

    assert (agreement.starts_on, agreement.ends_on) == (date(2027, 11, 1), date(2029, 3, 31))
    assert agreement.lines.get().year_pence == 50_000  # five of twelve months
    assert agreement.lines.get().price["total_pence"] == 120_000
    assert agreement.late_charge_pence == 5_000


def test_after_the_close_an_order_is_refused_where_the_window_takes_none() -> None:
    edition = an_edition(window=a_window(late_rule="refused"))
    school = a_school(edition.window.area)
    basket = a_basket(school, editions=[edition])

    after = edition.window.closes_on + timedelta(days=1)
    with on(after), pytest.raises(NotYetOpen) as refused:
        order(a_head(school), basket)

    assert "Late orders are not taken" in refused.value.remedy


def test_a_package_taken_off_sale_stops_the_order_and_says_which() -> None:
    edition = an_edition()
    school = a_school(edition.window.area)
    basket = a_basket(school, editions=[edition])
    actions.withdraw_edition(actor=SYSTEM, edition=edition)

    with pytest.raises(BasketInvalid) as refused:
        order(a_head(school), basket)

    assert edition.package.name in refused.value.message


def test_an_order_that_needs_quotes_is_not_placed_without_them() -> None:
    edition = an_edition(price_rule={"kind": "fixed", "amount_pence": 1_500_000})
    school = a_school(edition.window.area)
    basket = a_basket(school, editions=[edition])

    with pytest.raises(EvidenceMissing) as refused:
        order(a_head(school), basket)

    assert refused.value.field == "evidence"
    basket.refresh_from_db()
    assert basket.status == "open"


def test_two_baskets_with_the_same_package_for_a_school_cannot_both_be_ordered() -> None:
    trust, [school] = a_trust_with(1)
    edition = an_edition(window=a_window(trust.area, calendar=ACADEMIC))
    lead = actor_of(a_person(Role.TRUST_LEAD, at=trust))
    of_trust = a_basket(trust, editions=[edition], schools=[school])
    of_school = a_basket(school, editions=[edition])
    order(lead, of_trust)

    with pytest.raises(BasketInvalid) as refused:
        order(lead, of_school)

    assert "has it already" in refused.value.message
