"""A complaint is raised by a school, answered by the provider and decided by a convenor who works for neither."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import ComplaintInvalid
from marketplace.brokerage.models import Complaint, ComplaintStatus
from marketplace.brokerage.states import COMPLAINT
from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import add_working_days
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.notifications.models import Notification
from tests.builders import (
    Scene,
    a_booking,
    a_complaint,
    a_convenor,
    a_person,
    a_provider,
    a_scene,
    a_school,
    actor_of,
    an_interest,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return a_scene()


def delivered(scene: Scene, status: str = "delivered") -> object:
    return a_booking(status=status, school=scene.school, offer=scene.offer, practitioner=scene.practitioner)


def raised(scene: Scene, **fields: object) -> Complaint:
    return a_complaint(delivered(scene), **fields)  # type: ignore[arg-type]


def convenor_of(scene: Scene) -> Actor:
    return actor_of(a_convenor(scene.area))


def test_a_head_complains_of_a_visit_and_the_provider_has_ten_working_days_to_answer(scene: Scene) -> None:
    booking = delivered(scene)

    complaint = actions.raise_complaint(
        actor=scene.receiving_head,
        school=scene.school.organisation,
        provider=scene.provider,
        booking=booking,  # type: ignore[arg-type]
        subject="reliability",
        details=" Came an hour late. ",
    )

    assert complaint.status == ComplaintStatus.RAISED
    assert complaint.details == "Came an hour late."
    assert complaint.answer_due_on == add_working_days(timezone.localdate(), 10)
    assert [entry.verb for entry in history.of(complaint)] == ["raise"]


@pytest.mark.parametrize("who", ["buyer", "provider_lead", "person", "releasing_head"])
def test_nobody_but_the_leaders_of_the_school_complains_for_it(scene: Scene, who: str) -> None:
    with pytest.raises(NotAllowed):
        actions.raise_complaint(
            actor=getattr(scene, who),
            school=scene.school.organisation,
            provider=scene.provider,
            subject="other",
            details="No.",
        )


def test_a_school_can_not_complain_of_a_provider_it_never_booked(scene: Scene) -> None:
    stranger = a_provider(scene.area)

    with pytest.raises(ComplaintInvalid, match="booked nothing"):
        actions.raise_complaint(
            actor=scene.receiving_head,
            school=scene.school.organisation,
            provider=stranger,
            subject="other",
            details="No.",
        )


def test_there_is_one_open_complaint_about_a_booking(scene: Scene) -> None:
    complaint = raised(scene)

    def again() -> Complaint:
        return actions.raise_complaint(
            actor=scene.receiving_head,
            school=scene.school.organisation,
            provider=scene.provider,
            booking=complaint.booking,
            subject="quality",
            details="Once more.",
        )

    with pytest.raises(NotNow, match="under way"):
        again()

    actions.withdraw_complaint(actor=scene.receiving_head, complaint=complaint, note="Settled by phone")
    assert again().status == ComplaintStatus.RAISED


def test_an_answer_can_be_settled_by_the_school(scene: Scene) -> None:
    complaint = raised(scene)

    actions.answer_complaint(actor=scene.provider_lead, complaint=complaint, answer="We are sorry.")
    settled = actions.settle_complaint(actor=scene.receiving_head, complaint=complaint)

    assert settled.status == ComplaintStatus.SETTLED
    assert settled.answered_by_id == scene.provider_lead.user_id


def test_a_convenor_hears_the_provider_before_deciding(scene: Scene) -> None:
    complaint, convenor = raised(scene), convenor_of(scene)

    with pytest.raises(NotNow, match="to answer"):
        actions.decide_complaint(actor=convenor, complaint=complaint, verb="uphold", finding="It was so.")

    actions.answer_complaint(actor=scene.provider_lead, complaint=complaint, answer="Traffic.")
    decided = actions.decide_complaint(
        actor=convenor, complaint=complaint, verb="uphold_in_part", finding="Late, but made good."
    )
    assert decided.status == ComplaintStatus.PARTLY_UPHELD


def test_a_provider_that_lets_the_time_pass_is_decided_about_without_an_answer(scene: Scene) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    complaint = raised(scene, answer_due_on=yesterday)

    decided = actions.decide_complaint(
        actor=convenor_of(scene), complaint=complaint, verb="uphold", finding="No answer came."
    )

    assert decided.status == ComplaintStatus.UPHELD


def test_a_convenor_who_works_for_one_side_does_not_decide(scene: Scene) -> None:
    both = a_convenor(scene.area)
    a_person(Role.STAFF, at=scene.provider)  # somebody else there changes nothing
    both.memberships.create(organisation=scene.provider, role=Role.STAFF)
    complaint = raised(scene, answer_due_on=timezone.localdate() - timedelta(days=1))

    with pytest.raises(NotAllowed, match="can’t decide"):
        actions.decide_complaint(actor=actor_of(both), complaint=complaint, verb="dismiss", finding="No.")


@pytest.mark.parametrize("side", ["school", "provider"])
def test_a_convenor_with_an_interest_in_one_side_does_not_decide(scene: Scene, side: str) -> None:
    tied = a_convenor(scene.area)
    complaint = raised(scene, answer_due_on=timezone.localdate() - timedelta(days=1))
    an_interest(tied, getattr(complaint, side))

    with pytest.raises(NotAllowed, match="can’t decide"):
        actions.decide_complaint(actor=actor_of(tied), complaint=complaint, verb="dismiss", finding="No.")

    assert queries.complaints_to_act_on(actor_of(tied), now=timezone.now()) == []


def test_a_convenor_of_the_school_hears_of_a_complaint_about_a_provider_of_no_area(
    scene: Scene, run_jobs: Callable[[], list[str]]
) -> None:
    scene.provider.area = None
    scene.provider.save()
    complaint, convenor = raised(scene), convenor_of(scene)

    actions.answer_complaint(actor=scene.provider_lead, complaint=complaint, answer="We are sorry.")
    run_jobs()

    assert Notification.objects.filter(user=convenor.user_id, kind="complaint_moved").exists()


def test_nobody_else_can_tell_that_there_is_a_complaint(scene: Scene) -> None:
    complaint = raised(scene)
    strangers = [
        scene.buyer,
        scene.person,
        scene.releasing_head,
        actor_of(a_person(Role.HEADTEACHER, at=a_school(scene.area))),
        actor_of(a_person(Role.PROVIDER_LEAD, at=a_provider(scene.area))),
        actor_of(a_convenor(a_school().area)),
    ]

    for stranger in strangers:
        assert not queries.complaints_visible_to(stranger).exists()
        with pytest.raises(NotFound):
            queries.complaint_for(stranger, complaint.reference)
    for party in (scene.receiving_head, scene.budget_holder, scene.provider_lead, convenor_of(scene)):
        assert queries.complaint_for(party, complaint.reference) == complaint


def test_every_pair_of_states_that_is_not_an_edge_is_refused(scene: Scene) -> None:
    complaint = raised(scene)
    edges = {(str(edge.source), edge.verb) for edge in COMPLAINT.edges}
    verbs = {edge.verb for edge in COMPLAINT.edges}

    for status in ComplaintStatus.values:
        for verb in verbs:
            if (status, verb) not in edges:
                with pytest.raises(NotNow):
                    COMPLAINT.target(status, verb)
    assert complaint.is_open


def test_what_waits_is_told_to_the_lead_and_then_to_the_convenor(scene: Scene) -> None:
    complaint, convenor, now = raised(scene), convenor_of(scene), timezone.now()

    [to_answer] = queries.complaints_to_act_on(scene.provider_lead, now=now)
    assert to_answer.verb == "Answer the complaint"
    assert to_answer.due_on == complaint.answer_due_on
    assert queries.complaints_to_act_on(convenor, now=now) == []

    actions.answer_complaint(actor=scene.provider_lead, complaint=complaint, answer="Sorry.")
    [to_decide] = queries.complaints_to_act_on(convenor, now=now)
    assert to_decide.verb == "Decide the complaint"
    assert queries.complaints_to_act_on(scene.provider_lead, now=now) == []
