"""Under an agreement: visits within the days, records, reviews, the mid-point, the evaluation, resting and ending."""

from datetime import date, timedelta
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from marketplace.bookings import actions as bookings
from marketplace.bookings import queries as booking_queries
from marketplace.bookings.errors import NotForHandingOver, NotMovable
from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage import actions, queries
from marketplace.brokerage.actions import Judged, Rating
from marketplace.brokerage.errors import AlreadyWritten, BeyondDeployment, NeedInvalid, TooEarly
from marketplace.brokerage.models import DeploymentVersion, DeploymentVisit
from marketplace.brokerage.verification import (
    deployments_follow_their_history,
    texts_in_force_are_signed,
    visits_stay_within_the_agreement,
)
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotAllowed, NotNow
from tests.bookings.test_waiving import a_family
from tests.builders import (
    Parties,
    a_booking,
    a_booking_day,
    a_deployment,
    a_deployment_visit,
    some_terms,
    the_parties,
)

pytestmark = pytest.mark.django_db


def book(parties: Parties, row: Any, **more: Any) -> Any:
    arguments = {"day": parties.scene.day, "session": "day", "mode": "in_person"} | more
    return actions.book_visit(actor=parties.scene.buyer, deployment=row, **arguments)


def today() -> Any:
    return local(timezone.now()).date()


# Visits --------------------------------------------------------------------------------------------------------------


def test_a_visit_is_held_for_the_deployments_person_and_counts_for_the_need() -> None:
    parties = the_parties()
    row = a_deployment(parties)

    booking = book(parties, row)

    assert booking.status == BookingStatus.HELD and booking.practitioner == parties.scene.practitioner
    assert booking.focus == row.focus
    assert booking.deployment_visit.deployment == row
    assert booking.need_booking.need == parties.need
    assert queries.half_days_taken(row) == 2


def test_asking_again_for_the_same_visit_counts_it_once() -> None:
    parties = the_parties()
    row = a_deployment(parties)

    assert book(parties, row) == book(parties, row)

    assert DeploymentVisit.objects.filter(deployment=row).count() == 1


@pytest.mark.parametrize("tied_when", ["before the offer", "before the answer"])
def test_a_visit_under_an_agreement_stays_with_the_school_that_signed_it(tied_when: str) -> None:
    parties = the_parties()
    scene = parties.scene
    other, their_budget_holder = a_family(scene)
    row = a_deployment(parties)
    booking = a_booking(school=scene.school, practitioner=scene.practitioner, offer=scene.offer)
    offer = partial(bookings.offer_session, booking=booking, school=other, reason="Inspection")
    attempt = partial(offer, actor=scene.budget_holder)
    if tied_when == "before the answer":
        attempt = partial(
            bookings.accept_session,
            actor=their_budget_holder,
            hand_over=offer(actor=scene.budget_holder),
        )
    actions.tie_visit(actor=scene.buyer, deployment=row, booking=booking)

    with pytest.raises(NotForHandingOver, match=f"deployment {row}"):
        attempt()

    assert not booking_queries.may_change_hands(booking)
    booking.refresh_from_db()
    assert booking.receiving_school == scene.school.organisation


def test_visits_take_no_more_days_than_agreed() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=3)
    book(parties, row)

    with pytest.raises(BeyondDeployment, match="Left: half a day"):
        book(parties, row, day=a_booking_day(days_ahead=20))
    booking = book(parties, row, day=a_booking_day(days_ahead=20), session="morning")

    assert queries.half_days_taken(row) == 3
    bookings.withdraw_booking(actor=parties.scene.buyer, booking=booking)
    assert queries.half_days_taken(row) == 2


def test_more_days_can_be_booked_once_all_four_have_signed_the_change() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=2)
    book(parties, row)
    row = actions.change_terms(
        actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=4)
    )

    with pytest.raises(BeyondDeployment):
        book(parties, row, day=a_booking_day(days_ahead=20))
    for capacity, actor in parties.signers.items():
        row = actions.sign_deployment(actor=actor, deployment=row, capacity=capacity, version=2)

    assert book(parties, row, day=a_booking_day(days_ahead=20))


def test_before_all_have_signed_only_a_scoping_visit_can_be_booked() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")

    with pytest.raises(NotNow, match="not signed by all"):
        book(parties, row)

    assert book(parties, row, kind="scoping").deployment_visit.kind == "scoping"


