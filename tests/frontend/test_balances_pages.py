"""Pages of balances: what a school, a seller and the area see, and what they can do there."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from marketplace.bookings import actions as bookings
from marketplace.bookings.models import Booking
from marketplace.buyback import queries
from marketplace.buyback.models import CreditValue
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Role
from marketplace.organisations.models import User
from tests.bookings.test_paying import a_package_of, credits_for, ordered
from tests.builders import Scene, a_person, a_scene, an_organisation

pytestmark = pytest.mark.django_db


def signed_in(actor: Any) -> Client:
    client = Client()
    client.force_login(actor if isinstance(actor, User) else User.objects.get(pk=actor.user_id))
    return client


def a_stage() -> tuple[Scene, Any, Any]:
    """A package with one day reserved."""
    scene = a_scene()
    entitlement = a_package_of(scene)
    return scene, entitlement, ordered(scene, entitlement)


def test_a_school_sees_what_it_holds_in_few_queries(django_assert_max_num_queries: Any) -> None:
    scene, entitlement, _ = a_stage()
    for _number in range(4):
        a_package_of(scene)
    client = signed_in(scene.buyer)
    client.get(reverse("balances:index"))

    with django_assert_max_num_queries(16):
        page = client.get(reverse("balances:index"))

    text = page.content.decode()
    assert page.status_code == 200 and entitlement.line.description in text
    assert next((row.available, row.reserved) for row in page.context["page"]) in {(6, 2), (8, 0)}


def test_the_list_comes_as_csv_for_finance() -> None:
    scene, entitlement, _ = a_stage()
    answer = signed_in(scene.budget_holder).get(reverse("balances:index"), {"format": "csv"})
    text = b"".join(answer).decode()  # type: ignore[call-overload]
    assert (
        f"{entitlement.agreement.reference},{entitlement.line.description},Days of support,half-days,8,2,0,6"
        in text
    )


def test_each_movement_leads_to_its_booking(django_assert_max_num_queries: Any) -> None:
    scene, entitlement, booking = a_stage()
    client = signed_in(scene.buyer)
    address = reverse("balances:entitlement", args=[entitlement.agreement.reference, entitlement.pk])
    client.get(address)

    with django_assert_max_num_queries(20):
        text = client.get(address).content.decode()

    assert reverse("bookings:booking", args=[booking.reference]) in text
    assert "Reserved" in text and scene.budget_holder.name in text


def test_the_seller_sees_how_much_is_drawn_down() -> None:
    scene, _, _ = a_stage()
    client = signed_in(scene.provider_lead)
    assert client.get(reverse("balances:index")).url == reverse("balances:sold")  # type: ignore[attr-defined]
    page = client.get(reverse("balances:sold"))
    assert "25%" in page.content.decode()


def test_what_is_not_ones_own_is_not_there() -> None:
    _, entitlement, _ = a_stage()
    stranger = signed_in(a_scene().buyer)
    address = reverse("balances:entitlement", args=[entitlement.agreement.reference, entitlement.pk])
    assert stranger.get(address).status_code == 404
    assert stranger.get(reverse("balances:holder", args=[entitlement.holder.reference])).status_code == 404


def test_an_order_is_paid_from_the_package_that_was_chosen() -> None:
    scene = a_scene()
    entitlement = a_package_of(scene)
    booking = bookings.hold_session(**scene.wish())
    client = signed_in(scene.buyer)
    address = reverse("bookings:order", args=[booking.reference])

    assert "How do you want to pay?" in client.get(address).content.decode()
    answer = client.post(address, {"pay_by": f"entitlement-{entitlement.pk}", "focus": "Phonics"})

    assert answer.status_code == 302
    booking.refresh_from_db()
    assert (booking.route, booking.entitlement) == ("entitlement", entitlement)


def test_a_way_to_pay_that_is_not_there_is_told_and_nothing_typed_is_lost() -> None:
    scene = a_scene()
    a_package_of(scene)
    booking = bookings.hold_session(**scene.wish())
    answer = signed_in(scene.buyer).post(
        reverse("bookings:order", args=[booking.reference]), {"pay_by": "entitlement-0", "focus": "Phonics"}
    )
    assert answer.status_code == 422 and "Phonics" in answer.content.decode()


def test_credits_are_given_seen_and_settled_on_pages() -> None:
    scene = a_scene()
    authority = an_organisation("local_authority", area=scene.area)
    finance = signed_in(a_person(Role.FINANCE, at=authority))
    holder = scene.school.organisation.reference

    value = {"area": scene.area.code, "support_type": "", "pence": "175"} | {
        "from_day-day": "1",
        "from_day-month": "6",
        "from_day-year": "2030",
    }
    assert finance.post(reverse("balances:credit_values"), value).status_code == 302
    assert CreditValue.objects.get().pence == 175_00
    given = {"sponsor": authority.reference, "quantity": "3", "reason": "Requires support"}
    assert finance.post(reverse("balances:sponsor", args=[holder]), given).status_code == 302
    assert queries.credits_of(scene.school.pk) == (3, 0)

    school = signed_in(scene.buyer)
    assert "Requires support" in school.get(reverse("balances:holder", args=[holder])).content.decode()
    [year] = queries.statement_years(scene.school.organisation)
    slug = year.replace("/", "-")
    assert "3 credits" in school.get(reverse("balances:statement", args=[holder, slug])).content.decode()
    csv = b"".join(school.get(reverse("balances:statement_csv", args=[holder, slug])))  # type: ignore[call-overload]
    assert b"Received from sponsors" in csv
    pdf = school.get(reverse("balances:statement_pdf", args=[holder, slug]))
    assert pdf.status_code == 200
    assert finance.post(reverse("balances:settle", args=[holder, "2020-21"])).status_code == 302
    assert "Settled" in finance.get(reverse("balances:statement", args=[holder, "2020-21"])).content.decode()
    assert school.get(reverse("balances:statement", args=[holder, "2020-25"])).status_code == 404


def test_a_charge_is_waived_and_a_cancellation_says_what_it_keeps() -> None:
    scene = a_scene()
    credits_for(scene, 2)
    booking = ordered(scene, None)
    bookings.consent_to_release(actor=scene.releasing_head, booking=booking)
    Booking._rows.filter(pk=booking.pk).update(cancellation_tariff=STANDARD_TARIFF.to_data())
    client = signed_in(scene.budget_holder)
    page = client.get(reverse("bookings:cancel", args=[booking.reference, "buyer"])).content.decode()
    assert "give up" in page and scene.releasing.organisation.name in page
    client.post(reverse("bookings:cancel", args=[booking.reference, "buyer"]), {"reason": "Illness"})

    lead = signed_in(scene.provider_lead)
    assert (
        "Waive the charge" in lead.get(reverse("bookings:booking", args=[booking.reference])).content.decode()
    )
    lead.post(reverse("bookings:waive", args=[booking.reference]), {"reason": "Burst pipe"})

    assert queries.credits_of(scene.school.pk) == (2, 0)
    assert "Burst pipe" in client.get(reverse("bookings:booking", args=[booking.reference])).content.decode()


def test_the_api_tells_balances_with_their_movements(django_assert_max_num_queries: Any) -> None:
    scene, entitlement, booking = a_stage()
    client = signed_in(scene.buyer)

    with django_assert_max_num_queries(12):
        [row] = client.get(reverse("entitlement-list")).json()["results"]
    one = client.get(reverse("entitlement-detail", args=[entitlement.pk])).json()

    assert (row["granted"], row["available"], row["reserved"], row["unit"]) == (8, 6, 2, "half_days")
    assert [(m["verb"], m["left"]) for m in one["movements"]] == [("Granted", 8), ("Reserved", 6)]
    assert booking.reference in one["movements"][1]["reason"]
    holder = client.get(reverse("credits-detail", args=[entitlement.holder.reference])).json()
    assert (holder["balance"], holder["movements"]) == (0, [])
