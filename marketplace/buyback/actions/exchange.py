"""The bank of days: reserving, earning and giving back credits, sponsoring them, and what one is worth.

A credit is one half-day. Credits come in from sponsors and from unused package days; a school that books with them hands them to
the organisation that releases the person. The verbs for booked sessions are called from bookings, which have asked who may.
"""

from datetime import date

from django.utils import timezone

from marketplace.buyback.ledgers import CREDITS, Credit, credit_accounts
from marketplace.buyback.models import CreditMovement, CreditValue
from marketplace.buyback.queries.exchange import MOST_CREDITS_AT_ONCE, may_set_values, may_sponsor
from marketplace.buyback.rules.drawing import amount_words
from marketplace.catalogue.models import SupportType
from marketplace.kernel import history, transfers
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import ACADEMIC, contract_year, local, long_date
from marketplace.kernel.db import action
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.kernel.models import Account, Transfer
from marketplace.kernel.money import pounds
from marketplace.kernel.references import new_reference
from marketplace.kernel.transfers import Movement, NotEnough
from marketplace.organisations.models import Area, Organisation, OrganisationKind

HIGHEST_VALUE_PENCE = 200_000


class NotEnoughCredits(NotEnough):
    """The balance in the bank of days does not reach."""

    code = "not_enough_credits"


class CreditsInvalid(DomainError):
    """A number of credits, or what one is worth, is not possible."""

    code = "credits_invalid"


# Sessions ------------------------------------------------------------------------------------------------------------


@action
def reserve_credits(
    *, actor: Actor, school_id: int, quantity: int, effect: str, reason: str, support_type: SupportType
) -> None:
    """Set credits aside for a booked session. Raises `NotEnoughCredits`."""
    accounts = credit_accounts(school_id)
    source, target = accounts[school_id, Credit.BALANCE], accounts[school_id, Credit.RESERVED]
    try:
        _move(actor, source, target, quantity, f"{effect}:credits:reserve:{school_id}", reason, support_type)
    except NotEnough as error:
        raise NotEnoughCredits(
            f"There are {amount_words(source.balance, CREDITS)} in the bank of days and this takes"
            f" {amount_words(quantity, CREDITS)}.",
            remedy="Choose another way to pay, or a shorter session.",
            field="pay_by",
        ) from error


@action
def earn_credits(
    *,
    actor: Actor,
    school_id: int,
    releasing_id: int,
    quantity: int,
    effect: str,
    reason: str,
    support_type: SupportType,
) -> None:
    """Hand what a school reserved to the organisation that released the person, or kept the time free."""
    accounts = credit_accounts(school_id, releasing_id)
    _move(
        actor,
        accounts[school_id, Credit.RESERVED],
        accounts[releasing_id, Credit.BALANCE],
        quantity,
        f"{effect}:credits:earn:{school_id}",
        reason,
        support_type,
    )


@action
def release_credits(
    *, actor: Actor, school_id: int, quantity: int, effect: str, reason: str, support_type: SupportType
) -> None:
    """Put what was reserved back into the balance."""
    accounts = credit_accounts(school_id)
    source, target = accounts[school_id, Credit.RESERVED], accounts[school_id, Credit.BALANCE]
    _move(actor, source, target, quantity, f"{effect}:credits:release:{school_id}", reason, support_type)


@action
def return_credits(
    *,
    actor: Actor,
    school_id: int,
    releasing_id: int,
    quantity: int,
    effect: str,
    reason: str,
    support_type: SupportType,
) -> None:
    """Take a charge in credits back: it was waived. Raises `NotEnoughCredits` where they have been spent since."""
    accounts = credit_accounts(school_id, releasing_id)
    source, target = accounts[releasing_id, Credit.BALANCE], accounts[school_id, Credit.BALANCE]
    try:
        _move(actor, source, target, quantity, f"{effect}:credits:return:{school_id}", reason, support_type)
    except NotEnough as error:
        raise NotEnoughCredits(
            "The releasing organisation has spent these credits since.",
            remedy="Ask a sponsor to give the school credits instead.",
        ) from error


def _move(
    actor: Actor,
    source: Account,
    target: Account,
    quantity: int,
    effect: str,
    reason: str,
    support_type: SupportType | None = None,
) -> list[Transfer]:
    movement = Movement(source, target, quantity, reason[:200], effect)
    written = transfers.move(by=actor, movements=[movement], on=_today())
    if support_type is not None:
        CreditMovement.objects.bulk_create(
            CreditMovement(transfer=transfer, support_type=support_type) for transfer in written
        )
    return written


# Sponsors and values -------------------------------------------------------------------------------------------------


@action
def sponsor_credits(
    *, actor: Actor, sponsor: Organisation, school: Organisation, quantity: int, reason: str
) -> Transfer:
    """The local authority or a company gives a school credits, with the reason, which the school reads."""
    if not may_sponsor(actor, sponsor):
        raise NotAllowed(
            f"You can’t give credits for {sponsor}.",
            remedy="A convenor, lead or finance officer of the authority or company does.",
        )
    if school.kind != OrganisationKind.SCHOOL or school.area_id != sponsor.area_id:
        raise CreditsInvalid(
            f"{school} is not a school of the sponsor’s area.", remedy="Choose a school.", field="school"
        )
    if not 1 <= quantity <= MOST_CREDITS_AT_ONCE:
        raise CreditsInvalid(
            f"Give between 1 and {MOST_CREDITS_AT_ONCE} credits.",
            remedy="A credit is half a day.",
            field="quantity",
        )
    if not reason.strip():
        raise CreditsInvalid(
            "Say why the school is given credits.", remedy="The school reads it.", field="reason"
        )
    accounts = credit_accounts(sponsor, school)
    note = f"Given by {sponsor}: {reason.strip()}"
    [transfer] = _move(
        actor,
        accounts[sponsor.pk, Credit.SPONSOR],
        accounts[school.pk, Credit.BALANCE],
        quantity,
        f"credits:sponsor:{new_reference('CR')}",
        note,
    )
    return transfer


@action
def set_credit_value(
    *, actor: Actor, area: Area, support_type: SupportType | None, pence: int, from_day: date
) -> CreditValue:
    """Say what a credit is worth in pence from a day on, for a support type or for all that have no value of their own."""
    if not may_set_values(actor, area):
        raise NotAllowed(
            f"You can’t say what a credit is worth in {area}.",
            remedy="Ask the area’s finance officer or convenor.",
        )
    if not 1 <= pence <= HIGHEST_VALUE_PENCE:
        raise CreditsInvalid(
            f"A credit is worth between £0.01 and {pounds(HIGHEST_VALUE_PENCE)}.",
            remedy="Write what half a day of this support costs.",
            field="pence",
        )
    first = contract_year(ACADEMIC, _today()).start
    if from_day < first:
        raise CreditsInvalid(
            "Years that have been settled keep their values.",
            remedy=f"Choose a day from {long_date(first)} on.",
            field="from_day",
        )
    value, made = CreditValue.objects.update_or_create(
        area=area, support_type=support_type, from_day=from_day, defaults={"pence": pence}
    )
    history.write(value, verb="set", by=actor, after=pounds(pence), note="" if made else "Changed")
    return value


def _today() -> date:
    return local(timezone.now()).date()
