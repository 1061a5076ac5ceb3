"""A maintained school becomes an academy in mid-year: its agreement passes to one of the academy (domain 1.1)."""

from datetime import date
from typing import Any

from django.utils import timezone

from marketplace.buyback.actions.agreement_steps import move
from marketplace.buyback.actions.entitlements import grant_entitlements, move_entitlements
from marketplace.buyback.actions.passing_on import pass_on_credits
from marketplace.buyback.actions.paying import pass_on
from marketplace.buyback.actions.running import begin_years, keep_year
from marketplace.buyback.models import (
    AgreementEnding,
    AgreementLine,
    AgreementStatus,
    AgreementYear,
    ServiceAgreement,
)
from marketplace.buyback.parties import parties_of
from marketplace.buyback.queries.endings import (
    ConversionStanding,
    academy_facts,
    conversion_standing,
    is_academy,
)
from marketplace.buyback.queries.years import prices_of_year, year_row
from marketplace.buyback.rules import years_of_term
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import ContractCalendar, Period, long_date
from marketplace.kernel.supply import ServiceKind, vat_treatment
from marketplace.kernel.vat import vat_on
from marketplace.organisations.legal import legal_facts
from marketplace.organisations.models import Organisation


def carry_out_conversion(
    actor: Actor, agreement: ServiceAgreement, ending: AgreementEnding
) -> ServiceAgreement | None:
    """Open the academy's agreement, pass days and money on, and close the maintained school's. The caller holds its lock.

    Waits, and answers None, while the register does not have the successor as an academy: its papers would carry the wrong VAT.
    """
    successor = ending.successor or agreement.buyer
    if not is_academy(successor):
        return None
    on = date.fromordinal(ending.last_day.toordinal() + 1)
    standing = conversion_standing(agreement, on, successor)
    begun = year_row(agreement, standing.year.number)
    academy = _open(actor, agreement, standing)
    ending.year_number = begun.number if begun else None
    ending.not_run = standing.conversion.parts.after if begun else {}
    ending.carried_out_at = timezone.now()
    ending.save(update_fields=["year_number", "not_run", "carried_out_at"])
    move(
        agreement,
        "supersede",
        actor=actor,
        note=f"{' '.join(standing.conversion.sentences)} It goes on as {academy}.",
        ended_on=ending.last_day,
        end_reason=f"{ending.get_ground_display()}. {ending.reason}".strip(),
    )
    pass_on(actor, agreement, academy, ending.not_run_pence)
    move_entitlements(actor=actor, old=agreement, new=academy, on=on)
    pass_on_credits(actor=actor, school=agreement.buyer, academy=academy.buyer)
    move(academy, "activate", actor=actor, note=f"In force from {long_date(academy.starts_on)}")
    year = _first_year(actor, academy, standing, begun)
    if begun is None:
        grant_entitlements(actor=actor, year=year)
    begin_years(actor=actor, agreement=academy)
    return academy


def _open(actor: Actor, old: ServiceAgreement, standing: ConversionStanding) -> ServiceAgreement:
    """The academy's agreement: the same terms, prices and tariffs for what is left of the term, paid as an academy pays."""
    buyer, on = standing.successor, standing.conversion.first_day
    years = years_of_term(ContractCalendar(old.calendar), Period(on, old.ends_on))
    academy: ServiceAgreement = ServiceAgreement.objects.scoped().create(
        status=AgreementStatus.SUBMITTED,
        buyer=buyer,
        seller=old.seller,
        ordered_by=buyer if old.ordered_by_id == old.buyer_id else old.ordered_by,
        starts_on=on,
        years=len(years),
        parties=parties_of(buyer=buyer, seller=old.seller, ordered_by=old.ordered_by),
        route=standing.route.kind.value,
        route_reason=standing.route.reason[:300],
        supersedes=old,
        succession="conversion",
        **{name: getattr(old, name) for name in _CARRIED_ON},
    )
    for line in old.lines.select_related("edition"):
        _copy(line, academy, standing, buyer)
    note = f"Follows {old}, which ended on {long_date(standing.conversion.last_day)} when {buyer} became an academy"
    history.write(
        academy, verb="followed_on", before="", after=AgreementStatus.SUBMITTED, by=actor, note=note
    )
    return academy


_CARRIED_ON = (
    "window",
    "calendar",
    "ends_on",
    "terms",
    "accepted_by",
    "accepted_name",
    "accepted_capacity",
    "accepted_at",
    "purchase_order_number",
    "quotes_evidence",
    "minute_reference",
    "requested_by",
    "approved_by",
    "approved_at",
)


def _copy(
    line: AgreementLine, academy: ServiceAgreement, standing: ConversionStanding, buyer: Organisation
) -> None:
    """The line as it stands in the year of conversion: its price goes on being counted from that year."""
    begun = year_row(line.agreement, standing.year.number)
    price: dict[str, Any] = (begun.explained.get(str(line.pk)) if begun else None) or line.price
    if begun is None and standing.year.number > 1:
        price = prices_of_year(line.agreement, standing.year)[1][str(line.pk)]
    pence = standing.conversion.parts.after.get(str(line.pk), 0)
    service = ServiceKind(line.edition.service_kind)
    vat = vat_treatment(
        legal_facts(academy.seller), academy_facts(buyer), service, on=standing.conversion.first_day
    )
    AgreementLine.objects.create(
        agreement=academy,
        position=line.position,
        edition=line.edition,
        description=line.description,
        price=price,
        year_pence=pence,
        vat_pence=vat_on(pence, vat.basis_points),
        cancellation_tariff=line.cancellation_tariff,
    )


def _first_year(
    actor: Actor, academy: ServiceAgreement, standing: ConversionStanding, begun: AgreementYear | None
) -> AgreementYear:
    """What is left of the contract year, from the first whole month on: what the books can share out."""
    lines = list(academy.lines.all())
    period = Period(standing.conversion.money_from, standing.year.period.end)
    return keep_year(
        actor,
        academy,
        1,
        period,
        {str(line.pk): line.year_pence for line in lines},
        {str(line.pk): line.price for line in lines},
    )
