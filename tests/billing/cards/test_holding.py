"""Card money for a booking: held until the visit, then it pays the invoice; what is not needed goes back."""

from datetime import timedelta

import pytest

from marketplace.billing.actions import cards as actions
from marketplace.billing.actions import issue_for_delivery
from marketplace.billing.events import CardMoneyHeld
from marketplace.billing.models import CardPayment, CardPaymentStatus, Document, Refund, RefundStatus
from marketplace.billing.postings import Purpose, account_of
from marketplace.billing.queries import cards as queries
from marketplace.billing.queries.receipts import outstanding
from marketplace.billing.rules import Held
from marketplace.bookings import actions as bookings
from marketplace.bookings.events import BookingMoved
from marketplace.bookings.models import Booking, BookingStatus, HandOver
from marketplace.kernel import events, transfers
from marketplace.kernel.access import SYSTEM, Actor, Role
from marketplace.notifications.models import Notification
from tests.billing.cards.paying import Run, a_paid_booking, looked_at, set_up
from tests.builders import (
    a_booking_by_invoice,
    a_booking_payment,
    a_person,
    a_school,
    actor_of,
    an_organisation,
)
from tests.card_network import Cards

pytestmark = pytest.mark.django_db


def ended(booking: Booking, status: str, run_jobs: Run, **fields: object) -> None:
    """The booking after it has moved, with all that follows."""
    Booking.objects.scoped().filter(pk=booking.pk).update(status=status, **fields)
    events.publish(BookingMoved(booking.pk, "test", BookingStatus.CONFIRMED, status))
    run_jobs()


def in_the_books(payment: CardPayment) -> dict[str, int]:
    owner = payment.payee_id
    return {
        "clearing": account_of(owner, Purpose.CARD_CLEARING).balance,
        "held": queries.held_pence(payment),
        "receivable": account_of(owner, Purpose.RECEIVABLE, f"buyer:{payment.payer_id}").balance,
    }


def test_after_the_visit_the_invoice_is_paid_from_what_was_held(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)
    assert payment.booking

    ended(payment.booking, BookingStatus.DELIVERED, run_jobs)

    [document] = Document.objects.all()
    assert outstanding(document) == 0
    assert in_the_books(payment) == {"clearing": -42_000, "held": 0, "receivable": 0}
    assert list(queries.documents_paid_by(payment)) == [document]
    assert not Refund.objects.exists() and transfers.disagreements() == []


def test_a_late_cancellation_is_paid_from_it_and_the_rest_goes_back(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)
    assert payment.booking

    ended(payment.booking, BookingStatus.CANCELLED_BY_BUYER, run_jobs, cancellation_charge_pence=17_500)

    [document], [refund] = Document.objects.all(), Refund.objects.all()
    assert (document.gross_pence, outstanding(document)) == (21_000, 0)
    assert (refund.pence, refund.status) == (21_000, RefundStatus.DONE)
    assert in_the_books(payment) == {"clearing": -21_000, "held": 0, "receivable": 0}


@pytest.mark.parametrize(
    "status", [BookingStatus.CANCELLED_BY_PROVIDER, BookingStatus.NO_SHOW_PROVIDER, BookingStatus.WITHDRAWN]
)
def test_what_came_to_nothing_is_given_back_whole_and_once(cards: Cards, run_jobs: Run, status: str) -> None:
    payment = a_paid_booking(cards, run_jobs)
    assert payment.booking

    for _ in range(2):
        ended(payment.booking, status, run_jobs, cancellation_charge_pence=0)

    [refund] = Refund.objects.all()
    assert (refund.pence, refund.status) == (42_000, RefundStatus.DONE)
    assert in_the_books(payment) == {"clearing": 0, "held": 0, "receivable": 0}
    assert [r.path for r in cards.sent].count("/v1/refunds") == 1


def test_a_booking_cancelled_while_it_was_being_paid_gives_the_money_back(
    cards: Cards, run_jobs: Run
) -> None:
    payment = set_up(a_booking_payment(), run_jobs)
    cards.accept(payment)
    assert payment.booking
    ended(payment.booking, BookingStatus.CANCELLED_BY_PROVIDER, run_jobs, cancellation_charge_pence=0)

    looked_at(payment)
    run_jobs()

    assert Refund.objects.get().status == RefundStatus.DONE
    assert in_the_books(payment)["held"] == 0


def a_session_offered(booking: Booking) -> tuple[HandOver, Actor]:
    """The booking offered to another academy of the school's trust, and who decides there."""
    area = booking.provider.area
    assert area
    trust = an_organisation("trust", area=area)
    school, other = booking.receiving_school.school, a_school(area, academy=True)
    for each in (school, other):
        each.trust = trust
        each.save()
    giver = actor_of(a_person(Role.BUDGET_HOLDER, at=school))
    offered = bookings.offer_session(actor=giver, booking=booking, school=other, reason="Inspection")
    return offered, actor_of(a_person(Role.BUDGET_HOLDER, at=other))


