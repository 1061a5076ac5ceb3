"""The schema of the API. What every operation has in common is documented here, so that viewsets need only say what is theirs.

Each operation may refuse, always in the form of `Problem`; each POST takes an `Idempotency-Key`. A viewset therefore names
its success answers only:

    @extend_schema(request=OrderInput, responses=BookingOutput)
    @action(detail=True, methods=["post"])
    def order(self, request, reference): ...
"""

from typing import Any, Literal

from django.conf import settings
from drf_spectacular import openapi
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import serializers


class Problem(serializers.Serializer[Any]):  # type: ignore[misc]
    """Why a request was refused and how to put it right (RFC 9457)."""

    type = serializers.CharField(help_text="A stable name of the problem")
    title = serializers.CharField(help_text="What is wrong")
    status = serializers.IntegerField()
    code = serializers.CharField(help_text="The stable name that programs can rely on")
    detail = serializers.CharField(allow_blank=True, help_text="How to put it right")
    field = serializers.CharField(required=False, help_text="The field at fault, where there is one")
    errors = serializers.JSONField(required=False, help_text="What is wrong with each field")


REFUSALS = {
    400: "Some of what you sent can’t be used.",
    401: "You are not signed in.",
    403: "You may see this but not do this with it.",
    404: "It is not there, or not there for you.",
    409: "It is not in a state in which this can be done, or somebody was quicker.",
    422: "The Idempotency-Key was used before with another request.",
    429: "Too many requests in a short time.",
    503: "Too many people are changing this at the same moment. Nothing was saved.",
}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="Any text of up to 100 characters. The same key with the same request gives the same answer, once done.",
)


class SessionScheme(OpenApiAuthenticationExtension):
    """How programs sign in, for the schema."""

    target_class = "api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: openapi.AutoSchema) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class AutoSchema(openapi.AutoSchema):
    """Adds to every operation the refusals it may answer with, and to every POST the header that makes it repeatable."""

    def _get_response_bodies(self, direction: Literal["request", "response"] = "response") -> Any:
        bodies = super()._get_response_bodies(direction)
        for status, meaning in REFUSALS.items():
            refusal = OpenApiResponse(Problem, description=meaning)
            bodies.setdefault(
                str(status),
                self._get_response_for_code(  # type: ignore[no-untyped-call]
                    refusal, str(status), ["application/problem+json"], direction=direction
                ),
            )
        return bodies

    def get_override_parameters(self) -> list[Any]:
        return [IDEMPOTENCY_KEY] if self.method == "POST" else []
