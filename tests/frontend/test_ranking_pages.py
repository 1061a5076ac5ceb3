"""The pages of what is suggested for a need, how it is ranked, and declared interests, without script."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.brokerage.rules import ranking as rules
from marketplace.catalogue import rules as catalogue
from marketplace.kernel.access import Role
from marketplace.organisations.models import InterestDeclaration, OrganisationKind, User
from tests.builders import (
    Market,
    a_booking,
    a_convenor,
    a_market,
    a_person,
    a_practitioner,
    a_scene,
    an_interest,
    an_organisation,
)

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:600]
    return answer.content.decode()


def head_of(market: Market) -> Client:
    return signed_in(a_person(Role.HEADTEACHER, at=market.school))


def of_need(market: Market, name: str, **query: str) -> str:
    path = reverse(f"ranking:{name}", args=[market.need.reference])
    return path + ("?" + "&".join(f"{key}={value}" for key, value in query.items()) if query else "")


def test_the_need_leads_to_whom_it_suggests_with_seven_parts_each_explained() -> None:
    market = a_market()
    market.offer(title="Phonics days", practitioners=[a_practitioner()])
    head = head_of(market)

    assert of_need(market, "suggested") in page(head, reverse("brokerage:need", args=[market.need.reference]))
    shown = page(head, of_need(market, "suggested"))

    assert "Phonics days" in shown and "can help" in shown
    for weight in rules.WEIGHTS:
        assert weight.name in shown
    assert "15 days free this school year, 6 days needed." in shown
    assert shown.count("<svg width") == len(rules.WEIGHTS)
    assert "Book a day" in shown


def test_the_convenor_sees_the_same_and_books_nothing() -> None:
    market = a_market()
    market.offer(title="Phonics days", practitioners=[a_practitioner()])

    shown = page(signed_in(a_convenor(market.area)), of_need(market, "suggested"))

    assert "Phonics days" in shown
    assert "Book a day" not in shown


def test_a_stranger_finds_no_need() -> None:
    market = a_market()
    offer = market.offer()
    lead = signed_in(a_person(Role.PROVIDER_LEAD, at=offer.provider))

    page(lead, of_need(market, "suggested"), 404)
    page(lead, of_need(market, "why_not", offer=offer.reference), 404)


def test_the_local_authoritys_own_service_carries_the_banner_and_no_other_does() -> None:
    market = a_market()
    market.offer()
    council = an_organisation(
        OrganisationKind.LA_SERVICE, area=market.area, easting=440_000, northing=390_000
    )
    market.offer(council)

    shown = page(head_of(market), of_need(market, "suggested"))

    assert shown.count("This is the local authority’s own service.") == 1


def test_what_is_left_out_is_counted_and_listed() -> None:
    market = a_market()
    market.offer(title="Far away", reach_km=1)
    head = head_of(market)

    shown = page(head, of_need(market, "suggested"))
    path = reverse("ranking:left_out", args=[market.need.reference, "reach"])

    assert "Nothing on show can help" in shown
    assert path in shown
    assert "Far away" in page(head, path)
    page(head, reverse("ranking:left_out", args=[market.need.reference, "gossip"]), 404)


def test_why_not_finds_an_offer_by_words_and_tells_its_reason_or_its_cost() -> None:
    market = a_market()
    market.offer(title="First of all")
    behind = market.offer(market.provider_school(km=20), title="Second of all")
    out = market.offer(title="Out of days", capacity_half_days=0)
    head = head_of(market)

    looked_up = page(head, of_need(market, "why_not", q="second"))
    told = page(head, of_need(market, "why_not", offer=behind.reference))
    left = page(head, of_need(market, "why_not", offer=out.reference))

    assert "Second of all" in looked_up and "First of all" not in looked_up
    assert "What costs it most is <strong>nearness</strong>" in told
    assert "The smallest change" in told
    assert "All the days it has this school year are taken." in left
    page(head, of_need(market, "why_not", offer="OF-NONE"), 404)


def test_how_we_rank_prints_the_constants_and_the_search_says_how_it_differs() -> None:
    shown = page(Client(), reverse("ranking:how_we_rank"))

    for weight in rules.WEIGHTS:
        assert f">{weight.hundredths}</td>" in shown and weight.name in shown
    for reason in rules.HARD_REASONS:
        assert reason.label in shown
    for row in rules.CONFLICTS:
        assert row.words in shown
    ordering = page(Client(), reverse("catalogue:ordering"))
    assert reverse("ranking:how_we_rank") in ordering and reverse("catalogue:ordering") in shown
    assert catalogue.WEIGHTS != rules.WEIGHTS


# Interests -----------------------------------------------------------------------------------------------------------


def typed_day(name: str, day: Any) -> dict[str, Any]:
    return {f"{name}-day": day.day, f"{name}-month": day.month, f"{name}-year": day.year}


def test_a_person_declares_confirms_and_ends_an_interest() -> None:
    scene = a_scene()
    holder = signed_in(User.objects.get(pk=scene.budget_holder.user_id))

    answer = holder.post(
        reverse("interests:declare"),
        {"organisation": scene.provider.reference, "kind": "family", "details": "My sister works there."},
    )
    assert answer.status_code == 302
    row = InterestDeclaration.objects.scoped().get()
    assert str(scene.provider) in page(holder, reverse("interests:own"))
    assert holder.post(reverse("interests:confirm")).status_code == 302
    answer = holder.post(
        reverse("interests:end", args=[row.reference]), typed_day("ended_on", timezone.localdate())
    )

    assert answer.status_code == 302
    assert "Ended" in page(holder, reverse("interests:interest", args=[row.reference]))


def test_an_incomplete_declaration_comes_back_with_what_is_wrong() -> None:
    scene = a_scene()
    holder = signed_in(User.objects.get(pk=scene.budget_holder.user_id))

    answer = holder.post(
        reverse("interests:declare"), {"organisation": scene.provider.reference, "kind": "other"}
    )

    assert answer.status_code == 422
    assert "Say in a sentence what the interest is." in answer.content.decode()


def test_the_headteacher_reads_those_of_who_decides_and_strikes_out_a_mistake() -> None:
    scene = a_scene()
    row = an_interest(User.objects.get(pk=scene.budget_holder.user_id), scene.provider)
    head = signed_in(User.objects.get(pk=scene.receiving_head.user_id))
    staff = signed_in(User.objects.get(pk=scene.buyer.user_id))

    assert str(scene.provider) in page(head, reverse("interests:of_others"))
    assert str(scene.provider) not in page(staff, reverse("interests:of_others"))
    page(staff, reverse("interests:interest", args=[row.reference]), 404)
    answer = head.post(reverse("interests:strike_out", args=[row.reference]), {"reason": "Another company"})

    assert answer.status_code == 302
    row.refresh_from_db()
    assert row.status == "struck_out"
    assert "Person,Organisation" in b"".join(
        head.get(reverse("interests:of_others") + "?format=csv").streaming_content
    ).decode("utf-8-sig")


def test_the_approval_page_says_that_somebody_else_has_to() -> None:
    scene = a_scene()
    booking = a_booking(
        status="awaiting_approval", school=scene.school, offer=scene.offer, practitioner=scene.practitioner
    )
    user = User.objects.get(pk=scene.budget_holder.user_id)
    an_interest(user, scene.provider)
    holder, path = signed_in(user), reverse("bookings:approve", args=[booking.reference])

    assert "You have declared an interest in those who are paid" in page(holder, path)
    answer = holder.post(path, {"decision": "yes"})

    assert answer.status_code == 422
    assert "Somebody else has to" in answer.content.decode()
