"""How an agreement is put into words and rows on its pages."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from frontend.views.selling.presenting import carry_forward
from marketplace.buyback import queries
from marketplace.buyback.models import (
    AgreementLine,
    InclusionKind,
    PackageEdition,
    PackageInclusion,
    ServiceAgreement,
)
from marketplace.catalogue import tariffs
from marketplace.catalogue.tariffs import CancellationTariff
from marketplace.kernel.dates import ContractCalendar, contract_year_label, local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.money import pounds

BUTTONS: dict[str, tuple[str, str, str]] = {
    "accept": ("Accept the terms", "agreements:accept", ""),
    "approve": ("Approve or refuse", "agreements:approve", ""),
    "renew": ("Same again next year", "agreements:renew", ""),
    "withdraw": ("Withdraw the order", "agreements:withdraw", "secondary"),
    "convert": ("The school becomes an academy", "agreements:convert", "secondary"),
    "terminate": ("End it early", "agreements:end", "secondary"),
    "take_back": ("Take the notice back", "agreements:take_back", "secondary"),
}
"""For each verb the words of its button, the page behind it and the button's style."""


def buttons(agreement: ServiceAgreement, verbs: Iterable[str]) -> list[dict[str, str]]:
    """The ways on from an agreement: one for each verb that works now."""
    return [
        {"text": text, "href": reverse(page, args=[agreement.reference]), "style": style}
        for verb, (text, page, style) in BUTTONS.items()
        if verb in verbs
    ]


def years_in_words(years: int) -> str:
    """`1 year`, `3 years`."""
    return f"{years} year{'' if years == 1 else 's'}"


def runs(agreement: ServiceAgreement) -> str:
    """`1 April 2027 to 31 March 2028, 1 year (financial)`."""
    calendar = ContractCalendar(agreement.calendar).value
    return (
        f"{long_date(agreement.starts_on)} to {long_date(agreement.ends_on)},"
        f" {years_in_words(agreement.years)} ({calendar} year)"
    )


def party_in_words(party: dict[str, Any]) -> str:
    """A party as it was when the agreement was made."""
    facts = [
        party.get("address", ""),
        f"URN {party['urn']}" if party.get("urn") else "",
        party.get("trust", ""),
        party.get("legal_status_label", ""),
        f"VAT number {party['vat_number']}" if party.get("vat_number") else "",
    ]
    known = "; ".join(fact for fact in facts if fact)
    return f"{party.get('name', '')}{f' ({known})' if known else ''}"


def party_rows(agreement: ServiceAgreement) -> list[tuple[str, Any]]:
    """Who agreed with whom, for when, and who ordered."""
    parties = agreement.parties
    rows: list[tuple[str, Any]] = [
        ("School", party_in_words(parties.get("buyer", {})) or str(agreement.buyer)),
        ("Seller", party_in_words(parties.get("seller", {})) or str(agreement.seller)),
        ("Runs", runs(agreement)),
    ]
    if agreement.ordered_by_id != agreement.buyer_id:
        rows.append(("Ordered by", str(agreement.ordered_by)))
    if agreement.ended_on:
        rows.append(("Ended", f"{long_date(agreement.ended_on)}. {agreement.end_reason}".strip()))
    return rows


def acceptance(agreement: ServiceAgreement) -> str:
    """Who accepted the terms, in what capacity and when."""
    if agreement.accepted_at is None:
        return "Not yet: the headteacher, a budget holder or the trust’s lead has to accept them"
    on = long_date(local(agreement.accepted_at).date())
    return f"{agreement.accepted_name}, {agreement.accepted_capacity}, on {on}"


def approval(agreement: ServiceAgreement) -> str:
    """Who approved it and when, or what it waits for."""
    if agreement.approved_at is None:
        return "Not yet" if agreement.status == "awaiting_approval" else "Not approved"
    minute = f" (minute {agreement.minute_reference})" if agreement.minute_reference else ""
    return f"{agreement.approved_by}, on {long_date(local(agreement.approved_at).date())}{minute}"


