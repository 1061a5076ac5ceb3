"""What a cancelled booking costs, shown before it is made and kept with it as a snapshot.

A `CancellationTariff` is data: `tiers`, strictest first, each saying what is charged when the school cancels with at most
so many days' notice. The first tier that reaches as far as the notice given decides; longer notice is free. Notice is the
number of days from the day of cancelling (not counted) to the day of the session (counted), calendar or working days.

A charge is a percentage of the price, or flat for a full day, a half day or an evening. Flat charges are due even where
the session itself cost nothing or was prepaid. Days on which support is in short supply can have tiers of their own, and
so can free sessions. When the provider, the person or the releasing school calls it off, the school pays nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, NamedTuple

from marketplace.catalogue.pricing.described import Described, FieldDescription, Record, Rows
from marketplace.catalogue.pricing.fields import Choice, DataInvalid, Day, Flag, Pence, Percent, Whole
from marketplace.kernel.dates import long_date, working_days_between
from marketplace.kernel.days import HALF_DAYS_IN_A_DAY, HalfDays
from marketplace.kernel.errors import DomainError
from marketplace.kernel.money import BASIS_POINTS, percent, percent_of, pounds

WHOLE_PRICE_BP = BASIS_POINTS


class TariffInvalid(DataInvalid):
    """A cancellation tariff is incomplete or contradicts itself."""

    code = "cancellation_tariff_invalid"


class SessionHasPassed(DomainError):
    """A session cannot be cancelled after its day."""

    code = "session_has_passed"
    status = 409


class CancelledBy(StrEnum):
    """Who called a session off, or did not come."""

    BUYER = "buyer"
    PROVIDER = "provider"
    RELEASING_SCHOOL = "releasing_school"
    NO_SHOW_BUYER = "no_show_buyer"
    NO_SHOW_PROVIDER = "no_show_provider"


# The tariff ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Charge(Described):
    """What is charged: a percentage of the price, or flat amounts by the length of the session."""

    INVALID = TariffInvalid

    percent_bp: Annotated[int | None, Percent("Share of the price", hint="Or give flat charges.")] = None
    full_day_pence: Annotated[int | None, Pence("Flat charge for a full day")] = None
    half_day_pence: Annotated[int | None, Pence("Flat charge for a half day")] = None
    evening_pence: Annotated[int | None, Pence("Flat charge for an evening")] = None

    def check(self) -> None:
        if (self.percent_bp is None) == (self.full_day_pence is None):
            raise self.refuse(
                "A charge needs either a share of the price or a flat amount for a full day.",
                "Give one of the two.",
                field="percent_bp",
            )
        if self.percent_bp is not None and (
            self.half_day_pence is not None or self.evening_pence is not None
        ):
            raise self.refuse(
                "A share of the price is the same for every length of session.",
                "Leave the flat charges empty.",
                field="half_day_pence",
            )

    def on(self, price_pence: int, half_days: HalfDays, *, evening: bool) -> int:
        """Pence charged for a session of a price and a length; lengths without an amount of their own count as longer."""
        if self.percent_bp is not None:
            return percent_of(price_pence, self.percent_bp)
        full = self.full_day_pence or 0
        half = full if self.half_day_pence is None else self.half_day_pence
        if evening:
            return half if self.evening_pence is None else self.evening_pence
        whole_days, odd_half = divmod(half_days, HALF_DAYS_IN_A_DAY)
        return whole_days * full + odd_half * half

    def comes_to(self, pence: int) -> str:
        """The charge in words with what it came to."""
        return pounds(pence) if self.percent_bp is None else f"{self.words}, {pounds(pence)}"

    @property
    def words(self) -> str:
        """The charge in words."""
        if self.percent_bp == WHOLE_PRICE_BP:
            return "the whole price"
        if self.percent_bp is not None:
            return f"{percent(self.percent_bp)} of the price"
        lengths = (
            (self.full_day_pence, "a full day"),
            (self.half_day_pence, "a half day"),
            (self.evening_pence, "an evening"),
        )
        amounts = [f"{pounds(pence)} for {length}" for pence, length in lengths if pence is not None]
        return pounds(self.full_day_pence or 0) if len(amounts) == 1 else ", ".join(amounts)


WHOLE_PRICE = Charge(percent_bp=WHOLE_PRICE_BP)


@dataclass(frozen=True, kw_only=True)
class Tier(Charge):
    """A charge for cancelling with at most so many days' notice."""

    at_most: Annotated[
        int | None,
        Whole("With this many days’ notice or fewer", hint="Leave empty for any notice.", maximum=730),
    ] = None
    unit: Annotated[
        str, Choice("Days are", options=(("calendar", "calendar days"), ("working", "working days")))
    ] = "calendar"

    @classmethod
    def fields(cls) -> tuple[FieldDescription, ...]:
        """The notice first, then what it costs."""
        return tuple(sorted(super().fields(), key=lambda field: field.name not in ("at_most", "unit")))

    def reaches(self, *, cancelled_on: date, session_date: date) -> bool:
        """Whether the notice given is short enough for this tier."""
        return self.at_most is None or self.notice(cancelled_on, session_date) <= self.at_most

    def notice(self, cancelled_on: date, session_date: date) -> int:
        """The notice given, in this tier's days."""
        if self.unit == "working":
            return working_days_between(cancelled_on, session_date)
        return (session_date - cancelled_on).days

    def notice_words(self, days: int) -> str:
        """A notice counted in this tier's days: `3 working days’ notice`."""
        kind = "working " if self.unit == "working" else ""
        return f"{days} {kind}{'day’s' if days == 1 else 'days’'} notice"

    @property
    def when(self) -> str:
        """The notice of this tier in words."""
        if self.at_most is None:
            return "any longer notice"
        return f"{self.notice_words(self.at_most)} or less" if self.at_most else "on the day itself"