def test_visits_lie_within_the_days_of_the_agreement() -> None:
    parties = the_parties()
    row = a_deployment(parties, starts_on=parties.scene.day, ends_on=a_booking_day(days_ahead=30))
    outside = "is outside the deployment"

    for day in (a_booking_day(days_ahead=10), a_booking_day(days_ahead=40)):
        with pytest.raises(BeyondDeployment, match=outside):
            book(parties, row, day=day)
        with pytest.raises(BeyondDeployment, match=outside):
            a_deployment_visit(parties, row, day=day)
    with pytest.raises(BeyondDeployment, match=outside):
        book(parties, row, day=a_booking_day(days_ahead=40), kind="scoping")
    assert book(parties, row, day=a_booking_day(days_ahead=7), kind="scoping")


def test_a_visit_is_moved_within_the_days_of_the_agreement_only() -> None:
    parties = the_parties()
    row = a_deployment(parties, ends_on=a_booking_day(days_ahead=30))
    visit = a_deployment_visit(parties, row, day=parties.scene.day)

    def move_to(day: date) -> Booking:
        return bookings.reschedule_booking(
            actor=parties.scene.receiving_head,
            booking=visit.booking,
            day=day,
            session=visit.booking.session,
            reason="An inspection",
        )

    with pytest.raises(NotMovable, match="is outside the deployment"):
        move_to(a_booking_day(days_ahead=40))
    assert move_to(a_booking_day(days_ahead=20)).day == a_booking_day(days_ahead=20)


def test_a_booking_made_otherwise_is_taken_in_if_person_and_school_are_the_same() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    elsewhere = a_booking(practitioner=parties.scene.practitioner, offer=parties.scene.offer)

    visit = a_deployment_visit(parties, row)

    assert queries.half_days_taken(row) == 2 and visit.booking.need_booking.need == parties.need
    with pytest.raises(NotAllowed):
        actions.tie_visit(actor=parties.scene.buyer, deployment=row, booking=elsewhere)
    with pytest.raises(NotAllowed):
        actions.tie_visit(actor=parties.scene.buyer, deployment=row, booking=visit.booking)


def test_only_the_school_books_its_visits() -> None:
    parties = the_parties()
    row = a_deployment(parties)

    with pytest.raises(NotAllowed):
        actions.book_visit(
            actor=parties.scene.provider_lead,
            deployment=row,
            day=parties.scene.day,
            session="day",
            mode="in_person",
        )


def test_the_record_says_what_the_visit_did_for_each_objective() -> None:
    parties = the_parties()
    visit = a_deployment_visit(parties, row := a_deployment(parties))

    actions.record_deployment_visit(
        actor=parties.scene.person,
        visit=visit,
        happened="We taught together.",
        next_steps="Again on Monday.",
        notes={1: "Two routines tried"},
    )

    [note] = visit.notes.all()
    assert (note.objective.number, note.text) == (1, "Two routines tried")
    assert queries.visits_of(row).get().booking.status == BookingStatus.DELIVERED
    with pytest.raises(NeedInvalid):
        actions.note_objectives(actor=parties.scene.person, visit=visit, notes={1: "Again"})


def test_notes_come_after_the_record_and_from_those_who_visited() -> None:
    parties = the_parties()
    visit = a_deployment_visit(parties, a_deployment(parties))

    with pytest.raises(TooEarly):
        actions.note_objectives(actor=parties.scene.person, visit=visit, notes={1: "Early"})
    with pytest.raises(NotAllowed):
        actions.note_objectives(actor=parties.scene.receiving_head, visit=visit, notes={1: "Mine"})


def test_the_receiving_school_comments_on_a_visit() -> None:
    parties = the_parties()
    visit = a_deployment_visit(parties, a_deployment(parties))

    actions.comment_on_visit(actor=parties.scene.buyer, visit=visit, text="The second class was ill.")
    with pytest.raises(NotAllowed):
        actions.comment_on_visit(actor=parties.scene.person, visit=visit, text="So it was.")

    assert visit.comments.get().text == "The second class was ill."


# Looking at it -------------------------------------------------------------------------------------------------------


def review(parties: Parties, row: Any, **more: Any) -> Any:
    arguments = {"ratings": {1: Rating("green", "Nine in ten")}, "next_steps": "Go on"} | more
    return actions.review_progress(actor=parties.scene.person, deployment=row, **arguments)


