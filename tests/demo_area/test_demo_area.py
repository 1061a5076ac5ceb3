"""The demo area is a coherent place: whatever the actions would refuse is not there, and everything there is to see is."""

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from frontend import work
from marketplace.billing.models import Document, DocumentKind, NumberSeries
from marketplace.bookings import queries as booking_queries
from marketplace.bookings import rules as booking_rules
from marketplace.bookings.models import (
    LIVE,
    Booking,
    BookingStatus,
    CourseEvent,
    GroupBooking,
    PlaceOrder,
    WaitingEntry,
)
from marketplace.bookings.queries.scopes import may
from marketplace.bookings.states import BOOKING
from marketplace.brokerage.models import (
    Deployment,
    DeploymentConcern,
    DeploymentEvaluation,
    ImpactEvaluation,
    Need,
    NeedsReturn,
    NeedStatus,
    VisitRecord,
)
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.content import check_complete, check_draft, content_of
from marketplace.catalogue.models import (
    Offer,
    OfferStatus,
    OfferVersion,
    Practitioner,
    SupportType,
    VersionStatus,
)
from marketplace.catalogue.pricing import KINDS, MODIFIERS, price_again
from marketplace.coverage.models import Cell, CellStatus, PoolOutcome, Scenario, SharedWith
from marketplace.coverage.scenarios import outcomes
from marketplace.coverage.scenarios import queries as scenario_queries
from marketplace.demo_area.build import make_demo_area
from marketplace.demo_area.people import CAST, demo_people
from marketplace.demo_area.stage import clock_at
from marketplace.demo_area.tally import counts
from marketplace.kernel.access import Role
from marketplace.kernel.dates import academic_year
from marketplace.kernel.models import HistoryEntry
from marketplace.kernel.verification import verify
from marketplace.notifications.models import LiveFrame, Notification
from marketplace.organisations.models import Area, InterestDeclaration, Membership, School, User
from marketplace.organisations.queries import actor_for
from marketplace.partnership.models import CallResponse

pytestmark = pytest.mark.django_db


