"""Live updates over a socket, from server to client only: what a person does goes by POST, with CSRF protection.

Each process has a `Hub` per event loop. It is a member of one group of the channel layer and hands every frame out to the sockets it
holds, which costs microseconds a socket where a membership per socket costs a hundred times that and loses frames. Who may
hear a frame is asked of the database once for every frame, and held against each socket before it is sent.
"""

import asyncio
import contextlib
import json
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qs
from weakref import WeakKeyDictionary

from channels.db import database_sync_to_async
from channels.layers import get_channel_layer
from django.conf import settings
from django.urls import path

from marketplace.notifications.live import GROUP, Audience, hearers, may_watch

log = logging.getLogger(__name__)

# A socket that has not taken this many frames is too slow to be worth keeping: its page comes back and asks.
FRAMES_WAITING = 64
# The channel layer forgets members after a day; the hub reminds it.
JOIN_AGAIN_SECONDS = 3600.0
AWAY_SECONDS = 2.0
TOPICS_AT_MOST, LONGEST_TOPIC = 20, 40

NOT_SIGNED_IN = 4401
COME_BACK = 4408
TOO_SLOW = 4429

Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]


class Socket:
    """One open page: frames wait here until its connection takes them. Too many waiting end it."""

    def __init__(self, user_id: int, topics: frozenset[str] = frozenset()) -> None:
        self.user_id = user_id
        self.topics = topics
        self.close_code = COME_BACK
        self.ended = asyncio.Event()
        self._waiting: asyncio.Queue[str] = asyncio.Queue(FRAMES_WAITING)

    def offer(self, text: str) -> None:
        try:
            self._waiting.put_nowait(text)
        except asyncio.QueueFull:
            self.end(TOO_SLOW)

    def end(self, code: int) -> None:
        self.close_code = code
        self.ended.set()

    async def pump(self, send: Send) -> None:
        """Send what waits, as fast as the connection takes it."""
        while True:
            await send({"type": "websocket.send", "text": await self._waiting.get()})


class Hub:
    """The sockets of one event loop and its one membership in the channel layer's group."""

    def __init__(self) -> None:
        self._sockets: dict[int, set[Socket]] = defaultdict(set)
        self._watching: dict[str, set[Socket]] = defaultdict(set)
        self._listening: asyncio.Task[None] | None = None
        self._joined = asyncio.Event()

    async def join(self, socket: Socket) -> None:
        """Hand frames out to `socket` from now on."""
        self._sockets[socket.user_id].add(socket)
        for topic in socket.topics:
            self._watching[topic].add(socket)
        if self._listening is None or self._listening.done():
            self._listening = asyncio.create_task(self._listen())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._joined.wait(), AWAY_SECONDS)

    def leave(self, socket: Socket) -> None:
        """Forget `socket`; the last one to leave ends the membership."""
        self._sockets[socket.user_id].discard(socket)
        if not self._sockets[socket.user_id]:
            del self._sockets[socket.user_id]
        for topic in socket.topics:
            self._watching[topic].discard(socket)
            if not self._watching[topic]:
                del self._watching[topic]
        if not self._sockets and self._listening:
            self._listening.cancel()
            self._listening = None

    async def _listen(self) -> None:
        layer = get_channel_layer()
        while True:
            try:
                await self._take_part(layer)
            except Exception:  # the layer's server went away: whatever the reason, try again
                log.exception("Live updates are away; open pages ask every half minute until they are back.")
                await asyncio.sleep(AWAY_SECONDS)

    async def _take_part(self, layer: Any) -> None:
        channel = await layer.new_channel("hub")
        await layer.group_add(GROUP, channel)
        self._joined.set()
        try:
            while True:
                try:
                    message = await asyncio.wait_for(layer.receive(channel), JOIN_AGAIN_SECONDS)
                except TimeoutError:
                    await layer.group_add(GROUP, channel)
                else:
                    await self._handle(message)
        finally:
            self._joined.clear()
            with contextlib.suppress(Exception):
                await layer.group_discard(GROUP, channel)

    async def _handle(self, message: dict[str, Any]) -> None:
        if message["type"] == "live.close":
            for socket in self._sockets.get(message["user"], set()):
                socket.end(COME_BACK)
            return
        text = json.dumps(message["frame"])
        if message["type"] == "live.watched":
            await self._tell_watchers(message["topic"], text)
            return
        for user_id in await _hearers(Audience(**message["audience"])):
            for socket in self._sockets.get(user_id, ()):
                socket.offer(text)

    async def _tell_watchers(self, topic: str, text: str) -> None:
        watching = list(self._watching.get(topic, ()))
        if not watching:
            return
        allowed = await _may_watch({socket.user_id for socket in watching})
        for socket in watching:
            if socket.user_id in allowed:
                socket.offer(text)


_may_watch = database_sync_to_async(may_watch, thread_sensitive=False)
_hearers = database_sync_to_async(hearers, thread_sensitive=False)
_hubs: WeakKeyDictionary[asyncio.AbstractEventLoop, Hub] = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


async def live(scope: dict[str, Any], receive: Receive, send: Send) -> None:
    """The ASGI application behind `/live/`: let a signed-in person in, and send until one side has had enough.

    A socket never outlives a session: it ends after a session's time, and the page that comes back is looked at anew.
    """
    await receive()
    user = scope["user"]
    if not (user.is_authenticated and user.is_active):
        await send({"type": "websocket.close", "code": NOT_SIGNED_IN})
        return
    socket, everyone = Socket(user.pk, _topics(scope)), hub()
    await everyone.join(socket)
    await send({"type": "websocket.accept"})
    tasks = [
        asyncio.ensure_future(each) for each in (_until_gone(receive), socket.ended.wait(), socket.pump(send))
    ]
    try:
        await asyncio.wait(tasks, timeout=settings.SESSION_COOKIE_AGE, return_when=asyncio.FIRST_COMPLETED)
    finally:
        everyone.leave(socket)
        is_gone = tasks[0].done()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if not is_gone:
        await send({"type": "websocket.close", "code": socket.close_code})


def _topics(scope: dict[str, Any]) -> frozenset[str]:
    """What the page looks at: the `watch` of its address, a few short names."""
    asked = parse_qs(scope.get("query_string", b"").decode("ascii", "replace")).get("watch", [])
    return frozenset(topic for topic in asked[:TOPICS_AT_MOST] if len(topic) <= LONGEST_TOPIC)


async def _until_gone(receive: Receive) -> None:
    """Nothing a client sends is listened to."""
    while (await receive())["type"] != "websocket.disconnect":
        pass


# Channels routes what is not a view to Django.
websocket_urlpatterns = [path("live/", live)]  # type: ignore[arg-type]