def test_a_session_handed_over_gives_the_first_school_its_money_back_and_asks_the_second_to_pay(
    cards: Cards, run_jobs: Run
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    assert payment.booking
    offered, taker = a_session_offered(payment.booking)

    bookings.accept_session(actor=taker, hand_over=offered)
    run_jobs()

    [refund] = Refund.objects.all()
    assert (refund.payment, refund.pence, refund.status) == (payment, 42_000, RefundStatus.DONE)
    assert "handed over to" in refund.reason
    booking = Booking.objects.scoped().get(pk=payment.booking.pk)
    assert queries.paid_for(booking) is None
    ended(booking, BookingStatus.DELIVERED, run_jobs)
    [document] = Document.objects.all()
    assert document.buyer == booking.receiving_school != payment.payer
    assert outstanding(document) == 42_000
    assert in_the_books(payment) == {"clearing": 0, "held": 0, "receivable": 0}


def test_money_of_another_school_never_pays_an_invoice_though_the_refund_is_late(
    cards: Cards, run_jobs: Run
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    assert payment.booking
    offered, taker = a_session_offered(payment.booking)
    booking = bookings.accept_session(actor=taker, hand_over=offered)
    Booking.objects.scoped().filter(pk=booking.pk).update(status=BookingStatus.DELIVERED)
    booking.refresh_from_db()

    document = issue_for_delivery(actor=SYSTEM, booking=booking)
    actions.settle_booking(booking_id=booking.pk)

    assert document and outstanding(document) == 42_000
    assert Refund.objects.get().pence == 42_000


def test_a_payment_begun_before_the_session_was_handed_over_is_given_up(cards: Cards, run_jobs: Run) -> None:
    payment = set_up(a_booking_payment(), run_jobs)
    assert payment.booking
    offered, taker = a_session_offered(payment.booking)

    bookings.accept_session(actor=taker, hand_over=offered)
    run_jobs()

    payment.refresh_from_db()
    assert payment.status == CardPaymentStatus.CANCELLED


def test_an_invoice_that_asks_for_more_leaves_the_rest_to_pay(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)
    assert payment.booking
    Booking.objects.scoped().filter(pk=payment.booking.pk).update(
        net_pence=40_000, price={"shares": {"releasing_school": 40_000, "broker": 0}}
    )

    ended(payment.booking, BookingStatus.DELIVERED, run_jobs)

    assert outstanding(Document.objects.get()) == 48_000 - 42_000
    assert in_the_books(payment)["held"] == 0


def test_settling_again_and_again_changes_nothing(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs)
    assert payment.booking
    ended(payment.booking, BookingStatus.DELIVERED, run_jobs)
    before = in_the_books(payment)

    for _ in range(3):
        actions.settle_booking(booking_id=payment.booking.pk)
        issue_for_delivery(actor=SYSTEM, booking=payment.booking)
    run_jobs()

    assert in_the_books(payment) == before


@pytest.mark.parametrize(("days", "state"), [(60, Held.ALERT), (80, Held.DECIDE), (90, Held.OVER)])
def test_finance_is_told_once_of_money_held_for_long(
    cards: Cards, run_jobs: Run, days: int, state: Held
) -> None:
    payment = a_paid_booking(cards, run_jobs)
    finance = a_person("finance", at=payment.payee)
    assert queries.held_over(1) == []
    assert payment.paid_at
    CardPayment.objects.update(paid_at=payment.paid_at - timedelta(days=days))

    [held] = queries.held_over(days)
    assert (held.days, held.pence, held.state) == (days, 42_000, state)
    assert queries.held_over(days + 1) == []
    for _ in range(2):
        actions.tell_of_held_money()
        run_jobs()
    assert Notification.objects.filter(user=finance, kind="card_needs_look").count() == 1


def test_nobody_is_told_of_money_that_went_on_meanwhile(cards: Cards, run_jobs: Run) -> None:
    payment = a_paid_booking(cards, run_jobs, a_booking_by_invoice())
    assert payment.booking
    a_person("finance", at=payment.payee)
    events.publish(CardMoneyHeld(payment.pk, "alert"))
    Notification.objects.all().delete()
    actions.settle_booking(booking_id=payment.booking.pk)
    Booking.objects.scoped().update(status=BookingStatus.CANCELLED_BY_PROVIDER, cancellation_charge_pence=0)
    actions.settle_booking(booking_id=payment.booking.pk)

    run_jobs()

    assert not Notification.objects.filter(kind="card_needs_look").exists()
