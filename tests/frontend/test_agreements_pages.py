"""The pages of agreements, without script."""

import re
import zlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from frontend.pdf import pdf_is_available
from marketplace.buyback import actions
from marketplace.buyback.models import AgreementEnding, Basket, ServiceAgreement
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.organisations.models import LegalStatus, School, User
from tests.builders import (
    a_convenor,
    a_person,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_organisation,
)
from tests.builders.buyback import an_agreement
from tests.buyback.test_agreement_endings import lead_of, month, on_sale_again, running
from tests.buyback.test_agreements import head_of, on_the, today, waiting

pytestmark = pytest.mark.django_db


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:600]
    return " ".join(answer.content.decode().split())


def address(name: str, agreement: ServiceAgreement) -> str:
    return reverse(f"agreements:{name}", args=[agreement.reference])


def dates(**days: date) -> dict[str, int]:
    """The three boxes of each date, as a browser sends them."""
    return {
        f"{name}-{part}": getattr(day, part)
        for name, day in days.items()
        for part in ("day", "month", "year")
    }


def inflated(pdf: bytes) -> bytes:
    """The streams of a PDF, unpacked."""
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"".join(zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x")


# The list -------------------------------------------------------------------------------------------------------------


def test_visitors_are_sent_to_sign_in() -> None:
    agreement = an_agreement()
    for path in (reverse("agreements:list"), reverse("agreements:schools"), address("agreement", agreement)):
        answer = Client().get(path)
        assert answer.status_code == 302 and "/accounts/login/" in answer["location"]


def test_the_list_shows_ones_own_agreements_filtered_by_status_year_and_words() -> None:
    agreement, other = an_agreement(), an_agreement()
    client = signed_in(head_of(agreement.buyer.school))
    line = agreement.lines.get()

    shown = page(client, "/agreements/")
    assert agreement.reference in shown and other.reference not in shown
    assert "£1,200.00" in shown and line.description in shown
    assert agreement.reference in page(client, f"/agreements/?q={line.description[:9]}&status=active")
    assert agreement.reference not in page(client, "/agreements/?status=ended")
    assert "No agreements match" in page(client, "/agreements/?q=nothing")


def a_trust(count: int) -> tuple[Actor, list[School]]:
    area = an_area()
    trust = an_organisation("trust", area=area)
    schools = [a_school(area, academy=True, trust=trust) for _ in range(count)]
    return actor_of(a_person(Role.TRUST_LEAD, at=trust)), schools


def test_a_trust_sees_the_agreements_of_its_schools_with_totals() -> None:
    lead, schools = a_trust(2)
    seller = a_provider(schools[0].area)
    for school in schools:
        an_agreement(school=school, seller=seller)
    waiting(school=schools[0], seller=seller)
    client = signed_in(lead)

    shown = page(client, "/agreements/schools/")
    assert all(school.organisation.name in shown for school in schools)
    assert "£2,400.00" in shown and "£1,200.00" in shown
    one = page(client, f"/agreements/?school={schools[1].organisation.reference}")
    assert "1 agreement" in one
    csv = b"".join(client.get("/agreements/schools/?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert csv.count("1200.00") == 3


def test_the_list_costs_as_many_queries_for_twenty_agreements_as_for_one(
    django_assert_max_num_queries: Any,
) -> None:
    lead, schools = a_trust(10)
    seller = a_provider(schools[0].area)
    for school in schools:
        an_agreement(school=school, seller=seller)
        waiting(school=school, seller=seller)
    client = signed_in(lead)

    with django_assert_max_num_queries(22):
        page(client, "/agreements/")
    with django_assert_max_num_queries(20):
        page(client, "/agreements/schools/")


def test_the_csv_has_amounts_a_spreadsheet_can_add_up() -> None:
    agreement = an_agreement(purchase_order_number="PO-7")
    client = signed_in(head_of(agreement.buyer.school))

    csv = b"".join(client.get("/agreements/?format=csv").streaming_content).decode()  # type: ignore[attr-defined]

    head, row = csv.strip().splitlines()
    assert "First year before VAT" in head
    assert agreement.reference in row and ",1200.00," in row and "PO-7" in row


# One agreement --------------------------------------------------------------------------------------------------------


def test_an_agreement_shows_who_accepted_what_each_year_costs_and_what_comes_next(
    django_assert_max_num_queries: Any,
) -> None:
    agreement = running(years=3)
    client = signed_in(head_of(agreement.buyer.school))

    with django_assert_max_num_queries(45):
        shown = page(client, address("agreement", agreement))

    assert "Headteacher, on" in shown and "Read the terms" in shown
    assert shown.count("estimate") >= 2
    assert "Year 2 begins" in shown and "What happens next" in shown
    assert "4 days of 4 days" in shown
    assert "Unused days: " in shown and "Unused days can’t be turned into credits" in shown
    assert "How the year’s price is worked out" in shown
    assert "End it early" in shown and "The school becomes an academy" in shown


def test_a_stranger_is_told_there_is_no_such_agreement() -> None:
    agreement = an_agreement()
    stranger = signed_in(head_of(a_school()))

    for name in ("agreement", "pdf", "accept", "approve", "withdraw", "end", "take_back", "convert", "renew"):
        assert stranger.get(address(name, agreement)).status_code == 404


@pytest.mark.skipif(not pdf_is_available(), reason="the PDF libraries are not here")
def test_the_pdf_is_tagged_and_names_the_parties() -> None:
    agreement = running(years=2)
    client = signed_in(lead_of(agreement))

    answer = client.get(address("pdf", agreement))

    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].endswith(f'"{agreement.reference}.pdf"')
    assert answer.content.startswith(b"%PDF") and b"StructTreeRoot" in inflated(answer.content)


# Deciding -------------------------------------------------------------------------------------------------------------


def test_the_terms_are_accepted_and_then_the_agreement_is_approved() -> None:
    agreement = waiting(accepted_by=None, accepted_name="", accepted_capacity="", accepted_at=None)
    client = signed_in(head_of(agreement.buyer.school))
    shown = page(client, address("approve", agreement))
    assert "Nobody with authority has accepted" in shown and "Read and accept the terms first" in shown

    unticked = client.post(address("accept", agreement), {"name": "Ada Holt", "capacity": "Headteacher"})
    assert unticked.status_code == 422 and b"Ada Holt" in unticked.content
    answer = client.post(
        address("accept", agreement), {"name": "Ada Holt", "capacity": "Headteacher", "agree": "on"}
    )
    assert answer["location"] == address("approve", agreement)
    client.post(address("approve", agreement), {"decision": "yes", "note": ""})

    agreement.refresh_from_db()
    assert agreement.status == "submitted"


def test_a_refusal_without_a_reason_shows_the_page_again() -> None:
    agreement = waiting()
    client = signed_in(head_of(agreement.buyer.school))

    assert client.post(address("approve", agreement), {"decision": "no"}).status_code == 422
    client.post(address("approve", agreement), {"decision": "no", "note": "Too dear"})

    agreement.refresh_from_db()
    assert (agreement.status, agreement.end_reason) == ("withdrawn", "Too dear")
    assert client.get(address("approve", agreement)).status_code == 302


def test_staff_take_an_order_back() -> None:
    agreement = waiting()
    client = signed_in(actor_of(a_person(Role.STAFF, at=agreement.buyer)))

    assert "nothing to pay" in page(client, address("withdraw", agreement))
    client.post(address("withdraw", agreement), {"reason": ""})

    agreement.refresh_from_db()
    assert agreement.status == "withdrawn"


def test_my_work_lists_what_i_can_accept_or_approve() -> None:
    agreement = waiting()
    head = signed_in(head_of(agreement.buyer.school))

    assert address("approve", agreement) in page(head, "/")


# Ending, converting, renewing -----------------------------------------------------------------------------------------


def test_what_an_early_ending_costs_is_shown_before_it_is_confirmed() -> None:
    agreement = running()
    client = signed_in(lead_of(agreement))
    last_day = month(6) - timedelta(days=1)
    with on_the(month(6)):
        asked = {"ground": "agreed"} | dates(told_on=month(6), last_day=last_day)
        shown = client.get(address("end", agreement), asked)
        text = " ".join(shown.content.decode().split())
        assert "6 whole months of the year will not run" in text and "£600.00" in text
        assert not AgreementEnding.objects.exists()

        query = "&".join(f"{name}={value}" for name, value in asked.items())
        without = client.post(f"{address('end', agreement)}?{query}", {"reason": ""})
        assert without.status_code == 422
        client.post(f"{address('end', agreement)}?{query}", {"reason": "Merged with another school"})

    agreement.refresh_from_db()
    assert agreement.status == "terminated"


def test_too_short_a_notice_is_said_on_the_form_with_all_that_was_typed() -> None:
    agreement = running()
    client = signed_in(head_of(agreement.buyer.school))
    with on_the(month(3)):
        answer = client.get(
            address("end", agreement),
            {"ground": "buyer_notice"} | dates(told_on=month(0), last_day=month(4)),
        )
        asked = page(client, address("end", agreement))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "told_on" not in asked
    assert "at the earliest" in text and f'value="{month(4).year}"' in text


def test_the_two_halves_of_a_conversion_are_shown_before_it_is_confirmed() -> None:
    agreement = running()
    agreement.buyer.legal_status = LegalStatus.ACADEMY
    agreement.buyer.save()
    client = signed_in(head_of(agreement.buyer.school))
    on = month(5) + timedelta(days=14)
    with on_the(on):
        asked = {"successor": agreement.buyer.reference} | dates(on=on)
        text = " ".join(client.get(address("convert", agreement), asked).content.decode().split())
        assert "£600.00" in text and "the money is split on" in text
        query = "&".join(f"{name}={value}" for name, value in asked.items())
        answer = client.post(f"{address('convert', agreement)}?{query}", {"reason": ""})

        academy = ServiceAgreement._rows.get(supersedes=agreement)
        assert answer["location"] == address("agreement", academy)
        assert agreement.reference in page(client, address("agreement", academy))


def test_a_notice_is_taken_back_on_its_page() -> None:
    agreement = running()
    head = head_of(agreement.buyer.school)
    client = signed_in(head)
    with on_the(month(2)):
        actions.terminate_agreement(
            actor=head, agreement=agreement, ground="buyer_notice", last_day=month(6), reason="Perhaps"
        )
        assert "Take the notice back" in page(client, address("agreement", agreement))
        client.post(address("take_back", agreement))
        assert "End it early" in page(client, address("agreement", agreement))


def test_the_same_again_shows_both_prices_and_fills_the_basket() -> None:
    agreement = running()
    on_sale_again(agreement, price_rule={"kind": "fixed", "amount_pence": 126_000})
    client = signed_in(head_of(agreement.buyer.school))

    shown = page(client, address("renew", agreement))
    answer = client.post(address("renew", agreement))

    assert "£1,260.00" in shown and "£60.00 more, up 5%" in shown
    assert answer["location"] == reverse("buyback:basket", args=[Basket.objects.get().reference])


def test_without_next_years_prices_the_page_says_so_and_offers_no_button() -> None:
    agreement = running()
    client = signed_in(head_of(agreement.buyer.school))

    shown = page(client, address("renew", agreement))

    assert "Not on sale for next year so far" in shown and "Put the same again" not in shown
    assert client.post(address("renew", agreement)).status_code == 422


def test_buyers_read_of_next_years_price_on_the_agreement(run_jobs: Callable[[], list[str]]) -> None:
    agreement = running()
    on_sale_again(agreement, price_rule={"kind": "fixed", "amount_pence": 126_000})
    edition = agreement.lines.get().edition.package.editions.latest("pk")
    head = head_of(agreement.buyer.school)
    actions.notice_price_changes(actor=SYSTEM, edition=edition)
    run_jobs()

    client = signed_in(head)
    assert "say so by" in page(client, address("agreement", agreement))
    assert "Another price from" in page(client, reverse("notifications:list"))


def test_a_convenor_sees_the_areas_agreements_and_may_not_approve_them() -> None:
    agreement = waiting()
    client = signed_in(actor_of(a_convenor(agreement.buyer.area)))

    assert agreement.reference in page(client, "/agreements/")
    assert client.get(address("approve", agreement)).status_code == 302
    assert today() < agreement.starts_on
