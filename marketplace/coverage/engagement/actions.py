"""Reminding schools that do not take part."""

from django.utils import timezone

from marketplace.coverage.engagement import queries, rules
from marketplace.coverage.engagement.models import EngagementNudge, EngagementWords
from marketplace.coverage.engagement.queries import Contacts
from marketplace.coverage.engagement.reading import standings
from marketplace.coverage.engagement.rules import Standing
from marketplace.coverage.errors import EngagementWordsInvalid, NobodyToTell, NudgedTooSoon
from marketplace.coverage.events import SchoolNudged
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound, NotNow
from marketplace.organisations.models import Area, School


@action
def nudge_school(*, actor: Actor, school: School) -> EngagementNudge:
    """Remind one school that has not taken part for a year, as convenor of its area, in the area's words.

    Raises `NotNow` where it has done something since, `NudgedTooSoon` within 30 days of the last reminder, `NobodyToTell` where neither it
    nor its trust or diocese has anybody with an account.
    """
    row: School = locked(School.objects.select_related("organisation", "area"), pk=school.pk)
    sight = queries.convened(actor, row.area)
    found = standings(row.area, [row.pk])
    if not found:
        raise NotFound
    now = timezone.now()
    if found[0].takes_part(queries.since(now)):
        raise NotNow(
            f"{row.organisation} takes part.", remedy="Look at the list again: it has done something since."
        )
    again = rules.may_nudge_from(queries.last_nudges([row.pk]).get(row.pk))
    if again is not None and now < again:
        raise NudgedTooSoon(
            f"{row.organisation} was reminded less than 30 days ago.",
            remedy=f"You can remind it again from {long_date(local(again).date())}.",
        )
    contacts = queries.contacts_of([row.pk])[row.pk]
    if not contacts.people and not contacts.leads:
        raise NobodyToTell(
            f"Nobody at {row.organisation} has an account, nor anybody who leads its trust or diocese.",
            remedy="Invite its headteacher, or telephone the school.",
        )
    return _nudge(actor, found[0], contacts, queries.words_of(sight))


@action
def nudge_all_quiet(*, actor: Actor, area: Area) -> int:
    """Remind every school of the area that has not taken part for a year and may be reminded; how many."""
    area = locked(Area.objects.all(), pk=area.pk)
    words = queries.words_of(queries.convened(actor, area))
    now = timezone.now()
    silent = rules.quiet(standings(area), queries.since(now))
    # Locked in one order, so that a reminder to one of them at the same moment comes before or after.
    keys = list(
        School.objects.select_for_update(no_key=True, of=("self",))
        .filter(pk__in=[school.pk for school in silent])
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    contacts = queries.contacts_of(keys)
    told = queries.due_of(silent, contacts)
    for school in told:
        _nudge(actor, school, contacts[school.pk], words)
    return len(told)


@action
def change_words(*, actor: Actor, area: Area, text: str) -> str:
    """Choose what the area's reminders say; an empty text goes back to the words the exchange brings. What they say now comes back.

    `[school]` stands for the school's name. Raises `EngagementWordsInvalid`.
    """
    queries.convened(actor, area)
    text = text.strip()
    if len(text) > rules.LONGEST_WORDS:
        raise EngagementWordsInvalid(
            f"The words are {len(text)} characters long.",
            remedy=f"Use up to {rules.LONGEST_WORDS}.",
            field="text",
        )
    area = locked(Area.objects.all(), pk=area.pk)
    if text in ("", rules.DEFAULT_WORDS):
        EngagementWords.objects.filter(area=area).delete()
    else:
        EngagementWords.objects.update_or_create(
            area=area,
            defaults={"text": text, "changed_at": timezone.now(), "changed_by_name": actor.name[:150]},
        )
    history.write(area, verb="change_engagement_words", by=actor, note=text)
    return text or rules.DEFAULT_WORDS


def _nudge(actor: Actor, school: Standing, contacts: Contacts, words: str) -> EngagementNudge:
    nudge = EngagementNudge.objects.create(
        school_id=school.pk,
        message=rules.words_for(words, school.name)[:1200],
        people=len(contacts.people),
        leads=len(contacts.leads),
        sent_by_id=actor.user_id,
        sent_at=timezone.now(),
    )
    history.write(nudge, verb="send", by=actor, note=nudge.message)
    events.publish(SchoolNudged(nudge.pk))
    return nudge
