"""Fixtures of the browser tests.

    from tests.e2e.browser import allow, axe, overflow

    @pytest.mark.e2e
    @pytest.mark.django_db(transaction=True)
    def test_a_budget_holder_approves(arrange, open_page):
        booking, holder = arrange(lambda: (a_booking(awaiting_approval=True), a_person(role="budget_holder")))
        page = open_page(holder)

        page.goto(f"/bookings/{booking.reference}/")
        page.get_by_role("button", name="Approve").click()

        expect(page.get_by_text("Awaiting release")).to_be_visible()
        assert axe(page) == []

* `site` is the address of the application, served from a thread of this process over the test database. That is why such
  tests ask for `django_db(transaction=True)`: another connection must see the rows.
* `page` is somebody not signed in; `no_js_page` is the same without script.
* `open_page(user=None, js=True, width=1280)` opens the page of one more person, each in a browser context of their own.
  Paths are relative to the site.
* `sign_in(page, user)` signs a person in without the sign-in page.
* `arrange(work)` runs `work` in the server and gives its answer back. Use it for all that writes or publishes (builders,
  actions, jobs: `arrange(run_jobs)`): Playwright keeps an event loop on the test's own thread, on which Django's
  `async_to_sync` refuses to run. Plain reads through the ORM are fine on the test's thread.

A test fails, whatever else it checks, on an error of a script, an error in the console, or a request to another computer.
Where a 403 or 404 is meant, say so: `allow(page, 404)`. Wait with `expect(…)`, never by sleeping.
"""

import os

# Playwright's event loop runs on the thread of the tests; Django would refuse any read there.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

import time
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from playwright.sync_api import Browser, Page, sync_playwright

from tests.e2e.browser import CHROMIUM, FLAGS, Server, forget, skip_unless_ready, watch


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    skip_unless_ready()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(django_db_setup: None) -> Iterator[Server]:
    skip_unless_ready()
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def site(server: Server) -> str:
    return server.url


@pytest.fixture
def arrange(server: Server) -> Callable[[Callable[[], Any]], Any]:
    return server.run


@pytest.fixture
def sign_in(server: Server) -> Callable[[Page, Any], None]:
    def sign_in(page: Page, user: Any) -> None:
        cookie = server.run(lambda: _session_of(user))
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server.url}])

    return sign_in


def _session_of(user: Any) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    # allauth asks who it is again unless it knows how and when they came in.
    session["account_authentication_methods"] = [
        {"method": "password", "at": time.time(), "email": user.email}
    ]
    session.save()
    return str(session.session_key)


@pytest.fixture
def open_page(
    chromium: Browser, site: str, sign_in: Callable[[Page, Any], None]
) -> Iterator[Callable[..., Page]]:
    pages: list[Page] = []

    def open_page(user: Any = None, *, js: bool = True, width: int = 1280) -> Page:
        context = chromium.new_context(
            base_url=site,
            viewport={"width": width, "height": 900},
            locale="en-GB",
            timezone_id="Europe/London",
            java_script_enabled=js,
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        page = context.new_page()
        watch(page)
        pages.append(page)
        if user is not None:
            sign_in(page, user)
        return page

    yield open_page
    faults = [fault for page in pages for fault in forget(page)]
    for page in pages:
        page.context.close()
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    return open_page()


@pytest.fixture
def no_js_page(open_page: Callable[..., Page]) -> Page:
    return open_page(js=False)
