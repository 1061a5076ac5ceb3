"""What cancelling costs, typed on a page: every published shape, for offers and for packages."""

from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.catalogue import actions
from marketplace.catalogue.content import content_of
from marketplace.catalogue.models import Offer
from marketplace.catalogue.presets import TARIFFS
from marketplace.catalogue.tariffs import CancellationTariff, describe
from marketplace.kernel.access import Role
from tests.builders import a_person, a_provider, actor_of, an_edition, some_content
from tests.catalogue import test_tariffs as published

pytestmark = pytest.mark.django_db


def tiers(name: str, *rows: dict[str, str], unit: str = "calendar") -> dict[str, str]:
    """The rows of a list as a browser posts them, with an empty one behind."""
    posted = {
        f"{name}-{number}-{field}": text for number, row in enumerate(rows) for field, text in row.items()
    }
    return posted | {f"{name}-{number}-unit": unit for number in range(len(rows) + 1)}


def day(name: str, iso: str) -> dict[str, str]:
    year, month, number = iso.split("-")
    return {f"{name}-day": number, f"{name}-month": month, f"{name}-year": year}


SHAPES: dict[str, tuple[dict[str, str], dict[str, Any]]] = {
    "teaching school, free events too": (
        tiers(
            "tiers",
            {"at_most": "7", "percent_bp": "100"},
            {"at_most": "14", "percent_bp": "75"},
            {"at_most": "28", "percent_bp": "50"},
        )
        | tiers("free_tiers", {"at_most": "6", "full_day_pence": "50"}),
        published.TEACHING_SCHOOL,
    ),
    "governor services": (
        tiers(
            "tiers",
            {"at_most": "2", "full_day_pence": "£110", "half_day_pence": "75", "evening_pence": "50.00"},
            unit="working",
        )
        | {"waived_if_refilled": "on"},
        published.GOVERNOR_SERVICES,
    ),
    "county, with not coming": (
        tiers("tiers", {"at_most": "10", "full_day_pence": "70", "half_day_pence": "35"}, unit="working")
        | {"no_show-full_day_pence": "70", "no_show-half_day_pence": "35"},
        published.COUNTY,
    ),
    "cooling off": (
        tiers("tiers", {"at_most": "13", "percent_bp": "100%"}, {"at_most": "27", "percent_bp": "50%"})
        | {"cooling_off_days": "14"},
        published.MUSIC_AND_TRAINING,
    ),
    "something at any notice": (
        tiers(
            "tiers",
            {"at_most": "14", "percent_bp": "100"},
            {"at_most": "28", "percent_bp": "50"},
            {"full_day_pence": "50"},
        ),
        published.ASSOCIATION,
    ),
    "under 30 days": (tiers("tiers", {"at_most": "29", "percent_bp": "100"}), published.CLERKING),
    "peak dates": (
        tiers("tiers", {"at_most": "14", "percent_bp": "50"})
        | day("peak_dates-0-first_day", "2027-02-08")
        | day("peak_dates-0-last_day", "2027-02-10")
        | tiers("peak_tiers", {"at_most": "56", "percent_bp": "100"}),
        published.CONSULTANT,
    ),
    "notice promised by the provider": (
        {"provider_notice_working_days": "10"},
        {"provider_notice_working_days": 10},
    ),
}


class Page:
    """The page of an offer's or a package's tariff, signed in as who keeps it."""

    def __init__(self, of: str) -> None:
        seller = a_provider()
        self.client = Client()
        lead = a_person(Role.PROVIDER_LEAD, at=seller)
        self.client.force_login(lead)
        self.of = of
        if of == "offer":
            offer = actions.draft_offer(actor=actor_of(lead), provider=seller, content=some_content())
            self.address = reverse("catalogue:section", args=[offer.reference, "cancelling"])
            self.row: Any = offer.versions.get()
        else:
            self.row = an_edition(status="draft")
            self.client.force_login(a_person(Role.PROVIDER_LEAD, at=self.row.package.seller))
            self.address = reverse(
                "buyback:edition_section",
                args=[self.row.package.reference, self.row.window.reference, "cancelling"],
            )

    def post(self, **posted: str) -> Any:
        return self.client.post(self.address, posted)

    @property
    def kept(self) -> CancellationTariff:
        self.row.refresh_from_db()
        return CancellationTariff.from_data(self.row.cancellation_tariff)


