"""What goes over the wire to the card network, checked against the types Stripe ships inside its own library.

The library's service modules say which method and path take which parameters; `stripe.params` says, as typed dictionaries, what those are.
Every request of every test is decoded and held against them before it is sent: a name nobody knows at any depth, one that is missing, a
wrong type, a value outside a list of values. Rules the network applies only when it runs (amounts, states, what an account may) are not seen.
"""

import ast
import importlib
import re
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import UnionType
from typing import Any, Literal, NotRequired, Required, get_args, get_origin
from urllib.parse import parse_qsl, urlsplit

import stripe
from typing_extensions import (
    get_type_hints,
    is_typeddict,
)

# Options of the library itself: they are headers, and wrong as parameters.
NOT_PARAMETERS = {
    "api_key",
    "content_type",
    "headers",
    "idempotency_key",
    "max_network_retries",
    "stripe_account",
    "stripe_context",
    "stripe_version",
}
# An address of the stand-in only: it plays the page of the payer's bank.
OF_THE_STAND_IN = re.compile(r"/v1/payment_intents/\w+/_authenticate\Z")


class Malformed(AssertionError):
    """A request Stripe would not understand."""


@dataclass(frozen=True)
class Route:
    """An address of the network, and the type of what it takes (nothing where it takes no parameters)."""

    method: str
    path: re.Pattern[str]
    takes: Any


@dataclass(frozen=True)
class Request:
    """A request that was sent."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: str


class CheckedClient(stripe.RequestsClient):
    """The library's own client, which sends nothing Stripe would not understand, and keeps what it sent."""

    def __init__(self, timeout: tuple[float, float] = (3.0, 10.0)) -> None:
        super().__init__(timeout=timeout)
        self.sent: list[Request] = []

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> Any:
        check(method, url, post_data)
        self.sent.append(
            Request(method.upper(), urlsplit(url).path, dict(headers or {}), str(post_data or ""))
        )
        return super().request(method, url, headers, post_data)


def check(method: str, url: str, body: Any) -> None:
    """Raise `Malformed` with all that is wrong with a request."""
    address = urlsplit(url)
    if OF_THE_STAND_IN.match(address.path):
        return
    text = body if isinstance(body, str) else (body or b"").decode()
    given = nested(parse_qsl(text if method.lower() == "post" else address.query, keep_blank_values=True))
    family = "/".join(address.path.split("/")[:3])
    for route in routes(family):
        if route.method == method.upper() and route.path.match(address.path):
            if (
                wrong := list(faults(given, route.takes, ""))
                if route.takes
                else [f"{k}: takes nothing" for k in given]
            ):
                raise Malformed(f"{method.upper()} {address.path}: {'; '.join(wrong)}")
            return
    raise Malformed(f"{method.upper()} {address.path}: no such address in stripe {stripe.VERSION}")


def flat(params: Mapping[str, Any], inside: str = "") -> list[str]:
    """`{"a": {"b": 1}}` as the pairs of a body: `["a[b]=1"]`."""
    found = []
    for name, value in params.items():
        at = f"{inside}[{name}]" if inside else name
        found += flat(value, at) if isinstance(value, Mapping) else [f"{at}={value}"]
    return found


