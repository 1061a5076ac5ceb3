"""From opening a commission to its start, and resting it. The authority decides for a maintained school; of an academy it tells the
responsible body first."""

from datetime import date, timedelta

from django.utils import timezone

from marketplace.bookings.errors import NotBookable
from marketplace.buyback import actions as funding
from marketplace.buyback import queries as streams
from marketplace.buyback.models import FundingStream
from marketplace.catalogue.models import Theme
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import financial_year, long_date
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotFound
from marketplace.kernel.money import pounds
from marketplace.organisations.models import Organisation, School
from marketplace.partnership import queries, rules
from marketplace.partnership.actions.steps import (
    lock_commission,
    move,
    must_be_in,
    must_have_no_interest,
    today,
)
from marketplace.partnership.errors import CommissionInvalid, NotReadyToStart
from marketplace.partnership.models import (
    Commission,
    CommissionNotice,
    CommissionStatus,
)
from marketplace.partnership.queries.commissions import first_bodies, funding_effect
from marketplace.partnership.rules import CommissionTerms

BEFORE_THE_START = (CommissionStatus.DRAFT, CommissionStatus.READY)
FIRST_REVIEW_AFTER = timedelta(weeks=6)


@action
def open_commission(
    *,
    actor: Actor,
    school: School,
    theme: Theme,
    phase: str,
    terms: CommissionTerms,
    provider: Organisation | None = None,
    stream: FundingStream | None = None,
) -> Commission:
    """Open a commission for a school: nobody outside the convenor's office learns of it. Raises `CommissionInvalid`, naming the field."""
    if not actor.convenes(school.area_id):
        raise NotFound
    rules.check_commission(terms)
    if not school.is_open:
        raise CommissionInvalid("The school is closed.", remedy="Choose another.", field="school")
    if phase not in school.phases:
        raise CommissionInvalid(
            f"{school.organisation} does not teach that phase.",
            remedy="Choose one of its phases.",
            field="phase",
        )
    if Theme.objects.filter(parent=theme).exists():
        raise CommissionInvalid(f"“{theme}” is a heading.", remedy="Choose a theme under it.", field="theme")
    row = Commission(
        area=school.area,
        school=school.organisation,
        is_academy=rules.who_decides(school.organisation.legal_status),
        theme=theme,
        phase=phase,
        half_days=terms.half_days,
        pence_a_day=terms.pence_a_day,
        reason=terms.reason.strip(),
        provider=_provider(provider, school.organisation),
        funding_stream=_stream(actor, stream, school.organisation),
        created_by_id=actor.user_id,
    )
    row.save(force_insert=True)
    history.write(row, verb="open", after=CommissionStatus.DRAFT, by=actor)
    return row


@action
def change_commission(
    *,
    actor: Actor,
    commission: Commission,
    terms: CommissionTerms,
    provider: Organisation | None = None,
    stream: FundingStream | None = None,
) -> Commission:
    """Change days, price, reason, provider or funding stream before the start."""
    row = lock_commission(actor, commission, to="change this commission")
    must_be_in(row, *BEFORE_THE_START, to="change it")
    rules.check_commission(terms)
    row.half_days, row.pence_a_day, row.reason = terms.half_days, terms.pence_a_day, terms.reason.strip()
    row.provider = _provider(provider, row.school)
    row.funding_stream = _stream(actor, stream, row.school)
    row.save(update_fields=["half_days", "pence_a_day", "reason", "provider", "funding_stream"])
    history.write(row, verb="change", before=row.status, after=row.status, by=actor)
    return row


@action
def decide_commission(*, actor: Actor, commission: Commission) -> Commission:
    """For a maintained school: the authority has decided. Its governing body is told in a step of its own.

    Raises `InterestInTheWay` for whoever declared an interest in the provider; so does `start_commission`.
    """
    row = lock_commission(actor, commission, to="decide on this commission")
    must_have_no_interest(actor, row, decision="decide on this commission")
    if row.is_academy:
        raise NotReadyToStart(
            "The authority does not decide for an academy.",
            remedy="Tell its responsible body, and record when and whom you told.",
        )
    move(row, "decide", actor=actor)
    return row


