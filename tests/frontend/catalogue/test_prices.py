"""The pages on which a provider types a price."""

import pytest

from marketplace.catalogue import actions, queries
from marketplace.catalogue.models import Offer
from marketplace.organisations.models import Organisation, User
from tests.builders import (
    actor_of,
    some_content,
)
from tests.frontend.catalogue.pages import as_, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(lead: User, hub: Organisation) -> Offer:
    return actions.draft_offer(actor=actor_of(lead), provider=hub, content=some_content(price_rule={}))


FORMS = {
    "per_day": ({"amount_pence": "£350", "half_day_pence": ""}, {"kind": "per_day", "amount_pence": 35_000}),
    "per_half_day": ({"amount_pence": "175"}, {"kind": "per_half_day", "amount_pence": 17_500}),
    "per_session": ({"amount_pence": "90.50"}, {"kind": "per_session", "amount_pence": 9_050}),
    "per_place": ({"amount_pence": "60"}, {"kind": "per_place", "amount_pence": 6_000}),
    "fixed": ({"amount_pence": "0"}, {"kind": "fixed", "amount_pence": 0}),
    "per_pupil": (
        {"nursery_pence": "5.07", "primary_pence": "5.07", "secondary_pence": "6.35"},
        {"kind": "per_pupil", "nursery_pence": 507, "primary_pence": 507, "secondary_pence": 635},
    ),
    "flat_plus_per_pupil": (
        {"flat_pence": "466.14", "primary_pence": "1.14"},
        {"kind": "flat_plus_per_pupil", "flat_pence": 46_614, "primary_pence": 114},
    ),
    "per_pupil_within_limits": (
        {"pupil_pence": "19", "floor_pence": "6,000", "cap_pence": "12,500"},
        {"kind": "per_pupil_within_limits", "pupil_pence": 1_900, "floor_pence": 600_000, "cap_pence": 1_250_000},
    ),
    "banded_by_pupils": (
        {
            "bands-0-up_to_pupils": "100", "bands-0-amount_pence": "500", "bands-1-amount_pence": "900",
            "pupils_of": "school", "amount_is": "whole",
        },
        {
            "kind": "banded_by_pupils", "bands": [{"up_to_pupils": 100, "amount_pence": 50_000}, {"amount_pence": 90_000}],
            "pupils_of": "school", "amount_is": "whole",
        },
    ),
    "base_plus_staff": (
        {"base_pence": "200", "head_pence": "8"}, {"kind": "base_plus_staff", "base_pence": 20_000, "head_pence": 800},
    ),
    "levels": (
        {"levels-0-name": "Bronze", "levels-0-visits": "3", "levels-0-hours": "3", "levels-0-amount_pence": "2944"},
        {"kind": "levels", "levels": [{"name": "Bronze", "visits": 3, "hours": 3, "amount_pence": 294_400}]},
    ),
    "package_of_days": (
        {"packages-0-half_days": "6", "packages-0-amount_pence": "2,000"},
        {"kind": "package_of_days", "packages": [{"half_days": 12, "amount_pence": 200_000}]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", FORMS)
def test_every_kind_of_price_is_typed_in_kept_and_shown_again(lead: User, draft: Offer, kind: str) -> None:
    typed, rule = FORMS[kind]
    client, url = as_(lead), f"/provide/offers/{draft.reference}/price/{kind}/"
    assert client.get(url).status_code == 200

    answer = client.post(url, typed)

    assert answer.status_code == 302, text(answer)
    assert queries.version_in_work(draft).price_rule == rule
    again = client.get(url).content.decode().replace(",", "")
    for value in typed.values():
        if value and value not in ("school", "whole"):
            assert value.strip("£").replace(",", "") in again


def test_every_kind_of_price_has_its_form_tried() -> None:
    from marketplace.catalogue.pricing import KINDS

    assert set(FORMS) == set(KINDS)


def test_changes_and_dates_are_part_of_the_price(lead: User, draft: Offer) -> None:
    client, url = as_(lead), f"/provide/offers/{draft.reference}/price/per_place/"
    answer = client.post(
        url,
        {
            "amount_pence": "100",
            "use-multi_buy": "on", "multi_buy-from_number": "2", "multi_buy-percent_off_bp": "20",
            "member_rate-amount_pence": "80",
            "effective_to-day": "31", "effective_to-month": "8", "effective_to-year": "2027",
        },
    )  # fmt: skip
    assert answer.status_code == 302, text(answer)
    assert queries.version_in_work(draft).price_rule == {
        "kind": "per_place",
        "amount_pence": 10_000,
        "modifiers": [{"kind": "multi_buy", "from_number": 2, "percent_off_bp": 2_000}],
        "effective_to": "2027-08-31",
    }


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        ("per_day", {}, "Price is missing"),
        ("per_day", {"amount_pence": "lots"}, "not an amount of money"),
        ("per_pupil", {}, "There is no price per pupil"),
        ("per_pupil_within_limits", {"pupil_pence": "1", "floor_pence": "9", "cap_pence": "5"}, "more than the most"),
        (
            "banded_by_pupils",
            {"bands-0-up_to_pupils": "200", "bands-0-amount_pence": "1", "bands-1-up_to_pupils": "100", "bands-1-amount_pence": "2"},
            "does not reach further",
        ),
        ("fixed", {"amount_pence": "1", "use-multi_buy": "on", "multi_buy-percent_off_bp": "20", "multi_buy-from_number": "2"}, "needs a price for each"),
        ("per_day", {"amount_pence": "1", "use-early_order": "on", "early_order-percent_off_bp": "120"}, "100% or less"),
        ("per_day", {"amount_pence": "1", "effective_to-day": "31", "effective_to-month": "2", "effective_to-year": "2027"}, "real date"),
    ],
)  # fmt: skip
def test_a_price_that_makes_no_sense_is_told_at_its_field(
    lead: User, draft: Offer, kind: str, typed: dict[str, str], says: str
) -> None:
    answer = as_(lead).post(f"/provide/offers/{draft.reference}/price/{kind}/", typed)
    assert answer.status_code == 422
    assert says in text(answer)
    assert queries.version_in_work(draft).price_rule == {}


def test_more_rows_keep_what_was_typed_and_save_nothing(lead: User, draft: Offer) -> None:
    url = f"/provide/offers/{draft.reference}/price/package_of_days/"
    answer = as_(lead).post(
        url, {"packages-0-half_days": "6", "packages-3-amount_pence": "x", "more": "packages"}
    )
    assert answer.status_code == 200
    body = answer.content.decode()
    assert 'name="packages-5-half_days"' in body and 'value="6"' in body and "There is a problem" not in body
    assert queries.version_in_work(draft).price_rule == {}


def test_an_unknown_kind_of_price_is_not_found(lead: User, draft: Offer) -> None:
    assert as_(lead).get(f"/provide/offers/{draft.reference}/price/barter/").status_code == 404
    assert as_(lead).get(f"/provide/offers/{draft.reference}/price/?kind=barter").status_code == 422


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        ("percent", "lots", "percentage"),
        ("percent", "120", "more than the price"),
        ("per_day", "", "missing"),
        ("percent", "-5", "or more"),
    ],
)
def test_a_fee_that_makes_no_sense_is_told(
    lead: User, draft: Offer, kind: str, value: str, says: str
) -> None:
    answer = as_(lead).post(
        f"/provide/offers/{draft.reference}/edit/terms/",
        {"fee_basis": "additional", "fee_kind": kind, "fee_value": value},
    )
    assert answer.status_code == 422 and says in text(answer)
