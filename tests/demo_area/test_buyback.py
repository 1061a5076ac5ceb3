"""The year of buy-back and money in the demo area: what the actions would have left, and everything there is to see."""

from collections import Counter
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.utils import timezone

from marketplace.billing.models import (
    Allocation,
    AllocationKind,
    BackfillClaim,
    BankStatement,
    Dispute,
    Document,
    DocumentKind,
    Instalment,
    JournalRun,
    Receipt,
    Reminder,
    SelfBillingAgreement,
    SettlementStatement,
    SettlementStatus,
    WriteOff,
    WriteOffStatus,
)
from marketplace.billing.queries import ledgers, unbilled_bookings
from marketplace.billing.queries.receipts import with_outstanding
from marketplace.billing.rules.ageing import Age, age_of
from marketplace.bookings.models import Booking, PaymentRoute
from marketplace.buyback import rules
from marketplace.buyback.models import (
    AgreementStatus,
    AgreementYear,
    ApprovalLadder,
    Basket,
    BasketStatus,
    CarryForward,
    Entitlement,
    FundingKind,
    FundingStream,
    PackageEdition,
    PriceNotice,
    QuotesEvidence,
    ServiceAgreement,
)
from marketplace.buyback.queries import agreements as agreement_queries
from marketplace.buyback.rules.windows import WindowState, standing
from marketplace.catalogue.pricing import price_again
from marketplace.demo_area.build import make_demo_area
from marketplace.demo_area.people import demo_people
from marketplace.demo_area.stage import clock_at
from marketplace.kernel.access import Role
from marketplace.kernel.dates import ACADEMIC, FINANCIAL
from marketplace.kernel.models import Account, HistoryEntry, Ledger, Transfer
from marketplace.kernel.verification import verify
from marketplace.organisations.models import LegalStatus, Organisation, School
from marketplace.organisations.queries import actor_for

pytestmark = pytest.mark.django_db

SCHOOLS = 70
FROM_ORDER_TO_FORCE = ("draft", "submit", "approve", "activate", "year_begun")


@pytest.fixture(scope="module")
def area(django_db_setup, django_db_blocker):
    """A borough of seventy schools, once for all tests here; nothing of it stays."""
    at = datetime(2026, 11, 20, 11, tzinfo=UTC)
    with django_db_blocker.unblock(), clock_at(at), transaction.atomic():
        yield make_demo_area(schools=SCHOOLS).areas[0]
        transaction.set_rollback(True)


def _agreements(**lookup):
    return ServiceAgreement.objects.scoped().filter(**lookup).order_by("pk")


def _person(words):
    return dict(demo_people())[words]


# What there is -------------------------------------------------------------------------------------------------------


def test_everything_that_must_agree_agrees(area):
    assert [verdict for verdict in verify() if verdict.disagreements] == []


def test_each_organisations_trial_balance_is_zero(area):
    start, today = datetime(2025, 4, 1).date(), timezone.localdate()
    books = Organisation.objects.filter(pk__in=Account.objects.filter(ledger=Ledger.MONEY).values("owner_id"))

    assert books
    for organisation in books:
        assert ledgers.trial_balance(organisation, start, today).difference == 0


def test_about_half_the_schools_hold_agreements_of_their_calendar(area):
    active = _agreements(status=AgreementStatus.ACTIVE)
    holders = Counter(active.values_list("buyer__legal_status", "calendar"))

    assert 0.35 <= active.values("buyer").distinct().count() / SCHOOLS <= 0.8  # more of a small borough
    assert holders[LegalStatus.LA_MAINTAINED, FINANCIAL] > 10 and holders[LegalStatus.ACADEMY, ACADEMIC] > 5


def test_agreements_stand_in_every_state_there_is_to_show(area):
    there = set(_agreements().values_list("status", flat=True))

    assert there >= {
        AgreementStatus.AWAITING_APPROVAL,
        AgreementStatus.SUBMITTED,
        AgreementStatus.ACTIVE,
        AgreementStatus.TERMINATED,
        AgreementStatus.SUPERSEDED,
    }
    assert _agreements(years__gt=1) and _agreements(late_charge_pence__gt=0)
    assert _agreements(succession="conversion").get().route == "invoice"
    assert _agreements(succession="renewal")


def test_one_window_is_open_one_shows_its_prices_and_those_of_this_year_take_late_orders(area):
    today = timezone.localdate()
    states = {
        (window.calendar, window.first_day <= today): standing(window.dates, today).state
        for window in area.buyback_windows.all()
    }

    assert states == {
        (FINANCIAL, True): WindowState.LATE,
        (ACADEMIC, True): WindowState.LATE,
        (FINANCIAL, False): WindowState.OPEN,
        (ACADEMIC, False): WindowState.EARLY,
    }