def test_a_review_rates_every_objective_with_a_reason() -> None:
    parties = the_parties()
    row = a_deployment(parties)

    for wrong in ({}, {1: Rating("blue", "Why")}, {1: Rating("green", " ")}):
        with pytest.raises(NeedInvalid) as refusal:
            review(parties, row, ratings=wrong)
        assert refusal.value.field in ("rag_1", "details_1")
    made = review(parties, row, next_review_on=today() + timedelta(days=30))

    assert [(each.rag, each.objective.number) for each in made.ratings.all()] == [("green", 1)]
    assert history.of(row).last().note == "Objectives: 1 green"


def test_a_review_is_not_dated_ahead_and_the_next_one_follows_it() -> None:
    parties = the_parties()
    row = a_deployment(parties)

    with pytest.raises(NeedInvalid):
        review(parties, row, reviewed_on=today() + timedelta(days=1))
    with pytest.raises(NeedInvalid):
        review(parties, row, next_review_on=today())


def test_the_broker_looks_in_half_way_once() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    look = {"deployment": row, "on_course": "partly", "value": "The lead is sure of it"}

    with pytest.raises(NotAllowed):
        actions.check_mid_point(actor=parties.scene.receiving_head, **look)
    actions.check_mid_point(actor=parties.scene.provider_lead, **look)

    with pytest.raises(AlreadyWritten):
        actions.check_mid_point(actor=parties.scene.provider_lead, **look)


def evaluate(parties: Parties, row: Any, **more: Any) -> Any:
    arguments: dict[str, Any] = {
        "outcomes": {1: Judged("achieved", "The check", "A strong cohort")},
        "overall": 5,
        "effectiveness": 4,
        "value_for_money": "yes",
        "what_lasts": "The routines",
    }
    return actions.evaluate_deployment(actor=parties.scene.receiving_head, deployment=row, **arguments | more)


def test_the_evaluation_waits_for_the_last_day_or_the_last_visit() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=2)

    with pytest.raises(TooEarly):
        evaluate(parties, row)
    visit = a_deployment_visit(parties, row)
    actions.record_visit(
        actor=parties.scene.person, booking=visit.booking, happened="A visit.", next_steps="None."
    )
    evaluation = evaluate(parties, row)

    row.refresh_from_db()
    assert row.status == "finished" and row.ended_at
    assert evaluation.outcomes.get().counter_evidence == "A strong cohort"


def test_the_evaluation_rates_the_offer_once_and_its_visits_are_not_asked_about_again() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=2)
    visit = a_deployment_visit(parties, row)
    actions.record_visit(
        actor=parties.scene.person, booking=visit.booking, happened="A visit.", next_steps="None."
    )
    head = parties.scene.receiving_head
    now = timezone.now()

    asked = [item.verb for item in queries.awaiting(head, now=now)]
    evaluate(parties, row)

    offer = parties.scene.offer
    offer.refresh_from_db()
    assert "Evaluate the support" not in asked and "Evaluate the deployment" in asked
    assert (offer.rating_total, offer.rating_count) == (90, 1)
    with pytest.raises(NotNow):
        evaluate(parties, row)


def test_every_objective_is_judged_with_evidence_by_the_receiving_head_alone() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=2)
    a_deployment_visit(parties, row, status="no_show_buyer")

    with pytest.raises(NeedInvalid, match="what became of it"):
        evaluate(parties, row, outcomes={})
    with pytest.raises(NeedInvalid, match="how you know"):
        evaluate(parties, row, outcomes={1: Judged("achieved", "")})
    with pytest.raises(NeedInvalid, match="1 to 5"):
        evaluate(parties, row, overall=6)
    parties.scene.receiving_head = parties.scene.buyer
    with pytest.raises(NotAllowed):
        evaluate(parties, row)


def test_the_practitioner_has_a_word_on_the_evaluation_once() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="finished")
    say = {"deployment": row, "text": "The head made time for it"}

    with pytest.raises(NotAllowed):
        actions.comment_on_evaluation(actor=parties.scene.provider_lead, **say)
    actions.comment_on_evaluation(actor=parties.scene.person, **say)

    with pytest.raises(AlreadyWritten):
        actions.comment_on_evaluation(actor=parties.scene.person, **say)


