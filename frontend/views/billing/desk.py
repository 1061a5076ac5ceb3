"""The finance desk: one page with what needs a person."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from frontend.views.tools import signed_in
from marketplace.billing.models import NightlyCheck
from marketplace.billing.queries import books_visible_to
from marketplace.billing.queries import desk as queries
from marketplace.billing.queries.ledgers import opened_books
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound


@signed_in
def desk(request: HttpRequest) -> HttpResponse:
    """Everything about money that waits for somebody, each with its page."""
    if not books_visible_to(request.actor).exists():
        raise NotFound
    books = list(opened_books(request.actor)[:13])
    sections = queries.desk(request.actor, local(timezone.now()).date())
    context = {
        "sections": [_section(each) for each in sections],
        "books": books[:12],
        "more_books": len(books) > 12,
        "last_check": NightlyCheck.objects.first(),
    }
    return render(request, "frontend/billing/finance/desk.html", context)


def _section(section: queries.Section) -> dict[str, Any]:
    return {
        "key": section.key,
        "title": section.title,
        "todo": section.todo,
        "count": section.count,
        "more": address(section.more, ()),
        "entries": [
            {"entry": entry, "href": address(entry.url_name, entry.url_args)} for entry in section.entries
        ],
        "hidden": section.count - len(section.entries),
    }


def address(name: str, args: tuple[Any, ...]) -> str:
    """The address of a page; empty where the exchange has no such page."""
    try:
        return reverse(name, args=args) if name else ""
    except NoReverseMatch:
        return ""
