"""One sitting and what follows: a head who knows nobody asks three providers, chooses, agrees a deployment, and says what changed."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marketplace.brokerage import actions
from marketplace.brokerage.models import Deployment, SupportRequest
from marketplace.kernel.access import Role
from marketplace.organisations.models import User
from tests.builders import (
    a_deployment_visit,
    a_diary,
    a_level_2_theme,
    a_need,
    a_person,
    a_practitioner,
    a_school,
    actor_of,
    an_area,
    an_offer,
    an_organisation,
)
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

CHOSEN = "Harbour Learning"


def look(page: Page) -> None:
    assert axe(page) == [], page.url
    assert not overflow(page), page.url


class Borough:
    """A school with a need, and three providers; the person of the chosen one is released by a school."""

    def __init__(self) -> None:
        area = an_area(name="Calderbeck")
        self.theme = a_level_2_theme(name="Early reading")
        self.school = a_school(area, name="Fairlea Primary School")
        releasing = a_school(area, name="Brookfield Primary School")
        self.head: User = a_person(Role.HEADTEACHER, at=self.school, name="Ada Holt")
        self.releasing_head: User = a_person(Role.HEADTEACHER, at=releasing)
        self.person: User = a_person(Role.PRACTITIONER, at=releasing, name="Rowan Alder")
        self.need = a_need(self.school, self.theme, half_days=4, note="All teach it one way.")
        self.leads: dict[str, User] = {}
        for name in ("Waystone Education", CHOSEN, "Oak Teaching Hub"):
            body = an_organisation("independent", area=area, name=name)
            is_chosen = name == CHOSEN
            person = a_practitioner(
                releasing.organisation if is_chosen else body,
                name="Rowan Alder" if is_chosen else f"Somebody of {name}",
                user=self.person if is_chosen else None,
                listed_by=body if is_chosen else None,
            )
            a_diary(person)
            offer = an_offer(body, themes=[self.theme], practitioners=[person], title=f"Reading with {name}")
            if is_chosen:
                self.practitioner, self.offer = person, offer
            self.leads[name] = a_person(Role.PROVIDER_LEAD, at=body, name=f"Lead of {name}")


def test_a_need_becomes_a_request_a_choice_an_agreement_a_visit_and_an_evaluation(
    arrange: Callable[..., Any], open_page: Callable[..., Page], run_jobs: Callable[[], list[str]]
) -> None:
    borough: Borough = arrange(Borough)
    head = open_page(borough.head)

    _ask_three(head, borough)
    for name, lead in borough.leads.items():
        _respond(open_page(lead), "2400" if name == CHOSEN else "2600")
    arrange(lambda: actions.close_due_requests(now=timezone.now() + timedelta(days=60)))
    _choose(head)
    address = _agree(head)
    for user in (borough.head, borough.releasing_head, borough.person, borough.leads[CHOSEN]):
        _sign(open_page(user), address)

    row = Deployment.objects.scoped().get()
    assert row.status == "active"
    visit = arrange(lambda: _visit(borough, row))
    _record(open_page(borough.person), f"{address}visits/{visit.booking.reference}/")
    _evaluate(head, address)
    for words in (
        "1. The need",
        "Two routines tried",
        "A strong cohort",
        SupportRequest._rows.get().reference,
    ):
        expect(head.get_by_text(words).first).to_be_visible()
    look(head)


def _ask_three(page: Page, borough: Borough) -> None:
    page.goto(f"/needs/{borough.need.reference}/")
    page.get_by_role("link", name="Ask providers for it").click()
    page.get_by_label("What support do you want?").fill("Somebody to work beside our reading leads.")
    page.get_by_label("The most you would pay in all, VAT included").fill("12000")
    page.get_by_role("button", name="Save and choose providers").click()
    for name in borough.leads:
        page.get_by_label(name).check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_text("Responses stay sealed")).to_be_visible()


def _respond(page: Page, price: str) -> None:
    page.goto("/needs/invitations/")
    page.get_by_role("link", name="Early reading").click()
    page.get_by_role("link", name="Respond").click()
    page.locator("input[name=people]").first.check()
    page.get_by_label("Price in all, before VAT").fill(price)
    page.get_by_label("How would you go about it?").fill("Beside your teachers.")
    page.get_by_label("Through which of your offers").select_option(index=1)
    page.get_by_role("button", name="Send the response").click()
    expect(page.get_by_text("Your response is in. You can change it until the end of")).to_be_visible()


def _choose(page: Page) -> None:
    page.reload()
    page.get_by_role("link", name="Compare the responses").click()
    page.get_by_role("link", name=f"Choose {CHOSEN}").click()
    for name in ("Waystone Education", "Oak Teaching Hub"):
        told = page.get_by_role("group", name=f"What should {name} be told?")
        told.get_by_label("met the outcomes").check()
    page.get_by_label("No, nobody has").check()
    page.get_by_role("button", name=f"Choose {CHOSEN}").click()
    expect(page.get_by_text("was chosen by Ada Holt")).to_be_visible()


def _agree(page: Page) -> str:
    today = timezone.localdate()
    page.get_by_role("link", name="Agree a deployment").click()
    page.get_by_label("Rowan Alder").check()
    page.get_by_role("button", name="Write the agreement").click()
    page.get_by_label("What is it about?").fill("Early reading in Year 1")
    first = page.get_by_role("group", name="Objective 1", exact=True)
    first.get_by_label("What should change?").fill("All read the words of phase 4")
    first.get_by_label("How will you know?").fill("Nine in ten pass the check")
    first.get_by_label("Where does it stand now?").fill("Six in ten")
    first.get_by_label("Which area does it belong to?").select_option("quality_of_education")
    page.get_by_label("How many days do you agree on?").fill("1")
    for name, day in (("First day", today - timedelta(days=7)), ("Last day", today + timedelta(days=60))):
        group = page.get_by_role("group", name=name)
        for part, value in (("Day", day.day), ("Month", day.month), ("Year", day.year)):
            group.get_by_label(part).fill(str(value))
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nobody else sees the agreement")).to_be_visible()
    page.get_by_role("button", name="Send it to be signed").click()
    expect(page.get_by_text("All four are asked to sign")).to_be_visible()
    return page.url


def _sign(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_role("link", name="Sign as").first.click()
    page.get_by_label("I have read this version").check()
    page.get_by_role("button", name="Sign version 1").click()
    expect(page.get_by_text("Signed.")).to_be_visible()


def _visit(borough: Borough, row: Deployment) -> Any:
    scene = SimpleNamespace(
        school=borough.school,
        practitioner=borough.practitioner,
        offer=borough.offer,
        buyer=actor_of(borough.head),
    )
    return a_deployment_visit(SimpleNamespace(scene=scene), row)  # type: ignore[arg-type]


def _record(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("What happened").fill("We taught two lessons together.")
    page.get_by_label("Agreed next steps").fill("Again on Monday.")
    page.get_by_label("Objective 1: what did the visit do for it?").fill("Two routines tried")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("heading", name="For the objectives")).to_be_visible()


def _evaluate(page: Page, address: str) -> None:
    page.goto(f"{address}evaluate/")
    page.get_by_label("Partly achieved").check()
    page.get_by_label("Objective 1: how do you know?").fill("The check in June")
    page.get_by_label("what speaks against it?").fill("A strong cohort")
    page.get_by_label("4: most of what we hoped for").check()
    page.get_by_label("5 (best)").check()
    page.get_by_role("group", name="Was it worth its price?").get_by_label("Yes").check()
    page.get_by_label("What will last").fill("The routines")
    page.get_by_role("button", name="Save the evaluation").click()
    expect(page.get_by_text("The deployment is finished")).to_be_visible()
