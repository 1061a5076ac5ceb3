"""Who is free on which day: pattern, terms, closed days and agreed days as the rules of bookings see them."""

from collections import defaultdict
from datetime import date, timedelta

from marketplace.bookings import queries, rules
from marketplace.demo_area.offers import Listed
from marketplace.demo_area.practitioners import Deployable, Teams
from marketplace.demo_area.stage import Chance, Today
from marketplace.kernel.dates import academic_year

FIRST_DAY, LAST_DAY = -370, 160
SESSIONS = ("day", "morning", "afternoon", "twilight")
WEIGHTS = (55, 20, 20, 5)


class Openings:
    """The free days of all people, less what has been taken so far."""

    def __init__(self, teams: Teams, chance: Chance, today: Today) -> None:
        self.chance, self.today = chance, today
        people = [each.practitioner for each in teams.people]
        self._facts = queries.facts_of(
            people, today + FIRST_DAY, today + LAST_DAY, now=today.now, with_bookings=False
        )
        self._taken: set[tuple[int, date]] = set()
        self._load: dict[tuple[int, str], int] = defaultdict(int)

    def travel_minutes(self, each: Deployable) -> int:
        return self._facts[each.practitioner.pk].travel_minutes

    def notice_days(self, each: Deployable) -> int:
        return self._facts[each.practitioner.pk].minimum_notice_days

    def find(
        self, each: Deployable, days: tuple[int, int], *, minimum: int = 1, session: str = ""
    ) -> tuple[date, str] | None:
        """A free day of the person between two days from today, with a session long enough; `None` where there is none."""
        wanted = session or self.chance.rng.choices(SESSIONS, WEIGHTS)[0]
        if rules.SESSIONS[wanted].half_days < minimum:
            wanted = "day"
        weekdays = {stretch.weekday for stretch in self._facts[each.practitioner.pk].pattern}
        possible = [
            day
            for offset in range(days[0], days[1] + 1)
            if (day := self.today + offset).weekday() in weekdays
            and (each.practitioner.pk, day) not in self._taken
        ]
        self.chance.rng.shuffle(possible)
        for day in possible:
            if self._is_open(each, day, wanted):
                return day, wanted
        return None

    def take(self, each: Deployable, day: date, session: str, *, counts: bool) -> None:
        """Nobody else gets the person on that day; `counts` where it uses up days agreed with their head."""
        self._taken.add((each.practitioner.pk, day))
        if counts:
            self._load[each.practitioner.pk, academic_year(day)] += rules.SESSIONS[session].half_days

    def _is_open(self, each: Deployable, day: date, session: str) -> bool:
        """Whether person and school have the time: nobody visits a school in its holidays, whatever their diary says."""
        pk = each.practitioner.pk
        if not any(day in term for term in self._facts[pk].terms):
            return False
        left = each.practitioner.agreed_half_days - self._load[pk, academic_year(day)]
        if left < rules.SESSIONS[session].half_days:
            return False
        return not rules.why_closed(self._facts[pk], day, session)


def wider(days: tuple[int, int]) -> tuple[int, int]:
    """The same window made larger away from today, for holidays: as much as a summer."""
    first, last = days
    return (max(first - 60, FIRST_DAY), last) if first < 0 else (first, min(last + 60, LAST_DAY))


def lead_time(chance: Chance) -> timedelta:
    """How long before the day people book."""
    return timedelta(days=chance.rng.choice((14, 18, 21, 25, 30, 35, 45, 60)))


BOOKABLE_KINDS = ("per_day", "per_half_day", "per_session", "fixed")


def is_bookable(each: Listed) -> bool:
    """Offers of people's time at a price for a session, that were on show at some time."""
    kind = each.listing.price.get("kind")
    of_time = each.listing.is_of_days or each.listing.kind == "inset"
    return bool(each.people) and of_time and kind in BOOKABLE_KINDS and each.offer.published_at is not None
