"""Who is acting on this request, and how a rule's refusal becomes a page."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse
from django.shortcuts import render
from django.utils.functional import SimpleLazyObject

from marketplace.kernel.errors import DomainError
from marketplace.organisations import queries

GetResponse = Callable[[HttpRequest], HttpResponse]


class NulMiddleware:
    """No address of ours has a NUL character and PostgreSQL keeps none: a path with one is not found, a page’s query loses it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path:
            raise Http404
        if not request.path.startswith("/api/"):  # which names the parameter at fault
            request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        return self.get_response(request)


class ActorMiddleware:
    """Gives each request its `actor`: the person with the roles they hold at this moment, read once, when first asked for."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: queries.actor_for(request.user, current=request.session.get("organisation"))
        )
        return self.get_response(request)


class ButtonOnlyMiddleware:
    """Whoever opens an address that only takes a button gets a page that says so, where Django’s own answer is empty."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        opened = request.method == "GET" and not request.path.startswith("/api/")
        if not opened or not isinstance(response, HttpResponseNotAllowed):
            return response
        page = render(request, "405.html", status=response.status_code)
        page["Allow"] = response["Allow"]
        return page


class DomainErrorMiddleware:
    """Turns a `DomainError` no view has dealt with into a page that says what is wrong and how to put it right."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DomainError):
            return None
        if request.headers.get("accept", "").startswith("application/json"):
            return JsonResponse({"title": error.message, "detail": error.remedy}, status=error.status)
        template = "404.html" if error.status == 404 else "frontend/errors/refused.html"
        return render(request, template, {"error": error}, status=error.status)
