"""An agreement ends before its time: notice given, taken back, and carried out."""

from datetime import date

from django.utils import timezone

from marketplace.buyback.actions.agreement_steps import (
    LONGEST_REASON,
    AgreementRef,
    lock_agreement,
    move,
    must,
    needed,
    today,
)
from marketplace.buyback.actions.conversion import carry_out_conversion
from marketplace.buyback.actions.entitlements import close_entitlements
from marketplace.buyback.actions.paying import release_for
from marketplace.buyback.actions.renewing import unlink_renewal
from marketplace.buyback.events import AgreementEndingTold
from marketplace.buyback.models import (
    AgreementEnding,
    AgreementStatus,
    EndingGround,
    ServiceAgreement,
)
from marketplace.buyback.queries import agreements as queries
from marketplace.buyback.queries.endings import conversion_standing, ending_cost, successors_of
from marketplace.buyback.queries.years import year_row
from marketplace.buyback.rules import (
    ConversionInvalid,
    EndingInvalid,
    Ground,
    check_calling_off,
    check_ending,
    check_told,
    year_of_term_on,
)
from marketplace.buyback.rules.ending import BUYERS_OWN
from marketplace.buyback.states import AGREEMENT
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import ContractCalendar, long_date
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import LegalStatus, Organisation


@action
def terminate_agreement(
    *,
    actor: Actor,
    agreement: AgreementRef,
    ground: str,
    last_day: date | None = None,
    told_on: date | None = None,
    reason: str,
) -> ServiceAgreement:
    """Say that an agreement ends early on `last_day`: at once where that is over, else on the day after it.

    One that has not started is called off at once, free of charge, and renews nothing any more. Raises `EndingInvalid` where the notice is too short or the day
    outside the term, `NotNow` where an ending stands already, `NotAllowed` for a ground that is not this side's to name.
    """
    why, on = Ground(ground), today()
    row = lock_agreement(actor, agreement)
    must(actor, row, "terminate" if why in BUYERS_OWN else "end_for_cause")
    AGREEMENT.target(row.status, "terminate")
    must_have_no_ending(row)
    told, text = told_on or on, needed(reason)
    check_told(
        told,
        agreed_on=queries.agreed_on(row),
        today=on,
        may_backdate=queries.may_with_agreement(actor, row, "end_for_cause"),
    )
    is_called_off = row.status == AgreementStatus.SUBMITTED
    if is_called_off:
        check_calling_off(why, told, row.period)
        last_day = on
    elif last_day is None:
        raise EndingInvalid("The last day is missing.", remedy="Give the last day.", field="last_day")
    else:
        check_ending(why, told, last_day, row.period, today=on)
        _check_year_is_not_over(row, last_day)
    ending = record_ending(actor, row, EndingGround(why.value), last_day, told_on=told, reason=text)
    if is_called_off or last_day < on:
        _carry_out(actor, row, ending)
    if is_called_off:
        unlink_renewal(row)
    return row


@action
def take_back_ending(*, actor: Actor, agreement: AgreementRef) -> ServiceAgreement:
    """Take notice, or a conversion told ahead, back before it is carried out."""
    row = lock_agreement(actor, agreement)
    ending = queries.ending_of(row)
    if ending is None or ending.carried_out_at is not None:
        raise NotNow("No notice stands.", remedy="Open the agreement again to see where it stands.")
    if not queries.may_take_back(actor, row, ending):
        raise NotAllowed("You can’t take this notice back.", remedy="Ask the side that gave it.")
    ending.taken_back_at = timezone.now()
    ending.save(update_fields=["taken_back_at"])
    note = f"It would have ended on {long_date(ending.last_day)}"
    history.write(row, verb="notice_taken_back", by=actor, note=note)
    events.publish(AgreementEndingTold(ending.pk))
    return row


@action
def carry_out_ending(*, actor: Actor, agreement: ServiceAgreement) -> ServiceAgreement:
    """End an agreement whose told last day is over. Does nothing where none is, or where it is done."""
    row = lock_agreement(SYSTEM, agreement)
    ending = queries.ending_of(row)
    stands = ending is not None and ending.carried_out_at is None and row.status in queries.RUNNING
    if stands and ending is not None and ending.last_day < today():
        _carry_out(actor, row, ending)
    return row


