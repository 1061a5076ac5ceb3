"""Several schools buy places as one: shares to the penny, each school its own approval and paper, all or nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from marketplace.billing.models import Document
from marketplace.bookings.actions import courses
from marketplace.bookings.actions.courses import GroupShare
from marketplace.bookings.course_errors import GroupInvalid
from marketplace.bookings.models import GroupBooking, PlaceOrder
from marketplace.bookings.queries import courses as queries
from marketplace.bookings.rules.courses import share_out
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import CannotSplit
from marketplace.kernel.verification import verify
from marketplace.organisations.models import Cluster, School
from tests.builders import (
    CourseScene,
    a_course,
    a_course_scene,
    a_person,
    a_school,
    actor_of,
    it_is_over,
)


def all_agrees() -> None:
    assert [line for verdict in verify() for line in verdict.disagreements] == []


def a_family(scene: CourseScene, *, academy: bool = False) -> tuple[School, Actor]:
    """A school of a cluster with the scene's school, and its headteacher."""
    school = a_school(scene.area, academy=academy)
    cluster = Cluster.objects.create(area=scene.area, name=f"Cluster {school.pk}")
    cluster.schools.set([scene.school, school])
    return school, actor_of(a_person(Role.HEADTEACHER, at=school))


def a_group(scene: CourseScene, event: Any, *others: School, **how: Any) -> GroupBooking:
    shares = [GroupShare(scene.school, 2, 3), *(GroupShare(school, 1, 1) for school in others)]
    return courses.book_as_group(
        actor=scene.head,
        event=event,
        lead_school=scene.school,
        shares=shares,
        **{"split_by": "equally"} | how,
    )


def states(group: GroupBooking) -> list[str]:
    return list(PlaceOrder._rows.filter(group=group).order_by("pk").values_list("status", flat=True))


@pytest.mark.django_db
def test_every_school_approves_its_share_and_with_the_last_all_are_confirmed() -> None:
    scene = a_course_scene()
    school, head = a_family(scene)
    event = a_course(scene)

    group = a_group(scene, event, school)
    assert states(group) == ["agreed", "awaiting_approval"]
    share = queries.orders_visible_to(head).get(group=group)
    with pytest.raises(NotFound):
        courses.approve_places(actor=scene.head, order=share)
    courses.approve_places(actor=head, order=share.reference)

    assert states(group) == ["confirmed", "confirmed"]
    assert sum(PlaceOrder._rows.filter(group=group).values_list("net_pence", flat=True)) == 300_00
    all_agrees()


@pytest.mark.django_db
@pytest.mark.parametrize("way", ["refuse", "withdraw", "time"])
def test_where_one_school_does_not_take_part_none_does(way: str) -> None:
    scene = a_course_scene()
    school, head = a_family(scene)
    event = a_course(scene)
    group = a_group(scene, event, school)
    share = queries.orders_visible_to(head).get(group=group)

    if way == "refuse":
        courses.refuse_places(actor=head, order=share.reference, reason="Not us")
    elif way == "withdraw":
        courses.withdraw_places(actor=head, order=share.reference)
    else:
        PlaceOrder._rows.filter(group=group).update(approve_by=timezone.now() - timedelta(minutes=1))
        courses.sweep_courses()

    event.refresh_from_db()
    assert "fell_through" in states(group)
    assert not {"agreed", "awaiting_approval", "confirmed"} & set(states(group))
    assert event.seats_taken == 0
    all_agrees()


@pytest.mark.django_db
def test_each_school_gets_its_own_paper_by_its_own_route(run_jobs: Callable[[], list[str]]) -> None:
    scene = a_course_scene()
    school, head = a_family(scene, academy=True)
    event = a_course(scene)
    group = a_group(scene, event, school, split_by="shares")
    courses.approve_places(actor=head, order=queries.orders_visible_to(head).get(group=group).reference)

    it_is_over(event)
    places = [place.pk for place in event.places.all()]
    courses.take_register(actor=scene.person, event=event.reference, number=1, came=places)
    courses.finish_event(actor=scene.person, event=event.reference)
    run_jobs()

    papers = {(paper.kind, paper.net_pence) for paper in Document.objects.all()}
    assert papers == {("journal", 225_00), ("invoice", 75_00)}
    all_agrees()


@pytest.mark.django_db
def test_only_schools_of_the_family_and_more_than_one() -> None:
    scene = a_course_scene()
    event = a_course(scene)

    with pytest.raises(GroupInvalid, match="not of the same"):
        a_group(scene, event, a_school(scene.area))
    with pytest.raises(GroupInvalid, match="several different"):
        a_group(scene, event)


@given(
    total=st.integers(0, 10_000_000),
    schools=st.lists(
        st.tuples(st.integers(1, 30), st.integers(1, 3000), st.integers(1, 1000)), min_size=1, max_size=20
    ),
    by=st.sampled_from(["equally", "places", "pupils", "shares"]),
)
def test_shares_always_make_the_price_to_the_penny(
    total: int, schools: list[tuple[int, int, int]], by: str
) -> None:
    places, pupils, shares = (list(column) for column in zip(*schools, strict=True))

    split = share_out(total, by, places=places, pupils=pupils, shares=shares)

    weights = {"equally": [1] * len(places), "places": places, "pupils": pupils, "shares": shares}[by]
    assert sum(split.pence) == total
    assert all(
        abs(pence * sum(weights) - total * w) < sum(weights)
        for pence, w in zip(split.pence, weights, strict=True)
    )


def test_a_school_without_pupils_on_the_register_can_t_be_split_by_pupils() -> None:
    with pytest.raises(CannotSplit):
        share_out(100, "pupils", places=[1, 1], pupils=[100, None], shares=[])
