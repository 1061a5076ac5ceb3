"""The API of the buy-back."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from marketplace.kernel.access import Role
from marketplace.organisations.models import School
from tests.builders import a_basket, a_person, a_school, a_window, an_edition

pytestmark = pytest.mark.django_db

FLAT_PLUS_PER_PUPIL = {"kind": "flat_plus_per_pupil", "flat_pence": 46_614, "primary_pence": 114}


def client_of(school: School, role: Role = Role.HEADTEACHER) -> APIClient:
    client = APIClient()
    client.force_login(a_person(role, at=school))
    return client


def test_windows_say_how_they_stand() -> None:
    window = a_window(state="early")

    [shown] = client_of(a_school()).get("/api/buy-back-windows/").json()["results"]

    assert (shown["reference"], shown["state"]) == (window.reference, "early")
    assert "fill your basket now" in shown["explanation"]


def test_packages_on_sale_carry_the_price_for_my_school(django_assert_max_num_queries: Any) -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)
    for _ in range(9):
        an_edition(window=edition.window, price_rule=FLAT_PLUS_PER_PUPIL)
    an_edition(window=edition.window, status="draft")
    school = a_school(edition.window.area)
    client = client_of(school)

    with django_assert_max_num_queries(14):
        found = client.get(f"/api/packages/?school={school.urn}").json()

    assert found["count"] == 10
    price = found["results"][0]["price"]
    assert (price["year_pence"], price["route"]) == (70_554, "journal")
    assert [line["pence"] for line in price["lines"]] == [46_614, 23_940]
    assert client.get(f"/api/packages/{edition.pk}/").json()["price"] is None
    stranger = a_school(edition.window.area)
    assert client.get(f"/api/packages/?school={stranger.urn}").status_code == 404


def test_a_basket_is_filled_read_changed_and_ordered_once() -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)
    other = an_edition(window=edition.window)
    school = a_school(edition.window.area)
    client = client_of(school)
    wish = {"owner": school.organisation.reference, "window": edition.window.reference}

    client.post("/api/baskets/", wish | {"package": other.package.reference}, format="json")
    answer = client.post(
        "/api/baskets/", wish | {"package": edition.package.reference, "years": 2}, format="json"
    )
    assert answer.status_code == 201, answer.json()
    basket = answer.json()
    reference = basket["basket"]["reference"]
    assert basket["net_pence"] == 190_554
    [line] = [
        line["id"]
        for order in basket["orders"]
        for line in order["lines"]
        if line["package"] == other.package.reference
    ]
    removed = client.post(f"/api/baskets/{reference}/remove/", {"lines": [line]}, format="json").json()
    assert removed["net_pence"] == 70_554
    acceptance = {"accepted_name": "Jo Marsh", "accepted_capacity": "Headteacher"}
    refused = client.post(f"/api/baskets/{reference}/submit/", {}, format="json")
    assert refused.status_code == 400 and refused.json()["code"] == "basket_invalid"
    made = client.post(f"/api/baskets/{reference}/submit/", acceptance, format="json").json()
    again = client.post(f"/api/baskets/{reference}/submit/", acceptance, format="json").json()

    assert len(made) == 1 and made == again
    assert made[0]["status"] == "awaiting_approval"  # £1,411.08 over two years needs a second person


def test_the_basket_of_another_school_is_not_there() -> None:
    basket = a_basket(a_school())
    client = client_of(a_school())

    assert client.get(f"/api/baskets/{basket.reference}/").status_code == 404
    assert client.post(f"/api/baskets/{basket.reference}/submit/", {}, format="json").status_code == 404
    assert client.get("/api/baskets/").json()["count"] == 0
