"""The main job, walked by seven people in a browser, with script and without: from the register to what coverage shows.

The convenor imports the register and publishes the offer the provider lists; a subject lead declares a need, finds the offer at
the price for the school and books; the budget holder approves, the releasing headteacher consents; the practitioner writes the
record; the document is issued; the headteacher evaluates; and the coverage page shows what changed.
"""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marketplace.bookings.models import Booking
from marketplace.catalogue.models import Practitioner
from marketplace.demo_area.register_file import Borough, make_borough, register_csv
from marketplace.kernel.access import Role
from marketplace.organisations.models import Area, Organisation, School, User
from tests.builders import a_convenor, a_diary, a_person, a_practitioner, a_provider
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

Arrange = Callable[[Callable[[], Any]], Any]
OpenPage = Callable[..., Page]


def look(page: Page) -> None:
    """What every page on the way must hold. Axe is a script itself, so it looks only where scripts run."""
    if page.locator("body.js-enabled").count():
        assert axe(page) == [], page.url
        assert not overflow(page), page.url


def wait_for(page: Page, arrange: Arrange, run_jobs: Callable[[], list[str]]) -> None:
    """Let the worker do its jobs, then look again."""
    arrange(run_jobs)
    page.reload()


class Cast:
    """The seven people and the bodies they act for, once the register is in."""

    def __init__(self, area: Area) -> None:
        maintained = School.objects.filter(
            area=area,
            organisation__legal_status="la_maintained",
            phases=["primary"],
            pupils__gt=0,
            easting__isnull=False,
        ).order_by("urn")
        self.school, self.releasing = maintained[0], maintained[1]
        self.provider: Organisation = a_provider(
            area,
            name="Calderbeck Improvement Service",
            easting=self.school.easting,
            northing=self.school.northing,
        )
        self.lead: User = a_person(Role.PROVIDER_LEAD, at=self.provider)
        # A headteacher may approve a small order of their own; one of a subject lead waits for the budget holder.
        self.staff: User = a_person(Role.STAFF, at=self.school)
        self.head: User = a_person(Role.HEADTEACHER, at=self.school)
        self.holder: User = a_person(Role.BUDGET_HOLDER, at=self.school)
        self.releasing_head: User = a_person(Role.HEADTEACHER, at=self.releasing)
        self.person: User = a_person(Role.PRACTITIONER, at=self.releasing, name="Rowan Alder")
        self.practitioner: Practitioner = a_practitioner(
            self.releasing.organisation, user=self.person, listed_by=self.provider, name="Rowan Alder"
        )
        a_diary(self.practitioner)


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_the_main_job_is_done_by_seven_people(
    arrange: Arrange, open_page: OpenPage, run_jobs: Callable[[], list[str]], tmp_path: Path, js: bool
) -> None:
    borough = make_borough(schools=40)
    area = arrange(
        lambda: Area.objects.create(code=borough.la_code, gss_code=borough.gss_code, name=borough.name)
    )
    convenor = open_page(arrange(lambda: a_convenor(area)), js=js)

    _import_the_register(convenor, arrange, run_jobs, borough, tmp_path)
    cast: Cast = arrange(lambda: Cast(area))
    _list_an_offer(open_page(cast.lead, js=js))
    _publish_it(convenor)
    staff = open_page(cast.staff, js=js)
    _declare_a_need(staff, js)
    _see_coverage(convenor, arrange, run_jobs, "6 days needed by 1 school")
    booking = _book(staff)
    _approve(open_page(cast.holder, js=js), booking)
    _consent(open_page(cast.releasing_head, js=js), booking)
    arrange(lambda: _let_time_pass(booking))
    _record(open_page(cast.person, js=js), booking)
    arrange(run_jobs)
    _read_the_journal(open_page(cast.holder, js=js), cast)
    _evaluate(open_page(cast.head, js=js), booking)
    _see_coverage(convenor, arrange, run_jobs, "5 days needed by 1 school")


def _import_the_register(
    page: Page, arrange: Arrange, run_jobs: Callable[[], list[str]], borough: Borough, folder: Path
) -> None:
    register = folder / "edubasealldata.csv"
    register.write_bytes(register_csv([borough]))
    page.goto("/register/")
    look(page)
    page.goto("/register/new/")
    look(page)
    page.locator("input[type=file]").set_input_files(register)
    page.locator("main form button").last.click()
    wait_for(page, arrange, run_jobs)
    expect(page.get_by_text("Ready to apply").first).to_be_visible()
    look(page)
    page.get_by_role("button", name="Apply").click()
    wait_for(page, arrange, run_jobs)
    expect(page.get_by_text("Applied", exact=True).first).to_be_visible()
    assert arrange(School.objects.count) == 40


def _list_an_offer(page: Page) -> None:
    page.goto("/provide/offers/new/")
    page.get_by_label("Title").fill("Reading for pleasure")
    page.get_by_label("Summary").fill("A day with your English lead.")
    page.get_by_label("Support type").select_option("coaching")
    page.get_by_label("Phonics and early reading").check()
    page.get_by_label("Primary").check()
    page.get_by_role("button", name="Save and continue").click()
    look(page)
    page.goto(page.url.rstrip("/") + "/edit/delivery/")
    page.get_by_label("Rowan Alder").check()
    page.get_by_label("How many days can you give").fill("20")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("link", name="Price", exact=True).click()
    page.get_by_label("Price a day").check()
    page.get_by_role("button", name="Continue").click()
    page.locator("input[name=amount_pence]").fill("350")
    page.get_by_role("button", name="Save").last.click()
    page.get_by_role("button", name="Hand in for approval").click()
    expect(page.get_by_text("waits for a convenor")).to_be_visible()


