"""Open calendars: who looks at a person's days hears that they changed, and nobody hears whose or for whom."""

from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer

from frontend import live
from marketplace.kernel.access import SYSTEM, Role
from marketplace.notifications.live import GROUP, may_watch
from marketplace.organisations.actions import end_membership
from tests.builders import a_person, a_school
from tests.loops import run_async
from tests.notifications.test_hub import Page, layer, until

__all__ = ["layer"]  # a fixture

FRAME = {"kind": "slot", "subject": "PR-1"}


def slot(subject: str = "PR-1") -> dict[str, Any]:
    return {"type": "live.watched", "topic": f"slot:{subject}", "frame": FRAME | {"subject": subject}}


def looking_at(user_id: int, query: bytes) -> Page:
    page = Page(user_id)
    page.scope["query_string"] = query  # read when the page's task first runs
    return page


def test_only_pages_that_look_at_the_person_hear_and_only_what_the_page_shows(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def all_but_nine(user_ids: set[int]) -> set[int]:
        return user_ids - {9}

    monkeypatch.setattr(live, "_may_watch", all_but_nine)

    async def story() -> None:
        looking = looking_at(1, b"watch=slot%3APR-1&watch=slot%3APR-2")
        elsewhere, removed, plain = (
            looking_at(2, b"watch=slot%3APR-3"),
            looking_at(9, b"watch=slot%3APR-1"),
            Page(3),
        )
        pages = (looking, elsewhere, removed, plain)
        await until(lambda: all(page.is_open for page in pages))

        await layer.group_send(GROUP, slot("PR-1"))
        await layer.group_send(GROUP, slot("PR-2"))
        await layer.group_send(GROUP, slot("PR-4"))
        await until(lambda: len(looking.frames) == 2)

        assert looking.frames == [FRAME, FRAME | {"subject": "PR-2"}]
        assert elsewhere.frames == removed.frames == plain.frames == []
        for page in pages:
            page.go()
        await until(lambda: all(page.task.done() for page in pages))
        assert not live.hub()._watching

    run_async(story())


def test_a_page_names_a_few_short_subjects_and_no_more(layer: InMemoryChannelLayer) -> None:
    scope = {"query_string": "&".join(f"watch=slot:{n}" for n in range(500)).encode()}

    assert len(live._topics(scope)) == live.TOPICS_AT_MOST
    assert live._topics({"query_string": b"watch=" + b"x" * 500}) == frozenset()
    assert live._topics({}) == frozenset()


@pytest.mark.django_db
def test_who_holds_no_role_any_more_hears_nothing() -> None:
    school = a_school()
    stays, left = a_person(Role.STAFF, at=school), a_person(Role.STAFF, at=school)
    nobody = a_person()
    end_membership(actor=SYSTEM, membership=left.memberships.get())

    assert may_watch([stays.pk, left.pk, nobody.pk]) == {stays.pk}
