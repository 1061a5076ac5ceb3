"""The catalogue in a browser: every page passes axe and fits a narrow screen, with script and without."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.catalogue import actions
from marketplace.catalogue.models import Offer, SupportType, Theme
from marketplace.kernel.access import Role
from marketplace.organisations.models import OrganisationKind, Phase
from tests.builders import (
    a_convenor,
    a_designation,
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_offer,
    an_organisation,
    some_content,
)
from tests.e2e.browser import axe, overflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


def _vocabulary() -> tuple[Theme, Theme, SupportType]:
    """A corner of the vocabulary: transactional tests empty the tables that migrations filled."""
    heading, _ = Theme.objects.get_or_create(
        code="curriculum-and-teaching", defaults={"name": "Curriculum and teaching"}
    )
    phonics, _ = Theme.objects.get_or_create(
        code="phonics", defaults={"name": "Phonics and early reading", "parent": heading}
    )
    maths, _ = Theme.objects.get_or_create(code="maths", defaults={"name": "Maths", "parent": heading})
    coaching, _ = SupportType.objects.get_or_create(
        code="coaching", defaults={"name": "Coaching or mentoring"}
    )
    return phonics, maths, coaching


def _place() -> dict[str, Any]:
    """A borough with a school, a hub with a draft and a handed-in offer, and offers to find."""
    phonics, maths, coaching = _vocabulary()
    area = an_area(name="Northvale")
    school = a_school(area, name="Meadow Primary School", census_date=date(2026, 1, 15))
    hub = an_organisation(
        OrganisationKind.TEACHING_SCHOOL_HUB,
        area=area,
        name="Brightwater Teaching School Hub",
        easting=446_000,
    )
    lead, head, convenor = (
        a_person(Role.PROVIDER_LEAD, at=hub),
        a_person(Role.HEADTEACHER, at=school),
        a_convenor(area),
    )
    person = a_practitioner(school.organisation, listed_by=hub, name="Rowan Alder", job_title="English lead")
    a_designation(person)
    words = {
        "summary": "Six visits to Reception and Year 1, with modelled lessons and a plan for what comes after.",
        "description": "Before the visit we look at your data together.\n\nDuring the day we teach beside your teachers.",
        "evidence": "Used in eleven schools since 2023; evaluations can be read on request.",
        "support_type": coaching,
    }
    shown = an_offer(
        hub, title="Phonics coaching for Year 1", themes=[phonics], practitioners=[person],
        price_rule={"kind": "flat_plus_per_pupil", "flat_pence": 46_614, "primary_pence": 114}, **words,
    )  # fmt: skip
    an_offer(a_provider(area, name="Northvale School Improvement Service"), title="Phonics review", themes=[phonics],
        practitioners=[a_practitioner(name="Sorrel Finch")], support_type=coaching,
        brokerage_fee={"basis": "additional", "kind": "percent", "value": 1500})  # fmt: skip
    an_offer(school.organisation, title="Open mornings: maths for all", themes=[maths], mode="both", phases=[Phase.PRIMARY],
        price_rule={"kind": "fixed", "amount_pence": 0})  # fmt: skip
    content = some_content(
        title="Maths network", themes=(maths,), support_type=coaching, practitioners=(person,)
    )
    draft = actions.draft_offer(actor=actor_of(lead), provider=hub, content=content)
    handed_in = actions.submit_offer(
        actor=actor_of(lead),
        offer=actions.draft_offer(actor=actor_of(lead), provider=hub, content=some_content(
            title="Phonics for teaching assistants", themes=(phonics,), support_type=coaching, practitioners=(person,))),
    )  # fmt: skip
    return {"school": school, "lead": lead, "head": head, "convenor": convenor, "person": person, "shown": shown,
        "draft": draft, "handed_in": handed_in}  # fmt: skip


def _paths(place: dict[str, Any]) -> list[tuple[str, str]]:
    shown, draft, person = place["shown"].reference, place["draft"].reference, place["person"].reference
    return [
        ("head", "/find/"),
        ("head", "/find/?q=phonics"),
        ("head", "/find/?q=zebra&mode=remote"),
        ("head", f"/find/compare/?offer={shown}&" + "&".join(f"offer={o.reference}" for o in Offer.objects.filter(status="published")[:3])),
        ("head", "/find/how-results-are-ordered/"),
        ("head", f"/offers/{shown}/?days=3"),
        ("head", f"/provide/people/{person}/assurance/"),
        ("lead", "/provide/"),
        ("lead", "/provide/offers/new/"),
        ("lead", f"/provide/offers/{draft}/"),
        ("lead", f"/provide/offers/{shown}/"),
        ("lead", f"/provide/offers/{draft}/edit/about/"),
        ("lead", f"/provide/offers/{draft}/edit/delivery/"),
        ("lead", f"/provide/offers/{draft}/edit/terms/"),
        ("lead", f"/provide/offers/{draft}/edit/cancelling/"),
        ("lead", f"/provide/offers/{draft}/price/"),
        ("lead", f"/provide/offers/{draft}/price/per_day/"),
        ("lead", f"/provide/offers/{draft}/price/banded_by_pupils/"),
        ("lead", "/provide/people/"),
        ("lead", "/provide/people/new/"),
        ("lead", f"/provide/people/{person}/"),
        ("convenor", "/quality/"),
        ("convenor", f"/quality/{place['handed_in'].reference}/"),
    ]  # fmt: skip


def test_every_page_of_the_catalogue_passes_axe_and_fits_a_narrow_screen(
    arrange: Callable[[Callable[[], Any]], Any], open_page: Callable[..., Page]
) -> None:
    place = arrange(_place)
    pages = {who: open_page(place[who]) for who in ("head", "lead", "convenor")}
    narrow = {who: open_page(place[who], width=320) for who in pages}
    for who, path in arrange(lambda: _paths(place)):
        pages[who].goto(path)
        expect(pages[who].locator("h1")).to_be_visible()
        assert axe(pages[who]) == [], path
        narrow[who].goto(path)
        assert not overflow(narrow[who]), path


def test_an_offer_is_listed_judged_found_and_compared_without_script(
    arrange: Callable[[Callable[[], Any]], Any], open_page: Callable[..., Page]
) -> None:
    place = arrange(_place)
    lead, convenor, head = (open_page(place[who], js=False) for who in ("lead", "convenor", "head"))

    lead.goto("/provide/offers/new/")
    lead.get_by_label("Title").fill("Reading for pleasure")
    lead.get_by_label("Summary").fill("A term of visits.")
    lead.get_by_label("Support type").select_option("coaching")
    lead.get_by_label("Phonics and early reading").check()
    lead.get_by_label("Primary").check()
    lead.get_by_role("button", name="Save and continue").click()
    lead.get_by_role("link", name="Price", exact=True).click()
    lead.get_by_label("Price per pupil with a floor and a cap").check()
    lead.get_by_role("button", name="Continue").click()
    lead.get_by_label("Price per pupil", exact=True).fill("19")
    lead.get_by_label("Least a school pays").fill("6,000")
    lead.get_by_label("Most a school pays").fill("12,500")
    lead.get_by_role("button", name="Save").last.click()
    lead.get_by_role("button", name="Hand in for approval").click()
    expect(lead.get_by_text("waits for a convenor")).to_be_visible()

    convenor.goto("/quality/")
    convenor.get_by_role("link", name="Reading for pleasure").click()
    expect(convenor.get_by_role("cell", name="£6,000.00 for the whole service")).to_have_count(2)
    convenor.get_by_role("button", name="Publish").click()
    expect(convenor.get_by_text("Published.")).to_be_visible()

    head.goto("/find/")
    head.get_by_label("Words").fill("read")
    head.get_by_role("button", name="Search").click()
    card = head.get_by_role("listitem").filter(has=head.get_by_role("heading", name="Reading for pleasure"))
    expect(card.get_by_text("£6,000.00").first).to_be_visible()
    for box in head.get_by_role("checkbox", name="Compare").all():
        box.check()
    head.get_by_role("button", name="Compare the ticked offers").click()
    expect(head.get_by_role("columnheader", name="Reading for pleasure")).to_be_visible()