def test_packages_carry_forward_in_every_way_and_two_cost_more_next_year(area):
    assert set(PackageEdition.objects.values_list("carry_forward", flat=True)) == set(CarryForward.values)
    assert PackageEdition.objects.exclude(change_notice="").values("package").distinct().count() == 2
    assert PriceNotice.objects.exists()
    assert (
        len({str(tariff) for tariff in PackageEdition.objects.values_list("cancellation_tariff", flat=True)})
        >= 5
    )


def test_a_trust_ordered_for_several_schools_in_one_basket(area):
    trusts = Basket.objects.filter(status=BasketStatus.SUBMITTED, owner__kind="trust")

    assert any(basket.agreements.values("buyer").distinct().count() >= 4 for basket in trusts)


def test_area_trust_and_a_school_have_ladders_of_their_own(area):
    owners = {
        ladder.organisation.kind if ladder.organisation else "area" for ladder in ApprovalLadder.objects.all()
    }

    assert owners >= {"area", "trust", "school"}


def test_quotes_were_gathered_and_the_lowest_not_chosen_with_a_reason(area):
    complete = QuotesEvidence.objects.get(status="complete", support_request=None)
    prices = {quote.price_pence for quote in complete.quotes.all() if quote.price_pence}

    assert complete.quotes.filter(answer="declined")
    assert complete.quotes.get(is_chosen=True).price_pence > min(prices)
    assert complete.reason_not_lowest and complete.agreements.exists()


def test_the_authority_has_pots_and_pays_for_some_bookings_from_them(area):
    assert {FundingKind.DE_DELEGATED, FundingKind.DSG, FundingKind.COMMISSIONED} <= set(
        FundingStream.objects.values_list("kind", flat=True)
    )
    paid = Booking.objects.scoped().filter(route=PaymentRoute.COMMISSIONED)
    assert paid.filter(deployment_visit__isnull=True).count() == 2
    assert paid.filter(deployment_visit__isnull=False).count() == 2
    assert Account.objects.filter(ledger=Ledger.FUNDING, purpose="committed", balance__gt=0)


def test_packages_are_partly_drawn_and_credits_earned_and_spent(area):
    used = Account.objects.filter(ledger=Ledger.ENTITLEMENT, purpose="used", balance__gt=0)
    reserved = Account.objects.filter(ledger=Ledger.ENTITLEMENT, purpose="reserved", balance__gt=0)
    routes = Counter(Booking.objects.scoped().values_list("route", flat=True))

    assert used and reserved
    assert routes[PaymentRoute.ENTITLEMENT] > 5 and routes[PaymentRoute.EXCHANGE] >= 1
    assert Account.objects.filter(ledger=Ledger.EXCHANGE, purpose="balance", balance__gt=0).count() >= 3


def test_instalments_are_seven_and_five_twelfths_for_academies(area):
    year = AgreementYear.objects.filter(agreement__calendar=ACADEMIC, agreement__status="active").first()
    parts = list(year.instalments.order_by("position"))

    assert [part.document is not None for part in parts] == [True, False]
    assert (
        sum(part.net_pence for part in parts) == sum(year.pence.values()) + year.agreement.late_charge_pence
    )
    assert not Instalment.objects.filter(failed_at__isnull=False)


def test_finance_finds_something_of_everything_on_its_desk(area):
    today = timezone.localdate()
    owing = with_outstanding(Document.objects.filter(kind=DocumentKind.INVOICE)).filter(
        outstanding_pence__gt=0
    )
    ages = {age_of(document.due_on, today) for document in owing}

    assert {Age.NOT_DUE, Age.TO_30, Age.OVER_90} <= ages
    assert not with_outstanding(Document.objects.all()).filter(outstanding_pence__lt=0)
    assert Reminder.objects.count() == 2
    assert Dispute.objects.count() == 1
    assert WriteOff.objects.get().status == WriteOffStatus.REQUESTED
    assert BankStatement.objects.get().added >= 3
    assert JournalRun.objects.count() >= 5
    assert {SettlementStatus.PAID, SettlementStatus.TO_PAY} <= set(
        SettlementStatement.objects.values_list("status", flat=True)
    )
    assert not unbilled_bookings().exists()
    assert SelfBillingAgreement.objects.exists() and BackfillClaim.objects.exists()
    assert Allocation.objects.filter(kind=AllocationKind.ON_ACCOUNT, pence__gt=0)


def test_most_invoices_older_than_two_months_are_paid(area):
    old = Document.objects.filter(kind=DocumentKind.INVOICE, issued_on__lt=datetime(2026, 9, 20).date())
    owing = with_outstanding(old).filter(outstanding_pence__gt=0).count()

    assert owing / old.count() < 0.25