def _publish_it(page: Page) -> None:
    page.goto("/")
    look(page)
    page.goto("/quality/")
    page.get_by_role("link", name="Reading for pleasure").click()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published.")).to_be_visible()


def _declare_a_need(page: Page, js: bool) -> None:
    page.goto("/needs/")
    look(page)
    page.get_by_role("link", name="Declare a need").first.click()
    look(page)
    _choose_theme(page, js, "Phonics and early reading (Curriculum and teaching)")
    page.get_by_label("Focused").check()
    page.get_by_role("button", name="Declare this need").click()
    expect(page.get_by_text("Need declared")).to_be_visible()
    look(page)
    page.goto("/needs/")
    page.get_by_role("button", name="Our list is complete").click()
    expect(page.get_by_text("needs are confirmed")).to_be_visible()


def _choose_theme(page: Page, js: bool, label: str) -> None:
    """With script the list can be typed into; without, it is a plain list."""
    if js:
        page.locator("input#id_theme").fill(label[:10])
        page.get_by_role("option", name=label).click()
    else:
        page.locator("select[name=theme]").select_option(label=label)


def _see_coverage(page: Page, arrange: Arrange, run_jobs: Callable[[], list[str]], sentence: str) -> None:
    """The convenor's page of the theme and phase, once the worker has counted anew."""
    arrange(run_jobs)
    page.goto("/coverage/phonics/primary/")
    look(page)
    expect(page.get_by_text(sentence).first).to_be_visible()


def _book(page: Page) -> str:
    page.goto("/needs/")
    page.get_by_role("link", name="Phonics and early reading").first.click()
    page.get_by_role("link", name="Find support for this").click()
    look(page)
    card = page.get_by_role("listitem").filter(has=page.get_by_role("heading", name="Reading for pleasure"))
    expect(card.get_by_text("£350.00").first).to_be_visible()
    page.get_by_role("link", name="Reading for pleasure").first.click()
    look(page)
    page.get_by_role("button", name="Book a person and a date").click()
    page.get_by_label("Full day").check()
    page.get_by_role("button", name="See free dates").click()
    look(page)
    page.locator("input[type=radio]:not([disabled])").first.check(force=True)
    page.get_by_role("button", name="Hold this date").click()
    expect(page.get_by_text("Held for you until")).to_be_visible()
    look(page)
    page.get_by_label("Purchase order number").fill("PO-2041")
    page.get_by_role("button", name="Place the order").click()
    expect(page.get_by_role("heading", name="Order placed")).to_be_visible()
    page.get_by_role("link", name="See the booking").click()
    look(page)
    return page.url.rstrip("/").rsplit("/", 1)[-1]


def _approve(page: Page, booking: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Approve").first.click()
    look(page)
    page.get_by_label("Yes, approve it").check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("Order approved.")).to_be_visible()
    assert booking in page.url


def _consent(page: Page, booking: str) -> None:
    page.goto(f"/bookings/{booking}/")
    page.get_by_role("button", name="Decide on the release").click()
    look(page)
    page.get_by_label("Yes, I consent").check()
    page.get_by_role("button", name="Save the decision").click()
    expect(page.get_by_text("The visit is confirmed")).to_be_visible()


def _let_time_pass(reference: str) -> None:
    """The day of the visit comes and goes: the booking moves back by whole weeks until it lies in the past."""
    booking = Booking.objects.scoped().get(reference=reference)
    back = timedelta(weeks=(booking.ends_at - timezone.now()).days // 7 + 1)
    Booking.objects.scoped().filter(pk=booking.pk).update(
        day=booking.day - back,
        starts_at=booking.starts_at - back,
        ends_at=booking.ends_at - back,
        during=(booking.during.lower - back, booking.during.upper - back),
    )


def _record(page: Page, booking: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Write the record of visit").first.click()
    look(page)
    page.get_by_label("What happened").fill("We taught phonics together in Year 1.")
    page.get_by_label("Agreed next steps").fill("Two more mornings before Easter.")
    page.get_by_role("button", name="Save the record").click()
    expect(page.get_by_text("Record of visit saved")).to_be_visible()
    assert booking in page.url


def _read_the_journal(page: Page, cast: Cast) -> None:
    page.goto("/money/")
    look(page)
    page.get_by_role("link", name="JNL").first.click()
    look(page)
    expect(page.get_by_text("£350.00").first).to_be_visible()
    expect(page.get_by_text("CFR E27").first).to_be_visible()
    expect(page.get_by_text("PO-2041").first).to_be_visible()
    expect(page.get_by_text(cast.provider.name).first).to_be_visible()


def _evaluate(page: Page, booking: str) -> None:
    page.goto("/")
    page.get_by_role("link", name="Evaluate the support").first.click()
    look(page)
    page.get_by_label("4: most of what we hoped for").check()
    page.get_by_role("radio", name="5 (best)").check()
    page.get_by_label("What changed?").fill("Year 1 read with more confidence.")
    page.get_by_label("How do you know?").fill("We listened to readers before and after.")
    page.get_by_role("button", name="Save the evaluation").click()
    expect(page.get_by_text("Your evaluation is saved")).to_be_visible()
    assert booking in page.url
