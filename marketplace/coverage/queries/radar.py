"""The unmet-demand radar: what was looked for or asked for in vain, by theme, phase and month.

It counts four kinds of disappointment: a search that found nothing; a request for support that got no response, was declined by
everybody or brought nothing suitable; a request that was withdrawn; and a waiting list for a course that closed before there was a
place. A search for several themes counts once for each. For the board, numbers that fewer schools than `disclosure` allows stand
behind are hidden, and so is what would give them away by subtraction; who it was, only a convenor sees.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from marketplace.bookings.models import EventStatus, WaitingStatus
from marketplace.bookings.queries import courses
from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import RequestStatus, UnmetCause, UnmetDemand
from marketplace.catalogue import queries as catalogue
from marketplace.coverage import disclosure
from marketplace.coverage.queries.access import Sight
from marketplace.kernel import audit
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Phase

MONTHS = 6
RISING = 1.25
"""The later half of the months has at least a quarter more than the earlier: called rising. The same the other way: falling."""

WITHDRAWN = "withdrawn"
WAITING = "waiting"
CAUSES: dict[str, str] = {
    **{str(value): str(label) for value, label in UnmetCause.choices},
    WITHDRAWN: "A request was withdrawn",
    WAITING: "A waiting list closed without a place",
}


@dataclass(frozen=True)
class Signal:
    """One disappointment. `theme` and `phase` are codes, empty where nobody said; `words` are what a person looked for."""

    at: datetime
    cause: str
    theme: str
    phase: str
    organisation: int | None
    who: str
    words: str
    note: str = ""
    told_us: bool = False

    @property
    def month(self) -> date:
        return local(self.at).date().replace(day=1)

    @property
    def cause_label(self) -> str:
        return CAUSES[self.cause]


@dataclass
class Blip:
    """A theme and phase: counts by month, `None` where hidden. `theme` is empty for what names no theme."""

    theme: str
    theme_name: str
    phase: str
    months: list[int | None]
    total: int | None
    causes: dict[str, int] = field(default_factory=dict)

    @property
    def phase_label(self) -> str:
        return str(Phase(self.phase).label) if self.phase else "No phase named"

    @property
    def trend(self) -> str:
        """Rising, falling or level, from the later half of the months against the earlier; empty where a month is hidden."""
        if None in self.months:
            return ""
        counts = [month or 0 for month in self.months]
        half = len(counts) // 2
        earlier, later = sum(counts[:half]), sum(counts[-half:])
        if later > earlier and later >= RISING * earlier:
            return "rising"
        return "falling" if earlier > later and earlier >= RISING * later else "level"


@dataclass(frozen=True)
class Radar:
    """`blips`, the most first; `totals` by month over all of them, `None` where hidden."""

    months: list[date]
    blips: list[Blip]
    totals: list[int | None]
    total: int | None


def radar(sight: Sight, *, today: date, theme: str = "", phase: str = "", cause: str = "") -> Radar:
    """What came to nothing in the area in the last months: this one included for a convenor, whole ones for the board.

    The board cannot narrow it down, nor look twice while a month goes on: two readings subtracted could give a school away.
    """
    months = _months(today if sight.exact else today.replace(day=1) - timedelta(days=1))
    signals = [each for each in _signals(sight, months[0]) if each.month in months]
    if sight.exact:
        signals = _chosen(signals, theme, phase, cause)
    counted = _Counted(signals, months)
    hidden = set() if sight.exact else counted.hidden()
    names = {each.code: each.name for each in catalogue.themes()}

    def number(key: "Key") -> int | None:
        return None if key in hidden else counted.number(key)

    blips = [
        Blip(
            theme=code,
            theme_name=names.get(code, code) if code else "No theme named",
            phase=of_phase,
            months=[number((code, of_phase, month)) for month in months],
            total=number((code, of_phase, None)),
            causes=counted.causes(code, of_phase) if sight.exact else {},
        )
        for code, of_phase in counted.rows
    ]
    blips.sort(key=lambda blip: (not blip.theme, -(blip.total or 0), blip.theme_name, blip.phase))
    return Radar(months, blips, [number((None, None, month)) for month in months], number((None, None, None)))


def signals_of(
    actor: Actor, sight: Sight, *, today: date, theme: str = "", phase: str = "", cause: str = ""
) -> list[Signal]:
    """Each disappointment with who it was, the latest first, for a convenor; reading them is recorded, and so is a refusal."""
    audit.record(by=actor, what="unmet demand", subject=sight.area, allowed=sight.exact)
    if not sight.exact:
        raise NotFound
    return _chosen(_signals(sight, _months(today)[0]), theme, phase, cause)


def _months(today: date) -> list[date]:
    """First days of the last months, that of the day included, oldest first."""
    at = today.year * 12 + today.month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(at - MONTHS + 1, at + 1)]


def _chosen(signals: Iterable[Signal], theme: str, phase: str, cause: str) -> list[Signal]:
    return [
        each
        for each in signals
        if theme in ("", each.theme) and phase in ("", each.phase) and cause in ("", each.cause)
    ]


# What is counted --------------------------------------------------------------------------------------------------------


def _signals(sight: Sight, since: date) -> list[Signal]:
    """Everything since a day, the latest first."""
    found = [*_log(sight, since), *_withdrawn(sight, since), *_waited_in_vain(sight, since)]
    return sorted(found, key=lambda each: each.at, reverse=True)


def _log(sight: Sight, since: date) -> Iterator[Signal]:
    """The log of brokerage: searches, and requests that came to nothing."""
    rows = UnmetDemand.objects.filter(area=sight.area, at__date__gte=since).select_related("organisation")
    known = {theme.code for theme in catalogue.themes()}
    for row in rows:
        themes = [code for code in _said(row.query, "theme") if code in known] or [""]
        phases = [phase for phase in _said(row.query, "phase") if phase in Phase.values]
        for theme in themes:
            yield Signal(
                at=row.at,
                cause=row.cause,
                theme=theme,
                phase=phases[0] if len(phases) == 1 else "",
                organisation=row.organisation_id,
                who=row.organisation.name if row.organisation else "",
                words="; ".join(_said(row.query, "q")),
                note=row.note,
                told_us=row.told_us,
            )


def _said(query: Mapping[str, Any], name: str) -> list[str]:
    values = query.get(name, [])
    return [str(value) for value in values] if isinstance(values, list) else [str(values)]


def _withdrawn(sight: Sight, since: date) -> Iterator[Signal]:
    """Requests that had been sent and were taken back before anybody was chosen."""
    rows = brokerage.requests_visible_to(SYSTEM).filter(
        school__school__area=sight.area,
        status=RequestStatus.WITHDRAWN,
        opened_at__isnull=False,
        decided_at__date__gte=since,
    )
    for row in rows:
        assert row.decided_at is not None
        yield Signal(
            at=row.decided_at,
            cause=WITHDRAWN,
            theme=row.theme.code,
            phase=row.phase,
            organisation=row.school_id,
            who=row.school.name,
            words=row.title,
            note=row.decision_reason,
        )


def _waited_in_vain(sight: Sight, since: date) -> Iterator[Signal]:
    """Schools that still waited for a course when its list closed, unless the course did not take place at all."""
    rows = (
        courses.waiting_visible_to(SYSTEM)
        .filter(
            school__school__area=sight.area,
            status=WaitingStatus.CLOSED,
            event__closes_at__date__gte=since,
        )
        .exclude(event__status=EventStatus.CANCELLED)
        .prefetch_related("event__offer_version__themes")
    )
    for row in rows:
        phases = row.school.school.phases
        for theme in row.event.offer_version.themes.all():
            yield Signal(
                at=row.event.closes_at,
                cause=WAITING,
                theme=theme.code,
                phase=phases[0] if len(phases) == 1 else "",
                organisation=row.school_id,
                who=row.school.name,
                words=row.event.title,
            )


# Counting and hiding ----------------------------------------------------------------------------------------------------

Key = tuple[str | None, str | None, date | None]
"""Theme, phase and month; `None` stands for all of them."""


class _Counted:
    """Signals by theme, phase and month, with the totals."""

    def __init__(self, signals: Sequence[Signal], months: Sequence[date]) -> None:
        self.months = months
        self.signals = signals
        self.of: dict[Key, list[Signal]] = {}
        for each in signals:
            for row in ((each.theme, each.phase), (None, None)):
                for month in (each.month, None):
                    self.of.setdefault((*row, month), []).append(each)

    @property
    def rows(self) -> list[tuple[str, str]]:
        return sorted({(each.theme, each.phase) for each in self.signals})

    def number(self, key: Key) -> int:
        return len(self.of.get(key, ()))

    def causes(self, theme: str, phase: str) -> dict[str, int]:
        """How often each cause, in words, the most frequent first."""
        found: dict[str, int] = {}
        for each in self.of[theme, phase, None]:
            found[each.cause_label] = found.get(each.cause_label, 0) + 1
        return dict(sorted(found.items(), key=lambda item: -item[1]))

    def hidden(self) -> set[Key]:
        """What the board may not see: too few schools behind it, or told by what is left of a total."""
        parts = {key: _part(signals) for key, signals in self.of.items()}
        rows: list[tuple[str | None, str | None]] = [*self.rows, (None, None)]
        sums: list[list[Key]] = [[(*row, month) for month in (None, *self.months)] for row in rows]
        sums += [[(*row, month) for row in rows] for month in (None, *self.months)]
        return self._closed(disclosure.hidden(parts, sums))

    def _closed(self, hidden: set[Key]) -> set[Key]:
        """With one month of a row goes every month of it, for each hidden one is at least 1 and the total would tell them.

        A row alone in that would be what the other rows leave of the totals: then the totals by month go too.
        """
        closed = [row for row in self.rows if any((*row, month) in hidden for month in self.months)]
        whole: list[tuple[str | None, str | None]] = [*closed, *([(None, None)] if len(closed) == 1 else [])]
        return hidden | {(*row, month) for row in whole for month in self.months}


def _part(signals: Sequence[Signal]) -> disclosure.Part:
    """Whoever did not say who they are may be one and the same school."""
    by_school: dict[int | None, int] = {}
    for each in signals:
        by_school[each.organisation] = by_school.get(each.organisation, 0) + 1
    return disclosure.Part(len(by_school), len(signals), max(by_school.values()) / len(signals))
