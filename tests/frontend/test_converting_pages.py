"""The page of a conversion: what passes, what stays behind, and all agreements of the school at once."""

from typing import Any
from urllib.parse import urlencode

import pytest

from marketplace.bookings import actions
from marketplace.buyback.models import ServiceAgreement
from tests.builders import a_basket, a_scene, a_window, an_edition
from tests.buyback.test_agreement_endings import head_of, month, running
from tests.buyback.test_agreements import on_the
from tests.buyback.test_passing_on import a_successor_of, give_credits
from tests.frontend.test_agreements_pages import address, dates, signed_in

pytestmark = pytest.mark.django_db


def asked(agreement: ServiceAgreement, successor: Any = None) -> dict[str, Any]:
    return {"successor": (successor or agreement.buyer).reference} | dates(on=month(5))


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_all_agreements_of_the_school_are_offered_and_pass_together() -> None:
    first = running()
    second, third = (running(school=first.buyer.school) for _ in range(2))
    academy = a_successor_of(first.buyer.school)
    give_credits(first.buyer, 7)
    client = signed_in(head_of(first.buyer.school))
    with on_the(month(5)):
        shown = text_of(client.get(address("convert", first), asked(first, academy)))
        assert second.reference in shown and third.reference in shown and "7 credits" in shown
        assert shown.count("checked") >= 2

        client.post(
            f"{address('convert', first)}?{urlencode(asked(first, academy))}",
            {"also": [second.reference], "reason": ""},
        )

    passed = {row.supersedes for row in ServiceAgreement._rows.filter(succession="conversion")}
    assert passed == {first, second}


def test_an_agreement_of_somebody_else_can_not_be_slipped_in() -> None:
    first, other = running(), running()
    client = signed_in(head_of(first.buyer.school))
    with on_the(month(5)):
        answer = client.post(
            f"{address('convert', first)}?{urlencode(asked(first))}",
            {"also": [other.reference], "reason": ""},
        )
    other.refresh_from_db()
    assert answer.status_code in (302, 422) and other.status == "active"
    assert not ServiceAgreement._rows.filter(supersedes=other).exists()


def test_bookings_to_come_and_the_open_basket_are_listed() -> None:
    scene = a_scene()
    agreement = running(school=scene.school, seller=scene.provider, years=3)
    booking = ordered_plainly(scene)
    basket = a_basket(scene.school, editions=[an_edition(window=a_window(scene.area))])
    client = signed_in(head_of(scene.school))

    shown = text_of(
        client.get(
            address("convert", agreement),
            {"successor": agreement.buyer.reference} | dates(on=scene.day),
        )
    )

    assert booking.reference in shown and "stay as they are" in shown
    assert basket.reference in shown
    academy = a_successor_of(scene.school)
    shown = text_of(
        client.get(address("convert", agreement), {"successor": academy.reference} | dates(on=scene.day))
    )
    assert "Hand each over" in shown and "It does not pass" in shown


def ordered_plainly(scene: Any) -> Any:
    booking = actions.hold_session(**scene.wish())
    return actions.order_booking(actor=scene.budget_holder, booking=booking)
