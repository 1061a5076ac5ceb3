"""What visits under an agreement cost and who pays: as all four signed, not as the offer of the day says."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.errors import CannotBeCommissioned, NotPayableSo
from marketplace.bookings.models import Booking, BookingStatus, PaymentRoute
from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import StreamNotNamed
from marketplace.brokerage.models import Deployment
from marketplace.brokerage.rules.deployments import Terms
from marketplace.brokerage.rules.visit_prices import price_of_visit, price_per_day
from marketplace.buyback.actions import BudgetExceeded
from marketplace.buyback.queries import budget_of
from marketplace.catalogue.models import OfferVersion
from marketplace.kernel.dates import FINANCIAL, contract_year, financial_year, local
from marketplace.kernel.errors import NotAllowed
from marketplace.kernel.verification import verify
from marketplace.organisations.errors import InterestInTheWay
from tests.builders import (
    Parties,
    a_booking,
    a_booking_day,
    a_convenor,
    a_deployment,
    a_stream,
    actor_of,
    an_interest,
    the_parties,
)

PER_DAY = {"kind": "per_day", "amount_pence": 350_00}
DEARER = {"kind": "per_day", "amount_pence": 500_00}


# The rule


def terms(price: dict[str, Any], *, net_pence: int = 1_400_00, half_days: int = 8) -> Terms:
    return Terms(
        focus="Reading",
        background="",
        objectives=(),
        half_days=half_days,
        starts_on=date(2026, 9, 1),
        ends_on=date(2026, 12, 1),
        mid_point_on=date(2026, 10, 1),
        confidentiality="",
        payer="school",
        school_percent=0,
        payer_note="",
        price=price,
        net_pence=net_pence,
        route="invoice",
        route_reason="",
    )


COUNTED = {
    "inputs": {"quantity": {"half_days": 8}},
    "shares": {"buyer": 1_400_00, "releasing_school": 1_190_00, "broker": 210_00},
}


def test_a_visit_has_its_part_of_the_agreed_price_and_of_each_share() -> None:
    price = price_of_visit(terms(COUNTED), 1, "DP-1 (version 2)")

    assert price is not None and price.net_pence == 175_00
    assert price.data["shares"] == {"buyer": 175_00, "releasing_school": 148_75, "broker": 26_25}
    assert price.data["lines"] == [
        {"sentence": "Half a day at £350.00 a day, as agreed in DP-1 (version 2)", "pence": 175_00}
    ]


def test_a_price_that_does_not_grow_with_the_days_has_no_price_a_day() -> None:
    flat = COUNTED | {"inputs": {"quantity": {"half_days": 0}}}

    assert price_per_day(terms(flat)) is None and price_of_visit(terms(flat), 2, "DP-1") is None


# Visits


def book(parties: Parties, row: Deployment, **more: Any) -> Booking:
    given = {"day": parties.scene.day, "session": "day", "mode": "in_person"} | more
    return actions.book_visit(actor=parties.scene.buyer, deployment=row, **given)


def the_offer_costs(parties: Parties, rule: dict[str, Any]) -> None:
    OfferVersion.objects.filter(pk=parties.scene.offer.current_id).update(price_rule=rule)


def priced_parties() -> Parties:
    parties = the_parties()
    the_offer_costs(parties, PER_DAY)
    parties.scene.offer.refresh_from_db()
    return parties


def paid_by_the_authority(parties: Parties, *, budget: int = 5_000_00) -> tuple[Deployment, Any]:
    row = a_deployment(parties, payer="authority")
    stream = a_stream(
        parties.scene.area,
        pence=budget,
        financial_year=financial_year(parties.scene.day),
    )
    actions.fund_deployment(actor=parties.convenor, deployment=row, stream=stream)
    return row, stream


@pytest.mark.django_db
def test_a_visit_costs_what_was_agreed_though_the_offer_costs_more_by_now() -> None:
    parties = priced_parties()
    row = a_deployment(parties)
    the_offer_costs(parties, DEARER)

    booking = book(parties, row)

    assert booking.net_pence == 350_00 and booking.price["total_pence"] == 350_00
    assert booking.route_reason.startswith(
        f"As deployment agreement {row.reference} (version 1) says: the receiving school pays."
    )
    assert book(parties, row) == booking


@pytest.mark.django_db
def test_a_scoping_visit_before_all_have_signed_costs_what_the_offer_says() -> None:
    parties = priced_parties()
    row = a_deployment(parties, status="to_sign")
    the_offer_costs(parties, DEARER)

    assert book(parties, row, kind="scoping").net_pence == 500_00


@pytest.mark.django_db
@pytest.mark.parametrize(("status", "pence"), [("awaiting_approval", 350_00), ("confirmed", 500_00)])
def test_a_booking_taken_in_gets_the_agreed_price_unless_its_own_was_approved(
    status: str, pence: int
) -> None:
    parties = priced_parties()
    row = a_deployment(parties)
    made = a_booking(
        status=status,
        school=parties.scene.school,
        practitioner=parties.scene.practitioner,
        offer=parties.scene.offer,
        net_pence=500_00,
        route=PaymentRoute.INVOICE,
    )

    actions.tie_visit(actor=parties.scene.buyer, deployment=row, booking=made)

    made.refresh_from_db()
    assert made.net_pence == pence


@pytest.mark.django_db
def test_where_the_authority_pays_the_school_is_not_billed_and_the_stream_sets_the_price_aside() -> None:
    parties = priced_parties()
    row, stream = paid_by_the_authority(parties)

    booking = book(parties, row)
    assert (booking.route, booking.funding_stream, booking.committed_pence) == ("commissioned", stream, 0)
    [way] = booking_queries.ways_to_pay(booking)
    assert way.label == "The local authority pays"
    bookings.order_booking(actor=parties.scene.receiving_head, booking=booking.reference)

    assert budget_of(stream).committed == 350_00
    assert [line for verdict in verify() for line in verdict.disagreements] == []


@pytest.mark.django_db
def test_a_stream_is_not_overdrawn_by_visits() -> None:
    parties = priced_parties()
    row, stream = paid_by_the_authority(parties, budget=500_00)
    first = book(parties, row)
    bookings.order_booking(actor=parties.scene.receiving_head, booking=first.reference)
    second = book(parties, row, day=a_booking_day(days_ahead=20))

    with pytest.raises(BudgetExceeded):
        bookings.order_booking(actor=parties.scene.receiving_head, booking=second.reference)

    assert budget_of(stream).committed == 350_00


@pytest.mark.django_db
def test_a_visit_the_authority_pays_for_is_not_paid_otherwise() -> None:
    parties = priced_parties()
    row, _ = paid_by_the_authority(parties)
    booking = book(parties, row)

    with pytest.raises(NotPayableSo):
        bookings.order_booking(
            actor=parties.scene.receiving_head, booking=booking.reference, pay_by=PaymentRoute.EXCHANGE
        )


@pytest.mark.django_db
def test_until_the_authority_has_named_a_stream_no_visit_is_booked() -> None:
    parties = priced_parties()
    row = a_deployment(parties, payer="authority")
    [item] = [
        each
        for each in queries.awaiting_in_deployments(parties.convenor, now=timezone.now())
        if each.url_name == "deployments:fund"
    ]
    assert item.url_args == (row.reference,)

    with pytest.raises(StreamNotNamed, match="no funding stream"):
        book(parties, row)


@pytest.mark.django_db
def test_a_stream_is_asked_for_in_each_financial_year_of_the_deployment() -> None:
    parties = priced_parties()
    today = local(timezone.now()).date()
    this_year = contract_year(FINANCIAL, today)
    row = a_deployment(
        parties, payer="authority", starts_on=today, ends_on=this_year.end + timedelta(days=20)
    )

    def asked(years: int) -> list[date | None]:
        now = timezone.now() + timedelta(days=365 * years)
        items = queries.awaiting_in_deployments(parties.convenor, now=now)
        return [each.due_on for each in items if each.url_name == "deployments:fund"]

    assert asked(0) == [today]
    stream = a_stream(parties.scene.area, financial_year=financial_year(today))
    actions.fund_deployment(actor=parties.convenor, deployment=row, stream=stream)
    assert asked(0) == asked(1) == [this_year.end + timedelta(days=1)]
    assert asked(2) == []
    following = a_stream(parties.scene.area, name="Next year", financial_year=financial_year(row.ends_on))
    actions.fund_deployment(actor=parties.convenor, deployment=row, stream=following)
    assert asked(0) == []


@pytest.mark.django_db
def test_an_approved_booking_taken_in_is_paid_by_the_authority_from_then_on() -> None:
    parties = priced_parties()
    row, stream = paid_by_the_authority(parties)
    made = a_booking(
        status=BookingStatus.CONFIRMED,
        school=parties.scene.school,
        practitioner=parties.scene.practitioner,
        offer=parties.scene.offer,
        net_pence=300_00,
        route=PaymentRoute.INVOICE,
    )

    actions.tie_visit(actor=parties.scene.buyer, deployment=row, booking=made)

    made.refresh_from_db()
    assert (made.route, made.net_pence) == (PaymentRoute.COMMISSIONED, 300_00)
    assert budget_of(stream).committed == 300_00


@pytest.mark.django_db
def test_the_convenor_alone_names_a_stream_of_a_year_of_the_deployment() -> None:
    parties = priced_parties()
    row = a_deployment(parties, payer="authority")
    stream = a_stream(parties.scene.area, financial_year="2019-20")

    with pytest.raises(CannotBeCommissioned, match="not in that year"):
        actions.fund_deployment(actor=parties.convenor, deployment=row, stream=stream)
    with pytest.raises(NotAllowed):
        actions.fund_deployment(actor=parties.scene.receiving_head, deployment=row, stream=stream)
    unpaid = a_deployment(the_parties(), payer="school")
    assert not queries.may_fund(parties.convenor, unpaid)


@pytest.mark.django_db
@pytest.mark.parametrize("paid", ["provider", "releasing_organisation"])
def test_whoever_declared_an_interest_in_those_paid_names_no_stream(paid: str) -> None:
    parties = priced_parties()
    row = a_deployment(parties, payer="authority")
    tied = a_convenor(parties.scene.area)
    an_interest(tied, getattr(row, paid))

    with pytest.raises(InterestInTheWay):
        actions.fund_deployment(actor=actor_of(tied), deployment=row, stream=a_stream(parties.scene.area))

    assert not queries.may_fund(actor_of(tied), row) and queries.may_fund(parties.convenor, row)
    assert not queries.awaiting_in_deployments(actor_of(tied), now=timezone.now())


@pytest.mark.django_db
@pytest.mark.parametrize("payer", ["authority", "school"])
def test_a_convenor_with_an_interest_signs_only_where_the_authority_pays_nothing(payer: str) -> None:
    parties = priced_parties()
    row = a_deployment(parties, status="to_sign", brokered_by="authority", payer=payer)
    tied = a_convenor(parties.scene.area)
    an_interest(tied, row.provider)
    sign = partial(
        actions.sign_deployment, actor=actor_of(tied), deployment=row, capacity="broker", version=row.version
    )

    if payer == "school":
        assert sign().pk == row.pk
        return
    with pytest.raises(InterestInTheWay):
        sign()
    assert queries.capacities_to_sign(actor_of(tied), row) == ()
    assert not queries.awaiting_in_deployments(actor_of(tied), now=timezone.now())


@pytest.mark.django_db
def test_a_deployment_over_the_turn_of_a_year_needs_a_stream_of_each() -> None:
    row = Deployment(starts_on=date(2027, 2, 1), ends_on=date(2027, 2, 1) + timedelta(days=100))

    assert queries.years_to_fund(row) == ["2026-27", "2027-28"]
