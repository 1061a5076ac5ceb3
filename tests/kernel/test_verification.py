"""`manage.py verify`: says nothing when all agrees, and finds a row somebody tampered with."""

import io
from datetime import date

import pytest
from django.core.management import call_command

from marketplace.bookings.models import Booking
from marketplace.kernel import verification
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.models import Account
from marketplace.kernel.transfers import Movement, account, move
from tests.builders import a_booking, an_offer
from tests.platform.authorisation.world import World

pytestmark = pytest.mark.django_db


def verify() -> tuple[int, str]:
    """Exit code and what was printed."""
    out, code = io.StringIO(), 0
    try:
        call_command("verify", stdout=out, stderr=out)
    except SystemExit as end:
        code = int(end.code or 0)
    return code, out.getvalue()


def test_a_world_made_by_actions_agrees_with_itself() -> None:
    World()

    code, printed = verify()

    assert code == 0, printed
    assert "yes  Every account's balance is what its transfers make" in printed
    assert "no " not in printed.split()[:1] and " agree." in printed


def test_a_tampered_balance_is_found() -> None:
    granted = account(ledger="entitlement", purpose="granted", unit="half_days", may_go_negative=True)
    available = account(ledger="entitlement", purpose="available", unit="half_days", owner_id=7)
    move(by=SYSTEM, movements=[Movement(granted, available, 4, "Package", "grant:1")], on=date(2026, 11, 2))
    Account.objects.filter(pk=available.pk).update(balance=5)

    code, printed = verify()

    assert code == 1
    assert "balance is 5 half_days, its transfers make 4" in printed and "1 disagreement" in printed


def test_a_status_changed_past_its_history_is_found() -> None:
    booking = a_booking(status="awaiting_release")
    Booking.objects.scoped().filter(pk=booking.pk).update(status="held")

    code, printed = verify()

    assert code == 1 and "status is held, its history says awaiting_release" in printed


def test_a_record_without_history_is_nobodys_disagreement() -> None:
    offer = an_offer()

    assert verification.status_disagreements(type(offer)) == []


def test_two_checks_can_not_prove_one_rule() -> None:
    @verification.must_agree("A rule of this test")
    def one() -> list[str]:
        return []

    def other() -> list[str]:
        return []

    with pytest.raises(ValueError, match="A rule of this test"):
        verification.must_agree("A rule of this test")(other)
    del verification._checks["A rule of this test"]
