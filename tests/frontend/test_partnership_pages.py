"""Pages of calls for offers and of commissions."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.catalogue.models import OfferStatus
from marketplace.kernel.access import Role
from marketplace.organisations.models import Membership, OrganisationKind, User
from marketplace.partnership import queries
from marketplace.partnership.models import Commission, OfferCall
from tests.builders import (
    a_call,
    a_commission,
    a_led_provider,
    a_level_2_theme,
    a_provider,
    a_school,
    a_stream,
    a_support_type,
    a_ward,
    an_answer,
    an_area,
    an_offer,
    an_organisation,
    convenor_of,
    in_days,
)

pytestmark = pytest.mark.django_db


def as_(actor: Any) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def day(name: str, ahead: int) -> dict[str, int]:
    on = in_days(ahead)
    return {f"{name}-day": on.day, f"{name}-month": on.month, f"{name}-year": on.year}


# Calls -----------------------------------------------------------------------------------------------------------------


def test_a_call_is_filled_in_from_the_address_and_published() -> None:
    area, theme = an_area(), a_level_2_theme()
    ward = a_ward(area)
    client = as_(convenor_of(area))
    address = reverse("partnership:new_call")

    page = client.get(
        f"{address}?theme={theme.code}&phase=primary&ward={ward.code}&days=7.5&ceiling=450"
    ).content.decode()
    assert f'value="{theme.code}"' in page and page.count("checked") == 2
    assert 'value="7.5"' in page and 'value="450"' in page and f'value="{ward.code}" selected' in page
    refused = client.post(
        address, {"area": area.pk, "title": "KEPTTITLE", "themes": [theme.code], "days": "no"}
    )
    assert refused.status_code == 422 and "KEPTTITLE" in refused.content.decode()
    answer = client.post(
        address,
        {"area": area.pk, "title": "Reading", "themes": [theme.code], "phases": ["primary"], "ward": ward.code,
         "days": "7.5", "ceiling": "450", "words": "Too few", **day("closes_on", 20)},
    )  # fmt: skip

    call = OfferCall.objects.scoped().get()
    assert answer.url == reverse("partnership:call", args=[call.reference])
    assert (call.half_days, call.ceiling_pence, call.ward) == (15, 45_000, ward)
    assert client.get(f"{address}?theme=x&phase=y&ward=z&days=q&ceiling=w&theme=").status_code == 200


def test_a_provider_answers_on_the_page_and_finds_its_draft() -> None:
    call = a_call()
    provider, lead = a_led_provider(call.area)
    client = as_(lead)
    page = reverse("partnership:call", args=[call.reference])
    assert "Answer the call" in client.get(page).content.decode()
    respond = reverse("partnership:respond", args=[call.reference])
    given = {
        "provider": provider.reference,
        "days": "10",
        "price": "999",
        "support_type": a_support_type().pk,
        "mode": "in_person",
        "reach_km": "25",
        "approach": "We come",
    }

    refused = client.post(respond, given)
    assert refused.status_code == 422 and "above the ceiling" in refused.content.decode()
    assert client.post(respond, given | {"price": "400"}).url == page

    answer = queries.responses_of(lead, call).get()
    shown = client.get(page).content.decode()
    assert reverse("catalogue:my_offer", args=[answer.offer.reference]) in shown and "Draft" in shown
    taken = reverse("partnership:take_back", args=[call.reference, answer.reference])
    assert client.post(taken).url == page and "Taken back" in client.get(page).content.decode()


def test_a_convenor_reads_the_answers_and_does_not_take_one_up() -> None:
    call = a_call()
    provider, lead = a_led_provider(call.area)
    answer = an_answer(call, lead, provider)
    client = as_(convenor_of(call.area))
    page = reverse("partnership:call", args=[call.reference])

    shown = client.get(page).content.decode()
    assert str(provider) in shown and "10 days not promised yet" in shown
    step = reverse("partnership:pass_over", args=[call.reference, answer.reference])
    assert client.post(step, {"reason": " "}).status_code == 422
    assert client.post(step, {"reason": "Too far"}).url == page
    assert "Not taken up" in client.get(page).content.decode()


def test_a_convenor_of_two_areas_starts_in_the_area_that_the_address_names() -> None:
    first, second = an_area(name="Calderbeck"), an_area(name="Dunmere")
    convenor = convenor_of(first)
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=second)
    Membership.objects.create(user_id=convenor.user_id, organisation=authority, role=Role.CONVENOR)
    client, address = as_(convenor), reverse("partnership:new_call")

    for area in (first, second):
        page = client.get(f"{address}?area={area.code}").content.decode()
        assert f'value="{area.pk}" selected' in page
    assert client.get(f"{address}?area=%00").status_code == 200


@pytest.mark.parametrize(
    ("step", "given", "status"),
    [("extend_call", day("closes_on", 40), "open"), ("close_call", {"reason": "Thanks"}, "closed"),
     ("withdraw_call", {"reason": "A mistake"}, "withdrawn")],
)  # fmt: skip
def test_a_convenor_extends_closes_and_withdraws_a_call(
    step: str, given: dict[str, Any], status: str
) -> None:
    call = a_call()
    client = as_(convenor_of(call.area))

    assert client.get(reverse(f"partnership:{step}", args=[call.reference])).status_code == 200
    assert client.post(reverse(f"partnership:{step}", args=[call.reference]), given).status_code == 302

    call.refresh_from_db()
    assert call.status == status
    assert client.get(reverse("partnership:call", args=[call.reference])).status_code == 200


def test_the_list_of_calls_is_filtered_saved_as_a_file_and_costs_a_fixed_number_of_queries(
    django_assert_max_num_queries: Any,
) -> None:
    area = an_area()
    calls = [a_call(area, title=f"Call {number}") for number in range(4)]
    for call in calls:
        provider, lead = a_led_provider(area)
        an_answer(call, lead, provider)
    client = as_(convenor_of(area))
    address = reverse("partnership:calls")
    client.get(address)

    with django_assert_max_num_queries(22):
        page = client.get(address).content.decode()
    assert all(call.title in page for call in calls)
    code = calls[0].themes.get().code
    assert "Call 1" not in client.get(f"{address}?theme={code}&status=open&phase=primary").content.decode()
    lines = b"".join(client.get(f"{address}?format=csv").streaming_content).decode().splitlines()
    assert len(lines) == 5 and ",20.0,10.0,0.0," in lines[1]
    as_provider = b"".join(as_(lead).get(f"{address}?format=csv").streaming_content).decode()
    assert ",20.0,,," in as_provider, "what others promised is not the provider's to read"


# Commissions -----------------------------------------------------------------------------------------------------------


def test_a_commission_is_opened_from_the_address_and_carried_to_its_end() -> None:
    school, theme = a_school(), a_level_2_theme()
    provider, stream = a_provider(school.area), a_stream(school.area)
    an_offer(provider)
    client = as_(convenor_of(school.area))
    address = reverse("partnership:new_commission")
    page = client.get(
        f"{address}?theme={theme.code}&phase=primary&ward=E05&days=6&school={school.urn}"
    ).content.decode()
    assert f'value="{school.urn}" selected' in page and f'value="{theme.code}" selected' in page
    assert client.post(address, {"school": school.urn, "reason": "KEPTREASON"}).status_code == 422
    client.post(
        address,
        {"school": school.urn, "theme": theme.code, "phase": "primary", "days": "6", "provider": provider.reference,
         "stream": stream.reference, "price": "500", "reason": "Results"},
    )  # fmt: skip
    row = Commission.objects.scoped().get()

    def step(name: str, **given: Any) -> None:
        to = reverse(f"partnership:{name}", args=[row.reference])
        assert client.post(to, given).url == reverse("partnership:commission", args=[row.reference]), name
        assert client.get(reverse("partnership:commission", args=[row.reference])).status_code == 200

    step("category", level="high", reason="Two years", **day("since", 0))
    step(
        "change_commission",
        days="5",
        provider=provider.reference,
        stream=stream.reference,
        price="500",
        reason="Results",
    )
    step("decide")
    step("start", **day("next_review_on", 30))
    step("tell", body="governing_body", person="The chair", **day("informed_on", 0))
    step(
        "review",
        rag="green",
        findings="Good",
        next_steps="Go on",
        **day("reviewed_on", 0),
        **day("next_review_on", 60),
    )
    step("pause", reason="A new head")
    step("resume")
    step("exit", reason="Improved", evidence="Results", **day("ended_on", 0))

    row.refresh_from_db()
    assert (row.status, row.half_days) == ("exited", 10)
    assert client.get(reverse("partnership:visits", args=[row.reference])).status_code == 302


def test_an_academys_commission_asks_for_its_responsible_body_first() -> None:
    row = a_commission(a_school(academy=True), status="draft")
    client = as_(convenor_of(row.area))
    page = reverse("partnership:commission", args=[row.reference])

    shown = client.get(page).content.decode()
    assert "Tell its responsible body first" in shown and "Decide to commission" not in shown
    client.post(reverse("partnership:decide", args=[row.reference]))
    row.refresh_from_db()
    assert row.status == "draft"
    told = {"body": "other", "body_name": "Elm Trust", "person": "Chief executive", **day("informed_on", 0)}
    client.post(reverse("partnership:tell", args=[row.reference]), told)

    assert "Start the support" in client.get(page).content.decode()


def test_people_are_named_by_the_address_of_their_account() -> None:
    row = a_commission()
    client = as_(convenor_of(row.area))
    people = reverse("partnership:people", args=[row.reference])
    _, lead = a_led_provider(row.area)
    email = User.objects.get(pk=lead.user_id).email

    unknown = client.post(people, {"email": "nobody@example.org", "why": "Pays"})
    refused = client.post(people, {"email": email, "why": "Pays"})

    assert "Nobody has an account" in unknown.content.decode()
    assert refused.status_code == 422 and "never read" in refused.content.decode()


def test_the_list_of_commissions_costs_a_fixed_number_of_queries_and_has_no_file(
    django_assert_max_num_queries: Any,
) -> None:
    area = an_area()
    rows = [a_commission(a_school(area)) for _ in range(4)]
    client = as_(convenor_of(area))
    address = reverse("partnership:commissions")
    client.get(address)

    with django_assert_max_num_queries(16):
        page = client.get(f"{address}?status=active&sort=school").content.decode()
    assert all(row.reference in page for row in rows)
    assert client.get(f"{address}?format=csv")["Content-Type"].startswith("text/html")


def test_a_draft_is_not_linked_for_a_convenor_until_it_is_handed_in() -> None:
    call = a_call()
    provider, lead = a_led_provider(call.area)
    answer = an_answer(call, lead, provider)
    client = as_(convenor_of(call.area))
    page = reverse("partnership:call", args=[call.reference])
    link = reverse("catalogue:offer", args=[answer.offer.reference])
    assert link not in client.get(page).content.decode()

    answer.offer.status, answer.offer.current = OfferStatus.PUBLISHED, answer.offer.versions.get()
    answer.offer.save()

    assert link in client.get(page).content.decode()
