"""Every refusal of the API in one form: RFC 9457 problem+json, with what is wrong and how to put it right."""

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from marketplace.kernel.errors import DomainError, NotFound

PROBLEM_JSON = "application/problem+json"


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: domain errors and DRF's own become the same kind of answer."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, DomainError):
        answer = _problem(error.status, error.code, error.message, error.remedy, field=error.field)
        answer.data |= getattr(error, "extensions", {})  # what a program can use, such as the next free times
        return answer
    response = exception_handler(error, context)
    if response is None:
        return None
    if isinstance(error, exceptions.ValidationError):
        answer = _problem(
            response.status_code, "invalid", "Some of what you sent can’t be used.", "See `errors`."
        )
        answer.data["errors"] = error.detail
        return answer
    code = getattr(error, "default_code", "error")
    answer = _problem(response.status_code, code, str(getattr(error, "detail", error)), "")
    for header in ("WWW-Authenticate", "Retry-After"):
        if header in response:
            answer[header] = response[header]
    return answer


def problem_response(error: DomainError) -> HttpResponse:
    """A refusal given before a view was reached."""
    body = _body(error.status, error.code, error.message, error.remedy, field=error.field)
    return JsonResponse(body, status=error.status, content_type=PROBLEM_JSON)


def _problem(status: int, code: str, title: str, detail: str, *, field: str = "") -> Response:
    return Response(_body(status, code, title, detail, field=field), status=status, content_type=PROBLEM_JSON)


def _body(status: int, code: str, title: str, detail: str, *, field: str = "") -> dict[str, Any]:
    body = {"type": f"about:blank#{code}", "title": title, "status": status, "code": code, "detail": detail}
    return body | {"field": field} if field else body
