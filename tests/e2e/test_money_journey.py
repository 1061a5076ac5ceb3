"""The money of the exchange, walked in a browser: packages ordered, drawn on, cancelled, passed on, paid, settled and balanced.

A maintained school and an academy trust order in the open window. Both use days. One cancels late, one becomes an academy in
mid-year, one pays by card and gets part of it back, the releasing school is settled, the journal and the statements of the year's
end come out, and in the end every ledger balances.
"""

import csv
import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backend import card_network
from marketplace.billing import actions as billing
from marketplace.billing.models import CardPayment
from marketplace.bookings.models import Booking
from marketplace.buyback import actions as buyback
from marketplace.buyback.models import InclusionKind, ServiceAgreement
from marketplace.catalogue.presets import TARIFFS
from marketplace.kernel.access import Role
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, contract_year, local
from marketplace.kernel.verification import verify
from marketplace.organisations.models import LegalStatus
from tests.billing.cards.paying import looked_at
from tests.builders import (
    a_convenor,
    a_diary,
    a_package,
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    a_window,
    an_area,
    an_edition,
    an_offer,
    an_organisation,
)
from tests.buyback.test_agreements import on_the
from tests.e2e.browser import axe, leave_all, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Arrange = Callable[[Callable[[], Any]], Any]
OpenPage = Callable[..., Page]
RunJobs = Callable[[], list[str]]


def look(page: Page) -> None:
    """What every page on the way must hold."""
    assert axe(page) == [], page.url
    assert not overflow(page), page.url


class Borough:
    """A local authority whose service sells packages and brokers a teacher whom an academy releases."""

    def __init__(self) -> None:
        self.area = an_area(name="Calderbeck")
        self.authority = an_organisation("local_authority", area=self.area, name="Calderbeck Council")
        self.ledger_clerk = a_person(Role.FINANCE, at=self.authority, name="Noor Aziz")
        self.convenor = a_convenor(self.area)
        self.service = a_provider(self.area, name="Calderbeck Improvement Service")
        self.finance = a_person(Role.FINANCE, at=self.service, name="Kit Moss")
        self.releasing = a_school(self.area, academy=True, name="Oakfield Academy")
        self.releasing_head = a_person(Role.HEADTEACHER, at=self.releasing)
        self.teacher = a_person(Role.PRACTITIONER, at=self.releasing, name="Rowan Alder")
        self.practitioner = a_practitioner(
            self.releasing.organisation, user=self.teacher, listed_by=self.service, name="Rowan Alder"
        )
        a_diary(self.practitioner)
        self.offer = an_offer(
            self.service,
            practitioners=[self.practitioner],
            title="Reading for pleasure",
            cancellation_tariff=TARIFFS["free"].data,
        )
        self.package = a_package(self.service, name="English lead package")
        for calendar in (FINANCIAL, ACADEMIC):
            window = a_window(self.area, calendar=calendar, first_day=contract_year(calendar, today()).start)
            an_edition(self.package, window=window, includes=[(InclusionKind.DAYS, 8)])


class Fairlea:
    """A maintained primary school with the two people an order needs."""

    def __init__(self, borough: Borough) -> None:
        self.school = a_school(borough.area, name="Fairlea Primary School")
        self.manager = a_person(Role.STAFF, at=self.school, name="Sam Okoro")
        self.head = a_person(Role.HEADTEACHER, at=self.school, name="Ada Holt")


class Trust:
    """An academy trust of four schools: one person orders, another approves; and the head of one of the schools."""

    def __init__(self, borough: Borough) -> None:
        self.trust = an_organisation("trust", area=borough.area, name="Ridgeway Academies Trust")
        self.schools = []
        for name in ("Ashby", "Birch Hill", "Carr Lane", "Dale End"):
            school = a_school(borough.area, academy=True, name=f"{name} Academy")
            school.trust = self.trust
            school.save()
            self.schools.append(school)
        self.lead = a_person(Role.TRUST_LEAD, at=self.trust, name="Jo Marsh")
        self.second = a_person(Role.TRUST_LEAD, at=self.trust, name="Lee Grant")
        self.head = a_person(Role.HEADTEACHER, at=self.schools[0], name="Pat Reed")


def today() -> date:
    return local(timezone.now()).date()


