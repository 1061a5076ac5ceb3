"""The addresses of pages and API, as the URLconf has them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
# Addresses of Django's and allauth's own apps have tests of their own there; the gallery is not served outside tests and debug.
LEFT_OUT = ("admin/", "accounts/", "_gallery/")


@dataclass(frozen=True)
class Endpoint:
    """A method and the name of an address, with the names of what has to be filled in."""

    method: str
    name: str
    parameters: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def endpoints() -> Iterator[Endpoint]:
    """Every address of pages and API with the methods it may take."""
    for name, callback in _addresses(get_resolver(), "", ""):
        for method in _methods(callback):
            yield Endpoint(method, name, tuple(_parameters(name)))


def _methods(callback: Any) -> tuple[str, ...]:
    """What a viewset's address takes; of a page's address only asking tells."""
    actions = getattr(callback, "actions", None)
    return tuple(name.upper() for name in actions if name != "head") if actions else METHODS[:2]


def _addresses(resolver: URLResolver, namespace: str, prefix: str) -> Iterator[tuple[str, Any]]:
    for each in resolver.url_patterns:
        pattern = prefix + str(each.pattern)
        if pattern.startswith(LEFT_OUT):
            continue
        if isinstance(each, URLResolver):
            inner = f"{namespace}{each.namespace}:" if each.namespace else namespace
            yield from _addresses(each, inner, pattern)
        elif isinstance(each, URLPattern):
            yield f"{namespace}{each.name}", each.callback


def _parameters(name: str) -> list[str]:
    resolver: Any = get_resolver()
    for space in name.split(":")[:-1]:
        resolver = resolver.namespace_dict[space][1]
    return list(resolver.reverse_dict[name.split(":")[-1]][0][0][1])
