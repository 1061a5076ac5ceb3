"""Buyers hear, some weeks before the day to say no, of packages they can't have again next year."""

from datetime import date, timedelta
from typing import Any

import pytest

from marketplace.buyback import actions
from marketplace.buyback.models import PackageEdition, ServiceAgreement
from marketplace.buyback.rules import notice_by
from marketplace.kernel.access import Role
from marketplace.notifications.models import Notification
from tests.builders import a_person, a_window, an_edition
from tests.buyback.test_agreement_endings import running
from tests.buyback.test_agreements import head_of, on_the, today
from tests.buyback.test_ordering import FLAT_PLUS_PER_PUPIL

pytestmark = pytest.mark.django_db


def new_year(agreement: ServiceAgreement) -> date:
    return agreement.ends_on + timedelta(days=1)


def told_from(agreement: ServiceAgreement) -> date:
    return notice_by(new_year(agreement)) - timedelta(weeks=4)


def next_window(agreement: ServiceAgreement, shown: date | None = None) -> Any:
    days = {
        "prices_visible_from": shown or today(),
        "orders_from": shown or today(),
        "closes_on": new_year(agreement),
    }
    return a_window(agreement.buyer.area, first_day=new_year(agreement), **days)


def sold_again(agreement: ServiceAgreement, **fields: Any) -> PackageEdition:
    package = agreement.lines.get().edition.package
    return an_edition(package, window=next_window(agreement), **fields)


def test_a_buyer_hears_once_four_weeks_before_the_day_to_say_no(run_jobs: Any) -> None:
    agreement = running()
    next_window(agreement)
    head = head_of(agreement.buyer.school)
    governor = a_person(Role.GOVERNOR, at=agreement.buyer)

    with on_the(told_from(agreement) - timedelta(days=1)):
        assert actions.notice_not_sold_again() == 0
    with on_the(told_from(agreement)):
        assert actions.notice_not_sold_again() == 1
        assert actions.notice_not_sold_again() == 0
        run_jobs()

    note = Notification.objects.get(user=head.user_id)
    assert note.title.startswith("Not to be had again from") and "is not on sale from" in note.body
    assert note.path.endswith("/renew/")
    assert not Notification.objects.filter(user=governor).exists()


def test_a_package_without_a_price_for_the_school_is_told_with_the_reason(run_jobs: Any) -> None:
    agreement = running()
    school = agreement.buyer.school
    school.pupils = None
    school.save()
    sold_again(agreement, price_rule=FLAT_PLUS_PER_PUPIL)
    head = head_of(school)

    with on_the(told_from(agreement)):
        assert actions.notice_not_sold_again() == 1
        run_jobs()

    assert "has no price for your school (" in Notification.objects.get(user=head.user_id).body


def test_nobody_hears_while_it_is_sold_again_or_no_prices_are_shown() -> None:
    sold, hidden, unknown = running(), running(), running()
    sold_again(sold)
    next_window(hidden, shown=told_from(hidden) + timedelta(days=10))

    with on_the(told_from(sold)):
        assert actions.notice_not_sold_again() == 0
    with on_the(told_from(hidden) + timedelta(days=10)):
        assert actions.notice_not_sold_again() == 1
    assert unknown.window.area_id not in {sold.window.area_id, hidden.window.area_id}


def test_a_package_withdrawn_later_is_told_then() -> None:
    agreement = running()
    edition = sold_again(agreement)
    with on_the(told_from(agreement)):
        assert actions.notice_not_sold_again() == 0

    PackageEdition.objects.filter(pk=edition.pk).update(status="withdrawn")

    with on_the(told_from(agreement) + timedelta(days=3)):
        assert actions.notice_not_sold_again() == 1


@pytest.mark.parametrize(("days", "asks"), [(0, True), (1, False)])
def test_nobody_is_asked_to_say_no_by_a_day_that_is_past(days: int, asks: bool, run_jobs: Any) -> None:
    agreement = running()
    next_window(agreement)
    head = head_of(agreement.buyer.school)

    with on_the(notice_by(new_year(agreement)) + timedelta(days=days)):
        assert actions.notice_not_sold_again() == 1
        run_jobs()

    assert ("tell the seller by" in Notification.objects.get(user=head.user_id).body) == asks
