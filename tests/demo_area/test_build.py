"""Making areas: the same from the same seed, small ones and several, all or nothing."""

from datetime import UTC, date, datetime, time
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from marketplace.billing.models import Document, Receipt
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage.models import Need
from marketplace.buyback.models import ServiceAgreement
from marketplace.catalogue.models import Offer, Practitioner
from marketplace.coverage.models import Snapshot
from marketplace.demo_area import build
from marketplace.demo_area.build import make_demo_area
from marketplace.demo_area.diaries import terms_of, week_of_tests
from marketplace.demo_area.stage import clock_at
from marketplace.kernel import events
from marketplace.kernel.dates import is_working_day
from marketplace.kernel.verification import verify
from marketplace.organisations.models import Area, Organisation, User

pytestmark = pytest.mark.django_db


def _made(*, at=datetime(2026, 11, 20, 11, tzinfo=UTC), **numbers):
    """Names, references, days and numbers of an area that is gone again afterwards."""
    with transaction.atomic(), clock_at(at):
        make_demo_area(**numbers)
        found = {
            "people": sorted(User.objects.values_list("name", "email")),
            "practitioners": sorted(
                Practitioner.objects.values_list("reference", "name", "agreed_half_days")
            ),
            "organisations": sorted(Organisation.objects.values_list("name", "kind")),
            "offers": sorted(
                Offer.objects.values_list(
                    "reference", "status", "current__title", "current__capacity_half_days"
                )
            ),
            "needs": sorted(
                Need.objects.scoped().values_list(
                    "reference", "school__name", "theme__code", "half_days", "declared_at"
                ),
                key=str,
            ),
            "bookings": sorted(
                Booking.objects.scoped()
                .exclude(status="held")
                .exclude(focus__contains="planning you showed us")
                .values_list("reference", "status", "day", "session", "net_pence", "practitioner__name")
            ),
            "agreements": sorted(
                ServiceAgreement.objects.scoped().values_list(
                    "reference", "status", "buyer__name", "created_at"
                )
            ),
            "documents": sorted(
                Document.objects.values_list("reference", "kind", "issued_at", "gross_pence", "buyer__name")
            ),
            "receipts": sorted(Receipt.objects.values_list("reference", "pence", "received_on")),
        }
        transaction.set_rollback(True)
    return found


def test_the_same_seed_makes_the_same_area_at_any_hour_and_another_seed_another():
    one = _made(schools=8, at=datetime(2026, 11, 20, 7, 12, tzinfo=UTC))
    again = _made(schools=8, at=datetime(2026, 11, 20, 22, 40, tzinfo=UTC))
    other = _made(schools=8, seed=7)

    assert again == one
    assert all(other[kind] != one[kind] for kind in one)


@pytest.mark.parametrize("day", [date(2027, 8, 10), date(2027, 9, 1)])
def test_it_can_be_made_on_any_day_of_the_year(day):
    with clock_at(datetime.combine(day, time(11), UTC)):
        make_demo_area(schools=13)

        assert [verdict for verdict in verify() if verdict.disagreements] == []
        assert len(set(Booking.objects.scoped().values_list("status", flat=True))) == len(BookingStatus)


@pytest.mark.parametrize("schools", [1, 6])
def test_an_area_can_be_tiny(schools):
    made = make_demo_area(schools=schools)

    assert len(made.areas) == 1
    assert [verdict for verdict in verify() if verdict.disagreements] == []


def test_a_region_has_bookings_in_calderbeck_and_offers_and_needs_everywhere():
    made = make_demo_area(schools=45, areas=3)

    assert len(made.areas) == len(set(Snapshot.objects.values_list("area", flat=True))) == 3
    for area in made.areas:
        assert Offer.objects.filter(provider__area=area).count() > 100
        assert Need.objects.scoped().filter(school__area=area).exists()
    assert set(Booking.objects.scoped().values_list("receiving_school__area", flat=True)) == {
        made.areas[0].pk
    }
    assert [verdict for verdict in verify() if verdict.disagreements] == []


def test_numbers_that_cannot_be_met_end_with_one_line():
    with pytest.raises(CommandError, match="Ask for"):
        call_command("demo_area", schools=3, areas=9)

    assert not Area.objects.exists()


def test_what_breaks_off_leaves_nothing_behind_and_the_world_as_it_was(monkeypatch):
    now, publish = timezone.now, events.publish
    monkeypatch.setattr(build.coverage, "recompute", lambda **_: 1 / 0)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_demo_area(schools=6)

    assert not Area.objects.exists()
    assert (timezone.now, events.publish) == (now, publish)


@pytest.mark.parametrize("year", range(2020, 2034))
def test_terms_follow_one_another_and_have_as_many_days_as_schools_are_open(year):
    terms = terms_of(year)

    assert all(one.last_day < other.first_day for one, other in pairwise(terms))
    assert all(term.first_day.weekday() < 5 and term.last_day.weekday() == 4 for term in terms)
    days = sum(
        is_working_day(term.first_day.fromordinal(number))
        for term in terms
        for number in range(term.first_day.toordinal(), term.last_day.toordinal() + 1)
    )
    assert 185 <= days <= 200
    first, last = week_of_tests(year)
    assert (first.month, first.weekday(), last.weekday()) == (5, 0, 3)
