"""What calls and commissions leave waiting for a person. A commission is called by its reference alone: this list may be seen over a shoulder."""

from datetime import date, datetime, timedelta

from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.days import format_days
from marketplace.kernel.work import WorkItem
from marketplace.partnership import rules
from marketplace.partnership.models import CallStatus, Commission, CommissionStatus, OfferCall
from marketplace.partnership.queries.calls import answering_providers, calls_visible_to, standings_of
from marketplace.partnership.queries.commissions import commissions_visible_to

REVIEW_SHOWN_BEFORE = timedelta(weeks=1)


def awaiting(actor: Actor, *, now: datetime) -> list[WorkItem]:
    """Open calls for those who lead a provider; for convenors calls that close soon, reviews due and bodies to tell."""
    today = local(now).date()
    found = _calls_to_answer(actor, today) if actor.organisations(Role.PROVIDER_LEAD) else []
    if areas := actor.in_area(Role.CONVENOR):
        found += _calls_closing(areas, today)
        found += [item for row in _going_on(actor, areas) for item in _of_commission(row, today)]
    return found


def _calls_to_answer(actor: Actor, today: date) -> list[WorkItem]:
    led = answering_providers(actor).filter(pk__in=actor.organisations(Role.PROVIDER_LEAD))
    rows = (
        calls_visible_to(actor)
        .filter(status=CallStatus.OPEN, closes_on__gte=today)
        .exclude(responses__provider__in=led)
        .order_by("closes_on", "pk")
    )
    return [
        WorkItem(
            verb="Look at a call for offers",
            title=row.title,
            detail=f"{row.area} looks for {format_days(row.half_days)}.",
            due_on=row.closes_on,
            url_name="partnership:call",
            url_args=(row.reference,),
        )
        for row in rows
    ]


def _calls_closing(areas: frozenset[int], today: date) -> list[WorkItem]:
    until = today + timedelta(days=rules.CLOSING_SOON_DAYS)
    rows = list(
        OfferCall.objects.scoped().filter(area__in=areas, status=CallStatus.OPEN, closes_on__lte=until)
    )
    standings = standings_of(rows) if rows else {}
    return [
        WorkItem(
            verb="Extend a call, or let it close",
            title=row.title,
            detail=f"{format_days(standings[row.pk].promised)} of {format_days(row.half_days)} promised.",
            due_on=row.closes_on,
            url_name="partnership:call",
            url_args=(row.reference,),
        )
        for row in rows
    ]


def _going_on(actor: Actor, areas: frozenset[int]) -> list[Commission]:
    rows = commissions_visible_to(actor).filter(area__in=areas)
    return list(
        rows.filter(status__in=[CommissionStatus.DRAFT, CommissionStatus.READY, CommissionStatus.ACTIVE])
        .prefetch_related("notices")
        .order_by("pk")
    )


def _of_commission(row: Commission, today: date) -> list[WorkItem]:
    if row.status == CommissionStatus.DRAFT:
        verb = "Tell the responsible body" if row.is_academy else "Decide on a commission"
        return [_item(row, verb, "Nothing begins before that.")]
    if row.status == CommissionStatus.READY:
        return [_item(row, "Start a commission", "It is ready to start.")]
    found = []
    if not row.is_academy and not row.notices.all():
        found.append(_item(row, "Tell the governing body", "Record whom you told, and when."))
    if row.next_review_on is not None and today >= row.next_review_on - REVIEW_SHOWN_BEFORE:
        found.append(
            _item(row, "Review a commission", "Red, amber or green, and the next steps.", row.next_review_on)
        )
    return found


def _item(row: Commission, verb: str, detail: str, due: date | None = None) -> WorkItem:
    return WorkItem(
        verb=verb,
        title=f"Commission {row.reference}",
        detail=detail,
        due_on=due,
        url_name="partnership:commission",
        url_args=(row.reference,),
    )
