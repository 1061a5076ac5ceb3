"""What schools say they need: some three hundred needs with a geography of their own, and their word that the list is complete.

`TOPICS` says how many schools in a hundred of a phase need what, and where they rather lie. Together with the listings it makes
the picture that coverage shows. About three schools in four confirm their list, a few of them an empty one.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from marketplace.brokerage.models import Need, NeedLevel, NeedsReturn, NeedStatus, Urgency
from marketplace.catalogue.models import Theme
from marketplace.demo_area.bodies import MIDDLE, Place, Spot
from marketplace.demo_area.listings import Listing
from marketplace.demo_area.listings.form import EARLY, POST_16, PRIMARY, SECONDARY, SPECIAL
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today, write, write_history
from marketplace.demo_area.words.support import NEED_NOTES, NEED_WITHDRAWN
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import ACADEMIC, academic_year, contract_year, to_utc
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import School, User

Where = Callable[[Spot], float]


def anywhere(spot: Spot) -> float:
    return 1


def in_the_middle(spot: Spot) -> float:
    return 3 if spot.apart(MIDDLE) < 0.25 else 0.7


def in_the_east(spot: Spot) -> float:
    return 2.5 if spot.east > 0.2 else 1


def in_the_west(spot: Spot) -> float:
    return 2.5 if spot.east < -0.3 else 1


@dataclass(frozen=True)
class Topic:
    """A theme in a phase: how many schools of the phase in a hundred need it, where, and with what days (half-days) if they say."""

    theme: str
    phase: str
    in_a_hundred: float
    where: Where = anywhere
    half_days: tuple[int, ...] = (2, 4, 6, 8)


TOPICS = (
    Topic("phonics", PRIMARY, 29, in_the_middle, (4, 6, 8, 10)),
    Topic("writing", PRIMARY, 20),
    Topic("maths", PRIMARY, 29, in_the_west, (4, 6, 8)),
    Topic("oracy", PRIMARY, 7),
    Topic("curriculum-subjects", PRIMARY, 13),
    Topic("assessment", PRIMARY, 7, half_days=(1, 2, 3)),
    Topic("data-analysis", PRIMARY, 4, half_days=(1, 2)),
    Topic("send-provision", PRIMARY, 26, in_the_east, (4, 6, 10, 12)),
    Topic("send-identification", PRIMARY, 13, in_the_east),
    Topic("attendance", PRIMARY, 19, in_the_east, (4, 6, 8)),
    Topic("behaviour", PRIMARY, 11),
    Topic("mental-health", PRIMARY, 10),
    Topic("disadvantage", PRIMARY, 9, in_the_middle),
    Topic("pupil-premium-review", PRIMARY, 4, half_days=(4,)),
    Topic("eal", PRIMARY, 6, in_the_middle),
    Topic("safeguarding-culture", PRIMARY, 8, half_days=(2, 3, 4)),
    Topic("transition", PRIMARY, 3),
    Topic("leadership-development", PRIMARY, 10),
    Topic("headteacher-induction", PRIMARY, 5, half_days=(6, 12)),
    Topic("headteacher-performance", PRIMARY, 6, half_days=(2, 3)),
    Topic("self-evaluation", PRIMARY, 6, half_days=(2, 4)),
    Topic("ofsted-readiness", PRIMARY, 9, half_days=(2, 4)),
    Topic("external-review-of-governance", PRIMARY, 4, half_days=(3, 4)),
    Topic("governor-development", PRIMARY, 9, half_days=(1, 2, 4)),
    Topic("resource-management", PRIMARY, 6, half_days=(2, 4)),
    Topic("estates-and-safety", PRIMARY, 3, half_days=(2,)),
    Topic("reception-quality", EARLY, 26),
    Topic("nursery-provision", EARLY, 9),
    Topic("maths", SECONDARY, 18),
    Topic("curriculum-subjects", SECONDARY, 22),
    Topic("attendance", SECONDARY, 36, in_the_east, (6, 10, 12)),
    Topic("behaviour", SECONDARY, 36),
    Topic("exclusions", SECONDARY, 24),
    Topic("mental-health", SECONDARY, 26),
    Topic("leadership-development", SECONDARY, 26),
    Topic("ofsted-readiness", SECONDARY, 22, half_days=(2, 4)),
    Topic("disadvantage", SECONDARY, 16),
    Topic("careers", SECONDARY, 18, half_days=(2, 4)),
    Topic("governor-development", SECONDARY, 12, half_days=(2,)),
    Topic("sixth-form-provision", POST_16, 24),
    Topic("send-provision", SPECIAL, 34),
    Topic("behaviour", SPECIAL, 24),
    Topic("curriculum-subjects", SPECIAL, 24),
)

MOST_NEEDS_OF_A_SCHOOL = 6
PERCENT_OF_SCHOOLS_WITHOUT = 11
PERCENT_CONFIRMED = 75
FORCED = ("send-provision", "attendance", "phonics")
"""What the school of the people to sign in as needs, whatever chance says."""


@dataclass
class Needs:
    """The needs of an area, and the themes they name."""

    rows: list[Need] = field(default_factory=list)
    themes: dict[str, Theme] = field(default_factory=dict)
    history: list[HistoryEntry] = field(default_factory=list)

    def half_days_for(self, listing: Listing, already_met: dict[int, int]) -> int:
        """Half-days still needed in the themes and phases of a listing, less those booked (by need)."""
        codes = {self.themes[code].pk for code in listing.themes}
        return sum(
            max(0, need.half_days_needed - already_met.get(need.pk, 0))
            for need in self.rows
            if need.status == NeedStatus.OPEN and need.theme_id in codes and need.phase in listing.phases
        )


def declare_needs(place: Place, people: People, chance: Chance, today: Today, *, silent: set[int]) -> Needs:
    """The needs of this school year, with the confirmations of this and last year."""
    needs = Needs(themes={theme.code: theme for theme in Theme.objects.select_related("parent")})
    answering = [school for school in place.schools if school.pk not in silent]
    without = set(
        chance.rng.sample(
            [s.pk for s in answering if s != people.receiving_school],
            len(answering) * PERCENT_OF_SCHOOLS_WITHOUT // 100,
        )
    )
    wanted: dict[int, list[Topic]] = {}
    for topic in TOPICS:
        _spread(topic, [s for s in answering if s.pk not in without], place, people, chance, wanted)
    by_pk = {school.pk: school for school in answering}
    for pk, topics in wanted.items():
        for topic in topics:
            needs.rows.append(_need(by_pk[pk], topic, needs, people, chance, today))
    needs.rows.sort(key=lambda need: (need.declared_at, need.reference))
    write(needs.rows)
    for need in needs.rows:
        needs.history += _history(need, people, chance, today)
    write_history(needs.history)
    _confirm(place, answering, people, chance, today)
    return needs


def _spread(
    topic: Topic,
    schools: list[School],
    place: Place,
    people: People,
    chance: Chance,
    wanted: dict[int, list[Topic]],
) -> None:
    """Give the topic to its share of the schools of its phase, none of which gets too many."""
    able = [
        s for s in schools if topic.phase in s.phases and len(wanted.get(s.pk, ())) < MOST_NEEDS_OF_A_SCHOOL
    ]
    number = round(topic.in_a_hundred * len(place.of_phase(topic.phase)) / 100)
    weights = [topic.where(place.spots.get(s.pk, MIDDLE)) / (1 + len(wanted.get(s.pk, ()))) for s in able]
    chosen = chance.some_of(able, weights, number)
    own = people.receiving_school
    if own and topic.theme in FORCED and topic.phase == PRIMARY and own not in chosen:
        chosen.append(own)
    for school in chosen:
        wanted.setdefault(school.pk, []).append(topic)


def _need(school: School, topic: Topic, needs: Needs, people: People, chance: Chance, today: Today) -> Need:
    by_level = chance.happens(25)
    forced = people.receiving_school is not None and school == people.receiving_school
    return Need(
        reference=chance.reference("ND"),
        school=school.organisation,
        theme=needs.themes[topic.theme],
        phase=topic.phase,
        level=chance.one_of((NeedLevel.LIGHT, NeedLevel.FOCUSED)) if by_level else NeedLevel.FOCUSED,
        half_days=None if by_level else chance.one_of(topic.half_days),
        urgency=chance.one_of((Urgency.THIS_TERM, Urgency.THIS_YEAR, Urgency.THIS_YEAR, Urgency.LATER)),
        remote_ok=chance.happens(30),
        max_price_pence=chance.one_of((40_000, 45_000, 50_000)) if chance.happens(6) else None,
        note=chance.one_of(NEED_NOTES).format(theme=needs.themes[topic.theme].name.lower()),
        status=NeedStatus.OPEN if forced else chance.one_of([NeedStatus.OPEN] * 23 + [NeedStatus.WITHDRAWN]),
        academic_year=academic_year(today.day),
        declared_by=_speaker(school, people),
        declared_at=chance.between(_begins(today), today.ago(1)),
    )


def _begins(today: Today) -> datetime:
    """When schools began to say what they need this year: in September, or in the last days of summer if it has just come."""
    begun = to_utc(contract_year(ACADEMIC, today.day).start, time(8))
    return max(min(begun, today.ago(20)), today.ago(110))


def _speaker(school: School, people: People) -> User | None:
    return people.heads.get(school.pk)


def _history(need: Need, people: People, chance: Chance, today: Today) -> list[HistoryEntry]:
    """Declared, and perhaps taken back, by the school's head; nobody is named where a school has nobody here."""
    by = need.declared_by
    line = {
        "subject_type": Need._meta.label_lower,
        "subject_id": need.pk,
        "by": by,
        "by_name": by.name if by else SYSTEM.name,
    }
    lines = [HistoryEntry(verb="declare", after=NeedStatus.OPEN, at=need.declared_at, **line)]
    if need.status == NeedStatus.WITHDRAWN:
        later = chance.between(need.declared_at + timedelta(hours=1), today.ago(0.1))
        lines.append(
            HistoryEntry(
                verb="withdraw",
                before=NeedStatus.OPEN,
                after=NeedStatus.WITHDRAWN,
                note=chance.one_of(NEED_WITHDRAWN),
                at=later,
                **line,
            )
        )
    return lines


