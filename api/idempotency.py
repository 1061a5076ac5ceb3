"""Every POST to the API may carry an `Idempotency-Key`, and is then done once however often it is sent (I21).

A refusal that says something about the caller rather than the request (401, 403, 429) and a failure of ours (5xx) are not final:
nothing was done, so the key is given back.
"""

import json
from collections.abc import Callable

from django.db import transaction
from django.http import HttpRequest, HttpResponse

from api.errors import problem_response
from marketplace.kernel import idempotency
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import DomainError
from marketplace.kernel.idempotency import Answer

HEADER = "Idempotency-Key"
NOT_FINAL = frozenset({401, 403, 429})


class IdempotencyMiddleware:
    """Looks a request's key up before it reaches the API, and keeps the answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.headers.get(HEADER)
        is_ours = request.method == "POST" and request.path.startswith("/api/")
        if key is None or not is_ours or not request.user.is_authenticated:
            return self.get_response(request)
        try:
            return self._once(request, key)
        except DomainError as error:
            return problem_response(error)

    def _once(self, request: HttpRequest, key: str) -> HttpResponse:
        actor: Actor = request.actor  # type: ignore[attr-defined]
        path = request.get_full_path().encode()
        stored = idempotency.claim(actor=actor, key=key, of=idempotency.fingerprint(path, request.body))
        if stored is not None:
            return _again(stored)
        try:
            with transaction.atomic():
                idempotency.hold(actor=actor, key=key)
                response = self.get_response(request)
                is_final = response.status_code < 500 and response.status_code not in NOT_FINAL
                if is_final:
                    idempotency.keep(actor=actor, key=key, answer=_answer(response))
                else:
                    transaction.set_rollback(True)
        except BaseException:
            idempotency.release(actor=actor, key=key)
            raise
        if not is_final:
            idempotency.release(actor=actor, key=key)
        return response


def _answer(response: HttpResponse) -> Answer:
    return Answer(response.status_code, json.loads(response.content) if response.content else None)


def _again(stored: Answer) -> HttpResponse:
    is_problem = stored.status >= 400
    response = HttpResponse(
        b"" if stored.body is None else json.dumps(stored.body),
        status=stored.status,
        content_type="application/problem+json" if is_problem else "application/json",
    )
    response["Idempotency-Replayed"] = "true"
    return response
