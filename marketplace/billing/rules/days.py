"""Days that people write down of money that moved."""

from datetime import date, timedelta

from marketplace.kernel.dates import FINANCIAL, contract_year, long_date
from marketplace.kernel.errors import DomainError


def check_day(day: date, *, today: date, field: str, not_before: date | None = None) -> None:
    """Raise `DomainError` for a day to come, or one before `not_before`: unless told, the start of the financial year before this one,
    whose books are closed by now."""
    if day > today:
        raise DomainError(
            "That day is yet to come.", remedy="Record it once the money has moved.", field=field
        )
    first = not_before or _start_of_last_year(today)
    if day < first:
        raise DomainError(
            f"{long_date(day)} is too long ago.",
            remedy=f"Enter a day from {long_date(first)} on.",
            field=field,
        )


def _start_of_last_year(today: date) -> date:
    this_year = contract_year(FINANCIAL, today)
    return contract_year(FINANCIAL, this_year.start - timedelta(days=1)).start
