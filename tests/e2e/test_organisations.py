"""The register, an area and an invitation in a browser: with script, without it, and with axe on every page."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from marketplace.kernel.access import SYSTEM, Role
from marketplace.organisations import actions
from marketplace.organisations.models import Area, Organisation, RegisterImport, User
from tests.builders.organisations import a_convenor, a_person, an_invitation
from tests.e2e.browser import axe, overflow
from tests.organisations.importing import a_row, imported, the_school
from tests.organisations.register_files import a_file
from tests.organisations.test_places import TWO

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]

FILE = {
    "name": "edubasealldata20261120.csv",
    "mimeType": "text/csv",
    "buffer": a_file(
        a_row(NumberOfPupils="300"),
        a_row(100002, EstablishmentStatuscode="2"),
        a_row(100003, EstablishmentName="New Meadow School"),
        a_row(URN="7"),
    ),
}


def a_place() -> tuple[User, Organisation]:
    """An area with two schools, its wards, its convenor and a headteacher."""
    imported(a_row(), a_row(100002))
    area = Area.objects.get(code="373")
    actions.import_wards(actor=SYSTEM, area=area, content=TWO)
    actions.create_cluster(actor=SYSTEM, area=area, name="Valley", urns=[100001])
    a_person(Role.HEADTEACHER, at=the_school(), name="Ada Holroyd")
    return a_convenor(area), the_school().organisation


def good(page: Page) -> None:
    assert axe(page) == [], page.url
    assert not overflow(page), page.url


def the_import() -> str:
    return f"/register/{RegisterImport.objects.latest('pk').reference}/"


def test_a_convenor_brings_the_register_up_to_date(
    arrange: Callable[..., Any], open_page: Callable[..., Page], run_jobs: Callable[[], Any]
) -> None:
    convenor, _ = arrange(a_place)
    page = open_page(convenor)

    page.goto("/register/")
    good(page)
    page.get_by_role("button", name="Upload a register file").click()
    good(page)
    page.get_by_label("Register file").set_input_files(FILE)
    page.get_by_role("button", name="Upload and read").click()
    expect(page.get_by_text("You can leave this page")).to_be_visible()
    good(page)
    arrange(run_jobs)

    # The progress bar finds the work done and the page shows itself anew.
    expect(page.get_by_role("button", name="Apply these changes")).to_be_visible(timeout=10_000)
    good(page)
    narrow = open_page(convenor, width=320)
    narrow.goto(the_import())
    good(narrow)
    for tab, says in (("Changed", "236 → 300"), ("Closed", "Open → Closed"), ("Refused", "six digits")):
        page.get_by_role("link", name=tab).click()
        expect(page.get_by_text(says).first).to_be_visible()
        good(page)
    page.get_by_role("button", name="Apply these changes").click()
    expect(page.get_by_text("Applying the changes")).to_be_visible()
    arrange(run_jobs)
    expect(page.get_by_role("button", name="Undo this import")).to_be_visible(timeout=10_000)
    assert the_school().pupils == 300

    page.get_by_role("button", name="Undo this import").click()
    good(page)


def test_the_same_without_script(
    arrange: Callable[..., Any], open_page: Callable[..., Page], run_jobs: Callable[[], Any]
) -> None:
    convenor, _ = arrange(a_place)
    page = open_page(convenor, js=False)

    page.goto("/register/new/")
    page.get_by_label("Register file").set_input_files(FILE)
    page.get_by_role("button", name="Upload and read").click()
    assert page.locator('meta[http-equiv="refresh"]').count() == 1
    arrange(run_jobs)
    page.goto(the_import())
    page.get_by_role("button", name="Apply these changes").click()
    arrange(run_jobs)
    page.goto(the_import())

    expect(page.get_by_text("Undo this import")).to_be_visible()
    assert the_school().pupils == 300


def test_pages_of_an_area_and_its_organisations_are_accessible(
    arrange: Callable[..., Any], open_page: Callable[..., Page]
) -> None:
    convenor, school = arrange(a_place)
    wide, narrow = open_page(convenor), open_page(convenor, width=320)
    for path in (
        "/schools/",
        "/areas/373/",
        "/areas/373/wards/",
        "/areas/373/clusters/",
        "/areas/373/clusters/new/",
        "/areas/373/organisations/",
        "/areas/373/organisations/new/",
        f"/organisations/{school.reference}/",
        f"/organisations/{school.reference}/change/",
        "/people/",
        "/people/invitations/",
        "/people/invite/",
        f"/people/invite/{school.reference}/",
        "/register/",
    ):
        for page in (wide, narrow):
            page.goto(path)
            good(page)


def test_wards_are_uploaded(arrange: Callable[..., Any], open_page: Callable[..., Page]) -> None:
    convenor, _ = arrange(a_place)
    page = open_page(convenor)

    page.goto("/areas/373/wards/")
    one = json.loads(TWO) | {"features": json.loads(TWO)["features"][:1]}
    page.get_by_label("Ward boundaries").set_input_files(
        {"name": "wards.geojson", "mimeType": "application/geo+json", "buffer": json.dumps(one).encode()}
    )
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_text("Calderbeck has 2 wards now")).to_be_visible()
    good(page)


@pytest.mark.parametrize("js", [True, False])
def test_a_new_person_accepts_an_invitation(
    arrange: Callable[..., Any], open_page: Callable[..., Page], js: bool
) -> None:
    invitation, token = arrange(lambda: an_invitation("headteacher"))
    page = open_page(js=js)

    page.goto(f"/invitations/{token}/")
    if js:
        good(page)
    page.get_by_label("Your name").fill("Ada Holroyd")
    page.get_by_label("Choose a password").fill("correct horse battery staple")
    page.get_by_role("button", name="Accept and sign in").click()

    expect(page.get_by_text(f"Welcome. You are headteacher of {invitation.organisation}")).to_be_visible()