@pytest.fixture(params=["offer", "package"])
def kept_by(request: pytest.FixtureRequest) -> Page:
    return Page(request.param)


@pytest.mark.parametrize("shape", SHAPES)
def test_every_published_tariff_can_be_typed_in(kept_by: Page, shape: str) -> None:
    posted, data = SHAPES[shape]

    answer = kept_by.post(**{"substitution_allowed": "on"} | posted)

    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert kept_by.kept == CancellationTariff.from_data(data)
    again = kept_by.client.get(kept_by.address)
    for name, text in posted.items():
        assert f'name="{name}"' in again.content.decode(), (name, text)
    shown = kept_by.client.get(answer["location"]).content.decode()
    assert describe(kept_by.kept)[0] in shown


@pytest.mark.parametrize("key", TARIFFS)
def test_an_example_fills_the_page_and_saves_as_it_stands(key: str) -> None:
    page = Page("offer")
    form = page.client.get(f"{page.address}?start={key}").context["form"]
    assert TARIFFS[key].label in page.client.get(f"{page.address}?start={key}").content.decode()

    posted = {}
    for bound in form:
        shown = form.fields[bound.name].widget.format_value(bound.value())
        if bound.value() not in (None, "", False):
            posted[bound.html_name] = shown[0] if isinstance(shown, list) else str(shown)
    answer = page.post(**posted)

    assert answer.status_code == 302, answer.content.decode()[:3000]
    assert page.kept == CancellationTariff.from_data(TARIFFS[key].data)


@pytest.mark.parametrize(
    ("posted", "field", "says"),
    [
        (tiers("tiers", {"at_most": "7"}), "tiers-0-percent_bp", "share of the price or a flat amount"),
        (tiers("tiers", {"at_most": "soon", "percent_bp": "50"}), "tiers-0-at_most", "whole number"),
        (
            tiers("tiers", {"at_most": "14", "percent_bp": "100"}, {"at_most": "7", "percent_bp": "50"}),
            "tiers-1-at_most",
            "Put the shortest notice first",
        ),
        (tiers("peak_tiers", {"percent_bp": "100"}), "peak_dates-0-first_day", "peak dates are missing"),
        ({"no_show-half_day_pence": "35"}, "no_show-percent_bp", "share of the price or a flat amount"),
    ],
)
def test_a_tariff_that_makes_no_sense_is_told_at_its_field(
    kept_by: Page, posted: dict[str, str], field: str, says: str
) -> None:
    before = kept_by.kept

    answer = kept_by.post(**posted)

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert says in answer.content.decode()
    assert kept_by.kept == before


def test_more_rows_keep_what_was_typed(kept_by: Page) -> None:
    answer = kept_by.post(**tiers("tiers", {"at_most": "9", "percent_bp": "40"}) | {"more": "tiers"})

    shown = answer.content.decode()
    assert answer.status_code == 200 and 'value="9"' in shown and 'name="tiers-4-at_most"' in shown


def test_a_tariff_of_its_own_survives_every_other_change_to_the_offer() -> None:
    seller = a_provider()
    lead = a_person(Role.PROVIDER_LEAD, at=seller)
    own = CancellationTariff.from_data(published.CONSULTANT).to_data()
    offer: Offer = actions.draft_offer(
        actor=actor_of(lead), provider=seller, content=some_content(cancellation_tariff=own)
    )

    content = replace(content_of(offer.versions.get()), title="Another title")
    actions.edit_offer(actor=actor_of(lead), offer=offer, content=content)

    version = offer.versions.get()
    assert (version.title, version.cancellation_tariff) == ("Another title", own)
