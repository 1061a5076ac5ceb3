"""Setting when the schools of an area order for a contract year."""

from datetime import date

from django.db import IntegrityError

from marketplace.buyback.models import BuyBackWindow, LateRule
from marketplace.buyback.queries import selling as queries
from marketplace.buyback.rules.windows import WindowDates, WindowInvalid, check_dates
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import ContractCalendar, contract_year_label
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.organisations.models import Area

_DAYS = ("prices_visible_from", "orders_from", "closes_on", "late_rule", "late_charge_pence")


@action
def open_window(*, actor: Actor, area: Area, dates: WindowDates) -> BuyBackWindow:
    """Set the window of an area for a contract year.

    Raises `NotFound` where the person does not keep the area's windows, `WindowInvalid` naming the field where the days
    contradict each other or the year has its window already.
    """
    if not queries.may_keep_windows(actor, area):
        raise NotFound
    _check(dates)
    try:
        window = BuyBackWindow.objects.create(
            area=area,
            calendar=dates.calendar.value,
            first_day=dates.first_day,
            **{name: getattr(dates, name) for name in _DAYS},
        )
    except IntegrityError as error:
        if constraint_of(error) == "one_window_per_contract_year":
            raise _taken(dates.calendar, dates.first_day) from error
        raise
    history.write(window, verb="set", after="set", by=actor, note=_in_words(dates))
    return window


@action
def change_window(*, actor: Actor, window: BuyBackWindow, dates: WindowDates) -> BuyBackWindow:
    """Change the days and the late rule of a window; its contract year stays.

    Agreements already made keep what they were made with. Raises `NotFound`, `NotAllowed`, or `WindowInvalid` naming the field.
    """
    if not queries.may_keep_windows(actor, window.area_id):
        raise NotFound
    window = locked(queries.windows(), pk=window.pk)
    if (dates.calendar, dates.first_day) != (ContractCalendar(window.calendar), window.first_day):
        raise NotAllowed(
            "The contract year of a window can’t be changed.", remedy="Set a window for the other year."
        )
    _check(dates)
    for name in _DAYS:
        setattr(window, name, getattr(dates, name))
    window.save(update_fields=list(_DAYS))
    history.write(window, verb="change", before="set", after="set", by=actor, note=_in_words(dates))
    return window


def _check(dates: WindowDates) -> None:
    if dates.late_rule not in LateRule.values:
        raise WindowInvalid(
            f"“{dates.late_rule}” is not a rule for late orders.",
            remedy="Choose one from the list.",
            field="late_rule",
        )
    check_dates(dates)


def _taken(calendar: ContractCalendar, first_day: date) -> WindowInvalid:
    return WindowInvalid(
        f"There is a window for {contract_year_label(calendar, first_day)} already.",
        remedy="Open it in the list and change it there.",
        field="year",
    )


def _in_words(dates: WindowDates) -> str:
    return (
        f"Prices from {dates.prices_visible_from.isoformat()}, orders from {dates.orders_from.isoformat()}, "
        f"closes {dates.closes_on.isoformat()}, late: {dates.late_rule}, {dates.late_charge_pence} pence."
    )