def test_a_maintained_school_orders_draws_cancels_late_and_becomes_an_academy(
    arrange: Arrange, open_page: OpenPage, run_jobs: RunJobs, tmp_path: Path
) -> None:
    borough = arrange(Borough)
    fairlea = arrange(lambda: Fairlea(borough))
    manager, head = open_page(fairlea.manager), open_page(fairlea.head)
    finance, releasing_head = open_page(borough.finance), open_page(borough.releasing_head)

    agreement = _order_the_package(manager)
    _accept_and_approve(head, agreement)
    _let_a_night_pass(arrange, run_jobs)
    _see_it_in_force(head, agreement)
    _draw_a_day(borough, arrange, run_jobs, manager, head, releasing_head, open_page(borough.teacher))
    _see_the_balance(head, granted="4", used="1", left="3")
    _cancel_late(borough, arrange, run_jobs, manager, head, releasing_head)
    _see_the_balance(head, granted="4", used="1½", left="2½")
    academy = _become_an_academy(arrange, run_jobs, fairlea, head, agreement)
    _see_the_academys_part(head, arrange, run_jobs, academy)
    _settle_the_releasing_school(finance, releasing_head)
    _export_the_journals(open_page(borough.ledger_clerk), tmp_path)
    _read_the_year_end(finance)
    _see_that_all_agrees(finance, borough, arrange, run_jobs)


def test_a_trust_orders_for_four_schools_and_pays_one_invoice_by_card(
    request: pytest.FixtureRequest, arrange: Arrange, open_page: OpenPage, run_jobs: RunJobs
) -> None:
    borough = arrange(Borough)
    trust = arrange(lambda: Trust(borough))
    lead, head, finance = open_page(trust.lead), open_page(trust.head), open_page(borough.finance)
    if card_network.is_installed():
        request.getfixturevalue("cards")

    agreements = _order_for_four_schools(lead, trust)
    _approve_each(open_page(trust.second), agreements)
    _let_a_night_pass(arrange, run_jobs)
    releasing_head = open_page(borough.releasing_head)
    _draw_a_day(borough, arrange, run_jobs, head, None, releasing_head, open_page(borough.teacher))
    _see_the_balance(head, granted="4", used="1", left="3")
    _read_the_statement_of_the_bank_of_days(open_page(borough.convenor), head, trust)
    _settle_the_bank_of_days(open_page, borough, trust)
    invoice = _invoice_of(arrange, agreements[0])
    if card_network.is_installed():
        _pay_by_card(lead, arrange, run_jobs, invoice)
        _credit_a_part(finance, invoice)
        _give_it_back(finance, arrange, run_jobs, invoice)
    _see_at_the_year_end_what_was_not_invoiced(open_page, borough)
    _see_that_all_agrees(finance, borough, arrange, run_jobs)
    if not card_network.is_installed():
        pytest.skip("all but the card payment was walked: the stand-in for the card network is not installed")


def _let_a_night_pass(arrange: Arrange, run_jobs: RunJobs) -> None:
    arrange(run_jobs)
    arrange(buyback.run_agreements)
    arrange(run_jobs)


# Ordering -------------------------------------------------------------------------------------------------------------


def _order_the_package(page: Page) -> str:
    page.goto("/buy-back/order/")
    look(page)
    expect(page.get_by_text("£1,200.00").first).to_be_visible()
    expect(page.get_by_text("Orders are taken until").first).to_be_visible()
    page.get_by_text("How the price is worked out").first.click()
    look(page)
    page.get_by_role("link", name="English lead package").first.click()
    look(page)
    page.get_by_role("radio", name="1 year", exact=True).check()
    page.get_by_role("button", name="Put it into the basket").click()
    expect(page.get_by_text("is in the basket")).to_be_visible()
    look(page)
    page.get_by_role("link", name="Check and order").click()
    look(page)
    page.get_by_label("Purchase order number").fill("PO-77")
    page.get_by_role("button", name="Order", exact=True).click()
    expect(page.get_by_role("heading", name="Ordered", exact=True)).to_be_visible()
    look(page)
    expect(page.get_by_text("waits for approval by")).to_be_visible()
    page.get_by_role("table").get_by_role("link").first.click()
    expect(page.get_by_text("Waiting for approval").first).to_be_visible()
    look(page)
    return _reference(page)


