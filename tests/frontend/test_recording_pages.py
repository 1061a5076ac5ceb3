"""Pages on which a seller records uses by hand, and on which the school reads them."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from marketplace.buyback.models import RecordedUse
from marketplace.kernel.access import Role
from tests.builders import a_package, a_person, a_school, a_window, an_edition, an_entitlement_to
from tests.frontend.test_balances_pages import signed_in

pytestmark = pytest.mark.django_db


def page_of(entitlement: Any, name: str = "entitlement", *more: int) -> str:
    return reverse(f"balances:{name}", args=[entitlement.agreement.reference, entitlement.pk, *more])


def typed(**values: Any) -> dict[str, Any]:
    day = timezone.localdate()
    date = {"used_on-day": day.day, "used_on-month": day.month, "used_on-year": day.year}
    return {"quantity": "2", "what": "Phonics for all", **date} | values


def test_the_seller_records_places_and_takes_them_back_and_the_school_reads_both() -> None:
    places = an_entitlement_to("places", 10)
    lead = signed_in(a_person(Role.PROVIDER_LEAD, at=places.agreement.seller))
    head = signed_in(a_person(Role.HEADTEACHER, at=places.holder))

    assert page_of(places, "record_use") in lead.get(page_of(places)).content.decode()
    answer = lead.post(page_of(places, "record_use"), typed())
    assert answer.status_code == 302
    seen = head.get(page_of(places)).content.decode()
    assert "Phonics for all" in seen and "8 places" in seen and "Take back" not in seen

    use = RecordedUse.objects.get()
    take_back = page_of(places, "take_back_use", use.pk)
    assert take_back in lead.get(page_of(places)).content.decode()
    assert "2 places" in lead.get(take_back).content.decode()
    lead.post(take_back, {"reason": "Another school came"})
    assert "Another school came" in head.get(page_of(places)).content.decode()


def test_what_is_missing_or_too_much_is_said_beside_its_field() -> None:
    places = an_entitlement_to("places", 1)
    lead = signed_in(a_person(Role.PROVIDER_LEAD, at=places.agreement.seller))

    for wrong, said in (({"what": ""}, "what"), ({}, "1 place of these are left")):
        answer = lead.post(page_of(places, "record_use"), typed(**wrong))
        assert answer.status_code == 422 and said in answer.content.decode()
    assert not RecordedUse.objects.exists()


def test_a_school_and_the_holder_of_days_have_no_such_page() -> None:
    places = an_entitlement_to("places", 10)
    head = signed_in(a_person(Role.HEADTEACHER, at=places.holder))
    assert head.get(page_of(places, "record_use")).status_code == 404
    days = an_entitlement_to("days", 4)
    lead = signed_in(a_person(Role.PROVIDER_LEAD, at=days.agreement.seller))
    assert lead.get(page_of(days, "record_use")).status_code == 404


def test_the_package_says_how_what_it_includes_is_used() -> None:
    school = a_school()
    window = a_window(school.area)
    edition = an_edition(
        a_package(), window=window, includes=[("days", 4), ("places", 2), ("peer_review", 1)]
    )
    buyer = signed_in(a_person(Role.BUDGET_HOLDER, at=school))
    address = reverse("buyback:package", args=[edition.package.reference, window.reference])

    text = buyer.get(address).content.decode()

    assert "used by booking sessions" in text
    assert "It records each place used" in text and "It records the review as used" in text
