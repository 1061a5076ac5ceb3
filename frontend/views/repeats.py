"""A form that is sent again by going back: what came of the first time is shown, and nothing is done twice.

@signed_in
@not_repeated
def credit(request: HttpRequest, reference: str) -> HttpResponse:
    …

Two clicks at the same moment are another matter: there the key that a form carries makes one of two.
"""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, HttpResponseRedirect

P = ParamSpec("P")

SECONDS = 10 * 60
SENT = "sent"
_NOT_SAID = {"csrfmiddlewaretoken", "key"}
"""What differs although the person says the same."""


def not_repeated(view: Callable[P, HttpResponseBase]) -> Callable[P, HttpResponseBase]:
    """Do what a form asks for once: the same from the same person within ten minutes leads to what came of it, and says so."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        request: Any = args[0]
        if request.method != "POST":
            return view(*args, **kwargs)
        what, sent = _what(request), _sent_lately(request)
        if what in sent:
            messages.warning(
                request,
                "You sent exactly this a moment ago, and it was done: here is what came of it. Nothing was done a second time. "
                "To do it again, wait ten minutes.",
            )
            return HttpResponseRedirect(sent[what][1])
        answer = view(*args, **kwargs)
        if isinstance(answer, HttpResponseRedirect):
            request.session[SENT] = sent | {what: [time.time(), answer.url]}
        return answer

    return guarded


def _what(request: HttpRequest) -> str:
    said = sorted((name, request.POST.getlist(name)) for name in request.POST if name not in _NOT_SAID)
    return hashlib.sha256(repr((request.get_full_path(), said)).encode()).hexdigest()


def _sent_lately(request: HttpRequest) -> dict[str, list[Any]]:
    sent: dict[str, list[Any]] = request.session.get(SENT, {})
    return {what: each for what, each in sent.items() if time.time() - each[0] < SECONDS}
