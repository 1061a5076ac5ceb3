"""Every refusal of the API in one form: RFC 9457 problem+json, with what is wrong and how to put it right."""

from typing import Any

from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from marketplace.kernel.errors import DomainError, NotFound


def problem_json(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: domain errors and DRF's own become the same kind of answer."""
    if isinstance(error, Http404):
        error = NotFound()
    if isinstance(error, DomainError):
        return _problem(error.status, error.code, error.message, error.remedy, field=error.field)
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


def _problem(http_status: int, code: str, title: str, detail: str, *, field: str = "") -> Response:
    body = {
        "type": f"about:blank#{code}",
        "title": title,
        "status": http_status,
        "code": code,
        "detail": detail,
    }
    if field:
        body["field"] = field
    return Response(
        body, status=http_status or status.HTTP_400_BAD_REQUEST, content_type="application/problem+json"
    )
