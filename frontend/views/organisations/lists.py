"""What the lists of organisations share."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest

from frontend.views.tools import query_string


def in_order(
    request: HttpRequest, rows: QuerySet[Any], sorts: Mapping[str, str], default: str
) -> QuerySet[Any]:
    """`rows` in the order that `?sort=` asks for: a key of `sorts`, with `-` before it for the other way round."""
    asked = request.GET.get("sort", default)
    key = asked if asked.removeprefix("-") in sorts else default
    column = sorts[key.removeprefix("-")]
    return rows.order_by(f"-{column}" if key.startswith("-") else column, "pk")


def filtered(
    form: Form, rows: QuerySet[Any], by: Mapping[str, Callable[[QuerySet[Any], Any], QuerySet[Any]]]
) -> QuerySet[Any]:
    """`rows` narrowed by each field of the form that holds a value. What can't be read narrows nothing: the form says so."""
    form.is_valid()
    for name, narrow in by.items():
        if value := form.cleaned_data.get(name):
            rows = narrow(rows, value)
    return rows


def wants_csv(request: HttpRequest) -> bool:
    return request.GET.get("format") == "csv"


def csv_query(request: HttpRequest) -> str:
    """The query string of this list as CSV."""
    return query_string(request, page=None, format="csv")


def headed(headings: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterable[list[object]]:
    """A heading row, then the rows."""
    yield list(headings)
    for row in rows:
        yield list(row)