def terms_rows(agreement: ServiceAgreement) -> list[tuple[str, Any]]:
    """Which terms, accepted by whom, and who committed the money."""
    return [
        ("Terms", str(agreement.terms or "None")),
        ("Accepted by", acceptance(agreement)),
        ("Ordered by", str(agreement.requested_by or "Not recorded")),
        ("Approved by", approval(agreement)),
    ]


def payment_rows(agreement: ServiceAgreement) -> list[tuple[str, Any]]:
    """What the first year costs and by which route it is paid."""
    net, gross = queries.first_year_pence(agreement), queries.gross_of_first_year(agreement)
    rows: list[tuple[str, Any]] = [
        ("First year", f"{pounds(net)} before VAT"),
        ("VAT", f"{pounds(gross - net)} as things stand" if gross > net else "None as things stand"),
        ("Paid by", f"{agreement.get_route_display()}. {agreement.route_reason}"),
    ]
    if agreement.late_charge_pence:
        rows.insert(1, ("Of which late charge", pounds(agreement.late_charge_pence)))
    if agreement.purchase_order_number:
        rows.append(("Purchase order", agreement.purchase_order_number))
    if agreement.funding_stream:
        rows.append(("Funding stream", str(agreement.funding_stream)))
    if agreement.quotes_evidence:
        rows.append(("Quotes evidence", str(agreement.quotes_evidence)))
    return rows


def succession_rows(agreement: ServiceAgreement) -> list[tuple[str, SafeString]]:
    """What this agreement follows, and what follows it."""
    rows = []
    if agreement.supersedes:
        rows.append((agreement.get_succession_display() or "Follows", _link(agreement.supersedes)))
    following = getattr(agreement, "superseded_by", None)
    if following is not None:
        rows.append(("Followed by", _link(following)))
    return rows


def _link(agreement: ServiceAgreement) -> SafeString:
    return format_html(
        '<a class="govuk-link" href="{}">{}</a>',
        reverse("agreements:agreement", args=[agreement.reference]),
        agreement.reference,
    )


def lines_shown(agreement: ServiceAgreement) -> list[dict[str, Any]]:
    """Each package with its price explained, what it includes, what becomes of unused days, and what cancelling costs."""
    lines = agreement.lines.select_related("edition__package").prefetch_related(
        "edition__inclusions__theme", "edition__inclusions__support_type"
    )
    return [
        {
            "line": line,
            "price_lines": price_lines(line),
            "year_total": line.price.get("total_pence", line.year_pence),
            "months": line.price.get("months", 12),
            "includes": [included(each) for each in line.edition.inclusions.all()],
            "unused": unused(line.edition),
            "terms": cancellation_terms(line),
        }
        for line in lines
    ]


def unused(edition: PackageEdition) -> list[str]:
    """What becomes of days not used, in sentences."""
    exchange = "can" if edition.exchange_rights else "can’t"
    return [
        f"Unused days: {carry_forward(edition)}",
        f"Unused days {exchange} be turned into credits of the bank of days.",
    ]


def price_lines(line: AgreementLine) -> list[dict[str, Any]]:
    """The lines of the price the agreement kept, for the component that shows them."""
    return [{"text": each["sentence"], "amount": each["pence"]} for each in line.price.get("lines", [])]


def included(inclusion: PackageInclusion) -> str:
    """`4 days of support: Leadership`."""
    what = str(inclusion.theme or inclusion.support_type or "")
    about = f", {what}" if what else ""
    if inclusion.kind == InclusionKind.DAYS:
        return f"{format_days(inclusion.quantity)} of support{about}"
    return f"{inclusion.quantity} × {inclusion.get_kind_display().lower()}{about}"


def cancellation_terms(line: AgreementLine) -> list[str]:
    """The tariff the agreement kept, in sentences."""
    if not line.cancellation_tariff:
        return []
    return tariffs.describe(CancellationTariff.from_data(line.cancellation_tariff))


def year_label(agreement: ServiceAgreement) -> str:
    """The contract year it starts in: `2027-28` or `2027/28`."""
    return contract_year_label(ContractCalendar(agreement.calendar), agreement.starts_on)
