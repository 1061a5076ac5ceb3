"""How long a person stays signed in: a session ends eight hours after their last page, and pages know how long is left."""

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

RENEWED = "renewed"
RENEW_AFTER_SECONDS = 15 * 60


class RenewalMiddleware:
    """Starts the time of a signed-in person's session anew with a page they open, at most every quarter of an hour.

    Asking for news of live updates is no activity of the person, so it does not keep a forgotten screen signed in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_activity = request.user.is_authenticated and not request.path.startswith("/live/")
        if is_activity and time.time() - request.session.get(RENEWED, 0) > RENEW_AFTER_SECONDS:
            renew(request)
        return self.get_response(request)


def renew(request: HttpRequest) -> None:
    """Let the session last its full time from now."""
    request.session[RENEWED] = int(time.time())


def seconds_left(request: HttpRequest) -> int:
    """Seconds until the session ends if nothing more is done."""
    renewed: int = request.session.get(RENEWED, int(time.time()))
    return max(0, int(renewed + settings.SESSION_COOKIE_AGE - time.time()))