def test_there_are_people_to_sign_in_as_for_all_of_it(area):
    finance, company = actor_for(_person("finance")), actor_for(_person("company finance"))
    lead = actor_for(_person("trust lead"))

    assert area.pk in finance.in_area(Role.FINANCE)
    assert Organisation.objects.filter(pk__in=company.organisations(Role.FINANCE), kind="school_company")
    assert School.objects.filter(pk__in=lead.organisations(Role.TRUST_LEAD)).count() >= 4
    assert len(demo_people()) <= 15, "a list one can read"


# That it is what the actions would have left ------------------------------------------------------------------------


def test_an_agreement_made_in_bulk_keeps_the_same_as_one_ordered_by_hand(area):
    late = _agreements(late_charge_pence__gt=0, status=AgreementStatus.ACTIVE).first()
    bulk = _agreements(
        late_charge_pence=0, status=AgreementStatus.ACTIVE, succession="", ordered_by__kind="school"
    ).first()

    assert bulk.parties.keys() == late.parties.keys()
    assert bulk.parties["buyer"].keys() == late.parties["buyer"].keys()
    one, other = bulk.lines.first(), late.lines.first()
    assert one.price.keys() == other.price.keys()
    assert one.cancellation_tariff == one.edition.cancellation_tariff
    assert _verbs(bulk) == _verbs(late)
    assert bulk.contract_years.get().explained.keys() == {str(line.pk) for line in bulk.lines.all()}
    granted = Entitlement.objects.filter(agreement=bulk).order_by("pk")
    assert [each.granted for each in granted] == [
        inclusion.quantity for line in bulk.lines.all() for inclusion in line.edition.inclusions.all()
    ]
    assert set(_accounts(granted[0])) == set(_accounts(Entitlement.objects.filter(agreement=late).first()))


def _verbs(agreement):
    lines = HistoryEntry.objects.filter(subject_type="buyback.serviceagreement", subject_id=agreement.pk)
    return [line.verb for line in lines.order_by("pk") if line.verb in FROM_ORDER_TO_FORCE]


def _accounts(entitlement):
    rows = Account.objects.filter(ledger=Ledger.ENTITLEMENT, detail=entitlement.account_detail)
    return rows.values_list("purpose", "unit", "may_go_negative")


def test_a_payment_made_in_bulk_keeps_the_same_as_one_recorded_by_hand(area):
    taken_back = Allocation.objects.filter(pence__lt=0).values("receipt")
    receipts = (
        Receipt.objects.filter(method="bacs", payer__isnull=False).exclude(pk__in=taken_back).order_by("pk")
    )
    whole = (
        receipts.exclude(allocations__kind="on_account").filter(allocations__document__isnull=False).first()
    )
    over = receipts.filter(allocations__kind="on_account").first()

    for receipt in (whole, over):
        rows = list(receipt.allocations.order_by("pk"))
        moved = Transfer.objects.filter(
            effect__in=[f"receipt:{receipt.pk}", *(f"allocation:{row.pk}" for row in rows)]
        )
        assert [row.effect for row in rows] == [f"receipt:{receipt.pk}:{n + 1}" for n in range(len(rows))]
        assert sum(row.pence for row in rows) == receipt.pence
        assert sorted(moved.values_list("amount", flat=True)) == sorted(
            [receipt.pence, *(row.pence for row in rows)]
        )
        assert _lines(receipt) == ["record"]
        for row in rows:
            assert row.document is None or "allocate" in _lines(row.document)


def _lines(row):
    kind = row._meta.label_lower
    lines = HistoryEntry.objects.filter(subject_type=kind, subject_id=row.pk).order_by("pk")
    return list(lines.values_list("verb", flat=True))


def test_nobody_approved_more_than_the_ladder_lets_them(area):
    for agreement in _agreements(approved_by__isnull=False).select_related("buyer"):
        if agreement.succession == "conversion":
            continue  # it is the same agreement, approved before
        requirement = agreement_queries.requirement_of(agreement)
        approver = actor_for(agreement.approved_by)

        assert agreement_queries.may_with_agreement(approver, agreement, "approve"), agreement
        if requirement.approver != rules.Approver.ANY_ORDERER:
            assert agreement.approved_by != agreement.requested_by, agreement
        assert not requirement.quotes_needed or agreement.quotes_evidence


def test_prices_of_agreements_can_be_worked_out_again(area):
    for agreement in _agreements(succession="").prefetch_related("lines"):
        for line in agreement.lines.all():
            again = price_again(line.price)
            assert again.total_pence == line.price["total_pence"]
            if line.price["months"] == 12:
                assert line.year_pence == again.total_pence


def test_histories_are_in_the_order_of_time_and_never_in_the_future(area):
    now = timezone.now()
    for kind in ("buyback.serviceagreement", "billing.document", "buyback.basket", "billing.receipt"):
        last = {}
        for line in HistoryEntry.objects.filter(subject_type=kind).order_by("pk"):
            assert last.get(line.subject_id, line.at) <= line.at <= now
            last[line.subject_id] = line.at
