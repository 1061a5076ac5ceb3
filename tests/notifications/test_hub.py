"""The hub: one membership of a process, many sockets, nobody hears what is not theirs."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from channels.layers import InMemoryChannelLayer, channel_layers

from frontend import live
from marketplace.notifications.live import GROUP, Audience
from tests.loops import run_async


class Page:
    """One open page: a user, what the server sent to it, and the ways to make it go away."""

    def __init__(self, user_id: int, *, signed_in: bool = True, slow: bool = False) -> None:
        self.sent: list[dict[str, Any]] = []
        self.scope = {
            "user": type("U", (), {"pk": user_id, "is_authenticated": signed_in, "is_active": True})()
        }
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self._slow = slow
        self.task = asyncio.ensure_future(live.live(self.scope, self._incoming.get, self._send))  # type: ignore[arg-type]

    async def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)
        if self._slow and message["type"] == "websocket.send":
            await asyncio.sleep(3600)

    @property
    def frames(self) -> list[dict[str, Any]]:
        return [json.loads(m["text"]) for m in self.sent if m["type"] == "websocket.send"]

    @property
    def is_open(self) -> bool:
        return [m["type"] for m in self.sent][:1] == ["websocket.accept"] and not self.task.done()

    def say(self, text: str) -> None:
        self._incoming.put_nowait({"type": "websocket.receive", "text": text})

    def go(self) -> None:
        self._incoming.put_nowait({"type": "websocket.disconnect"})


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0)


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> InMemoryChannelLayer:
    """A channel layer of the test's own, and hearers by rule: a frame for organisation 7 is heard by people 1 and 2."""
    made = InMemoryChannelLayer()
    monkeypatch.setitem(channel_layers.backends, "default", made)

    async def hearers(audience: Audience) -> set[int]:
        return {1, 2} if audience.organisation == 7 else {audience.user or 0}

    monkeypatch.setattr(live, "_hearers", hearers)
    return made


def frame(audience: Audience, **content: Any) -> dict[str, Any]:
    return {"type": "live.frame", "audience": vars(audience), "frame": {"kind": "booking", **content}}


def test_a_frame_reaches_every_page_of_those_who_may_hear_it_and_no_other(
    layer: InMemoryChannelLayer,
) -> None:
    async def story() -> None:
        one, again, two, three = Page(1), Page(1), Page(2), Page(3)
        await until(lambda: all(page.is_open for page in (one, again, two, three)))

        await layer.group_send(GROUP, frame(Audience(organisation=7), id=5))
        await layer.group_send(GROUP, frame(Audience(user=3), id=6))
        await until(lambda: one.frames and again.frames and two.frames and three.frames)

        assert [f["id"] for page in (one, again, two) for f in page.frames] == [5, 5, 5]
        assert [f["id"] for f in three.frames] == [6]
        assert len(layer.groups[GROUP]) == 1

        for page in (one, again, two, three):
            page.go()
        await until(lambda: all(page.task.done() for page in (one, again, two, three)))
        await until(lambda: not layer.groups.get(GROUP))

    run_async(story())


def test_a_visitor_is_not_let_in(layer: InMemoryChannelLayer) -> None:
    async def story() -> None:
        page = Page(1, signed_in=False)
        await page.task
        assert page.sent == [{"type": "websocket.close", "code": live.NOT_SIGNED_IN}]

    run_async(story())


def test_closing_a_persons_sockets_leaves_others_open(layer: InMemoryChannelLayer) -> None:
    async def story() -> None:
        one, two = Page(1), Page(2)
        await until(lambda: one.is_open and two.is_open)

        await layer.group_send(GROUP, {"type": "live.close", "user": 1})
        await until(one.task.done)

        assert one.sent[-1] == {"type": "websocket.close", "code": live.COME_BACK}
        assert two.is_open
        two.go()
        await two.task

    run_async(story())


def test_what_a_client_sends_is_not_listened_to(layer: InMemoryChannelLayer) -> None:
    async def story() -> None:
        page = Page(1)
        await until(lambda: page.is_open)
        page.say('{"kind": "booking", "user": 2}')
        await layer.group_send(GROUP, frame(Audience(user=1)))
        await until(lambda: page.frames)
        assert page.is_open and len(page.sent) == 2
        page.go()
        await page.task

    run_async(story())


def test_a_page_that_does_not_take_its_frames_is_closed_and_holds_nobody_up(
    layer: InMemoryChannelLayer,
) -> None:
    async def story() -> None:
        slow, quick = Page(1, slow=True), Page(2)
        await until(lambda: slow.is_open and quick.is_open)

        for n in range(live.FRAMES_WAITING + 2):
            await layer.group_send(GROUP, frame(Audience(organisation=7), id=n))
            await until(lambda n=n: len(quick.frames) == n + 1)
        await until(slow.task.done)

        assert slow.sent[-1] == {"type": "websocket.close", "code": live.TOO_SLOW}
        quick.go()
        await quick.task

    run_async(story())


def test_a_layer_that_goes_away_is_joined_again(
    layer: InMemoryChannelLayer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "AWAY_SECONDS", 0.01)
    receive, failures = layer.receive, iter([ConnectionError("gone")])

    async def fail_once(channel: str) -> dict[str, Any]:
        for failure in failures:
            raise failure
        return dict(await receive(channel))

    monkeypatch.setattr(layer, "receive", fail_once)

    async def story() -> None:
        page = Page(1)
        await until(lambda: page.is_open and layer.groups.get(GROUP))
        await asyncio.sleep(0.05)
        await layer.group_send(GROUP, frame(Audience(user=1)))
        await until(lambda: page.frames)
        page.go()
        await page.task

    run_async(story())
