"""What comes next for an agreement, in order, in words."""

from datetime import date
from typing import NamedTuple

from marketplace.buyback.models import AgreementEnding, AgreementStatus, EndingGround, ServiceAgreement
from marketplace.buyback.queries.agreements import ending_of, following
from marketplace.buyback.queries.endings import is_academy
from marketplace.buyback.queries.years import YearStanding
from marketplace.buyback.rules import notice_by
from marketplace.kernel.dates import long_date
from marketplace.kernel.money import pounds


class Coming(NamedTuple):
    """Something that will happen, and when; without a day where it waits for somebody."""

    on: date | None
    text: str


def what_next(agreement: ServiceAgreement, years: list[YearStanding], *, today: date) -> list[Coming]:
    """The days to come in the life of an agreement, the next one first; nothing for one that is over."""
    if agreement.status == AgreementStatus.AWAITING_APPROVAL:
        return _before_approval(agreement, years)
    if agreement.status not in (AgreementStatus.SUBMITTED, AgreementStatus.ACTIVE):
        return []
    ending = ending_of(agreement)
    steps = [*_years(agreement, years, today), *_last_days(agreement, ending, today)]
    last = ending.last_day if ending else agreement.ends_on
    return sorted((step for step in steps if step.on is None or step.on <= last), key=_when)


def _when(step: Coming) -> date:
    return step.on or date.min


def _before_approval(agreement: ServiceAgreement, years: list[YearStanding]) -> list[Coming]:
    accepted = (
        []
        if agreement.accepted_at
        else [Coming(None, "Somebody with authority to commit the school accepts the terms.")]
    )
    return [
        *accepted,
        Coming(None, "Whoever the school’s approval ladder names approves it, or not."),
        Coming(
            agreement.starts_on, f"It starts. The first year costs {pounds(years[0].total_pence)} before VAT."
        ),
    ]


def _years(agreement: ServiceAgreement, years: list[YearStanding], today: date) -> list[Coming]:
    steps = []
    for standing in years:
        starts, number = standing.year.period.start, standing.year.number
        if standing.is_begun or starts < today:
            continue
        price = pounds(standing.total_pence)
        if number == 1:
            text = (
                f"It comes into force. The first year costs {price} before VAT, and its days can be booked."
            )
        else:
            text = (
                f"Year {number} begins, at {price} before VAT as it stands today. What is used or carried of year"
                f" {number - 1} is settled."
            )
        steps.append(Coming(starts, text))
    return steps


def _last_days(agreement: ServiceAgreement, ending: AgreementEnding | None, today: date) -> list[Coming]:
    if ending is not None:
        return [Coming(ending.last_day, _ending_in_words(agreement, ending, today))]
    steps = [Coming(agreement.ends_on, "Its last day. Unused days lapse or are carried as the package says.")]
    say_by = notice_by(date.fromordinal(agreement.ends_on.toordinal() + 1))
    if today <= say_by and not following(agreement).exists():
        steps.append(Coming(say_by, "By now a school says whether it wants the same again next year."))
    return steps


def _ending_in_words(agreement: ServiceAgreement, ending: AgreementEnding, today: date) -> str:
    if ending.ground != EndingGround.CONVERSION:
        return f"Its last day: {ending.get_ground_display().lower()}, told on {long_date(ending.told_on)}."
    successor = ending.successor or agreement.buyer
    if ending.last_day < today and not is_academy(successor):
        return f"Its last day: the school becomes an academy. It passes on as soon as the register has {successor} as an academy."
    return f"Its last day: the school becomes an academy, and {successor} goes on the next day."