def _reference(page: Page) -> str:
    return page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]


def _accept_and_approve(page: Page, agreement: str) -> None:
    page.goto(f"/agreements/{agreement}/accept/")
    look(page)
    page.get_by_label("Your position").fill("Headteacher")
    page.get_by_label("I have read these terms").check()
    page.get_by_role("button", name="Accept the terms").click()
    look(page)
    _approve_agreement(page)


def _approve_agreement(page: Page) -> None:
    page.get_by_label("Yes, approve it").check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("Agreement approved.")).to_be_visible()


def _see_it_in_force(page: Page, agreement: str) -> None:
    page.goto(f"/agreements/{agreement}/")
    expect(page.get_by_text("In force", exact=True).first).to_be_visible()
    look(page)
    page.get_by_role("link", name="Journal").first.click()
    look(page)
    expect(page.get_by_text("£1,200.00").first).to_be_visible()
    expect(page.get_by_text("PO-77").first).to_be_visible()


def _order_for_four_schools(page: Page, trust: Trust) -> list[str]:
    page.goto("/buy-back/order/")
    look(page)
    page.get_by_role("link", name="September to August").click()
    expect(page.get_by_text("£4,800.00").first).to_be_visible()
    page.get_by_role("link", name="English lead package").first.click()
    look(page)
    page.get_by_role("radio", name="1 year", exact=True).check()
    for school in trust.schools:
        expect(page.get_by_role("checkbox", name=school.organisation.name)).to_be_checked()
    page.get_by_role("button", name="Put it into the basket").click()
    look(page)
    for school in trust.schools:
        words = f"{school.organisation.name}: £1,200.00 before VAT, £1,440.00 with VAT."
        expect(page.get_by_text(words)).to_be_visible()
    expect(page.get_by_text("£5,760.00").first).to_be_visible()
    page.get_by_role("link", name="Check and order").click()
    look(page)
    page.get_by_label("Your position").fill("Chief executive")
    page.get_by_label("I have read the sellers’ terms").check()
    page.get_by_role("button", name="Order", exact=True).click()
    expect(page.get_by_role("heading", name="Ordered", exact=True)).to_be_visible()
    look(page)
    found = [link.inner_text() for link in page.get_by_role("table").get_by_role("link").all()]
    assert len(set(found)) == 4
    return found


def _approve_each(page: Page, agreements: list[str]) -> None:
    for number, reference in enumerate(agreements):
        page.goto(f"/agreements/{reference}/approve/")
        if not number:
            look(page)
        _approve_agreement(page)


# Using days -----------------------------------------------------------------------------------------------------------


def _book_from_the_package(page: Page, offer: str) -> str:
    page.goto(f"/offers/{offer}/")
    page.get_by_role("button", name="Book a person and a date").click()
    page.get_by_label("Full day").check()
    page.get_by_role("button", name="See free dates").click()
    page.locator("input[type=radio]:not([disabled])").first.check(force=True)
    page.get_by_role("button", name="Hold this date").click()
    look(page)
    expect(page.get_by_text("If it is drawn from English lead package")).to_be_visible()
    page.get_by_role("radio", name="1 day of English lead package").check()
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Order placed")).to_be_visible()
    page.get_by_role("link", name="See the booking").click()
    look(page)
    return _reference(page)


def _approve_booking(page: Page, booking: str) -> None:
    page.goto(f"/bookings/{booking}/approve/")
    look(page)
    page.get_by_label("Yes, approve it").check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("Order approved.")).to_be_visible()


def _consent(page: Page, booking: str) -> None:
    page.goto(f"/bookings/{booking}/")
    page.get_by_role("button", name="Decide on the release").click()
    look(page)
    page.get_by_label("Yes, I consent").check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("The visit is confirmed")).to_be_visible()


def _draw_a_day(
    borough: Borough,
    arrange: Arrange,
    run_jobs: RunJobs,
    orderer: Page,
    approver: Page | None,
    releasing_head: Page,
    teacher: Page,
) -> None:
    booking = _book_from_the_package(orderer, borough.offer.reference)
    if approver is not None:
        _approve_booking(approver, booking)
    _consent(releasing_head, booking)
    arrange(lambda: _move(booking, to=today() - timedelta(days=1)))
    teacher.goto(f"/bookings/{booking}/record/")
    look(teacher)
    teacher.get_by_label("What happened").fill("We taught reading together in Year 3.")
    teacher.get_by_label("Agreed next steps").fill("Two more mornings before Easter.")
    teacher.get_by_role("button", name="Save the record").click()
    expect(teacher.get_by_text("Record of visit saved")).to_be_visible()
    arrange(run_jobs)


