"""Routes, VAT treatments, codes, settlements and totals."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.billing.rules import (
    CFR_CODES,
    BackfillTooLarge,
    CfrPurpose,
    DocumentLine,
    NoCfrCode,
    by_financial_year,
    cfr_code,
    cfr_code_for_service,
    due_date,
    settlement,
    totals,
)
from marketplace.catalogue.pricing import BrokerageFee
from marketplace.kernel.dates import ACADEMIC, contract_year
from marketplace.kernel.supply import (
    LegalFacts,
    LegalStatus,
    OverrideNeedsReason,
    RouteKind,
    ServiceKind,
    VatDecision,
    override_vat,
    route_for,
    vat_treatment,
)
from marketplace.kernel.vat import NoVatRate, VatTreatment

ON = date(2026, 11, 21)

OAK = LegalFacts(name="Oak Primary School", status=LegalStatus.LA_MAINTAINED, la_code="901")
ELM = LegalFacts(name="Elm Infant School", status=LegalStatus.LA_MAINTAINED, la_code="901")
FAR = LegalFacts(name="Far School", status=LegalStatus.LA_MAINTAINED, la_code="902")
COUNCIL = LegalFacts(name="The Council", status=LegalStatus.LOCAL_AUTHORITY, la_code="901")
ASH = LegalFacts(name="Ash Academy", status=LegalStatus.ACADEMY, la_code="901", trust="T1")
YEW = LegalFacts(name="Yew Academy", status=LegalStatus.ACADEMY, la_code="901", trust="T1")
FIR = LegalFacts(name="Fir Academy", status=LegalStatus.ACADEMY, la_code="901", trust="T2")
COMPANY = LegalFacts(name="The School Company", status=LegalStatus.COMPANY, la_code="901")
CHARITY = LegalFacts(name="The Diocese", status=LegalStatus.CHARITY)
SOLE = LegalFacts(name="A Consultant", status=LegalStatus.OTHER, vat_registered=False)
PARTIES = [OAK, ELM, FAR, COUNCIL, ASH, YEW, FIR, COMPANY, CHARITY, SOLE]


# Route


@pytest.mark.parametrize(("buyer", "supplier"), [(OAK, ELM), (OAK, COUNCIL), (COUNCIL, ELM)])
def test_bodies_of_one_local_authority_settle_by_journal(buyer, supplier):
    assert route_for(buyer, supplier).kind is RouteKind.JOURNAL


@pytest.mark.parametrize(
    ("buyer", "supplier", "says"),
    [
        (OAK, FAR, "different local authorities"),
        (OAK, ASH, "Ash Academy keeps its money apart"),
        (ASH, OAK, "Ash Academy keeps its money apart"),
        (ASH, FIR, "sends an invoice"),
        (ASH, YEW, "one academy trust"),
        (OAK, COMPANY, "The School Company keeps its money apart"),
        (COUNCIL, COMPANY, "sends an invoice"),
        (ASH, COUNCIL, "sends an invoice"),
    ],
)
def test_all_others_settle_by_invoice_with_the_reason(buyer, supplier, says):
    kind, reason = route_for(buyer, supplier)

    assert kind is RouteKind.INVOICE
    assert says in reason


def test_a_school_whose_authority_is_unknown_is_invoiced():
    nowhere = LegalFacts(name="Nowhere School", status=LegalStatus.LA_MAINTAINED)
    assert route_for(nowhere, nowhere).kind is RouteKind.INVOICE


def test_a_conversion_turns_the_journal_into_an_invoice():
    before, after = OAK, LegalFacts(name=OAK.name, status=LegalStatus.ACADEMY, la_code="901", trust="T1")
    assert (route_for(before, COUNCIL).kind, route_for(after, COUNCIL).kind) == (
        RouteKind.JOURNAL,
        RouteKind.INVOICE,
    )


# VAT


@pytest.mark.parametrize(
    ("supplier", "buyer", "service", "treatment"),
    [
        (ELM, OAK, ServiceKind.IMPROVEMENT, VatTreatment.OUTSIDE_SCOPE),
        (COUNCIL, OAK, ServiceKind.COURSE, VatTreatment.OUTSIDE_SCOPE),
        (ELM, OAK, ServiceKind.TEACHING_STAFF, VatTreatment.OUTSIDE_SCOPE),
        (ASH, YEW, ServiceKind.IMPROVEMENT, VatTreatment.OUTSIDE_SCOPE),
        (SOLE, ASH, ServiceKind.IMPROVEMENT, VatTreatment.OUTSIDE_SCOPE),
        (ASH, OAK, ServiceKind.CONTRACT_SUSPENDED, VatTreatment.OUTSIDE_SCOPE),
        (ASH, OAK, ServiceKind.TEACHING_STAFF, VatTreatment.EXEMPT_EDUCATION),
        (FAR, OAK, ServiceKind.TEACHING_STAFF, VatTreatment.EXEMPT_EDUCATION),
        (ASH, COMPANY, ServiceKind.TEACHING_STAFF, VatTreatment.STANDARD),
        (COMPANY, OAK, ServiceKind.TEACHING_STAFF, VatTreatment.STANDARD),
        (ASH, OAK, ServiceKind.OTHER_STAFF, VatTreatment.STANDARD),
        (ASH, OAK, ServiceKind.IMPROVEMENT, VatTreatment.STANDARD),
        (FAR, OAK, ServiceKind.GOVERNANCE, VatTreatment.STANDARD),
        (COUNCIL, ASH, ServiceKind.COURSE, VatTreatment.STANDARD),
        (COMPANY, OAK, ServiceKind.IMPROVEMENT, VatTreatment.STANDARD),
        (COMPANY, OAK, ServiceKind.PRINTED_MATTER, VatTreatment.ZERO),
    ],
)
def test_vat_follows_from_the_two_legal_bodies_and_the_service(supplier, buyer, service, treatment):
    decision = vat_treatment(supplier, buyer, service, on=ON)

    assert decision.treatment is treatment
    assert decision.basis_points == (2000 if treatment is VatTreatment.STANDARD else 0)
    assert decision.reason


def test_a_company_that_may_not_distribute_profit_can_supply_teachers_exempt():
    company = LegalFacts(name="The School Company", status=LegalStatus.COMPANY, non_profit_education=True)
    assert (
        vat_treatment(company, OAK, ServiceKind.TEACHING_STAFF, on=ON).treatment
        is VatTreatment.EXEMPT_EDUCATION
    )


def test_every_pair_of_parties_and_service_has_an_answer_with_a_reason():
    for supplier in PARTIES:
        for buyer in PARTIES:
            for service in ServiceKind:
                assert vat_treatment(supplier, buyer, service, on=ON).reason
                assert route_for(buyer, supplier).reason


def test_education_alone_never_makes_a_service_exempt():
    exempt = {
        service
        for supplier in PARTIES
        for buyer in PARTIES
        for service in ServiceKind
        if vat_treatment(supplier, buyer, service, on=ON).treatment is VatTreatment.EXEMPT_EDUCATION
    }
    assert exempt == {ServiceKind.TEACHING_STAFF}


def test_a_tax_date_before_the_rules_is_refused():
    with pytest.raises(NoVatRate):
        vat_treatment(ASH, OAK, ServiceKind.IMPROVEMENT, on=date(1990, 1, 1))


def test_finance_overrides_with_a_reason_only():
    decision = override_vat(VatTreatment.EXEMPT_EDUCATION, reason="Vocational training", on=ON)

    assert decision == (VatTreatment.EXEMPT_EDUCATION, 0, "Set by finance: Vocational training")
    with pytest.raises(OverrideNeedsReason):
        override_vat(VatTreatment.ZERO, reason=" ", on=ON)


# Chart of accounts


@pytest.mark.parametrize(
    ("service", "code"),
    [
        (ServiceKind.IMPROVEMENT, "E27"),
        (ServiceKind.COURSE, "E09"),
        (ServiceKind.GOVERNANCE, "E28a"),
        (ServiceKind.TEACHING_STAFF, "E02"),
    ],
)
def test_a_service_has_its_default_code(service, code):
    assert cfr_code_for_service(service, ON).code == code


@pytest.mark.parametrize(
    ("purpose", "code"),
    [
        (CfrPurpose.PROVIDER_INCOME, "I08"),
        (CfrPurpose.SUPPLY_TEACHER, "E02"),
        (CfrPurpose.AGENCY_SUPPLY, "E26"),
    ],
)
def test_income_and_backfill_have_their_codes(purpose, code):
    assert cfr_code(purpose, ON)[:2] == ("2026-27", code)


def test_codes_change_with_the_financial_year_they_are_dated_from(monkeypatch):
    later = dict(CFR_CODES["2019-20"]) | {CfrPurpose.COURSE: ("E99", "Training")}
    monkeypatch.setitem(CFR_CODES, "2027-28", later)

    assert cfr_code(CfrPurpose.COURSE, date(2027, 3, 31)).code == "E09"
    assert cfr_code(CfrPurpose.COURSE, date(2027, 4, 1)) == ("2027-28", "E99", "Training")


def test_every_table_of_codes_has_every_purpose():
    assert all(set(table) == set(CfrPurpose) for table in CFR_CODES.values())
    for service in ServiceKind:
        assert cfr_code_for_service(service, ON).code


def test_a_year_before_the_first_table_is_refused():
    with pytest.raises(NoCfrCode):
        cfr_code(CfrPurpose.COURSE, date(2019, 3, 31))


# Two sides


@pytest.mark.parametrize(
    ("fee", "backfill", "expected"),
    [
        (BrokerageFee(basis="inclusive", kind="percent", value=1500), 0, (1_050_00, 892_50, 0, 157_50)),
        (
            BrokerageFee(basis="inclusive", kind="per_day", value=50_00),
            600_00,
            (1_050_00, 900_00, 600_00, 150_00),
        ),
        (BrokerageFee(basis="additional", kind="percent", value=1500), 0, (1_207_50, 1_050_00, 0, 157_50)),
        (None, 0, (1_050_00, 1_050_00, 0, 0)),
    ],
)
def test_what_the_buyer_owes_is_what_the_releasing_school_gets_and_the_fee(fee, backfill, expected):
    assert settlement(1_050_00, 6, fee, backfill_pence=backfill) == expected


@pytest.mark.parametrize("backfill", [-1, 1_050_01])
def test_backfill_fits_into_the_releasing_schools_share(backfill):
    with pytest.raises(BackfillTooLarge):
        settlement(1_050_00, 6, None, backfill_pence=backfill)


# Documents

STANDARD = VatDecision(VatTreatment.STANDARD, 2000, "a reason")
EXEMPT = VatDecision(VatTreatment.EXEMPT_EDUCATION, 0, "a reason")


def a_line(net, vat=STANDARD):
    return DocumentLine(description="A day of support", net_pence=net, vat=vat, cfr_code="E27")


def test_vat_is_rounded_once_a_line_and_totals_are_sums():
    result = totals([a_line(33), a_line(33), a_line(33), a_line(1_000_00, EXEMPT)])

    assert result[:3] == (1_000_99, 21, 1_001_20)  # 3 × 7p, not 20% of 99p = 20p
    assert result.by_rate == (
        (VatTreatment.STANDARD, 2000, 99, 21),
        (VatTreatment.EXEMPT_EDUCATION, 0, 1_000_00, 0),
    )


def test_a_document_without_lines_comes_to_nothing():
    assert totals([]) == (0, 0, 0, ())


lines = st.builds(
    a_line,
    st.integers(min_value=-(10**9), max_value=10**9),
    st.sampled_from([STANDARD, EXEMPT])
    | st.builds(VatDecision, st.just(VatTreatment.STANDARD), st.integers(0, 3000), st.just("x")),
)


@given(st.lists(lines, max_size=12))
def test_totals_by_rate_and_of_a_credit_note_agree_to_the_penny(document):
    result = totals(document)
    credit = totals([line.credited() for line in document])

    assert result.gross_pence == sum(line.gross_pence for line in document)
    assert sum(rate.vat_pence for rate in result.by_rate) == result.vat_pence
    assert (credit.net_pence, credit.vat_pence) == (-result.net_pence, -result.vat_pence)


def test_a_credited_line_keeps_its_codes_and_reason():
    credited = a_line(100_00).credited()
    assert (credited.vat, credited.cfr_code, credited.description) == (
        STANDARD,
        "E27",
        "Credit: A day of support",
    )


def test_an_invoice_is_due_in_30_days():
    assert due_date(date(2026, 12, 15)) == date(2027, 1, 14)
    assert due_date(date(2026, 12, 15), terms_days=28) == date(2027, 1, 12)


def test_an_academic_year_package_falls_into_two_financial_years():
    shares = by_financial_year(1_200_00, contract_year(ACADEMIC, date(2026, 9, 1)))
    assert shares == (("2026-27", 7, 700_00), ("2027-28", 5, 500_00))


# What other capabilities store


def test_legal_statuses_and_services_are_those_that_organisations_and_offers_store():
    from marketplace.catalogue.models import ServiceKind as StoredService
    from marketplace.organisations.models import LegalStatus as StoredStatus

    assert {status.value for status in LegalStatus} == set(StoredStatus.values)
    assert {service.value for service in ServiceKind} >= set(StoredService.values)
