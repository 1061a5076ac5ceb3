"""What cancelling costs where the session was drawn from a package or paid in credits: half-days, not pence.

A share of the price becomes the same share of the half-days, rounded half up to the half-day; the rest goes back to where it came
from. A flat charge is due in money even so, and then all half-days come back (domain 1.3).
"""

from datetime import date
from fractions import Fraction

from marketplace.catalogue.tariffs import CancellationTariff, CancelledBy, TariffOutcome, decide
from marketplace.kernel.days import HalfDays, format_days
from marketplace.kernel.money import BASIS_POINTS, percent, round_half_up


def kept_of(half_days: HalfDays, percent_bp: int) -> HalfDays:
    """The half-days that a share keeps, half a half-day rounded up: 75% of a day is the whole day, 50% half a day."""
    return round_half_up(Fraction(half_days * percent_bp, BASIS_POINTS))


def prepaid_charge_for(
    tariff: CancellationTariff,
    *,
    price_pence: int,
    half_days: HalfDays,
    session_date: date,
    cancelled_on: date,
    by: CancelledBy,
    ordered_on: date | None = None,
    evening: bool = False,
    refilled: bool = False,
) -> TariffOutcome:
    """What the tariff keeps of a prepaid session's half-days, or charges in pence beside them.

    The arguments are those of `tariffs.charge_for`; `price_pence` is what the session would have cost and only tells a free
    session from another. Raises `SessionHasPassed` when a school cancels after the day.
    """
    found = decide(
        tariff,
        price_pence=price_pence,
        session_date=session_date,
        cancelled_on=cancelled_on,
        by=by,
        ordered_on=ordered_on,
        refilled=refilled,
    )
    if found.charge is None:
        return TariffOutcome(
            charge_pence=0,
            refund_pence=0,
            explanation=f"{found.why}: all of {format_days(half_days)} comes back.",
        )
    if found.charge.percent_bp is None:
        owed = found.charge.on(price_pence, half_days, evening=evening)
        words = f"{found.charge.comes_to(owed)} to pay, and all of {format_days(half_days)} comes back."
        return TariffOutcome(
            charge_pence=owed, refund_pence=0, extra_pence=owed, explanation=f"{found.why}: {words}"
        )
    kept = kept_of(half_days, found.charge.percent_bp)
    return TariffOutcome(
        charge_pence=0,
        refund_pence=0,
        kept_half_days=kept,
        explanation=f"{found.why}: {_kept_words(half_days, kept, found.charge.percent_bp)}.",
    )


def _kept_words(half_days: HalfDays, kept: HalfDays, percent_bp: int) -> str:
    if kept >= half_days:
        share = (
            "" if percent_bp == BASIS_POINTS else f"{percent(percent_bp)} of it, rounded to the half-day: "
        )
        return f"{share}{format_days(half_days)} counts as used"
    back = format_days(half_days - kept)
    if not kept:
        return f"{back} comes back"
    return f"{percent(percent_bp)} of {format_days(half_days)}: {format_days(kept)} counts as used, {back} comes back"