def _confirm(place: Place, answering: list[School], people: People, chance: Chance, today: Today) -> None:
    """Three in four confirm this year's list; most of those did so a year ago."""
    own = people.receiving_school
    may = [school for school in answering if school != own]
    number = min(len(may), round(len(place.schools) * PERCENT_CONFIRMED / 100))
    this_year = chance.rng.sample(may, number)
    last_year = [school for school in this_year if chance.happens(80)]
    begins, year = _begins(today), contract_year(ACADEMIC, today.day).start
    a_year_ago = begins - timedelta(days=364)
    returns = [_return(s, people, year, chance.between(begins, today.now)) for s in this_year]
    returns += [
        _return(
            s, people, year - timedelta(days=1), chance.between(a_year_ago, a_year_ago + timedelta(days=34))
        )
        for s in last_year
    ]
    write(returns)
    write([_confirmed(each) for each in returns])


def _return(school: School, people: People, year: date, at: datetime) -> NeedsReturn:
    return NeedsReturn(
        school=school.organisation,
        academic_year=academic_year(year),
        confirmed_by=_speaker(school, people),
        confirmed_at=at,
    )


def _confirmed(each: NeedsReturn) -> HistoryEntry:
    by = each.confirmed_by
    return HistoryEntry(
        subject_type=NeedsReturn._meta.label_lower,
        subject_id=each.pk,
        verb="confirm",
        by=by,
        by_name=by.name if by else SYSTEM.name,
        at=each.confirmed_at,
    )
