"""What browser tests stand on: Chromium, a server in this process, and looking at a page as people do who cannot see it."""

import asyncio
import os
import re
import shutil
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any, TypeVar

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import connections
from playwright.sync_api import Error, Page

Answer = TypeVar("Answer")

CHROMIUM = os.environ.get("APP_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--disable-extensions",
    "--mute-audio",
]
ASSETS = Path(settings.BASE_DIR) / "frontend/assets"
AXE = ASSETS / "node_modules/axe-core/axe.min.js"
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
OURS = ("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")


def skip_unless_ready() -> None:
    """Skip, and say what is missing, where there is no browser or the assets are not built."""
    if not Path(CHROMIUM).exists():
        pytest.skip(f"no browser at {CHROMIUM}: apt-get install chromium, or set APP_CHROMIUM")
    if not (Path(settings.BASE_DIR) / "frontend/static/dist/manifest.json").exists():
        pytest.skip("the assets are not built: npm ci && npm run build in frontend/assets")


# -- The server -----------------------------------------------------------------------------------


class Server:
    """uvicorn in a thread of this process, so that it shares the tests' database and channel layer."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, name="e2e-server", daemon=True)

    def start(self) -> None:
        import uvicorn

        from backend.asgi import application

        config = uvicorn.Config(application, log_level="warning", lifespan="off", ws="websockets-sansio")
        self._server = uvicorn.Server(config)
        self._thread.start()
        up = threading.Event()
        self.loop.call_soon_threadsafe(self.loop.call_later, 0.1, up.set)
        if not up.wait(20):
            raise RuntimeError("The server of the browser tests did not start.")

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_until_complete(self._server.serve(sockets=[self._listening]))
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    def run(self, work: Callable[[], Answer]) -> Answer:
        """Run `work` in the server, as a request would be: the thread of a browser test may not wait for the channel layer."""

        def and_let_go() -> Answer:
            try:
                return work()
            finally:
                connections.close_all()

        done: Future[Answer] = asyncio.run_coroutine_threadsafe(
            sync_to_async(and_let_go, thread_sensitive=False)(), self.loop
        )
        return done.result(60)


# -- Watching a page ------------------------------------------------------------------------------


class Watch:
    """Hears what goes wrong on a page: errors of scripts, messages of the console, requests that leave this computer."""

    def __init__(self, page: Page) -> None:
        self.faults: list[str] = []
        # A form that is sent back with its errors is part of an ordinary journey.
        self.allowed = {422}
        page.on("pageerror", lambda error: self.faults.append(f"script error: {error}"))
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("request", lambda request: self._follow(request.url))
        page.on("websocket", lambda opened: self._follow(opened.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind != "error":
            return
        status = re.search(r"responded with a status of (\d+)", text)
        if not status or int(status[1]) not in self.allowed:
            self.faults.append(f"console: {text}")

    def _follow(self, url: str) -> None:
        if not url.startswith(OURS):
            self.faults.append(f"request to another computer: {url}")


_watches: dict[Page, Watch] = {}


def watch(page: Page) -> Watch:
    return _watches.setdefault(page, Watch(page))


def forget(page: Page) -> list[str]:
    """Stop watching; what went wrong."""
    return _watches.pop(page).faults


def leave_all() -> None:
    """Everybody leaves the site, still signed in: before the clock is put where their sessions have ended, say."""
    for page in _watches:
        page.goto("about:blank")


def allow(page: Page, *statuses: int) -> None:
    """This page is meant to meet answers of these statuses: a 404 that is being tested, say."""
    watch(page).allowed.update(statuses)


# -- Looking at a page ----------------------------------------------------------------------------


def axe(page: Page, *, leave_out: tuple[str, ...] = ()) -> list[str]:
    """What axe finds against WCAG 2.2 AA and best practice: `assert axe(page) == []`. `leave_out` names parts by selector."""
    try:
        found = _look_at(page, leave_out)
    except Error:  # the page went on to its next address meanwhile: what counts is the one that stays
        page.wait_for_load_state()
        found = _look_at(page, leave_out)
    return [_said(violation) for violation in found["violations"]]


def _look_at(page: Page, leave_out: tuple[str, ...]) -> Any:
    page.evaluate(AXE.read_text())
    return page.evaluate(
        "async ([tags, leaveOut]) => {"
        " if (document.readyState !== 'complete') await new Promise(done => addEventListener('load', done));"
        " return axe.run({include: [['html']], exclude: leaveOut.map(s => [s])},"
        " {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']}); }",
        [STANDARDS, list(leave_out)],
    )


def _said(violation: dict[str, Any]) -> str:
    places = "; ".join(node["html"][:160] for node in violation["nodes"][:3])
    return f"{violation['id']} ({violation['impact']}): {violation['help']}: {places}"


def overflow(page: Page) -> int:
    """Pixels by which the page is wider than its window: 0 where it reflows."""
    return int(page.evaluate("Math.max(0, document.documentElement.scrollWidth - window.innerWidth)"))
