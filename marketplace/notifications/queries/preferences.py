"""What people have chosen about e-mail, and who has a summary to come."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, QuerySet

from marketplace.kernel.access import Actor
from marketplace.kernel.dates import is_working_day, local, to_utc
from marketplace.notifications.choosing import default_of
from marketplace.notifications.conversations.subjects import KINDS
from marketplace.notifications.models import Choice, Conversation, Digest, Notification, Preference
from marketplace.notifications.queries.told import visible_to
from marketplace.notifications.rules import Kind

DIGEST_AT = time(7)
"""When the summary goes, by the clock in London."""
OLDEST_IN_DIGEST = timedelta(days=14)


def choices_of(actor: Actor) -> dict[Kind, Choice]:
    """What the person has chosen for each kind, or what holds without a choice. One query."""
    chosen = dict(Preference.objects.filter(user=actor.user_id).values_list("kind", "choice"))
    return {kind: Choice(chosen[kind]) if kind in chosen else default_of(kind) for kind in Kind}


def chosen_by(user_ids: Iterable[int], kind: Kind) -> dict[int, Choice]:
    """Person → what they have chosen for a kind. One query."""
    wanted = list(user_ids)
    chosen = dict(Preference.objects.filter(user__in=wanted, kind=kind).values_list("user", "choice"))
    return {pk: Choice(chosen[pk]) if pk in chosen else default_of(kind) for pk in wanted}


def digest_day(now: datetime) -> date | None:
    """The day whose summary is due at `now`: today from seven o'clock on, on working days."""
    here = local(now)
    return here.date() if is_working_day(here.date()) and here.time() >= DIGEST_AT else None


def for_digest(day: date) -> QuerySet[Notification]:
    """What people want in their summary of `day`: not read, not told by e-mail, and there by seven that morning."""
    until = to_utc(day, DIGEST_AT)
    wants_daily = Preference.objects.filter(user=OuterRef("user"), kind=OuterRef("kind"), choice=Choice.DAILY)
    return Notification.objects.filter(
        Exists(wants_daily),
        read_at__isnull=True,
        emailed_at__isnull=True,
        digest__isnull=True,
        created_at__lt=until,
        created_at__gte=until - OLDEST_IN_DIGEST,
    )


def people_to_summarise(day: date) -> list[int]:
    """Ids of the people with something for the day's summary that they have not been sent."""
    sent = Digest.objects.filter(user=OuterRef("user"), day=day, sent_at__isnull=False)
    rows = for_digest(day).filter(~Exists(sent), user__is_active=True)
    return list(rows.order_by("user").values_list("user", flat=True).distinct())


def still_to_tell(actor: Actor, rows: QuerySet[Notification]) -> list[Notification]:
    """Those of `rows` the person may be told now: at organisations they belong to, and of conversations they still take part in."""
    mine = list(visible_to(actor).filter(pk__in=rows.order_by().values("pk")).order_by("pk"))
    about = {each.pk: conversation_of(each) for each in mine if each.kind == Kind.MESSAGE_WAITING}
    if not about:
        return mine
    takes_part = set(
        Conversation.objects.filter(KINDS.readable(actor), pk__in=about.values()).values_list("pk", flat=True)
    )
    return [each for each in mine if each.pk not in about or about[each.pk] in takes_part]


def conversation_of(notification: Notification) -> int:
    """The conversation a notification of a message is about."""
    return int(notification.effect.split(":")[1])