def _move(reference: str, *, to: date) -> None:
    """Time passes: the visit lies so near, or so far back."""
    booking = Booking.objects.scoped().get(reference=reference)
    by = to - booking.day
    Booking.objects.scoped().filter(pk=booking.pk).update(
        day=to,
        starts_at=booking.starts_at + by,
        ends_at=booking.ends_at + by,
        during=(booking.during.lower + by, booking.during.upper + by),
    )


def _see_the_balance(page: Page, *, granted: str, used: str, left: str) -> None:
    """The package in the list of balances, and every movement of it."""
    page.goto("/balances/")
    look(page)
    cells = page.get_by_role("table").locator("tbody tr").first.get_by_role("cell")
    assert [cells.nth(column).inner_text().strip() for column in (1, 3, 4)] == [granted, used, left]
    page.get_by_role("link", name="English lead package").first.click()
    look(page)
    expect(page.get_by_text("Left to use")).to_be_visible()


def _cancel_late(
    borough: Borough, arrange: Arrange, run_jobs: RunJobs, manager: Page, head: Page, releasing_head: Page
) -> None:
    """The offer could be cancelled for nothing; twenty days ahead the package's tariff keeps half the price, so half of the day."""
    booking = _book_from_the_package(manager, borough.offer.reference)
    _approve_booking(head, booking)
    _consent(releasing_head, booking)
    arrange(lambda: _move(booking, to=today() + timedelta(days=20)))
    head.goto(f"/bookings/{booking}/")
    head.get_by_role("button", name="Cancel for the school").click()
    look(head)
    expect(head.get_by_text("Half a day of the package counts as used")).to_be_visible()
    expect(
        head.get_by_text("50% of 1 day: half a day counts as used, half a day comes back.")
    ).to_be_visible()
    head.get_by_label("Reason").fill("Our inspection falls on that day.")
    head.get_by_role("button", name="Cancel the visit and give up half a day").click()
    expect(head.get_by_text("The visit is cancelled.")).to_be_visible()
    look(head)
    arrange(run_jobs)


# Becoming an academy --------------------------------------------------------------------------------------------------


def _become_an_academy(
    arrange: Arrange, run_jobs: RunJobs, fairlea: Fairlea, page: Page, agreement: str
) -> str:
    arrange(lambda: _enter_in_the_register(fairlea))
    page.goto(f"/agreements/{agreement}/convert/")
    look(page)
    for part, number in (("day", today().day), ("month", today().month), ("year", today().year)):
        page.locator(f"input[name=on-{part}]").fill(str(number))
    page.get_by_role("button", name="See both parts").click()
    look(page)
    expect(page.get_by_role("row", name=re.compile("maintained.*Journal transfer"))).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("academy.*Invoice"))).to_be_visible()
    page.get_by_role("button", name="Pass the agreement on").click()
    expect(page.get_by_text("This is the academy’s agreement.")).to_be_visible()
    arrange(run_jobs)
    return _reference(page)


def _enter_in_the_register(fairlea: Fairlea) -> None:
    organisation = fairlea.school.organisation
    organisation.legal_status = LegalStatus.ACADEMY
    organisation.save()


def _see_the_academys_part(page: Page, arrange: Arrange, run_jobs: RunJobs, agreement: str) -> None:
    """The days are there at once; the money of the months to come is invoiced on the first of the next month."""
    page.goto(f"/agreements/{agreement}/")
    expect(page.get_by_text("In force", exact=True).first).to_be_visible()
    expect(page.get_by_text("2½ days of").first).to_be_visible()
    look(page)
    first = (today().replace(day=1) + timedelta(days=32)).replace(day=1)
    arrange(lambda: _issue_instalments_of(first))
    arrange(run_jobs)
    page.reload()
    page.get_by_role("link", name="Invoice").first.click()
    look(page)
    expect(page.get_by_text("Invoice", exact=True).first).to_be_visible()
    expect(page.get_by_text("20%").first).to_be_visible()