@action
def convert_agreement(
    *,
    actor: Actor,
    agreement: AgreementRef,
    on: date,
    successor: Organisation | None = None,
    reason: str = "",
) -> ServiceAgreement:
    """Say that the school becomes an academy on a day: the agreement passes to `successor` (the school itself where none is named).

    On or after that day, and once the register has the successor as an academy, it passes at once; before, on the day itself. The
    agreement then in force comes back: the academy's, or this one. Raises `ConversionInvalid`, `NotNow`.
    """
    row = lock_agreement(actor, agreement)
    must(actor, row, "convert")
    AGREEMENT.target(row.status, "supersede")
    must_have_no_ending(row)
    goes_on = successor or row.buyer
    _check_conversion(row, on, goes_on)
    last_day = conversion_standing(row, on, goes_on).conversion.last_day
    _check_year_is_not_over(row, on, field="on")
    ending = record_ending(
        actor,
        row,
        EndingGround.CONVERSION,
        last_day,
        told_on=today(),
        reason=reason.strip()[:LONGEST_REASON],
        successor=goes_on,
    )
    if on <= today():
        return carry_out_conversion(actor, row, ending) or row
    return row


# Steps ---------------------------------------------------------------------------------------------------------------


def _check_conversion(agreement: ServiceAgreement, on: date, successor: Organisation) -> None:
    if agreement.status != AgreementStatus.ACTIVE:
        raise NotNow(
            "This agreement is not in force yet.",
            remedy="Call it off and let the academy order for itself, or convert it once it has started.",
        )
    if is_academy_in(agreement):
        raise ConversionInvalid(
            "The agreement was made with an academy already.", remedy="There is nothing to convert."
        )
    if successor not in successors_of(agreement):
        raise ConversionInvalid(
            f"The register does not name {successor} as the successor of {agreement.buyer}.",
            remedy="Choose the school itself, or a successor the register names. Import the register first if it is new.",
            field="successor",
        )


def is_academy_in(agreement: ServiceAgreement) -> bool:
    """Whether the buyer was an academy when the agreement was made."""
    return agreement.parties.get("buyer", {}).get("legal_status") == LegalStatus.ACADEMY


def must_have_no_ending(agreement: ServiceAgreement) -> None:
    """Raise `NotNow` where an ending stands already."""
    ending = queries.ending_of(agreement)
    if ending is not None:
        raise NotNow(
            f"This agreement ends on {long_date(ending.last_day)} already.",
            remedy="Take that notice back first if it is to end on another day.",
        )


def record_ending(
    actor: Actor,
    agreement: ServiceAgreement,
    ground: EndingGround,
    last_day: date,
    *,
    told_on: date,
    reason: str,
    **also: object,
) -> AgreementEnding:
    """Keep that an agreement ends early, with its line of history, and tell both sides."""
    ending = AgreementEnding.objects.create(
        agreement=agreement,
        ground=ground,
        told_on=told_on,
        last_day=last_day,
        reason=reason,
        recorded_by_id=actor.user_id,
        **also,
    )
    note = f"{ground.label}; last day {long_date(last_day)}. {reason}".strip()
    history.write(agreement, verb="notice_given", by=actor, note=note)
    events.publish(AgreementEndingTold(ending.pk))
    return ending


def _check_year_is_not_over(agreement: ServiceAgreement, last_day: date, field: str = "last_day") -> None:
    """A contract year that is over was paid and used: an agreement can't end in it afterwards."""
    begun = agreement.contract_years.last()
    if begun is not None and last_day < begun.starts_on:
        raise EndingInvalid(
            f"Year {begun.number} of the agreement began on {long_date(begun.starts_on)}.",
            remedy=f"Choose {long_date(begun.starts_on)} or a later day.",
            field=field,
        )


def _carry_out(actor: Actor, agreement: ServiceAgreement, ending: AgreementEnding) -> None:
    if ending.ground == EndingGround.CONVERSION:
        carry_out_conversion(actor, agreement, ending)
        return
    year = year_of_term_on(ContractCalendar(agreement.calendar), agreement.period, ending.last_day)
    begun = year_row(agreement, year.number) if year else None
    cost = ending_cost(agreement, Ground(ending.ground), ending.last_day)
    ending.year_number = begun.number if begun else None
    ending.not_run = cost.not_run if begun else {}
    ending.carried_out_at = timezone.now()
    ending.save(update_fields=["year_number", "not_run", "carried_out_at"])
    close_entitlements(actor=actor, agreement=agreement, on=ending.last_day)
    release_for(actor, agreement, ending.not_run_pence if begun else None)
    note = " ".join(cost.sentences)
    move(
        agreement,
        "terminate",
        actor=actor,
        note=note,
        ended_on=ending.last_day,
        end_reason=f"{ending.get_ground_display()}. {ending.reason}",
    )
