"""Routes, VAT treatments, codes, cover and due dates."""

from datetime import date

import pytest

from marketplace.billing.rules import (
    CFR_CODES,
    BackfillTooLarge,
    CfrPurpose,
    NoCfrCode,
    by_financial_year,
    cfr_code,
    cfr_code_for_service,
    check_backfill,
    due_date,
)
from marketplace.kernel.dates import ACADEMIC, contract_year
from marketplace.kernel.supply import (
    LegalFacts,
    LegalStatus,
    OverrideNeedsReason,
    RouteKind,
    ServiceKind,
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


# Cover


@pytest.mark.parametrize("backfill", [0, 1, 892_50])
def test_backfill_up_to_the_releasing_schools_share_is_part_of_it(backfill):
    check_backfill(backfill, 892_50)


@pytest.mark.parametrize("backfill", [-1, 892_51])
def test_backfill_fits_into_the_releasing_schools_share(backfill):
    with pytest.raises(BackfillTooLarge):
        check_backfill(backfill, 892_50)


# Documents


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