@dataclass(frozen=True, kw_only=True)
class PeakDates(Described):
    """A run of days, both ends included, with tiers of their own."""

    INVALID = TariffInvalid

    first_day: Annotated[date, Day("First day")]
    last_day: Annotated[date, Day("Last day")]

    def check(self) -> None:
        if self.last_day < self.first_day:
            raise self.refuse("The dates end before they start.", "Correct one of the two.", field="last_day")


@dataclass(frozen=True, kw_only=True)
class CancellationTariff(Described):
    """The whole tariff. One without tiers lets a school cancel free of charge up to the session."""

    INVALID = TariffInvalid

    tiers: Annotated[tuple[Tier, ...], Rows("Charges", hint="Shortest notice first.", of=Tier, fewest=0)] = ()
    peak_dates: Annotated[tuple[PeakDates, ...], Rows("Peak dates", of=PeakDates, fewest=0)] = ()
    peak_tiers: Annotated[
        tuple[Tier, ...], Rows("Charges on peak dates", hint="Shortest notice first.", of=Tier, fewest=0)
    ] = ()
    free_tiers: Annotated[
        tuple[Tier, ...],
        Rows("Charges for sessions that are free", hint="Leave empty to use the same.", of=Tier, fewest=0),
    ] = ()
    no_show: Annotated[
        Charge | None,
        Record("When the school is not ready or nobody comes", hint="The whole price if empty.", of=Charge),
    ] = None
    waived_if_refilled: Annotated[bool, Flag("No charge if somebody else takes the place")] = False
    substitution_allowed: Annotated[
        bool, Flag("A colleague or another school of the trust or cluster may take it, free of charge")
    ] = True
    cooling_off_days: Annotated[int, Whole("Days after ordering in which cancelling is free", maximum=90)] = 0
    provider_notice_working_days: Annotated[
        int | None, Whole("Working days’ notice the provider promises", minimum=1, maximum=60)
    ] = None

    def check(self) -> None:
        for name in ("tiers", "peak_tiers", "free_tiers"):
            self._check_order(name, getattr(self, name))
        if bool(self.peak_dates) != bool(self.peak_tiers):
            missing, name = ("charges", "peak_tiers") if self.peak_dates else ("dates", "peak_dates")
            raise self.refuse(
                f"The peak {missing} are missing.", "Give both dates and charges, or neither.", field=name
            )

    def _check_order(self, name: str, tiers: tuple[Tier, ...]) -> None:
        for number, (tier, following) in enumerate(pairwise(tiers)):
            if tier.unit != following.unit:
                raise self.refuse(
                    "One list counts calendar days and working days.",
                    "Count the same days throughout.",
                    field=f"{name}-{number + 1}-unit",
                )
            if tier.at_most is None or (following.at_most is not None and following.at_most <= tier.at_most):
                raise self.refuse(
                    f"Charge {number + 2} is not for longer notice than charge {number + 1}.",
                    "Put the shortest notice first; only the last may be for any notice.",
                    field=f"{name}-{number + 1}-at_most",
                )

    def is_peak(self, session_date: date) -> bool:
        """Whether the peak charges apply to a session."""
        return any(peak.first_day <= session_date <= peak.last_day for peak in self.peak_dates)

    def tiers_for(self, session_date: date, price_pence: int) -> tuple[Tier, ...]:
        """The tiers of a session: those of its day at peak, those for free sessions, or the ordinary ones."""
        if self.is_peak(session_date):
            return self.peak_tiers
        return self.free_tiers or self.tiers if price_pence == 0 else self.tiers


STANDARD_TARIFF = CancellationTariff(
    tiers=(
        Tier(at_most=7, percent_bp=WHOLE_PRICE_BP),
        Tier(at_most=14, percent_bp=7500),
        Tier(at_most=28, percent_bp=5000),
    ),
    waived_if_refilled=True,
)


# What it comes to ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class TariffOutcome:
    """What a cancellation costs, in pence before VAT, and why.

    `refund_pence` is what of the price is no longer owed (or is given back); `extra_pence` what a flat charge asks beyond
    the price. So price + extra = charge + refund. Of a prepaid session (`catalogue.prepaid`) `kept_half_days` are not given back.
    """

    charge_pence: int
    refund_pence: int
    explanation: str
    extra_pence: int = 0
    kept_half_days: HalfDays = 0


