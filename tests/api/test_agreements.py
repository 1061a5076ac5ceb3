"""The API of service agreements."""

from typing import Any

import pytest
from django.test import Client

from marketplace.kernel.access import Role
from tests.api.test_bookings import call
from tests.builders import a_convenor, a_person, a_school, actor_of
from tests.builders.buyback import an_agreement
from tests.buyback.test_agreement_endings import lead_of, month, running
from tests.buyback.test_agreements import head_of, waiting

pytestmark = pytest.mark.django_db


def test_visitors_are_asked_to_sign_in() -> None:
    assert Client().get("/api/agreements/").status_code == 401


def test_a_finance_system_reads_lines_years_and_amounts_in_pence() -> None:
    agreement = running(years=2)
    finance = actor_of(a_person(Role.FINANCE, at=agreement.seller))

    status, found = call(finance, "get", f"/api/agreements/{agreement.reference}/")

    assert status == 200
    assert (found["first_year_pence"], found["first_year_gross_pence"]) == (120_000, 120_000)
    assert found["lines"][0]["year_pence"] == sum(line["pence"] for line in found["lines"][0]["price_lines"])
    assert [year["total_pence"] for year in found["contract_years"]] == [120_000]
    assert found["coming"][0]["text"].startswith("Year 2 begins")
    assert found["history"][0]["verb"] == "submit"


def test_the_list_is_filtered_and_shows_only_ones_own(django_assert_max_num_queries: Any) -> None:
    school = a_school()
    active = [an_agreement(school=school) for _ in range(3)]
    an_agreement()
    waits = waiting(school=school)
    head = head_of(school)

    with django_assert_max_num_queries(26):
        status, found = call(head, "get", "/api/agreements/", status="active")

    assert status == 200
    assert {row["reference"] for row in found["results"]} == {row.reference for row in active}
    found = call(head, "get", "/api/agreements/", runs_on=waits.starts_on.isoformat())[1]
    assert [row["reference"] for row in found["results"]] == [waits.reference]


def test_an_order_is_accepted_approved_refused_and_withdrawn() -> None:
    school = a_school()
    unaccepted: dict[str, Any] = {"accepted_by": None, "accepted_name": "", "accepted_at": None}
    first, second, third = (
        waiting(school=school, **unaccepted),
        waiting(school=school),
        waiting(school=school),
    )
    head, staff = head_of(school), actor_of(a_person(Role.STAFF, at=school))

    def path(agreement: Any, verb: str) -> str:
        return f"/api/agreements/{agreement.reference}/{verb}/"

    assert call(head, "post", path(first, "approve"))[0] == 409
    assert call(head, "post", path(first, "accept-terms"), name="Ada Holt", capacity="Headteacher")[0] == 200
    status, approved = call(head, "post", path(first, "approve"), note="In the budget")
    assert (status, approved["status"]) == (200, "submitted")
    assert call(staff, "post", path(second, "refuse"), reason="No")[0] == 403
    assert call(head, "post", path(second, "refuse"), reason="Too dear")[1]["status"] == "withdrawn"
    assert call(staff, "post", path(third, "withdraw"))[1]["status"] == "withdrawn"
    assert call(staff, "post", path(third, "withdraw"))[0] == 409


def test_what_ending_early_would_cost_is_asked_without_ending_anything() -> None:
    agreement = running()
    path = f"/api/agreements/{agreement.reference}/ending-cost/"
    last_day = month(6).isoformat()

    status, cost = call(lead_of(agreement), "get", path, ground="agreed", last_day=last_day)

    assert status == 200
    assert (cost["months_not_run"], cost["credit_pence"], cost["still_due_pence"]) == (5, 50_000, 70_000)
    convenor = actor_of(a_convenor(agreement.buyer.area))
    assert call(convenor, "get", path, ground="whim", last_day=last_day)[0] == 400
    assert call(head_of(a_school()), "get", path, ground="agreed", last_day=last_day)[0] == 404