def _issue_instalments_of(day: date) -> None:
    with on_the(day):
        billing.issue_due_instalments()


# The releasing school, the ledger, the year's end ---------------------------------------------------------------------


def _settle_the_releasing_school(finance: Page, releasing_head: Page) -> None:
    finance.goto("/money/settlement/")
    look(finance)
    finance.get_by_role("link", name="Oakfield Academy").first.click()
    look(finance)
    finance.get_by_role("button", name="Make the statement").click()
    expect(finance.get_by_text(re.compile("Statement .* made."))).to_be_visible()
    look(finance)
    statement = finance.url
    releasing_head.goto(statement)
    look(releasing_head)
    releasing_head.get_by_role("button", name="Record the invoice").click()
    expect(releasing_head.get_by_label("Invoice number")).to_be_visible()
    look(releasing_head)
    releasing_head.get_by_label("Invoice number").fill("OAK-12")
    for part, number in (("day", today().day), ("month", today().month), ("year", today().year)):
        releasing_head.locator(f"input[name=dated-{part}]").fill(str(number))
    releasing_head.get_by_label("VAT on the invoice").fill("0")
    releasing_head.get_by_role("button", name="Record the invoice").click()
    expect(releasing_head.get_by_text("Invoice recorded.")).to_be_visible()
    finance.goto(statement)
    finance.get_by_role("button", name="Mark as paid").click()
    expect(finance.get_by_label("Payment reference")).to_be_visible()
    look(finance)
    finance.get_by_label("Payment reference").fill("BACS 7")
    finance.get_by_role("button", name="Mark as paid").click()
    expect(finance.get_by_text("Payment recorded.")).to_be_visible()
    look(finance)
    releasing_head.goto(statement)
    expect(releasing_head.get_by_text("BACS 7").first).to_be_visible()
    look(releasing_head)


def _export_the_journals(page: Page, folder: Path) -> None:
    page.goto("/money/journals/")
    look(page)
    page.get_by_role("button", name="Export the journals").click()
    expect(page.get_by_text("papers exported")).to_be_visible()
    look(page)
    with page.expect_download() as started:
        page.get_by_role("link", name="Download CSV").click()
    started.value.save_as(folder / "journal.csv")
    with (folder / "journal.csv").open(encoding="utf-8-sig", newline="") as file:
        *_, control = csv.reader(file)
    assert control[6] == control[7] and float(control[6]) > 0


def _read_the_year_end(page: Page) -> None:
    page.goto("/money/year-end/")
    look(page)
    page.get_by_role("button", name="Show the note").click()
    expect(page.get_by_role("link", name="Download as PDF")).to_be_visible()
    look(page)


def _see_at_the_year_end_what_was_not_invoiced(open_page: OpenPage, borough: Borough) -> None:
    """Of four packages at £1,200 seven months lie before 31 March and five after it: at the end nearest, those without an invoice are accrued."""
    end = contract_year(ACADEMIC, today()).end
    if 4 <= today().month <= 8:  # ordered, and so invoiced, after 31 March
        on, months, accrued = date(end.year, 3, 31), 7, "£2,800.00"
    else:  # the five months are invoiced in April, and no night has passed
        on, months, accrued = end, 5, "£2,000.00"
    leave_all()
    with on_the(on + timedelta(days=1)):
        page = open_page(borough.finance)
        page.goto("/money/year-end/")
        page.get_by_label("Books close on").select_option(on.isoformat())
        page.get_by_role("button", name="Show the note").click()
        section = page.get_by_role("region", name="Accrued income")
        expect(section.get_by_text(f"{months} of {months} months ran by")).to_have_count(4)
        expect(section.get_by_role("row", name="Sum")).to_contain_text(accrued)
        look(page)


def _settle_the_bank_of_days(open_page: OpenPage, borough: Borough, trust: Trust) -> None:
    """When the year is over its statement is made on its page, once, and stays."""
    leave_all()
    with on_the(contract_year(ACADEMIC, today()).end + timedelta(days=1)):
        page = open_page(borough.convenor)
        page.goto(f"/balances/credits/{trust.schools[0].organisation.reference}/")
        page.get_by_role("link", name=re.compile(r"^\d{4}.\d{2}")).last.click()
        expect(page.get_by_text("The year is over and not settled yet")).to_be_visible()
        page.get_by_role("button", name="Settle this year").click()
        expect(page.get_by_text("It stays as it is.")).to_be_visible()
        expect(page.get_by_role("button", name="Settle this year")).to_have_count(0)
        look(page)


