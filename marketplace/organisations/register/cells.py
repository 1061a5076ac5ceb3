"""Readers of single cells: text in, a value of the field out.

Each raises `ValueError` for something that can't be such a value; an empty cell, a word for "nothing" or a mark of suppressed
figures (`SUPP`, `z`, `c` …) is no error and gives None or ``""``.
"""

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from .layouts import key
from .vocabulary import NOTHING

_SUPPRESSED = frozenset(
    key(word) for word in ("SUPP", "NE", "NP", "NEW", "LOWCOV", "z", "c", "x", "u", "low")
)


def words(cell: str) -> str:
    """Text with its white space tidied."""
    return " ".join(cell.split())


def named(cell: str) -> str:
    """A name, ``""`` where the register says "Not applicable", "Does not apply", "None" …"""
    name = words(cell)
    return "" if key(name) in NOTHING else name


@lru_cache(maxsize=8192)
def number(cell: str) -> int | None:
    """A whole number from 0, also as a spreadsheet leaves it (`1,487`, `236.0`)."""
    text = cell.strip()
    if digits := re.fullmatch(r"(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.0+)?", text):
        return int(digits[1].replace(",", ""))
    _check_means_nothing(text)
    return None


@lru_cache(maxsize=8192)
def basis_points(cell: str) -> int | None:
    """A percentage in hundredths of a per cent: `18.1` → 1810."""
    text = cell.strip().removesuffix("%")
    if not re.fullmatch(r"\d{1,3}(\.\d{1,9})?", text):
        _check_means_nothing(text)
        return None
    points = int((Decimal(text) * 100).to_integral_value(ROUND_HALF_UP))
    if points > 10_000:
        raise ValueError("more than 100 per cent")
    return points


@lru_cache(maxsize=16384)
def day(cell: str) -> date | None:
    """A date as d-m-Y, d/m/Y or Y-m-d, with or without a time; 1 January 1900 means unknown."""
    text = cell.strip()
    if british := re.fullmatch(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})(?:[ T].*)?", text):
        found = date(int(british[4]), int(british[3]), int(british[1]))
    elif iso := re.fullmatch(r"(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[ T].*)?", text):
        found = date(int(iso[1]), int(iso[3]), int(iso[4]))
    else:
        _check_means_nothing(text)
        return None
    return None if found == date(1900, 1, 1) else found


def _check_means_nothing(text: str) -> None:
    """Raise `ValueError` unless the cell says in one way or another that there is no value."""
    if key(text) not in NOTHING and key(text) not in _SUPPRESSED:
        raise ValueError("not understood")


def metres(cell: str) -> int | None:
    """One half of a grid reference; 0 means unknown."""
    text = cell.strip()
    if re.fullmatch(r"\d{1,7}\.\d+", text):
        return round(float(text)) or None
    return number(text) or None


def digits(width: int, cell: str) -> str:
    """A number kept as text because its zeros count; zeros lost on the way are put back."""
    found = number(cell)
    if not found:
        return ""
    if len(str(found)) > width:
        raise ValueError("too long")
    return str(found).zfill(width)


def establishment_number(cell: str) -> str:
    """The four digits that name a school within its authority."""
    return digits(4, cell)


def ukprn(cell: str) -> str:
    """The eight digits of the UK Register of Learning Providers."""
    return digits(8, cell)


def identifier(cell: str) -> str:
    """A code of letters or digits, without the `.0` a spreadsheet may add; zeros alone mean none."""
    text = named(cell).removesuffix(".0")
    return "" if not text.strip("0") else text


def gss(cell: str) -> str:
    """A code of the Office for National Statistics, such as `E05012993`; nines alone mean none."""
    text = named(cell).upper()
    if not text.strip("9") or text in ("E99999999", "W99999999"):
        return ""
    if not re.fullmatch(r"[A-Z]\d{8}", text):
        raise ValueError("not an ONS code")
    return text


def postcode(cell: str) -> str:
    """A postcode in capitals with its space: `ng220ea` → `NG22 0EA`."""
    text = "".join(named(cell).split()).upper()
    if not text:
        return ""
    if not re.fullmatch(r"[A-Z]{1,2}\d[A-Z\d]?\d[A-Z]{2}", text):
        raise ValueError("not a postcode")
    return f"{text[:-3]} {text[-3:]}"


_WEB_ADDRESS = re.compile(
    r"""(?:(https?)(?::/*|/+:?/*))*     # with every slip of the register: http//, http:, https://https://
        ((?:[a-z0-9_-]+\.)+[a-z]{2,}(?::\d+)?)
        ((?:[/?#][^\s"'<>\\]*)?)""",
    re.IGNORECASE | re.VERBOSE,
)


def website(cell: str) -> str:
    """A web address with its scheme; `http` where the register leaves it out."""
    text = named(cell)
    if not text:
        return ""
    parts = _WEB_ADDRESS.fullmatch(text.rstrip("."))
    if not parts:
        raise ValueError("not a web address")
    scheme, host, path = parts.groups()
    return f"{(scheme or 'http').lower()}://{host.lower()}{path}"


def telephone(cell: str) -> str:
    """A telephone number as ten or eleven digits beginning with 0."""
    text = named(cell)
    if not text:
        return ""
    figures = re.sub(r"\D", "", text.replace("(0)", ""))
    if abroad := re.fullmatch(r"(?:00)?44(\d{9,10})", figures):
        figures = abroad[1]
    if len(figures) in (9, 10) and not figures.startswith("0"):
        figures = "0" + figures
    if not re.fullmatch(r"0\d{9,10}", figures):
        raise ValueError("not a telephone number")
    return figures
