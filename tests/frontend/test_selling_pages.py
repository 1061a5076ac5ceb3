"""The pages of the buy-back, without script: from the window to the order."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.buyback import actions
from marketplace.buyback.models import Basket, BuyBackWindow, PackageEdition, TermsVersion
from marketplace.buyback.queries import Wish, agreements_visible_to, price_of
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import ACADEMIC
from marketplace.organisations.models import Organisation, School, User
from tests.builders import (
    a_basket,
    a_convenor,
    a_package,
    a_person,
    a_provider,
    a_school,
    a_window,
    actor_of,
    an_agreement,
    an_area,
    an_edition,
    an_offer,
    an_organisation,
    terms_of,
)

pytestmark = pytest.mark.django_db

FLAT_PLUS_PER_PUPIL = {"kind": "flat_plus_per_pupil", "flat_pence": 46_614, "primary_pence": 114}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:600]
    return answer.content.decode()


def a_head(school: School) -> Client:
    return signed_in(a_person(Role.HEADTEACHER, at=school, name="Jo Marsh"))


def day(name: str, year: int, month: int, on: int) -> dict[str, int]:
    return {f"{name}-day": on, f"{name}-month": month, f"{name}-year": year}


def a_trust_with(count: int) -> tuple[Organisation, list[School]]:
    area = an_area()
    trust = an_organisation("trust", area=area)
    schools = []
    for _ in range(count):
        school = a_school(area, academy=True)
        school.trust = trust
        school.save()
        schools.append(school)
    return trust, schools


# The front door -------------------------------------------------------------------------------------------------------


def test_visitors_are_sent_to_sign_in() -> None:
    for name in ("landing", "windows", "packages", "order", "terms_list"):
        answer = Client().get(reverse(f"buyback:{name}"))
        assert answer.status_code == 302 and "/accounts/login/" in answer["location"]


def test_the_front_door_leads_each_role_to_what_it_needs() -> None:
    window = a_window()
    school = a_school(window.area)
    seller = a_provider(window.area)

    of_school = page(a_head(school), reverse("buyback:landing"))
    of_seller = page(signed_in(a_person(Role.PROVIDER_LEAD, at=seller)), reverse("buyback:landing"))
    of_convenor = page(signed_in(a_convenor(window.area)), reverse("buyback:landing"))

    assert "Ordering for" in of_school and window.year_label in of_school
    assert "Your packages" in of_seller and "Ordering for" not in of_seller
    assert "Set when schools" in of_convenor


# Windows --------------------------------------------------------------------------------------------------------------


def test_a_convenor_sets_a_window_and_changes_it() -> None:
    area = an_area()
    client = signed_in(a_convenor(area))
    days = {
        **day("prices_visible_from", 2028, 1, 15),
        **day("orders_from", 2028, 2, 1),
        **day("closes_on", 2028, 3, 31),
        "late_rule": "pro_rata",
        "late_charge": "50",
    }

    answer = client.post(reverse("buyback:new_window"), {"year": "financial:2028-04-01"} | days)

    assert answer["location"] == reverse("buyback:windows")
    window = BuyBackWindow.objects.get()
    assert (window.year_label, window.late_charge_pence) == ("2028-29", 5_000)
    assert "2028-29" in page(client, reverse("buyback:windows"))
    address = reverse("buyback:window", args=[window.reference])
    assert 'value="2028"' in page(client, address)
    answer = client.post(address, days | day("closes_on", 2027, 1, 1))
    assert answer.status_code == 422
    assert "The window would close before it opens" in answer.content.decode()


def test_windows_are_not_there_for_those_who_do_not_keep_them() -> None:
    window = a_window()
    client = a_head(a_school(window.area))

    page(client, reverse("buyback:windows"), 404)
    page(client, reverse("buyback:window", args=[window.reference]), 404)


# Terms and packages ---------------------------------------------------------------------------------------------------


def test_a_seller_writes_publishes_and_reads_terms() -> None:
    seller = a_provider()
    client = signed_in(a_person(Role.PROVIDER_LEAD, at=seller))

    answer = client.post(reverse("buyback:new_terms"), {"title": "Our terms", "body": "We come on time."})
    terms = TermsVersion.objects.get()
    assert answer["location"] == reverse("buyback:terms", args=[seller.reference, 1])
    client.post(
        reverse("buyback:edit_terms", args=[seller.reference, 1]),
        {"title": "Our terms", "body": "We come in time."},
    )
    client.post(reverse("buyback:publish_terms", args=[seller.reference, 1]))

    terms.refresh_from_db()
    assert terms.published_at is not None
    assert "We come in time." in page(a_head(a_school(seller.area)), answer["location"])
    refused = client.post(
        reverse("buyback:edit_terms", args=[seller.reference, 1]), {"title": "Our terms", "body": "No."}
    )
    assert refused.status_code == 422


def test_a_seller_makes_a_package_from_the_first_word_to_the_sale() -> None:
    seller = a_provider()
    window = a_window(seller.area)
    terms = terms_of(seller)
    client = signed_in(a_person(Role.PROVIDER_LEAD, at=seller))

    answer = client.post(
        reverse("buyback:new_package"),
        {
            "window": window.reference,
            "name": "Subject leadership",
            "summary": "Days through the year.",
            "service_kind": "improvement",
            "activity_basis": "traded",
        },
    )
    edition = PackageEdition.objects.get()
    here = reverse("buyback:my_edition", args=[edition.package.reference, window.reference])
    assert answer["location"] == here
    assert "To do" in page(client, here)

    def section(name: str) -> str:
        return reverse("buyback:edition_section", args=[edition.package.reference, window.reference, name])

    rows = {f"quantity-{number}": "" for number in range(4)}
    more = client.post(section("includes"), rows | {"quantity-0": "4", "more": "rows"})
    assert more.status_code == 200 and 'name="quantity-5"' in more.content.decode()
    wrong = client.post(section("includes"), {"kind-0": "days", "quantity-0": "4.25"})
    assert wrong.status_code == 422 and "whole or half days" in wrong.content.decode()
    client.post(
        section("includes"), {"kind-0": "days", "quantity-0": "4.5", "kind-1": "places", "quantity-1": "2"}
    )
    price = reverse(
        "buyback:edition_price",
        args=[edition.package.reference, window.reference, "flat_plus_per_pupil"],
    )
    assert "Flat charge" in page(client, price)
    saved = client.post(price, {"flat_pence": "466.14", "primary_pence": "1.14"})
    assert saved["location"] == here
    saved = client.post(
        section("terms"),
        {
            "term_years": ["1", "2"],
            "carry_forward": "capped",
            "carry_cap": "1",
            "terms": str(terms.pk),
            "change_notice": "",
        },
    )
    assert saved["location"] == here, saved.content.decode()[:500]
    assert "Say what cancelling costs" in page(client, here)
    saved = client.post(
        section("cancelling"),
        {"tiers-0-at_most": "10", "tiers-0-unit": "working", "tiers-0-full_day_pence": "70"},
    )
    assert saved["location"] == here, saved.content.decode()[:500]
    shown = page(client, here)
    assert "10 working days’ notice or less: £70.00" in shown
    assert "4½ days of support, 2 places on courses" in shown
    assert "£705.54" in shown  # the example school with 210 pupils
    client.post(
        reverse("buyback:move_edition", args=[edition.package.reference, window.reference, "publish"])
    )

    edition.refresh_from_db()
    assert edition.status == "published"
    assert edition.inclusions.count() == 2
    assert "Subject leadership" in page(client, reverse("buyback:packages"))
    following = a_window(seller.area, first_day=window.first_day.replace(year=window.first_day.year + 1))
    answer = client.post(
        reverse("buyback:copy_edition", args=[edition.package.reference, window.reference]),
        {"window": following.reference},
    )
    assert following.reference in answer["location"]


def test_an_incomplete_package_says_what_is_missing() -> None:
    edition = an_edition(status="draft", includes=(), price_rule={})
    client = signed_in(a_person(Role.PROVIDER_LEAD, at=edition.package.seller))

    answer = client.post(
        reverse(
            "buyback:move_edition", args=[edition.package.reference, edition.window.reference, "publish"]
        ),
        follow=True,
    )

    assert "Set a price." in answer.content.decode()
    assert "at least one thing" in answer.content.decode()


def test_packages_of_another_seller_are_not_there() -> None:
    edition = an_edition(status="draft")
    client = signed_in(a_person(Role.PROVIDER_LEAD, at=a_provider()))
    args = [edition.package.reference, edition.window.reference]

    page(client, reverse("buyback:my_edition", args=args), 404)
    assert client.post(reverse("buyback:move_edition", args=[*args, "discard"])).status_code == 404


# Prices for my school ---------------------------------------------------------------------------------------------------


def test_the_order_page_shows_every_package_with_the_price_for_my_school() -> None:
    area = an_area()
    package = a_package(a_provider(area), name="Subject leadership")
    school = a_school(area)
    coming = a_window(area)
    running = a_window(area, first_day=coming.first_day.replace(year=coming.first_day.year - 1))
    this_year = an_edition(package, window=running, price_rule={"kind": "fixed", "amount_pence": 70_000})
    an_agreement(school=school, editions=[this_year])
    an_edition(package, window=coming, price_rule=FLAT_PLUS_PER_PUPIL)

    shown = page(a_head(school), reverse("buyback:order") + f"?window={coming.reference}")

    for words in (
        "Subject leadership",
        "£705.54",
        "£5.54 more than this year",
        "210 primary pupils",
        "Journal transfer",
        "Next year",
        "4 days of support",
        "You can cancel free of charge",
        "Unused days lapse",
    ):
        assert words in shown, words


def test_before_prices_are_visible_the_order_page_says_from_when() -> None:
    window = a_window(state="hidden")
    an_edition(a_package(a_provider(window.area), name="Secret"), window=window)

    shown = page(a_head(a_school(window.area)), reverse("buyback:order"))

    assert "No prices can be seen now" in shown and "Secret" not in shown


def test_a_price_that_cannot_be_worked_out_says_why_on_the_page() -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)
    school = a_school(edition.window.area, pupils=None)

    problem = price_of(Wish(edition, school), on=timezone.localdate()).problem
    assert problem and problem.split(".")[0] in unescape(page(a_head(school), reverse("buyback:order")))


def test_prices_can_be_filtered_sorted_and_downloaded() -> None:
    area = an_area()
    window = a_window(area)
    for name, pence in (("Apples", 900), ("Pears", 100)):
        an_edition(
            a_package(a_provider(area), name=name),
            window=window,
            price_rule={"kind": "fixed", "amount_pence": pence},
        )
    client = a_head(a_school(area))
    address = reverse("buyback:order")

    by_price = page(client, f"{address}?sort=price")
    assert by_price.index("Pears") < by_price.index("Apples")
    assert "Pears" not in page(client, f"{address}?q=apples")
    csv = b"".join(client.get(f"{address}?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "Apples" in csv and "9.00" in csv


def test_the_order_page_asks_the_database_the_same_for_thirty_packages(
    django_assert_max_num_queries: Any,
) -> None:
    area = an_area()
    window = a_window(area)
    seller = a_provider(area)
    for _ in range(30):
        an_edition(a_package(seller), window=window, price_rule={"kind": "per_pupil", "pupil_pence": 500})
    client = a_head(a_school(area))

    with django_assert_max_num_queries(32):
        shown = page(client, reverse("buyback:order"))

    assert shown.count("£1,050.00") >= 30


def test_the_order_page_of_a_trust_with_ten_schools_asks_no_more(
    django_assert_max_num_queries: Any,
) -> None:
    trust, _ = a_trust_with(10)
    assert trust.area is not None
    window = a_window(trust.area, calendar=ACADEMIC)
    seller = a_provider(trust.area)
    for _ in range(30):
        an_edition(a_package(seller), window=window, price_rule={"kind": "per_pupil", "pupil_pence": 500})
    client = signed_in(a_person(Role.TRUST_LEAD, at=trust))

    with django_assert_max_num_queries(32):
        shown = page(client, reverse("buyback:order") + f"?for={trust.reference}")

    assert "£10,500.00" in shown and "£1,050.00 a school" in shown


def test_a_packages_page_links_to_what_its_seller_offers_singly() -> None:
    edition = an_edition()
    offer = an_offer(edition.package.seller)
    assert offer.current is not None
    client = a_head(a_school(edition.window.area))

    shown = page(
        client, reverse("buyback:package", args=[edition.package.reference, edition.window.reference])
    )

    assert offer.current.title in shown and "You need not buy a package" in shown


# Baskets ----------------------------------------------------------------------------------------------------------------


def test_a_school_puts_a_package_into_its_basket_and_orders() -> None:
    edition = an_edition(price_rule=FLAT_PLUS_PER_PUPIL)
    school = a_school(edition.window.area)
    client = a_head(school)
    address = reverse("buyback:package", args=[edition.package.reference, edition.window.reference])

    answer = client.post(address, {"years": "2"})
    basket = Basket.objects.get()
    assert answer["location"] == reverse("buyback:basket", args=[basket.reference])
    shown = page(client, answer["location"])
    assert "£705.54" in shown and "Check and order" in shown
    assert "If you cancel a booked session" in shown and "14 days’ notice or less" in shown
    line = basket.lines.get()
    client.post(reverse("buyback:change_line", args=[basket.reference, line.pk]), {"years": "1"})
    order = reverse("buyback:submit_basket", args=[basket.reference])
    assert "We provide the service with care." in page(client, order)

    missing = client.post(order, {"accepted_name": "Jo Marsh", "purchase_order_number": "PO-1"})
    assert missing.status_code == 422 and "PO-1" in missing.content.decode()
    answer = client.post(
        order,
        {
            "accepted_name": "Jo Marsh",
            "accepted_capacity": "Headteacher",
            "accepts": "on",
            "purchase_order_number": "PO-1",
        },
    )

    assert answer["location"] == reverse("buyback:ordered", args=[basket.reference])
    agreement = agreements_visible_to(SYSTEM).get()
    assert agreement.reference in page(client, answer["location"])
    assert (agreement.years, agreement.purchase_order_number) == (1, "PO-1")
    again = client.get(order)
    assert again["location"] == reverse("buyback:ordered", args=[basket.reference])


def test_a_package_in_the_basket_says_so_and_keeps_its_length_unless_it_is_changed() -> None:
    edition = an_edition(term_years=[1, 3])
    school = a_school(edition.window.area)
    client = a_head(school)
    address = reverse("buyback:package", args=[edition.package.reference, edition.window.reference])

    first = client.post(address, {"years": "3"}, follow=True).content.decode()
    assert "is in the basket for 3 years." in first
    shown = page(client, address)
    assert "your basket</a> already: for 3 years" in shown
    assert re.search(r'value="3"[^>]*checked', shown)
    again = client.post(address, {"years": "1"}, follow=True).content.decode()
    assert "is in the basket for 1 year, no longer for 3 years." in again


def test_a_package_that_waits_for_approval_is_not_called_had() -> None:
    edition = an_edition()
    school = a_school(edition.window.area)
    an_agreement(school=school, editions=[edition], status="awaiting_approval")

    shown = page(a_head(school), reverse("buyback:order"))

    assert "Ordered: waiting for approval" in shown and "You have it" not in shown


@pytest.mark.parametrize("count", [2, 8])
def test_the_page_after_ordering_costs_the_same_however_many_schools_a_trust_orders_for(
    count: int, django_assert_max_num_queries: Any
) -> None:
    trust, schools = a_trust_with(count)
    assert trust.area is not None
    edition = an_edition(window=a_window(trust.area, calendar=ACADEMIC))
    lead = a_person(Role.TRUST_LEAD, at=trust)
    actor = actor_of(lead)
    basket = actions.put_in_basket(actor=actor, owner=trust, edition=edition, schools=schools)
    accepted = {"accepted_name": "Jo Marsh", "accepted_capacity": "Chief executive"}
    made = actions.submit_basket(actor=actor, basket=basket, **accepted)
    client = signed_in(lead)

    with django_assert_max_num_queries(15):
        shown = page(client, reverse("buyback:ordered", args=[basket.reference]))

    assert len(made) == count and all(each.reference in shown for each in made)


def test_a_basket_can_be_filled_early_and_says_when_it_can_be_ordered() -> None:
    edition = an_edition(window=a_window(state="early"))
    school = a_school(edition.window.area)
    basket = a_basket(school, editions=[edition])
    client = a_head(school)

    shown = page(client, reverse("buyback:basket", args=[basket.reference]))
    assert "You can order from" in shown and "Check and order" not in shown
    refused = client.post(
        reverse("buyback:submit_basket", args=[basket.reference]),
        {"accepted_name": "Jo Marsh", "accepted_capacity": "Headteacher", "accepts": "on"},
    )
    assert refused.status_code == 422
    assert "Your basket is kept until then" in refused.content.decode()


def test_a_trust_ticks_its_schools_and_sees_totals_per_school_and_in_all() -> None:
    trust, schools = a_trust_with(3)
    assert trust.area is not None
    edition = an_edition(window=a_window(trust.area, calendar=ACADEMIC))
    client = signed_in(a_person(Role.TRUST_LEAD, at=trust))
    address = reverse("buyback:package", args=[edition.package.reference, edition.window.reference])
    address += f"?for={trust.reference}"
    assert "For these schools" in page(client, address)

    answer = client.post(address, {"years": "1", "schools": [str(schools[0].urn), str(schools[1].urn)]})

    shown = page(client, answer["location"])
    headings = [f">{school.organisation.name}</h2>" in shown for school in schools]
    assert headings == [True, True, False]
    assert "£1,440.00 with VAT" in shown and "£2,880.00" in shown
    nothing = client.post(address, {"years": "1"})
    assert nothing.status_code == 422 and "Tick the schools" in nothing.content.decode()


def test_lines_are_taken_out_and_the_basket_is_emptied() -> None:
    edition = an_edition()
    school = a_school(edition.window.area)
    basket = a_basket(school, editions=[edition, an_edition(window=edition.window)])
    client = a_head(school)
    line = basket.lines.first()
    assert line is not None

    client.post(reverse("buyback:change_line", args=[basket.reference, line.pk]), {"take_out": ""})
    assert basket.lines.count() == 1
    client.post(reverse("buyback:empty_basket", args=[basket.reference]))

    basket.refresh_from_db()
    assert basket.status == "emptied"
    assert "This basket was emptied" in page(client, reverse("buyback:basket", args=[basket.reference]))


def test_the_basket_of_another_school_is_not_there() -> None:
    basket = a_basket(a_school())
    client = a_head(a_school())

    for name in ("basket", "submit_basket", "ordered"):
        page(client, reverse(f"buyback:{name}", args=[basket.reference]), 404)
    assert client.post(reverse("buyback:empty_basket", args=[basket.reference])).status_code == 404


def test_a_trusts_basket_asks_the_database_the_same_however_many_lines(
    django_assert_max_num_queries: Any,
) -> None:
    trust, schools = a_trust_with(10)
    assert trust.area is not None
    window = a_window(trust.area, calendar=ACADEMIC)
    seller = a_provider(trust.area)
    editions = [an_edition(a_package(seller), window=window) for _ in range(6)]
    basket = a_basket(trust, editions=editions, schools=schools)
    client = signed_in(a_person(Role.TRUST_LEAD, at=trust))

    with django_assert_max_num_queries(32):
        page(client, reverse("buyback:basket", args=[basket.reference]))