@action
def record_notice(
    *,
    actor: Actor,
    commission: Commission,
    body: str,
    body_name: str,
    person: str,
    informed_on: date,
    note: str = "",
) -> CommissionNotice:
    """Record that a body was told of the commission: whom there, and on which day.

    For an academy the notice of its responsible body is what makes the commission ready to start.
    """
    row = lock_commission(actor, commission, to="record who was told")
    must_be_in(
        row, *BEFORE_THE_START, CommissionStatus.ACTIVE, CommissionStatus.PAUSED, to="record who was told"
    )
    known = {each.kind: each.name for each in queries.bodies_of(row)}
    if body not in known:
        raise CommissionInvalid("Say which body was told.", remedy="Choose one.", field="body")
    name = known[body] or body_name.strip()
    rules.check_notice(name=name, person=person, informed_on=informed_on, today=today())
    made = CommissionNotice.objects.create(
        commission=row,
        body=body,
        body_name=name,
        person=person.strip(),
        informed_on=informed_on,
        note=note.strip()[:1000],
        recorded_by_id=actor.user_id,
        recorded_by_name=actor.name,
    )
    said = f"{name}: {person.strip()}, {long_date(informed_on)}"
    if row.status == CommissionStatus.DRAFT and body in first_bodies(row):
        move(row, "inform", actor=actor, note=said)
    else:
        history.write(row, verb="tell", before=row.status, after=row.status, by=actor, note=said)
    return made


@action
def start_commission(
    *, actor: Actor, commission: Commission, next_review_on: date | None = None
) -> Commission:
    """Begin: the price of all days is set aside in the funding stream, and the first review is planned (in six weeks unless told).

    Raises `NotReadyToStart` where something is missing or an academy's responsible body was not told, `BudgetExceeded`.
    """
    row = lock_commission(actor, commission, to="start this commission")
    must_have_no_interest(actor, row, decision="start this commission")
    if not queries.told_first(row):
        raise NotReadyToStart(
            "The responsible body has not been told yet.",
            remedy="Tell it first, and record when and whom you told.",
        )
    if missing := queries.what_is_missing(row):
        raise NotReadyToStart("The commission can’t start yet.", remedy=" ".join(missing))
    stream = _stream(actor, row.funding_stream, row.school)
    assert stream is not None, "what is missing was asked for above"
    review = next_review_on or today() + FIRST_REVIEW_AFTER
    rules.check_next_review(review, after=today())
    move(
        row,
        "start",
        actor=actor,
        note=f"{pounds(row.net_pence)} set aside",
        started_at=timezone.now(),
        next_review_on=review,
    )
    if row.net_pence:
        funding.commit_funding(
            actor=actor,
            stream=stream,
            pence=row.net_pence,
            effect=f"{funding_effect(row)}commit",
            reason=f"Set aside: {row.reference}",
        )
    return row


@action
def pause_commission(*, actor: Actor, commission: Commission, reason: str) -> Commission:
    """Rest the support for a while. Its money stays set aside; bookings made stand."""
    row = lock_commission(actor, commission, to="pause this commission")
    move(row, "pause", actor=actor, note=rules.needed(reason, "reason", "Say why it is paused."))
    return row


@action
def resume_commission(*, actor: Actor, commission: Commission) -> Commission:
    """Go on with the support."""
    row = lock_commission(actor, commission, to="resume this commission")
    move(row, "resume", actor=actor)
    return row


@action
def withdraw_commission(*, actor: Actor, commission: Commission, reason: str) -> Commission:
    """Put away a commission that has not started."""
    row = lock_commission(actor, commission, to="withdraw this commission")
    why = rules.needed(reason, "reason", "Say why it does not go ahead.")
    move(row, "withdraw", actor=actor, note=why, end_reason=why, ended_at=timezone.now())
    return row


def _provider(provider: Organisation | None, school: Organisation) -> Organisation | None:
    if provider is None:
        return None
    if not provider.is_provider_kind or provider.pk == school.pk:
        raise CommissionInvalid(
            f"{provider} can’t give this support.", remedy="Choose another.", field="provider"
        )
    if provider.suspended_at is not None:
        raise NotBookable(f"{provider} is suspended.", remedy="Choose another provider.")
    return provider


def _stream(actor: Actor, stream: FundingStream | None, school: Organisation) -> FundingStream | None:
    """The stream, where it may pay for the school this financial year."""
    if stream is None:
        return None
    row = streams.stream_for(actor, stream.reference)
    why_not = streams.why_not_for(row, school)
    year = financial_year(today())
    if not why_not and row.financial_year < year:
        why_not = f"“{row}” is for {row.financial_year}, which is over."
    if why_not:
        raise CommissionInvalid(why_not, remedy="Choose another funding stream.", field="stream")
    return row
