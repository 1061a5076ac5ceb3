"""When people last signed in, and reminders that a convenor sent to schools not heard of.

Most schools sign in often; some have accounts that nobody has used for a year or ever. Reminders went to a few of those, and to some
that have taken part since.
"""

from datetime import timedelta

from marketplace.coverage.engagement import rules
from marketplace.coverage.engagement.models import EngagementNudge
from marketplace.coverage.engagement.queries import Contacts, contacts_of
from marketplace.coverage.engagement.reading import standings
from marketplace.coverage.engagement.rules import Standing
from marketplace.demo_area.bodies import Place
from marketplace.demo_area.people import Enrolment, People
from marketplace.demo_area.stage import Chance, Today, write, write_history
from marketplace.kernel.access import Role
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import Membership, Organisation, User

REMINDED, REMINDED_AND_CAME = 4, 3
PERCENT_WITH_A_HEAD = 50


def take_part(place: Place, people: People, enrolment: Enrolment, chance: Chance, today: Today) -> None:
    """Give some of the quiet schools a head, sign everybody in at their last moment, then write the reminders."""
    for school in rules.quiet(standings(place.area), today.now - rules.WINDOW):
        if not school.people and chance.happens(PERCENT_WITH_A_HEAD):
            enrolment.enrol(Organisation.objects.get(pk=school.pk), Role.HEADTEACHER)
    enrolment.write()
    _sign_in(place, chance, today)
    if people.convenors:
        _remind(place, people.convenors[0], chance, today)


def _sign_in(place: Place, chance: Chance, today: Today) -> None:
    """Where a school did something of late somebody was there; where it did nothing, long ago or never."""
    since = today.now - rules.WINDOW
    known = {school.pk: school for school in standings(place.area)}
    users: dict[int, User] = {}
    held = Membership.objects.filter(ended_at__isnull=True).select_related("user").order_by("pk")
    for each in held:
        person = each.user
        school = known.get(each.organisation_id)
        if school is None or school.takes_part(since):
            person.last_login = today.ago(chance.rng.randrange(1, 60))
        elif chance.happens(70):
            person.last_login = today.ago(chance.one_of((12, 40, 380, 410, 425)))
        users[person.pk] = person
    User.objects.bulk_update(users.values(), ["last_login"], batch_size=500)


def _remind(place: Place, convenor: User, chance: Chance, today: Today) -> None:
    since = today.now - rules.WINDOW
    found = standings(place.area)
    contacts = contacts_of([school.pk for school in found])
    silent = [school for school in rules.quiet(found, since) if _somebody(contacts[school.pk])]
    came = [
        school
        for school in found
        if rules.Signal.NEEDS in school.latest and school.people and school.takes_part(since)
    ]
    chosen = [(school, 45) for school in silent[:REMINDED]] + [
        (school, 20) for school in silent[REMINDED : REMINDED + 1]
    ]
    nudges = [_nudge(school, contacts[school.pk], convenor, today, days, chance) for school, days in chosen]
    for school in came[:REMINDED_AND_CAME]:
        nudge = _nudge(school, contacts[school.pk], convenor, today, 0, chance)
        nudge.sent_at = school.latest[rules.Signal.NEEDS] - timedelta(days=chance.rng.randrange(2, 15))
        nudges.append(nudge)
    write(nudges)
    write_history(_sent(nudge) for nudge in nudges)


def _somebody(contacts: Contacts) -> bool:
    return bool(contacts.people or contacts.leads)


def _nudge(
    school: Standing, contacts: Contacts, convenor: User, today: Today, days: int, chance: Chance
) -> EngagementNudge:
    return EngagementNudge(
        school_id=school.pk,
        message=rules.words_for("", school.name),
        people=len(contacts.people),
        leads=len(contacts.leads),
        sent_by=convenor,
        sent_at=chance.time_on((today.ago(days)).date()) if days else today.now,
    )


def _sent(nudge: EngagementNudge) -> HistoryEntry:
    return HistoryEntry(
        subject_type=EngagementNudge._meta.label_lower,
        subject_id=nudge.pk,
        verb="send",
        by=nudge.sent_by,
        by_name=str(nudge.sent_by),
        note=nudge.message,
        at=nudge.sent_at,
    )