def nested(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """`a[b]=1&c[0]=2` as `{"a": {"b": "1"}, "c": ["2"]}`."""
    found: dict[str, Any] = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+", name)
        here = found
        for part in [first, *rest][:-1]:
            here = here.setdefault(part, {})
        here[[first, *rest][-1]] = value
    return {name: _with_lists(value) for name, value in found.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_with_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _with_lists(each) for key, each in value.items()}


# What the library says an address takes ------------------------------------------------------------------------------


@cache
def routes(family: str) -> list[Route]:
    """The addresses under `/v1/transfers`, say: those without a place to fill in first."""
    found = []
    root = Path(stripe.__file__).parent
    for module in root.rglob("_*_service.py"):
        text = module.read_text(encoding="utf-8")
        if f'"{family}' in text:
            package = ".".join(module.parent.relative_to(root).parts)
            params = importlib.import_module(f"stripe.params.{package}" if package else "stripe.params")
            found += list(_routes_of(ast.parse(text), params))
    return sorted(found, key=lambda route: route.path.pattern.count("[^/]+"))


def _routes_of(module: ast.Module, params: Any) -> Iterator[Route]:
    for function in (node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)):
        annotation = next(
            (ast.unparse(a.annotation) for a in function.args.args if a.arg == "params" and a.annotation), ""
        )
        named = re.search(r"(\w+Params)\b", annotation)
        takes = getattr(params, named[1], None) if named else None
        for call in (node for node in ast.walk(function) if isinstance(node, ast.Call)):
            if getattr(call.func, "attr", "") == "_request" and len(call.args) > 1:
                yield Route(call.args[0].value.upper(), _pattern(call.args[1]), takes)  # type: ignore[attr-defined]


def _pattern(path: Any) -> re.Pattern[str]:
    """`"/v1/x/{id}".format(id=…)` as a pattern."""
    text = path.value if isinstance(path, ast.Constant) else path.func.value.value
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(text)) + r"\Z")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    names = vars(importlib.import_module(kind.__module__))
    return get_type_hints(kind, globalns={**vars(typing), "StripeContext": Any, **names}, include_extras=True)


# Holding a value against a type --------------------------------------------------------------------------------------

WRITTEN = {int: r"-?\d+", float: r"-?\d+(\.\d+)?", bool: "true|false"}


def faults(value: Any, kind: Any, at: str) -> Iterator[str]:
    """What is wrong with a decoded value, each with where it stands."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (NotRequired, Required):
        yield from faults(value, inner[0], at)
    elif origin is Literal:
        if value not in {str(each) for each in inner}:
            yield f"{at}: {value!r} is not one of {sorted(map(str, inner))[:12]}"
    elif origin is typing.Union or origin is UnionType:
        yield from _faults_of_union(value, inner, at)
    elif is_typeddict(kind):
        yield from _faults_of_object(value, kind, at)
    elif origin is list or kind is list:
        yield from _faults_of_list(value, inner, at)
    elif origin is dict:
        if not isinstance(value, dict):
            yield f"{at}: expected a map, got {value!r}"
    elif kind in WRITTEN:
        if not re.fullmatch(WRITTEN[kind], str(value)):
            yield f"{at}: expected {kind.__name__}, got {value!r}"
    elif kind is str and not isinstance(value, str):
        yield f"{at}: expected text, got {value!r}"


def _faults_of_union(value: Any, kinds: tuple[Any, ...], at: str) -> Iterator[str]:
    """The kind that fits best. A list of words with `str` beside it is meant to grow: here only the known words pass."""
    words = [kind for kind in kinds if get_origin(kind) is Literal]
    if value == "" and any(get_args(kind) == ("",) for kind in words):
        return
    others = [kind for kind in kinds if kind is not type(None) and kind not in words]
    tried = [kind for kind in words if get_args(kind) != ("",)] or others
    yield from min((list(faults(value, kind, at)) for kind in tried), key=len)


def _faults_of_object(value: Any, kind: Any, at: str) -> Iterator[str]:
    if not isinstance(value, dict):
        yield f"{at}: expected an object, got {value!r}"
        return
    known = {name: hint for name, hint in _hints(kind).items() if name not in NOT_PARAMETERS}
    for name, each in value.items():
        if name in known:
            yield from faults(each, known[name], f"{at}.{name}")
        else:
            yield f"{at}.{name}: unknown to {kind.__name__}"
    required = {name for name, hint in known.items() if get_origin(hint) is not NotRequired}
    yield from (f"{at}.{name}: missing" for name in sorted(required - set(value)))


def _faults_of_list(value: Any, inner: tuple[Any, ...], at: str) -> Iterator[str]:
    if not isinstance(value, list):
        yield f"{at}: expected a list, got {value!r}"
        return
    for index, each in enumerate(value):
        yield from faults(each, (inner or (str,))[0], f"{at}[{index}]")