def test_an_evaluation_waits_for_the_practitioners_word_for_thirty_days() -> None:
    parties = the_parties()
    a_deployment(parties, status="finished")

    def asked(days: int) -> list[str]:
        now = timezone.now() + timedelta(days=days)
        return [item.verb for item in queries.awaiting_in_deployments(parties.scene.person, now=now)]

    assert asked(29) == ["Read the evaluation"]
    assert asked(31) == []


def test_it_is_a_case_study_while_both_heads_agree() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="finished")
    scene = parties.scene

    def is_one() -> bool:
        return queries.case_studies(queries.deployments_visible_to(scene.buyer)).exists()

    actions.agree_case_study(actor=scene.receiving_head, deployment=row, agreed=True)
    assert not is_one()
    actions.agree_case_study(actor=scene.releasing_head, deployment=row, agreed=True)
    actions.agree_case_study(actor=scene.releasing_head, deployment=row, agreed=True)
    assert is_one()
    actions.agree_case_study(actor=scene.releasing_head, deployment=row, agreed=False)
    assert not is_one()


# Resting and ending --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["paused", "stopped", "finished"])
def test_what_rests_or_is_over_can_only_be_read(status: str) -> None:
    parties = the_parties()
    row = a_deployment(parties, status=status)

    for attempt in (
        lambda: book(parties, row),
        lambda: review(parties, row),
        lambda: evaluate(parties, row),
        lambda: actions.change_terms(
            actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=4)
        ),
        lambda: actions.check_mid_point(
            actor=parties.scene.provider_lead, deployment=row, on_course="yes", value="Much"
        ),
        lambda: actions.sign_deployment(
            actor=parties.scene.person, deployment=row, capacity="practitioner", version=1
        ),
    ):
        with pytest.raises(NotNow):
            attempt()


def test_a_paused_deployment_goes_on_where_it_was() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="paused")
    assert row.reason == "Inspection"

    row = actions.resume_deployment(actor=parties.scene.provider_lead, deployment=row)

    assert (row.status, row.reason) == ("active", "")
    assert review(parties, row)


def test_the_school_and_the_broker_pause_and_stop_nobody_else() -> None:
    parties = the_parties()
    row = a_deployment(parties)

    for actor in (parties.scene.person, parties.scene.releasing_head, parties.scene.buyer):
        with pytest.raises(NotAllowed):
            actions.pause_deployment(actor=actor, deployment=row, reason="No")


def test_the_school_takes_an_agreement_back_until_it_is_in_force() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["receiving_head"])

    row = actions.withdraw_deployment(actor=parties.scene.buyer, deployment=row, reason="Found another way")

    assert row.status == "withdrawn"
    with pytest.raises(NotNow):
        actions.withdraw_deployment(
            actor=parties.scene.buyer, deployment=a_deployment(parties, with_need=False), reason="Too late"
        )


# Work and agreement of the books -------------------------------------------------------------------------------------


def test_each_party_is_asked_for_what_is_theirs() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["broker"])
    now = timezone.now()

    def asked(actor: Any, moment: Any = now) -> list[str]:
        items = queries.awaiting_in_deployments(actor, now=moment)
        return [item.verb for item in items]

    assert asked(parties.scene.person) == ["Sign the agreement"]
    assert asked(parties.scene.provider_lead) == []
    for capacity in ("receiving_head", "releasing_head", "practitioner"):
        row = actions.sign_deployment(
            actor=parties.signers[capacity], deployment=row, capacity=capacity, version=1
        )
    assert asked(parties.scene.person) == []
    assert asked(parties.scene.person, now + timedelta(days=40)) == ["Review progress"]
    assert asked(parties.scene.provider_lead, now + timedelta(days=40)) == ["Look in half-way"]
    assert asked(parties.scene.receiving_head, now + timedelta(days=92)) == ["Evaluate the deployment"]


def test_verification_finds_deployments_that_disagree_with_themselves() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=2)
    a_deployment_visit(parties, row)
    checks = (
        deployments_follow_their_history,
        texts_in_force_are_signed,
        visits_stay_within_the_agreement,
    )
    assert [check() for check in checks] == [[], [], []]

    row.status, row.half_days, row.version, row.version_in_force = "paused", 1, 2, 2
    row.save()
    DeploymentVersion.objects.create(
        deployment=row, number=2, terms=queries.agreement_terms_of(row, 1).to_data()
    )

    assert [len(check()) for check in checks] == [1, 1, 1]
