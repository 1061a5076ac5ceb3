"""A deployment in a real browser: from a need to the evaluation, every page looked at by axe."""

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from marketplace.brokerage.models import Deployment
from marketplace.kernel.access import Actor
from marketplace.organisations.models import User
from tests.builders import Parties, a_deployment, a_deployment_visit, the_parties
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

PICTURES = os.environ.get("PICTURES", "")


def user_of(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id)


def look(page: Page, name: str) -> None:
    """No violation, nothing wider than the window; a picture where asked for."""
    assert axe(page) == []
    assert not overflow(page)
    if PICTURES:
        page.screenshot(path=str(Path(PICTURES) / f"{name}.png"), full_page=True)


def write_agreement(page: Page, parties: Parties) -> None:
    today = timezone.localdate()
    page.goto(f"/needs/{parties.need.reference}/")
    page.get_by_role("link", name="Agree a deployment").click()
    page.get_by_label(parties.scene.practitioner.name).check()
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
        group.get_by_label("Day").fill(str(day.day))
        group.get_by_label("Month").fill(str(day.month))
        group.get_by_label("Year").fill(str(day.year))


@pytest.mark.parametrize("js", [True, False], ids=["with script", "without script"])
def test_a_need_becomes_an_agreement_visits_a_review_and_an_evaluation(
    arrange: Callable[..., Any], open_page: Callable[..., Page], js: bool
) -> None:
    parties: Parties = arrange(the_parties)
    scene = parties.scene
    seen = look if js else (lambda page, name: None)

    page = open_page(user_of(scene.buyer), js=js)
    write_agreement(page, parties)
    seen(page, "1-terms")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Nobody else sees the agreement")).to_be_visible()
    page.get_by_role("button", name="Send it to be signed").click()
    expect(page.get_by_text("All four are asked to sign")).to_be_visible()
    seen(page, "2-to-sign")
    address = page.url

    for capacity, actor in parties.signers.items():
        signer = open_page(user_of(actor), js=js)
        signer.goto(address)
        signer.get_by_role("link", name="Sign as").click()
        seen(signer, f"3-sign-{capacity}")
        signer.get_by_label("I have read this version").check()
        signer.get_by_role("button", name="Sign version 1").click()
        expect(signer.get_by_text("Signed.")).to_be_visible()

    row = Deployment.objects.scoped().get()
    visit = arrange(lambda: a_deployment_visit(parties, row))
    person = open_page(user_of(scene.person), js=js)
    person.goto(f"{address}visits/{visit.booking.reference}/")
    person.get_by_label("What happened").fill("We taught two lessons together.")
    person.get_by_label("Agreed next steps").fill("Again on Monday.")
    person.get_by_label("Objective 1: what did the visit do for it?").fill("Two routines tried")
    seen(person, "4-record")
    person.get_by_role("button", name="Save", exact=True).click()
    expect(person.get_by_role("heading", name="For the objectives")).to_be_visible()

    person.goto(f"{address}review/")
    person.get_by_label("Amber: some way off").check()
    person.get_by_label("Objective 1: why?").fill("One class of two")
    person.get_by_label("Next steps").fill("The second class")
    seen(person, "5-review")
    person.get_by_role("button", name="Save the review").click()
    expect(person.get_by_text("The review is saved")).to_be_visible()

    head = open_page(user_of(scene.receiving_head), js=js)
    head.goto(f"{address}evaluate/")
    head.get_by_label("Partly achieved").check()
    head.get_by_label("Objective 1: how do you know?").fill("The check in June")
    head.get_by_label("what speaks against it?").fill("A strong cohort")
    head.get_by_label("4: most of what we hoped for").check()
    head.get_by_label("5 (best)").check()
    head.get_by_role("group", name="Was it worth its price?").get_by_label("Yes").check()
    head.get_by_label("What will last").fill("The routines")
    seen(head, "6-evaluate")
    head.get_by_role("button", name="Save the evaluation").click()
    expect(head.get_by_text("The deployment is finished")).to_be_visible()
    for words in ("1. The need", "Two routines tried", "One class of two", "A strong cohort"):
        expect(head.get_by_text(words).first).to_be_visible()
    seen(head, "7-chain")


def test_every_page_passes_axe_and_fits_a_narrow_window(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    def some() -> tuple[Parties, Deployment]:
        parties = the_parties()
        return parties, a_deployment(parties)

    parties, row = arrange(some)
    scene, here = parties.scene, f"/deployments/{row.reference}/"
    day = scene.day.isoformat()
    visits = [
        (scene.buyer, "list", "/deployments/"),
        (scene.buyer, "begin", "/deployments/new/"),
        (scene.buyer, "who", f"/deployments/new/?need={parties.need.reference}"),
        (scene.buyer, "change", f"{here}change/"),
        (scene.buyer, "book", f"{here}book/?kind=visit&session=day&mode=in_person&first_day={day}"),
        (scene.receiving_head, "pause", f"{here}end/pause/"),
        (scene.provider_lead, "mid-point", f"{here}mid-point/"),
        (scene.person, "concern", f"{here}concerns/new/"),
        (parties.convenor, "chain", here),
    ]
    for actor, name, path in visits:
        page = open_page(user_of(actor), width=320)
        page.goto(path)
        look(page, f"page-{name}-320")