A_FRIDAY = datetime(2026, 11, 20, 11, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    """Calderbeck, once for all tests here, which all happen on one day; nothing of it stays."""
    with django_db_blocker.unblock(), clock_at(A_FRIDAY), transaction.atomic():
        yield make_demo_area()
        transaction.set_rollback(True)


@pytest.fixture
def calderbeck(made):
    return made.areas[0]


@cache
def _actor(pk):
    return actor_for(User.objects.get(pk=pk))


def _bookings():
    return Booking.objects.scoped().select_related(
        "practitioner__releasing_organisation",
        "provider",
        "releasing_organisation",
        "receiving_school__school__trust",
    )


def _history(model):
    lines = defaultdict(list)
    for line in HistoryEntry.objects.filter(subject_type=model._meta.label_lower).order_by("pk"):
        lines[line.subject_id].append(line)
    return lines


# What there is -------------------------------------------------------------------------------------------------------


def test_it_is_as_large_as_a_borough(made):
    number = counts()

    answers = CallResponse.objects.scoped().filter(offer__isnull=False).count()
    assert answers == 2, "each answer to a call is a draft offer"
    assert (number["schools"], number["wards"], number["offers"] - answers) == (130, 25, 150)
    assert 55 <= number["practitioners"] <= 65
    assert 300 <= number["needs"] <= 370
    assert 430 <= number["bookings"] <= 480
    assert number["documents"] > 200 and number["records of visit"] > 200 and number["evaluations"] > 120


def test_bookings_stand_in_every_state(made):
    there = Counter(_bookings().values_list("status", flat=True))

    assert set(there) == set(BookingStatus.values)


def test_offers_and_versions_stand_in_every_state(made):
    offers = Counter(Offer.objects.values_list("status", flat=True))

    assert set(offers) == set(OfferStatus.values)
    assert offers[OfferStatus.PUBLISHED] > 100
    assert {"draft", "submitted", "returned", "approved"} <= set(
        OfferVersion.objects.values_list("status", flat=True)
    )


def test_courses_took_place_are_full_with_schools_waiting_and_were_bought_by_a_group(made):
    assert {"open", "delivered"} <= set(CourseEvent._rows.values_list("status", flat=True))
    assert Document.objects.filter(effect__startswith="places:").exists()
    assert {"waiting", "offered"} <= set(WaitingEntry._rows.values_list("status", flat=True))
    assert GroupBooking.objects.exists()
    assert {"confirmed", "delivered"} <= set(PlaceOrder._rows.values_list("status", flat=True))


def test_needs_are_open_met_and_withdrawn(made):
    assert set(Need.objects.scoped().values_list("status", flat=True)) == set(NeedStatus.values)


def test_offers_have_every_kind_of_price_and_change_and_every_support_type(made):
    rules = list(OfferVersion.objects.values_list("price_rule", flat=True))

    assert {rule["kind"] for rule in rules} == set(KINDS)
    assert {change["kind"] for rule in rules for change in rule.get("modifiers", ())} == set(MODIFIERS)
    assert {fee["basis"] for fee in OfferVersion.objects.values_list("brokerage_fee", flat=True) if fee} == {
        "inclusive", "additional"
    }  # fmt: skip
    assert set(OfferVersion.objects.values_list("support_type", flat=True)) == set(
        SupportType.objects.values_list("pk", flat=True)
    )


def test_three_schools_in_four_confirmed_their_needs_and_some_have_none(calderbeck):
    year = academic_year(timezone.localdate())
    confirmed = set(NeedsReturn.objects.filter(academic_year=year).values_list("school", flat=True))
    needing = set(Need.objects.scoped().values_list("school", flat=True))

    share = len(confirmed) / School.objects.filter(area=calderbeck).count()
    assert 0.7 <= share <= 0.8
    assert len(confirmed - needing) >= 5, "a list can be empty"
    assert needing - confirmed, "and some have not confirmed theirs"


def test_money_goes_by_both_routes_and_some_of_it_comes_back(made):
    kinds = Counter(Document.objects.values_list("kind", flat=True))

    assert kinds[DocumentKind.INVOICE] > 100 and kinds[DocumentKind.JOURNAL] > 50
    assert kinds[DocumentKind.CREDIT_NOTE] >= 2 and kinds[DocumentKind.SELF_BILL] >= 1


def test_assurances_hold_have_run_out_or_are_missing(made):
    today = timezone.localdate()
    people = list(Practitioner.objects.prefetch_related("assurances"))
    lasting = [p for p in people if any(a.valid_from <= today <= a.valid_to for a in p.assurances.all())]
    ended = [p for p in people if p not in lasting and p.assurances.all()]
    missing = [p for p in people if not p.assurances.all()]

    assert len(lasting) > 45
    assert ended and missing


# That it is coherent -------------------------------------------------------------------------------------------------


def test_everything_that_must_agree_agrees(made):
    assert [verdict for verdict in verify() if verdict.disagreements] == []


def test_each_booking_came_to_its_state_by_allowed_steps_taken_by_people_who_may(made):
    lines, now = _history(Booking), timezone.now()

    for booking in _bookings():
        state = ""
        for line in lines[booking.pk]:
            if not line.after:
                continue  # the authority pays: nothing moves
            assert line.before == state
            assert line.verb == "hold" or line.after == BOOKING.target(state, line.verb)
            if line.by_id and line.verb != "hold":
                assert may(_actor(line.by_id), booking, line.verb), f"{line} of {booking}"
            state = line.after
        moments = [line.at for line in lines[booking.pk]]
        assert state == booking.status
        assert moments == sorted(moments)
        assert moments[0] == booking.created_at
        assert moments[-1] <= now


def test_what_was_agreed_before_a_session_was_agreed_before_it(made):
    lines = _history(Booking)
    before = {
        "order",
        "approve",
        "consent",
        "release",
        "decline",
        "refuse_release",
        "refuse_approval",
        "withdraw",
    }

    for booking in _bookings():
        for line in lines[booking.pk]:
            if line.verb in before or line.verb.startswith("cancel"):
                assert line.at < booking.starts_at
            if line.verb in ("deliver", "no_show_buyer", "no_show_provider"):
                assert line.at > booking.ends_at


def test_sessions_still_to_come_lie_inside_the_diaries(made):
    live = list(_bookings().filter(status__in=LIVE, starts_at__gt=timezone.now()))
    people = list({booking.practitioner for booking in live})
    days = [booking.day for booking in live]
    facts = booking_queries.facts_of(people, min(days), max(days), now=timezone.now(), with_bookings=False)

    assert len(live) > 80
    for booking in live:
        assert booking_rules.why_closed(facts[booking.practitioner_id], booking.day, booking.session) == ""


def test_nobody_was_confirmed_without_the_employers_assurance(made):
    confirmed = {"confirmed", "delivered", "evaluated", "completed"}

    for booking in _bookings().filter(status__in=confirmed):
        assert catalogue.assured_on(booking.practitioner, booking.day), booking


def test_nobody_is_used_beyond_the_days_agreed(made):
    today = timezone.localdate()
    year = academic_year(today)

    for practitioner in Practitioner.objects.all():
        assert booking_queries.load_of(practitioner, year).left >= 0


def test_prices_can_be_worked_out_again_from_their_snapshots(made):
    for booking in _bookings():
        again = price_again(booking.price)

        assert sum(line["pence"] for line in booking.price["lines"]) == booking.net_pence
        assert booking.price["shares"]["buyer"] == booking.net_pence
        assert again.total_pence in (booking.net_pence, booking.price["shares"]["releasing_school"])


def test_a_booking_made_in_bulk_keeps_the_same_snapshots_as_one_ordered_by_hand(made):
    by_hand = next(b for b in _bookings() if "planning you showed us" in b.focus)
    in_bulk = (
        _bookings()
        .filter(provider=by_hand.provider, practitioner=by_hand.practitioner)
        .exclude(focus=by_hand.focus)
    )

    assert in_bulk
    for other in in_bulk:
        assert other.price.keys() == by_hand.price.keys()
        assert other.price["inputs"].keys() == by_hand.price["inputs"].keys()
        if not other.is_prepaid:  # a package's session is cancelled by the terms of its agreement
            assert other.cancellation_tariff.keys() == by_hand.cancellation_tariff.keys()
        travel = timedelta(0) if other.mode == "remote" else by_hand.during.upper - by_hand.ends_at
        assert other.during.upper - other.ends_at == travel


def test_offers_on_show_are_complete_and_name_their_own_people(made):
    today = timezone.localdate()

    for offer in Offer.objects.filter(status=OfferStatus.PUBLISHED).select_related(
        "provider__school", "current"
    ):
        content = content_of(offer.current)
        check_draft(content, offer.provider)
        check_complete(content, today)
        wanted = {person.pk for person in content.practitioners}
        assert wanted <= set(catalogue.people_of(offer.provider).values_list("pk", flat=True))
        assert offer.current.search


def test_offers_stand_where_their_history_left_them(made):
    offers, versions = _history(Offer), _history(OfferVersion)

    for offer in Offer.objects.prefetch_related("versions"):
        assert offers[offer.pk][-1].after == offer.status
        for version in offer.versions.all():
            if version.number > 1 or version.status != VersionStatus.DRAFT:
                assert versions[version.pk][-1].after == version.status


def test_ratings_are_those_of_the_evaluations(made):
    totals = Counter()
    for evaluation in ImpactEvaluation.objects.select_related("booking__offer_version"):
        totals[evaluation.booking.offer_version.offer_id] += (
            evaluation.success + evaluation.effectiveness
        ) * 10
    for evaluation in DeploymentEvaluation.objects.select_related("deployment__offer_version"):
        marks = evaluation.overall + evaluation.effectiveness
        totals[evaluation.deployment.offer_version.offer_id] += marks * 10

    assert {o.pk: o.rating_total for o in Offer.objects.filter(rating_count__gt=0)} == dict(totals)


def test_deployments_stand_in_many_states(made):
    states = Counter(Deployment.objects.scoped().values_list("status", flat=True))

    assert states["active"] >= 2 and states["finished"] >= 1
    assert {"to_sign", "paused", "declined"} <= set(states)
    assert DeploymentConcern.objects.scoped().filter(status="open").exists()
    assert DeploymentEvaluation.objects.exclude(practitioner_comment="").exists()


def test_every_visit_that_took_place_has_its_record_and_its_document(made):
    delivered = _bookings().filter(status__in=["delivered", "evaluated", "completed"])

    assert set(delivered) == {record.booking for record in VisitRecord.objects.select_related("booking")}
    for booking in delivered.prefetch_related("documents"):
        assert len(booking.documents.filter(credits=None)) == (0 if booking.is_prepaid else 1)


def test_document_numbers_run_in_the_order_of_their_dates(made):
    for series in NumberSeries.objects.all():
        dates = list(series.documents.order_by("number").values_list("issued_on", flat=True))

        assert dates == sorted(dates)
    assert len(set(Document.objects.values_list("issued_on__month", flat=True))) >= 9, "spread over a year"


def test_a_convenor_can_look_back_at_coverage_and_at_what_a_board_was_shown(made):
    [area] = made.areas
    numbers = area.snapshots.order_by("computed_at").values_list("number", flat=True)
    assert list(numbers) == sorted(numbers) and len(numbers) >= 5
    assert area.snapshots.get(board_dates__isnull=False).number < max(numbers)
    assert area.snapshots.latest("number").settings_version == area.coverage_settings.get().version


def test_nobody_outside_hears_of_it(made):
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT task_name FROM procrastinate_jobs")
        assert cursor.fetchall() == [("refine_advice",)]
    assert not LiveFrame.objects.exists()
    assert mail.outbox == []


def test_nothing_lies_in_the_future(made):
    now = timezone.now()

    assert not HistoryEntry.objects.filter(at__gt=now).exists()
    assert not Notification.objects.filter(created_at__gt=now).exists()
    assert not Document.objects.filter(issued_at__gt=now).exists()


# What a convenor sees ------------------------------------------------------------------------------------------------


@pytest.fixture
def cells(made):
    [snapshot] = made.snapshots
    found = Cell.objects.filter(snapshot=snapshot, ward=None, theme__isnull=False).exclude(phase="")
    return {(cell.theme.code, cell.phase): cell for cell in found.select_related("theme")}


def test_cells_of_every_status_are_there(cells):
    assert {cell.status for cell in cells.values()} == set(CellStatus.values)


def test_phonics_is_there_twice_and_at_least_two_providers_would_not_be_missed(made, cells):
    phonics = cells["phonics", "primary"]
    pools = PoolOutcome.objects.filter(
        snapshot=made.snapshots[0], themes__contains=[phonics.theme_id], days__gt=0, replaceable=True
    )

    assert phonics.status == CellStatus.DUPLICATED
    assert len(set(pools.values_list("owner", flat=True))) >= 2


@pytest.mark.parametrize(
    "cell", [("send-provision", "primary"), ("attendance", "primary"), ("attendance", "secondary")]
)
def test_special_needs_and_attendance_are_gaps_beyond_reach(cells, cell):
    assert cells[cell].status == CellStatus.GAP
    assert cells[cell].reach_gap > 0.25 * cells[cell].need
    assert cells[cell].met > 0, "for some it is there"


def test_those_gaps_lie_in_the_east(made, calderbeck, cells):
    send = cells["send-provision", "primary"]
    middle = sum(calderbeck.wards.values_list("easting", flat=True)) / calderbeck.wards.count()
    wards = Cell.objects.filter(
        snapshot=made.snapshots[0], theme=send.theme, phase="primary", ward__isnull=False
    ).select_related("ward")
    east = sum(cell.reach_gap for cell in wards if cell.ward.easting > middle)

    assert east > 0.75 * send.reach_gap


def test_mathematics_in_the_west_needs_brokerage_and_no_money(made, calderbeck, cells):
    maths = cells["maths", "primary"]
    middle = sum(calderbeck.wards.values_list("easting", flat=True)) / calderbeck.wards.count()
    wards = Cell.objects.filter(
        snapshot=made.snapshots[0], theme=maths.theme, phase="primary", ward__isnull=False
    ).select_related("ward")
    west = sum(cell.brokerable for cell in wards if cell.ward.easting < middle)

    assert maths.brokerable >= 0.1 * maths.need
    assert west > 0.6 * maths.brokerable


def test_a_what_if_of_twenty_thousand_pounds_is_shared_with_the_board(made):
    [scenario] = Scenario.objects.scoped()
    outcome = outcomes.stored(scenario.outcome)

    assert scenario.shared_with == SharedWith.BOARD and scenario.name
    assert outcome.spent_pence == 2_000_000
    assert outcome.closed > 10 and outcome.statuses_changed
    told = scenario_queries.shown(actor_for(dict(demo_people())["board member"]), scenario)
    assert told.outcome.cells and not told.exact


def test_an_offer_nobody_confirmed_for_half_a_year_counts_for_nothing(made, cells):
    english = cells["eal", "primary"]
    pools = PoolOutcome.objects.filter(snapshot=made.snapshots[0], themes__contains=[english.theme_id])

    assert english.status == CellStatus.GAP
    assert pools and not any(pool.confirmed for pool in pools)


# The people to sign in as --------------------------------------------------------------------------------------------

HAS_WORK = {
    "convenor",
    "board member",
    "provider lead",
    "practitioner",
    "headteacher",
    "budget holder",
    "releasing headteacher",
    "trust lead",
    "school staff",
}
VERBS = {
    "convenor": {"Judge the offer", "Review"},
    "provider lead": {"Write the record of visit", "Put the offer right"},
    "practitioner": {"Write the record of visit"},
    "headteacher": {"Evaluate the support", "Confirm your needs"},
    "budget holder": {"Approve"},
    "releasing headteacher": {"Consent to release"},
    "trust lead": {"Approve", "Evaluate the support"},
    "school staff": {"Finish your booking"},
}


def test_there_is_one_person_to_sign_in_as_for_each_role(made):
    people = demo_people()

    assert [words for words, _ in people] == [words for words, _ in CAST]
    assert len({user.pk for _, user in people}) == len(people)
    roles = {membership.role for _, user in people for membership in user.memberships.all()}
    assert roles == {role.value for role in Role}


@pytest.mark.parametrize("words", sorted(HAS_WORK))
def test_each_has_something_to_do(made, words):
    user = dict(demo_people())[words]

    items = work.awaiting(actor_for(user), now=timezone.now())

    assert items
    assert VERBS.get(words, set()) <= {item.verb for item in items}


@pytest.mark.parametrize("words", ["scrutiny", "finance", "support"])
def test_those_whose_work_is_to_look_hold_their_role_for_the_area(made, calderbeck, words):
    user = dict(demo_people())[words]

    assert calderbeck.pk in actor_for(user).in_area(Role(words))


def test_people_have_been_told_what_waits(made):
    people = dict(demo_people())
    unread = {words: user.notifications.filter(read_at=None).count() for words, user in people.items()}

    assert all(
        unread[words] for words in ("convenor", "provider lead", "budget holder", "releasing headteacher")
    )
    assert all(people[words].notifications.exists() for words in ("finance", "headteacher", "trust lead"))


def test_every_address_ends_where_no_mail_arrives_and_every_name_is_once(made):
    users = list(User.objects.all())

    assert all(re.fullmatch(r"[a-z.]+@calderbeck\.example", user.email) for user in users)
    assert len({user.name for user in users}) == len(users)
    assert not any(user.has_usable_password() for user in users)


def test_a_second_time_is_refused_with_what_to_do(made):
    with pytest.raises(CommandError, match=r"Calderbeck \(991\) is here already.*make reset"):
        call_command("demo_area")

    assert Area.objects.count() == 1


def test_interests_stand_over_a_year_old_and_in_the_way_of_one_approval(made):
    interests = InterestDeclaration.objects.scoped()
    waiting = _bookings().filter(status=BookingStatus.AWAITING_APPROVAL)
    tied = {(row.user_id, row.organisation_id) for row in interests.filter(status="declared")}

    assert {"declared", "ended"} == set(interests.values_list("status", flat=True))
    assert interests.filter(confirmed_at__lt=timezone.now() - timedelta(days=365)).exists()
    holders = Membership.objects.filter(role="budget_holder", ended_at=None)
    barred = [
        booking.reference
        for booking in waiting
        for holder in holders.filter(organisation=booking.receiving_school)
        if (holder.user_id, booking.provider_id) in tied
    ]
    assert barred