def charge_for(
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
    """What the school owes for a session that will not take place.

    `ordered_on` is needed for a cooling-off period, `refilled` tells that somebody else took the place. Raises
    `SessionHasPassed` when a school cancels after the day: that is a visit to be recorded, as delivered or not.
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
        return _outcome(price_pence, 0, f"{found.why}: nothing to pay.")
    owed = found.charge.on(price_pence, half_days, evening=evening)
    return _outcome(price_pence, owed, f"{found.why}: {found.charge.comes_to(owed)}.")


class Decision(NamedTuple):
    """What of a tariff decides a case: the charge, or none where the case is free, and why in words."""

    charge: Charge | None
    why: str


def decide(
    tariff: CancellationTariff,
    *,
    price_pence: int,
    session_date: date,
    cancelled_on: date,
    by: CancelledBy,
    ordered_on: date | None = None,
    refilled: bool = False,
) -> Decision:
    """Which charge of the tariff a session falls under. Raises `SessionHasPassed` when a school cancels after the day."""
    if by in _PROVIDER_SIDE:
        return Decision(None, _PROVIDER_SIDE[by])
    if by is CancelledBy.NO_SHOW_BUYER:
        return Decision(tariff.no_show or WHOLE_PRICE, "The school was not ready or nobody came")
    if cancelled_on > session_date:
        raise SessionHasPassed(
            f"The session was on {long_date(session_date)} and can no longer be cancelled.",
            remedy="Record the visit, or record that it did not take place.",
        )
    if refilled and tariff.waived_if_refilled:
        return Decision(None, "Somebody else took the place")
    if (
        tariff.cooling_off_days
        and ordered_on
        and 0 <= (cancelled_on - ordered_on).days <= tariff.cooling_off_days
    ):
        return Decision(None, f"Cancelled within {tariff.cooling_off_days} days of ordering")
    return _by_notice(tariff, price_pence, session_date, cancelled_on)


_PROVIDER_SIDE = {
    CancelledBy.PROVIDER: "Cancelled by the provider",
    CancelledBy.RELEASING_SCHOOL: "Cancelled by the releasing school",
    CancelledBy.NO_SHOW_PROVIDER: "Nobody came from the provider",
}


def _by_notice(
    tariff: CancellationTariff, price_pence: int, session_date: date, cancelled_on: date
) -> Decision:
    tiers = tariff.tiers_for(session_date, price_pence)
    reached = (tier for tier in tiers if tier.reaches(cancelled_on=cancelled_on, session_date=session_date))
    tier = next(reached, None)
    measure = tier or (tiers[0] if tiers else Tier(percent_bp=WHOLE_PRICE_BP))
    days = measure.notice(cancelled_on, session_date)
    given = f"Cancelled with {measure.notice_words(days)}" if days else "Cancelled on the day"
    given += " for a peak date" if tariff.is_peak(session_date) else ""
    return Decision(tier, f"{given} ({tier.when})" if tier else given)


def _outcome(price_pence: int, charge_pence: int, explanation: str) -> TariffOutcome:
    return TariffOutcome(
        charge_pence=charge_pence,
        refund_pence=max(0, price_pence - charge_pence),
        extra_pence=max(0, charge_pence - price_pence),
        explanation=explanation,
    )


# In words, before anything is bought ---------------------------------------------------------------------------------


def describe(tariff: CancellationTariff) -> list[str]:
    """The tariff in sentences, to be shown before a school buys."""
    sentences = list(_tier_sentences(tariff.tiers))
    if tariff.cooling_off_days:
        sentences.append(f"You can cancel free of charge within {tariff.cooling_off_days} days of ordering.")
    if tariff.peak_dates:
        dates = " and ".join(
            f"{long_date(peak.first_day)} to {long_date(peak.last_day)}" for peak in tariff.peak_dates
        )
        sentences.append(f"On peak dates ({dates}) other charges apply:")
        sentences.extend(_tier_sentences(tariff.peak_tiers))
    if tariff.free_tiers:
        sentences.append("For sessions that are free of charge:")
        sentences.extend(_tier_sentences(tariff.free_tiers))
    sentences.append(f"If the school is not ready or nobody comes: {(tariff.no_show or WHOLE_PRICE).words}.")
    if tariff.waived_if_refilled:
        sentences.append("There is no charge if somebody else takes the place.")
    if tariff.substitution_allowed:
        sentences.append(
            "A colleague may take part instead, or another school of your trust, federation or cluster may take the session, free"
            " of charge."
        )
    notice = tariff.provider_notice_working_days
    promise = f" The provider gives at least {notice} working days’ notice." if notice else ""
    sentences.append(
        f"If the provider or the releasing school cancels, you pay nothing or choose another date.{promise}"
    )
    return sentences


def _tier_sentences(tiers: tuple[Tier, ...]) -> Iterator[str]:
    if not tiers:
        yield "You can cancel free of charge up to the day of the session."
        return
    if (most := tiers[-1].at_most) is not None:
        yield f"You can cancel free of charge with more than {tiers[-1].notice_words(most)}."
    for tier in reversed(tiers):
        yield f"{tier.when[0].upper()}{tier.when[1:]}: {tier.words}."
