"""Agreements are billed by instalment: 7/12 and 5/12 of an academic year, on their days, less what was not run."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from marketplace.billing import actions, queries, rules, verification
from marketplace.billing.actions import instalments, papers
from marketplace.billing.models import Document, DocumentKind, Instalment
from marketplace.buyback.events import AgreementMoved, AgreementYearBegan
from marketplace.buyback.models import AgreementEnding, AgreementYear, EndingGround, FundingStream
from marketplace.kernel import events
from marketplace.kernel.access import Role
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, Period, months_in
from marketplace.kernel.supply import LegalStatus
from marketplace.organisations.models import Organisation, OrganisationKind
from tests.builders import a_person, a_provider, a_school, actor_of, an_area, an_organisation
from tests.builders.buyback import an_agreement

SEPTEMBER = date(2026, 9, 1)
ACADEMIC_YEAR = Period(date(2026, 9, 1), date(2027, 8, 31))


# The rule


def test_an_academic_year_is_billed_seven_twelfths_and_five_twelfths() -> None:
    first, second = rules.plan_instalments(ACADEMIC_YEAR, {"1": 120_000})

    assert (first.financial_year, first.pence, first.issue_on) == ("2026-27", {"1": 70_000}, SEPTEMBER)
    assert (second.financial_year, second.pence, second.issue_on) == (
        "2027-28",
        {"1": 50_000},
        date(2027, 4, 1),
    )


def test_a_financial_year_is_billed_at_once() -> None:
    [only] = rules.plan_instalments(Period(date(2026, 4, 1), date(2027, 3, 31)), {"1": 120_000})

    assert only.pence == {"1": 120_000} and only.issue_on == date(2026, 4, 1)


def test_a_part_year_is_shared_by_its_own_months() -> None:
    first, second = rules.plan_instalments(Period(date(2027, 1, 1), date(2027, 8, 31)), {"1": 80_000})

    assert (first.pence, second.pence) == ({"1": 30_000}, {"1": 50_000})


def test_a_year_that_begins_inside_a_month_counts_that_month() -> None:
    first, second = rules.plan_instalments(Period(date(2027, 1, 15), date(2027, 8, 31)), {"1": 80_000})

    assert (first.pence, second.pence) == ({"1": 30_000}, {"1": 50_000})
    assert first.period.start == date(2027, 1, 15)


@given(
    st.dictionaries(st.sampled_from("12345"), st.integers(0, 10_000_000), min_size=1),
    st.integers(1, 12),
    st.integers(1, 24),
)
def test_instalments_always_add_up_to_the_price(pence: dict[str, int], month: int, length: int) -> None:
    start = date(2026, month, 1)
    after = month - 1 + length
    end = date(2026 + after // 12, after % 12 + 1, 1) - timedelta(days=1)

    parts = rules.plan_instalments(Period(start, end), pence)

    for line, price in pence.items():
        assert sum(part.pence[line] for part in parts) == price
    assert sum(months_in(part.period) for part in parts) == length


@given(
    st.lists(st.dictionaries(st.sampled_from("123"), st.integers(0, 100_000)), max_size=3),
    st.dictionaries(st.sampled_from("123"), st.integers(0, 300_000)),
)
def test_what_is_taken_back_is_what_was_not_run_and_never_more_than_was_asked(
    parts: list[dict[str, int]], not_run: dict[str, int]
) -> None:
    taken = rules.take_back(parts, not_run)

    for part, back in zip(parts, taken, strict=True):
        assert all(0 < pence <= part[line] for line, pence in back.items())
    for line in "123":
        asked = sum(part.get(line, 0) for part in parts)
        assert sum(back.get(line, 0) for back in taken) == min(not_run.get(line, 0), asked)


# Issuing


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> Callable[[date], None]:
    """Papers are issued on the day given."""

    def set_to(day: date) -> None:
        monkeypatch.setattr(papers, "today", lambda: day)

    return set_to


def an_academy_agreement(**fields: Any) -> AgreementYear:
    area = an_area()
    agreement = an_agreement(
        school=a_school(area, academy=True),
        seller=a_provider(area),
        calendar=ACADEMIC,
        starts_on=SEPTEMBER,
        **fields,
    )
    return agreement.contract_years.get()


def begin(year: AgreementYear, run_jobs: Callable[[], list[str]]) -> list[Instalment]:
    events.publish(AgreementYearBegan(year.pk))
    run_jobs()
    return list(year.instalments.order_by("position"))


pytestmark = pytest.mark.django_db


def test_the_first_instalment_is_issued_when_the_year_begins_and_the_second_on_the_first_of_april(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(SEPTEMBER)
    year = an_academy_agreement(purchase_order_number="PO-77")

    first, second = begin(year, run_jobs)

    assert first.document and not second.document
    assert (first.document.kind, first.document.net_pence, first.document.vat_pence) == (
        DocumentKind.INVOICE,
        70_000,
        14_000,
    )
    today(date(2027, 3, 31))
    assert actions.issue_due_instalments() == 0
    today(date(2027, 4, 1))
    assert actions.issue_due_instalments() == 1
    second.refresh_from_db()
    assert second.document and second.document.net_pence == 50_000
    assert verification.totals_and_lines() == []


def test_a_line_says_all_that_a_bursar_books_it_by(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(SEPTEMBER)
    year = an_academy_agreement(purchase_order_number="PO-77")

    document = begin(year, run_jobs)[0].document

    assert document is not None
    [line] = document.lines.all()
    assert (line.cfr_code, line.income_code, line.activity_basis, line.funding) == (
        "E27",
        "I08",
        "traded",
        "traded",
    )
    assert (line.service_from, line.service_to) == (SEPTEMBER, date(2027, 3, 31))
    assert line.vat_treatment == "standard" and line.vat_reason
    assert document.agreement == year.agreement and document.purchase_order_number == "PO-77"
    assert document.parties["buyer"]["urn"] == str(year.agreement.buyer.school.urn)


def test_a_maintained_school_gets_one_journal_without_vat(run_jobs: Callable[[], list[str]]) -> None:
    area = an_area()
    year = an_agreement(
        school=a_school(area), seller=a_provider(area), calendar=FINANCIAL
    ).contract_years.get()

    [only] = begin(year, run_jobs)

    assert only.document and only.document.kind == DocumentKind.JOURNAL
    assert (only.document.net_pence, only.document.vat_pence) == (120_000, 0)


def test_a_school_that_became_an_academy_before_its_first_day_is_invoiced(
    run_jobs: Callable[[], list[str]],
) -> None:
    area = an_area()
    year = an_agreement(
        school=a_school(area), seller=a_provider(area), calendar=FINANCIAL
    ).contract_years.get()
    Organisation.objects.filter(pk=year.agreement.buyer_id).update(legal_status=LegalStatus.ACADEMY)

    [only] = begin(year, run_jobs)

    assert year.agreement.route == "journal"
    assert only.document and (only.document.kind, only.document.route) == (DocumentKind.INVOICE, "invoice")
    assert (only.document.net_pence, only.document.vat_pence) == (120_000, 24_000)
    assert "has changed its status since" in only.document.note


def test_the_charge_for_a_late_order_is_a_line_of_its_own_on_the_first_paper_only(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(date(2027, 4, 1))
    year = an_academy_agreement(late_charge_pence=7_500)

    first, second = begin(year, run_jobs)

    assert first.document and second.document
    _, charge = first.document.lines.all()
    assert charge.net_pence == 7_500 and "after the window closed" in charge.description
    assert charge.service_from is None
    assert second.document.lines.count() == 1


def test_a_year_is_billed_once_however_often_its_beginning_is_told(run_jobs: Callable[[], list[str]]) -> None:
    year = an_agreement().contract_years.get()

    for _ in range(3):
        begin(year, run_jobs)

    assert Document.objects.filter(agreement=year.agreement).count() == year.instalments.count() == 1


def test_what_a_pot_of_the_area_pays_is_billed_to_the_local_authority_with_its_tag(
    run_jobs: Callable[[], list[str]],
) -> None:
    area = an_area()
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    stream = FundingStream.objects.create(
        area=area, kind="de_delegated", name="Maintained primaries", financial_year="2026-27"
    )
    year = an_agreement(
        school=a_school(area), seller=a_provider(area), funding_stream=stream
    ).contract_years.get()

    [only] = begin(year, run_jobs)

    assert only.document and only.document.buyer == authority
    assert only.document.lines.get().funding == "de_delegated"
    assert only.document.parties["school"]["name"] == year.agreement.buyer.name


def test_an_instalment_that_can_not_be_issued_is_kept_with_its_error_and_tried_again(
    run_jobs: Callable[[], list[str]],
) -> None:
    area = an_area()
    stream = FundingStream.objects.create(area=area, kind="dsg", name="Growth", financial_year="2026-27")
    seller = a_provider(area)
    finance = actor_of(a_person(Role.FINANCE, at=seller))
    year = an_agreement(school=a_school(area), seller=seller, funding_stream=stream).contract_years.get()

    [stuck] = begin(year, run_jobs)

    assert stuck.document is None and "no local authority" in stuck.error
    assert list(queries.failed_instalments(finance)) == [stuck]

    an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    assert actions.issue_due_instalments() == 1
    assert not queries.failed_instalments(finance).exists()


# Ending early


def end(year: AgreementYear, last_day: date, not_run: int, run_jobs: Callable[[], list[str]]) -> None:
    agreement = year.agreement
    AgreementEnding.objects.create(
        agreement=agreement,
        ground=EndingGround.AGREED,
        told_on=last_day,
        last_day=last_day,
        year_number=year.number,
        not_run={str(agreement.lines.get().pk): not_run},
        carried_out_at="2027-01-01T00:00Z",
    )
    for _ in range(2):
        events.publish(AgreementMoved(agreement.pk, "terminate", "active", "terminated"))
    run_jobs()


def test_ending_before_april_cancels_the_second_instalment_and_credits_part_of_the_first(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(SEPTEMBER)
    year = an_academy_agreement()
    first, second = begin(year, run_jobs)

    end(year, date(2026, 12, 31), 80_000, run_jobs)  # eight of twelve months

    second.refresh_from_db()
    assert second.cancelled_at and first.document
    [note] = first.document.credit_notes.all()
    assert (note.net_pence, note.vat_pence) == (-30_000, -6_000)
    assert "months not run" in note.note
    assert queries.outstanding(first.document) == 48_000  # four months of £100, with VAT


def test_ending_after_april_credits_the_second_instalment_first(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(date(2027, 4, 1))
    year = an_academy_agreement()
    first, second = begin(year, run_jobs)

    end(year, date(2027, 5, 31), 30_000, run_jobs)

    assert first.document and second.document
    assert not first.document.credit_notes.exists()
    assert second.document.credit_notes.get().net_pence == -30_000


def test_what_was_not_run_is_credited_on_the_paper_issued_again_under_another_vat_treatment(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(SEPTEMBER)
    year = an_academy_agreement(late_charge_pence=7_500)
    first, _ = begin(year, run_jobs)
    assert first.document
    finance = actor_of(a_person(Role.FINANCE, at=year.agreement.seller))
    line, _charge = first.document.lines.all()
    actions.credit(actor=finance, document=first.document, reason="A gesture.", amounts={line.pk: 10_000})
    _, again = actions.override_vat(
        actor=finance, document=first.document, treatment="zero", reason="Told by HMRC."
    )
    _, third = actions.override_vat(
        actor=finance, document=again, treatment="standard", reason="It was right."
    )
    assert verification.instalments_and_contract_years() == []

    end(year, date(2026, 12, 31), 80_000, run_jobs)

    [note] = third.credit_notes.all()
    assert (note.net_pence, note.vat_pence) == (-30_000, -6_000)
    assert verification.instalments_and_contract_years() == []


def test_what_was_not_run_and_can_be_taken_back_nowhere_is_taken_from_what_is_left(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(SEPTEMBER)
    year = an_academy_agreement()
    first, _ = begin(year, run_jobs)
    assert first.document
    finance = actor_of(a_person(Role.FINANCE, at=year.agreement.seller))
    actions.credit(actor=finance, document=first.document, reason="All of it.")

    end(year, date(2026, 12, 31), 80_000, run_jobs)

    assert first.document.credit_notes.count() == 1
    assert verification.instalments_and_contract_years() == []


def test_an_amount_that_is_not_taken_back_is_noticed(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    """The guard-off twin: only the paper issued first is looked at, and nothing is left of it."""
    today(SEPTEMBER)
    year = an_academy_agreement()
    first, _ = begin(year, run_jobs)
    assert first.document
    finance = actor_of(a_person(Role.FINANCE, at=year.agreement.seller))
    actions.override_vat(actor=finance, document=first.document, treatment="zero", reason="Told by HMRC.")

    with mock.patch.multiple(
        instalments,
        current_of=lambda document: document,
        current_lines=lambda document: {line.pk: line for line in document.lines.all()},
    ):
        end(year, date(2026, 12, 31), 80_000, run_jobs)

    [said] = verification.instalments_and_contract_years()
    assert "70000 pence are billed" in said and "it costs 40000" in said


def test_where_the_fees_stay_due_nothing_is_credited_and_the_rest_is_billed_on_its_day(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(SEPTEMBER)
    year = an_academy_agreement()
    first, _ = begin(year, run_jobs)

    end(year, date(2026, 12, 31), 0, run_jobs)
    today(date(2027, 4, 1))

    assert actions.issue_due_instalments() == 1
    assert first.document and not first.document.credit_notes.exists()


def test_an_instalment_that_waits_is_only_reduced_where_part_of_it_was_run(
    run_jobs: Callable[[], list[str]], today: Callable[[date], None]
) -> None:
    today(SEPTEMBER)
    year = an_academy_agreement()
    begin(year, run_jobs)

    end(year, date(2027, 5, 31), 30_000, run_jobs)

    waiting = year.instalments.get(position=2)
    assert waiting.net_pence == 20_000 and waiting.cancelled_at is None


def test_instalments_are_seen_by_the_buyer_the_seller_and_area_finance_only(
    run_jobs: Callable[[], list[str]],
) -> None:
    area = an_area()
    school, seller = a_school(area), a_provider(area)
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=area)
    begin(an_agreement(school=school, seller=seller).contract_years.get(), run_jobs)

    for person in (
        a_person(Role.BUDGET_HOLDER, at=school),
        a_person(Role.PROVIDER_LEAD, at=seller),
        a_person(Role.FINANCE, at=authority),
    ):
        assert queries.instalments_visible_to(actor_of(person)).count() == 1
    for person in (a_person(Role.STAFF, at=school), a_person(Role.BUDGET_HOLDER, at=a_school(area))):
        assert queries.instalments_visible_to(actor_of(person)).count() == 0
