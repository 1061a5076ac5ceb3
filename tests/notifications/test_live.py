"""Who hears a frame, and what a page that was away is given."""

import pytest
from django.utils import timezone

from marketplace.kernel.access import Role
from marketplace.notifications import live
from marketplace.notifications.live import Audience
from marketplace.notifications.models import LiveFrame
from marketplace.notifications.tasks import FRAMES_KEPT_FOR, forget_frames
from marketplace.organisations.models import Membership, OrganisationKind
from tests.builders import a_convenor, a_person, a_school, actor_of, an_area, an_organisation

pytestmark = pytest.mark.django_db


def leave(user: object) -> None:
    Membership.objects.filter(user=user).update(ended_at=timezone.now())


def test_a_frame_for_an_organisation_is_heard_by_those_with_a_role_there_and_by_the_trusts_lead() -> None:
    trust = an_organisation(OrganisationKind.TRUST)
    school = a_school(trust=trust)
    head, lead = a_person(Role.HEADTEACHER, at=school), a_person(Role.TRUST_LEAD, at=trust)
    a_person(Role.STAFF, at=trust)
    a_person(Role.HEADTEACHER, at=a_school())

    assert live.hearers(Audience(organisation=school.pk)) == {head.pk, lead.pk}


def test_a_frame_for_an_area_is_heard_by_its_convenors_and_board_members_only() -> None:
    area = an_area()
    convenor = a_convenor(area)
    authority = convenor.memberships.get().organisation
    board = a_person(Role.BOARD_MEMBER, at=authority)
    a_person(Role.SCRUTINY, at=authority)
    a_convenor(an_area())

    assert live.hearers(Audience(area=area.pk)) == {convenor.pk, board.pk}


def test_a_frame_for_a_person_about_an_organisation_falls_silent_when_they_leave_it() -> None:
    head = a_person(Role.HEADTEACHER, at=(school := a_school()))
    audience = Audience(user=head.pk, organisation=school.pk)
    assert live.hearers(audience) == {head.pk}

    leave(head)

    assert live.hearers(audience) == set()


def test_nobody_hears_a_frame_without_an_audience_or_with_a_closed_account() -> None:
    person = a_person()
    person.is_active = False
    person.save()

    assert live.hearers(Audience()) == set()
    assert live.hearers(Audience(user=person.pk)) == set()


def test_asking_gives_exactly_the_frames_that_were_pushed_to_the_person() -> None:
    area, trust = an_area(), an_organisation(OrganisationKind.TRUST)
    school, other = a_school(area, trust=trust), a_school(area)
    convenor, lead = a_convenor(area), a_person(Role.TRUST_LEAD, at=trust)
    head, stranger, gone = a_person(Role.HEADTEACHER, at=school), a_person(), a_person(Role.STAFF, at=school)
    leave(gone)
    audiences = [
        Audience(user=head.pk),
        Audience(user=gone.pk),
        Audience(user=head.pk, organisation=school.pk),
        Audience(user=gone.pk, organisation=school.pk),
        Audience(organisation=school.pk),
        Audience(organisation=other.pk),
        Audience(area=area.pk),
    ]
    frames = dict(zip(live.broadcast_all("booking", audiences), audiences, strict=True))

    for person in (head, lead, convenor, stranger, gone):
        pushed = [frame for frame, audience in frames.items() if person.pk in live.hearers(audience)]
        assert live.frames_for(actor_of(person), since=0) == pushed, person


def test_asking_gives_what_came_after_the_last_frame_seen_and_no_more_than_fifty() -> None:
    person = a_person()
    frames = [live.broadcast("notification", Audience(user=person.pk), {"n": n}) for n in range(60)]

    newest = live.frames_for(actor_of(person), since=0)
    after = live.frames_for(actor_of(person), since=frames[57].pk)

    assert [frame.payload["n"] for frame in newest] == list(range(10, 60))
    assert [live.frame_of(frame) for frame in after] == [
        {"kind": "notification", "id": frames[58].pk, "n": 58},
        {"kind": "notification", "id": frames[59].pk, "n": 59},
    ]


def test_frames_nobody_can_ask_for_any_more_are_forgotten() -> None:
    old, new = (live.broadcast("coverage", Audience(user=a_person().pk)) for _ in range(2))
    LiveFrame.objects.filter(pk=old.pk).update(created_at=timezone.now() - FRAMES_KEPT_FOR * 1.1)

    forget_frames(timestamp=0)

    assert list(LiveFrame.objects.all()) == [new]


def test_a_channel_layer_that_fails_loses_no_frame(
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: object,
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Broken:
        async def group_send(self, group: str, message: dict[str, object]) -> None:
            raise ConnectionError("the layer's server is away")

    monkeypatch.setattr(live, "get_channel_layer", Broken)
    person = a_person()

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        live.broadcast("notification", Audience(user=person.pk))

    assert "could not be pushed" in caplog.text
    assert len(live.frames_for(actor_of(person), since=0)) == 1