def _read_the_statement_of_the_bank_of_days(convenor: Page, head: Page, trust: Trust) -> None:
    holder = trust.schools[0].organisation.reference
    convenor.goto(f"/balances/credits/{holder}/sponsor/")
    look(convenor)
    convenor.get_by_label("How many credits?").fill("4")
    convenor.get_by_label("Why?").fill("A new headteacher.")
    convenor.get_by_role("button", name="Give the credits").click()
    expect(convenor.get_by_text("has the credits.")).to_be_visible()
    head.goto(f"/balances/credits/{holder}/")
    look(head)
    head.get_by_role("link", name=re.compile(r"^\d{4}.\d{2}")).first.click()
    expect(head.get_by_role("heading", name="Bank of days, settlement statement")).to_be_visible()
    look(head)


def _see_that_all_agrees(page: Page, borough: Borough, arrange: Arrange, run_jobs: RunJobs) -> None:
    arrange(run_jobs)
    page.goto(f"/money/ledger/{borough.service.reference}/trial-balance/")
    look(page)
    expect(page.get_by_text("Comes to zero")).to_be_visible()
    found = arrange(verify)
    assert [(verdict.rule, verdict.disagreements) for verdict in found if verdict.disagreements] == []


# By card --------------------------------------------------------------------------------------------------------------


def _invoice_of(arrange: Arrange, agreement: str) -> str:
    """The first instalment: seven of twelve months, £700 and VAT."""
    row = arrange(lambda: ServiceAgreement.objects.scoped().get(reference=agreement))
    invoice = arrange(lambda: row.documents.earliest("pk"))  # from April to August the second is there too
    assert invoice.gross_pence == 84_000
    return str(invoice.reference)


def _pay_by_card(page: Page, arrange: Arrange, run_jobs: RunJobs, invoice: str) -> None:
    page.goto(f"/money/{invoice}/")
    look(page)
    page.get_by_role("link", name="Pay by card").click()
    look(page)
    page.get_by_role("button", name="Pay £840.00 by card").click()
    expect(page.get_by_role("heading", name="£840.00 to Calderbeck Improvement Service")).to_be_visible()
    arrange(run_jobs)
    page.reload()
    look(page)
    page.get_by_role("button", name="Enter the card").click()
    look(page)
    page.get_by_label("The card is accepted").check()
    page.get_by_role("button", name="Pay £840.00").click()
    expect(page.get_by_text("looks again by itself")).to_be_visible()
    arrange(lambda: looked_at(CardPayment.objects.get()))
    arrange(run_jobs)
    page.goto(f"/money/{invoice}/")
    expect(page.get_by_text("Nothing: settled")).to_be_visible()
    look(page)


def _credit_a_part(page: Page, invoice: str) -> None:
    page.goto(f"/money/{invoice}/credit/")
    look(page)
    page.get_by_label("Part of it").check()
    page.get_by_label("Net amount to credit").first.fill("100")
    page.get_by_label("Why is it credited?").fill("One twilight session fell out.")
    page.get_by_role("button", name="Issue the credit note").click()
    expect(page.get_by_text("£120.00").first).to_be_visible()
    look(page)


def _give_it_back(page: Page, arrange: Arrange, run_jobs: RunJobs, invoice: str) -> None:
    arrange(run_jobs)
    payment = arrange(CardPayment.objects.get)
    page.goto(f"/money/card/{payment.reference}/")
    page.get_by_role("button", name="Give money back").click()
    look(page)
    expect(page.get_by_text("can be given back now")).to_be_visible()
    page.get_by_label("Amount to give back").fill("120")
    page.get_by_label("Why is it given back?").fill("One twilight session fell out.")
    page.get_by_role("button", name="Give it back to the card").click()
    arrange(run_jobs)
    arrange(lambda: looked_at(payment))
    page.reload()
    expect(page.get_by_text("£120.00").first).to_be_visible()
    look(page)
    page.goto(f"/money/{invoice}/")
    expect(page.get_by_text("Nothing: settled")).to_be_visible()
