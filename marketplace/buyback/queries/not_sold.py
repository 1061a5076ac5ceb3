"""Packages that a school has and can't have again next year: they are not sold any more, or have no price for it."""

from datetime import date, timedelta

from marketplace.buyback.models import ServiceAgreement
from marketplace.buyback.queries.agreements import ending_soon
from marketplace.buyback.queries.renewals import renewal_of
from marketplace.buyback.rules import not_sold_sentence, notice_by

WEEKS_BEFORE_NOTICE = 4
"""How long before the day to say no a school hears that a package can't be had again: long enough to look for another."""

_LONGEST = WEEKS_BEFORE_NOTICE * 7 + 31


def ending_where_notice_is_near(on: date) -> list[ServiceAgreement]:
    """Agreements in force that nothing follows yet, from four weeks before the day to say no to their last day."""
    return [each for each in ending_soon(on, _LONGEST) if on >= _told_from(each)]


def not_sold_again(agreement: ServiceAgreement, *, on: date) -> list[str]:
    """What can't be had again, a sentence for each package; nothing while the window of that year shows no prices."""
    renewal = renewal_of(agreement, on=on)
    if renewal.window is None or on < renewal.window.prices_visible_from:
        return []
    return [
        not_sold_sentence(each.change.name, each.price.problem if each.price else "", renewal.first_day)
        for each in renewal.lines
        if each.edition is None or (each.price is not None and each.price.explanation is None)
    ]


def _told_from(agreement: ServiceAgreement) -> date:
    return notice_by(agreement.ends_on + timedelta(days=1)) - timedelta(weeks=WEEKS_BEFORE_NOTICE)
