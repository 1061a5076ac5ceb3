"""Rules of organisations and people: who may give which role where, what kinds of body there are, how a VAT number is made, for
how long an interest counts.

Pure functions and tables; `actions` and `queries` ask them.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime

from marketplace.kernel.access import Role

SCHOOL = "school"
TRUST = "trust"
LOCAL_AUTHORITY = "local_authority"
SCHOOL_COMPANY = "school_company"

_AT_A_PROVIDER = (Role.PROVIDER_LEAD, Role.PRACTITIONER, Role.STAFF, Role.FINANCE, Role.GOVERNOR)
_ROLES_AT: Mapping[str, tuple[Role, ...]] = {
    SCHOOL: (
        Role.HEADTEACHER,
        Role.BUDGET_HOLDER,
        Role.STAFF,
        Role.GOVERNOR,
        Role.PROVIDER_LEAD,
        Role.PRACTITIONER,
    ),
    TRUST: (
        Role.TRUST_LEAD,
        Role.BUDGET_HOLDER,
        Role.STAFF,
        Role.GOVERNOR,
        Role.PROVIDER_LEAD,
        Role.PRACTITIONER,
        Role.FINANCE,
    ),
    LOCAL_AUTHORITY: (Role.CONVENOR, Role.BOARD_MEMBER, Role.SCRUTINY, Role.FINANCE, Role.SUPPORT),
}

# A role may give itself and what lies below it, never more.
_GIVES: Mapping[Role, frozenset[Role]] = {
    Role.HEADTEACHER: frozenset(_ROLES_AT[SCHOOL]),
    Role.TRUST_LEAD: frozenset(_ROLES_AT[SCHOOL]) | frozenset(_ROLES_AT[TRUST]),
    Role.PROVIDER_LEAD: frozenset({Role.PROVIDER_LEAD, Role.PRACTITIONER, Role.STAFF, Role.FINANCE}),
}
MANAGERS = frozenset(_GIVES)
"""Roles that look after the people of an organisation; beside them the convenor of its area."""

NEVER_LEFT_EMPTY = frozenset({Role.HEADTEACHER, Role.CONVENOR})
"""The last holder of such a role can't go before there is another."""


def roles_at(kind: str) -> tuple[Role, ...]:
    """The roles that can be held at an organisation of this kind, the leading one first."""
    return _ROLES_AT.get(kind, _AT_A_PROVIDER)


def roles_given_by(held: Collection[Role], *, kind: str, convenes: bool) -> tuple[Role, ...]:
    """The roles that a person may give (and take away) at an organisation of this kind, where they hold `held`.

    `convenes` says that they convene the area it belongs to: a convenor may give any role there. A trust lead's role reaches
    down to the trust's schools.
    """
    possible = roles_at(kind)
    if convenes:
        return possible
    standing = set(held) & {*possible, Role.TRUST_LEAD}
    gives = frozenset[Role]().union(*(_GIVES.get(role, frozenset()) for role in standing))
    return tuple(role for role in possible if role in gives)


STATUSES_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "teaching_school_hub": ("academy", "la_maintained", "charity", "company"),
    "la_service": ("local_authority",),
    SCHOOL_COMPANY: ("company",),
    "diocese": ("charity",),
    "independent": ("company", "charity", "other"),
}
"""Kinds of body that a convenor may add (schools, trusts and federations come from the register), and whose money each may
spend: it decides how it is paid and taxed."""


def vat_number(text: str) -> str:
    """A United Kingdom VAT number as `GB123456789`, `""` for none. Raises `ValueError` when its check digits are wrong.

    Nine digits, the last two of which check the others by 97 (with 55 added in numbers given out since 2010); branches have
    three more.
    """
    figures = re.sub(r"[\s.-]", "", text.upper()).removeprefix("GB")
    if not figures:
        return ""
    if not re.fullmatch(r"\d{9}(\d{3})?", figures):
        raise ValueError("A VAT number has 9 digits, or 12 for a branch.")
    weighted = sum(int(digit) * weight for digit, weight in zip(figures, range(8, 1, -1), strict=False))
    total = weighted + int(figures[7:9])
    if total % 97 and (total + 55) % 97:
        raise ValueError("The check digits of this VAT number are wrong; look for a slip of the pen.")
    return f"GB{figures}"


def invitation_state(
    *, accepted: datetime | None, revoked: datetime | None, expires: datetime, now: datetime
) -> str:
    """`accepted`, `revoked`, `expired` or `open`."""
    if accepted:
        return "accepted"
    if revoked:
        return "revoked"
    return "open" if now < expires else "expired"


# Interests -----------------------------------------------------------------------------------------------------------

EMPLOYMENT = "employment"
EMPLOYMENT_COUNTS_MONTHS = 36
"""Who worked for a body counts as tied to it for so many months after (the conflicts table of the brokerage)."""

INTEREST_CONFIRMED_FOR_DAYS = 365
"""People are asked once a year whether what they declared is still so."""


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier; the month's last day where it is shorter."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return date(year, month + 1, min(day.day, (following - date(year, month + 1, 1)).days))


def interest_counts(kind: str, ended_on: date | None, on: date) -> bool:
    """Whether a tie counts on a day: until its last day and, for employment, 36 months more."""
    if ended_on is None or on <= ended_on:
        return True
    return kind == EMPLOYMENT and ended_on >= months_before(on, EMPLOYMENT_COUNTS_MONTHS)
