"""Interests: declare, confirm that it is still so, end, and strike out what was a mistake."""

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, constraint_of, locked
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations import queries, rules
from marketplace.organisations.errors import InvalidDetails
from marketplace.organisations.events import InterestDeclared
from marketplace.organisations.models import (
    InterestDeclaration,
    InterestKind,
    InterestStatus,
    NilReturn,
    Organisation,
    User,
)
from marketplace.organisations.states import INTERESTS

LONGEST_DETAILS = 500
InterestRef = InterestDeclaration | str


@action
def declare_interest(
    *,
    actor: Actor,
    organisation: Organisation,
    kind: str,
    started_on: date | None = None,
    ended_on: date | None = None,
    details: str = "",
) -> InterestDeclaration:
    """Tell of an interest of one's own. From then on others decide about that organisation.

    Raises `InvalidDetails` for dates that can't be, a tie that no longer counts, or the same interest told twice.
    """
    if actor.user_id is None or not actor.roles:
        raise NotAllowed(
            "Only somebody who holds a role here can declare an interest.",
            remedy="Ask your organisation to invite you.",
        )
    now = timezone.now()
    _check_dates(kind, started_on, ended_on, local(now).date())
    if kind == InterestKind.OTHER and not details.strip():
        raise InvalidDetails("Say in a sentence what the interest is.", field="details")
    try:
        with transaction.atomic():
            row: InterestDeclaration = InterestDeclaration.objects.scoped().create(
                user_id=actor.user_id,
                organisation=organisation,
                kind=kind,
                started_on=started_on,
                ended_on=ended_on,
                details=_text(details, "details"),
                declared_at=now,
                confirmed_at=now,
            )
    except IntegrityError as error:
        if constraint_of(error) != "an_interest_of_one_kind_is_declared_once":
            raise
        raise InvalidDetails(
            f"You have declared this kind of interest in {organisation} already.",
            remedy="It is on your list: end that one first if it has changed.",
            field="organisation",
        ) from error
    history.write(row, verb="declare", after=row.status, by=actor, note=f"{row.get_kind_display()}")
    events.publish(InterestDeclared(row.pk))
    return row


@action
def confirm_interests(*, actor: Actor) -> int:
    """Say that all one has declared is still so, which is asked once a year. How many there are comes back."""
    rows = list(
        queries.own_interests(actor)
        .filter(status=InterestStatus.DECLARED)
        .select_for_update(no_key=True, of=("self",))
        .order_by("pk")
    )
    now = timezone.now()
    for row in rows:
        row.confirmed_at = now
        row.save(update_fields=["confirmed_at"])
    history.write_many(rows, verb="confirm", by=actor, after=InterestStatus.DECLARED)
    return len(rows)


@action
def declare_nothing(*, actor: Actor) -> NilReturn:
    """Say that one has nothing to declare, which is asked again after a year. Raises `InvalidDetails` while an interest of one's own stands."""
    if actor.user_id is None or not actor.roles:
        raise NotAllowed(
            "Only somebody who holds a role here can say so.", remedy="Ask your organisation to invite you."
        )
    locked(User.objects.all(), pk=actor.user_id)
    if queries.own_interests(actor).filter(status=InterestStatus.DECLARED).exists():
        raise InvalidDetails(
            "You have declared interests that still stand.", remedy="End those that are over first."
        )
    row: NilReturn = NilReturn.objects.scoped().create(user_id=actor.user_id, declared_at=timezone.now())
    history.write(row, verb="declare_nothing", by=actor)
    return row


@action
def end_interest(
    *, actor: Actor, interest: InterestRef, ended_on: date, reason: str = ""
) -> InterestDeclaration:
    """Say that a tie of one's own is over, and since when. It counts to that day, and employment for 36 months more."""
    row = _locked(queries.own_interests(actor), interest)
    today = local(timezone.now()).date()
    if ended_on > today or (row.started_on and ended_on < row.started_on):
        raise InvalidDetails(
            "The last day must lie between the first day and today.",
            remedy=f"Today is {long_date(today)}.",
            field="ended_on",
        )
    note = "\n".join(filter(None, [f"Last day: {long_date(ended_on)}", _text(reason, "reason")]))
    INTERESTS.move(row, "end", by=actor, note=note, ended_on=ended_on)
    return row


@action
def strike_out_interest(*, actor: Actor, interest: InterestRef, reason: str) -> InterestDeclaration:
    """Strike out what somebody declared by mistake, so that it counts no more: by who answers for them, never by themselves."""
    row = _locked(queries.interests_overseen_by(actor), interest)
    if not reason.strip():
        raise InvalidDetails("Say why it was a mistake.", field="reason")
    INTERESTS.move(row, "strike_out", by=actor, note=_text(reason, "reason"))
    return row


def _locked(rows: QuerySet[InterestDeclaration], interest: InterestRef) -> InterestDeclaration:
    reference = interest if isinstance(interest, str) else interest.reference
    row: InterestDeclaration = locked(rows, reference=reference)
    return row


def _check_dates(kind: str, started_on: date | None, ended_on: date | None, today: date) -> None:
    if kind not in InterestKind.values:
        raise InvalidDetails("Choose the kind of interest.", field="kind")
    if started_on and started_on > today:
        raise InvalidDetails(
            "The first day lies in the future.", remedy="Declare it when it begins.", field="started_on"
        )
    if started_on and ended_on and ended_on < started_on:
        raise InvalidDetails("The last day is before the first.", field="ended_on")
    if not rules.interest_counts(kind, ended_on, today):
        raise InvalidDetails(
            "A tie that ended then no longer counts.",
            remedy=f"Only employment counts afterwards, for {rules.EMPLOYMENT_COUNTS_MONTHS} months.",
            field="ended_on",
        )


def _text(text: str, field: str) -> str:
    text = text.strip()
    if len(text) > LONGEST_DETAILS:
        raise InvalidDetails(f"Use {LONGEST_DETAILS} characters or fewer.", field=field)
    return text
