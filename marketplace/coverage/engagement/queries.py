"""Who takes part, and who may see so: a convenor each school, the board and scrutiny shares of groups of schools only."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, QuerySet
from django.utils import timezone

from marketplace.coverage.disclosure import BOARD_SCHOOLS
from marketplace.coverage.engagement import rules
from marketplace.coverage.engagement.models import EngagementNudge, EngagementWords
from marketplace.coverage.engagement.reading import standings
from marketplace.coverage.engagement.rules import Dimension, Line, Standing
from marketplace.coverage.queries import Sight
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Membership, School

LEADS = (Role.TRUST_LEAD, Role.PROVIDER_LEAD)
"""Who is told for a trust or a diocese when one of its schools is reminded."""


def since(now: datetime | None = None) -> datetime:
    """The moment from which on something counts as done in the last twelve months."""
    return (now or timezone.now()) - rules.WINDOW


def shares_of(
    sight: Sight, dimension: Dimension, chosen: dict[Dimension, str], *, now: datetime | None = None
) -> tuple[list[Line], Line]:
    """The table of a dimension, of schools in all the groups `chosen`, and its line of all of them.

    Exact for a convenor. For others small numbers are hidden, and there is no choosing: two choices could be subtracted.
    """
    found = standings(sight.area)
    if not sight.exact:
        return rules.table(found, dimension, since(now), least=BOARD_SCHOOLS)
    return rules.table(in_groups(found, chosen), dimension, since(now))


def schools_of(sight: Sight) -> list[Standing]:
    """Every open school of the area with what it did, for a convenor; `NotFound` for others."""
    _must_convene(sight)
    return standings(sight.area)


def in_groups(schools: Iterable[Standing], chosen: dict[Dimension, str]) -> list[Standing]:
    """The schools that are in every group chosen; an empty code chooses nothing."""
    return [
        school
        for school in schools
        if all(rules.in_group(school, dimension, code) for dimension, code in chosen.items() if code)
    ]


def groups_in(schools: Iterable[Standing]) -> dict[Dimension, list[rules.Named]]:
    """The groups there are to choose from, by dimension, those without a group last."""
    found: dict[Dimension, set[rules.Named]] = {dimension: set() for dimension in Dimension}
    for school in schools:
        for dimension, groups in rules.GROUPS.items():
            found[dimension].update(groups(school))
    return {
        dimension: sorted(groups, key=lambda group: (group[0] == rules.NONE, group[1]))
        for dimension, groups in found.items()
    }


def words_of(sight: Sight) -> str:
    """What the area's reminders say."""
    _must_convene(sight)
    kept = EngagementWords.objects.filter(area=sight.area).first()
    return kept.text if kept else rules.DEFAULT_WORDS


def nudges_in(sight: Sight) -> QuerySet[EngagementNudge]:
    """Reminders to schools of the area, the newest first."""
    _must_convene(sight)
    return EngagementNudge.objects.filter(school__school__area=sight.area).select_related(
        "school__school", "sent_by"
    )


def last_nudges(schools: Collection[int]) -> dict[int, datetime]:
    """When each of these schools was last reminded."""
    rows = EngagementNudge.objects.filter(school__in=schools).order_by().values_list("school")
    return dict(rows.annotate(last=Max("sent_at")))


@dataclass(frozen=True)
class Contact:
    """Somebody with an account who can be written to, and for which organisation."""

    user_id: int
    name: str
    email: str
    role: Role
    organisation_id: int
    organisation: str


@dataclass(frozen=True)
class Contacts:
    """Whom a reminder to a school goes to: its own people, and the leads of its trust and diocese."""

    people: tuple[Contact, ...] = ()
    leads: tuple[Contact, ...] = ()


def contacts_of(schools: Collection[int]) -> dict[int, Contacts]:
    """Whom a reminder to each of these schools goes to: its headteachers, else everybody there; two queries, however many schools."""
    above = {
        pk: {trust, diocese} - {None}
        for pk, trust, diocese in School.objects.filter(pk__in=schools).values_list("pk", "trust", "diocese")
    }
    asked = {*above, *(each for groups in above.values() for each in groups)}
    held: dict[int, list[Contact]] = {}
    rows = Membership.objects.filter(organisation__in=asked, ended_at__isnull=True, user__is_active=True)
    for row in rows.select_related("user", "organisation").order_by("pk"):
        person, organisation = row.user, row.organisation
        contact = Contact(
            person.pk, str(person), person.email, Role(row.role), organisation.pk, organisation.name
        )
        held.setdefault(organisation.pk, []).append(contact)
    return {
        pk: Contacts(
            _first_asked(held.get(pk, ())),
            _each_once(
                each for group in sorted(groups) for each in held.get(group, ()) if each.role in LEADS
            ),
        )
        for pk, groups in above.items()
    }


def to_remind(sight: Sight) -> list[Standing]:
    """Schools that a reminder to all would go to now, for a convenor: quiet, not reminded lately, with somebody to tell."""
    silent = rules.quiet(schools_of(sight), since())
    return due_of(silent, contacts_of([school.pk for school in silent]))


def due_of(silent: Sequence[Standing], contacts: Mapping[int, Contacts]) -> list[Standing]:
    """Of schools that take no part those that may be reminded now; one that is not among `contacts` is left out."""
    last, now = last_nudges(list(contacts)), timezone.now()
    again = {pk: rules.may_nudge_from(last.get(pk)) for pk in contacts}
    return [
        school
        for school in silent
        if (whom := contacts.get(school.pk))
        and (whom.people or whom.leads)
        and ((moment := again[school.pk]) is None or moment <= now)
    ]


def _first_asked(there: Collection[Contact]) -> tuple[Contact, ...]:
    heads = [each for each in there if each.role == Role.HEADTEACHER]
    return _each_once(heads or there)


def _each_once(contacts: Iterable[Contact]) -> tuple[Contact, ...]:
    return tuple({each.user_id: each for each in contacts}.values())


def convened(actor: Actor, area: Area) -> Sight:
    """The area as its convenor sees it; `NotFound` for others."""
    if not actor.convenes(area.pk):
        raise NotFound
    return Sight(area, exact=True)


def _must_convene(sight: Sight) -> None:
    if not sight.exact:
        raise NotFound
