"""What people are told of agreements: one function per thing that happens."""

from django.urls import reverse

from marketplace.buyback import queries as buyback
from marketplace.buyback.models import AgreementEnding, PriceNotice, ServiceAgreement
from marketplace.kernel.dates import long_date
from marketplace.kernel.money import pounds
from marketplace.notifications.rules import Kind, Message


def approval_wanted(agreement: ServiceAgreement) -> Message:
    accept = (
        "" if agreement.accepted_at else " Its terms wait for somebody with authority to accept them, too."
    )
    return Message(
        Kind.APPROVAL_WANTED,
        f"Approve: {_name(agreement)}",
        f"{agreement.requested_by or 'Somebody'} has ordered from {agreement.seller}. The agreement needs approval before"
        f" it holds.{accept}\n\n{_facts(agreement)}",
        reverse("agreements:approve", args=[agreement.reference]),
    )


def approved(agreement: ServiceAgreement) -> Message:
    return _moved(agreement, "Approved", f"It was approved and starts on {long_date(agreement.starts_on)}.")


def ordered(agreement: ServiceAgreement) -> Message:
    return _moved(
        agreement, "Ordered", f"{agreement.buyer} has ordered, from {long_date(agreement.starts_on)} on."
    )


def came_to_nothing(agreement: ServiceAgreement, verb: str) -> Message:
    what = "Not approved" if verb == "refuse_approval" else "Withdrawn"
    why = f"Reason given: {agreement.end_reason}" if agreement.end_reason else "No reason was given."
    return _moved(agreement, what, f"The order came to nothing and there is nothing to pay. {why}")


def in_force(agreement: ServiceAgreement) -> Message:
    return _moved(agreement, "In force", "It has started. What it includes can be booked from now on.")


def over(agreement: ServiceAgreement) -> Message:
    last = f"Its last day was {long_date(agreement.ended_on)}." if agreement.ended_on else "It is over."
    why = f"\n\n{agreement.end_reason}" if agreement.end_reason else ""
    return Message(
        Kind.AGREEMENT_ENDS,
        f"{agreement.get_status_display()}: {_name(agreement)}",
        f"{last}{why}\n\n{_facts(agreement)}",
        _page(agreement),
    )


def ending_told(agreement: ServiceAgreement, ending: AgreementEnding) -> Message:
    last, ground = long_date(ending.last_day), ending.get_ground_display()
    if ending.taken_back_at:
        return Message(
            Kind.AGREEMENT_ENDS,
            f"Notice taken back: {_name(agreement)}",
            f"It would have ended on {last}. It now runs on as agreed.\n\n{_facts(agreement)}",
            _page(agreement),
        )
    why = f"Reason given: {ending.reason}\n\n" if ending.reason else ""
    return Message(
        Kind.AGREEMENT_ENDS,
        f"Ends on {last}: {_name(agreement)}",
        f"{ground}. The last day is {last}.\n\n{why}{_facts(agreement)}",
        _page(agreement),
    )


def ends_soon(agreement: ServiceAgreement) -> Message:
    return Message(
        Kind.AGREEMENT_ENDS,
        f"Ends on {long_date(agreement.ends_on)}: {_name(agreement)}",
        "Nothing follows it yet. See what the same again would cost, and put it into your basket with one click.\n\n"
        f"{_facts(agreement)}",
        reverse("agreements:renew", args=[agreement.reference]),
    )


def price_changed(notice: PriceNotice) -> Message:
    agreement = notice.line.agreement
    said = f"\n\nThe seller says: {notice.edition.change_notice}" if notice.edition.change_notice else ""
    return Message(
        Kind.PRICE_CHANGED,
        f"Another price from {long_date(notice.edition.window.first_day)}: {notice.edition.package}",
        f"{notice.sentence}{said}\n\n{_facts(agreement)}",
        reverse("agreements:renew", args=[agreement.reference]),
    )


def _moved(agreement: ServiceAgreement, what: str, sentence: str) -> Message:
    return Message(
        Kind.AGREEMENT_MOVED,
        f"{what}: {_name(agreement)}",
        f"{sentence}\n\n{_facts(agreement)}",
        _page(agreement),
    )


def _name(agreement: ServiceAgreement) -> str:
    return f"{agreement.seller} for {agreement.buyer}"


def _facts(agreement: ServiceAgreement) -> str:
    lines = ", ".join(line.description for line in agreement.lines.all())
    return (
        f"What: {lines}\n"
        f"From: {agreement.seller}\n"
        f"For: {agreement.buyer}\n"
        f"Runs: {long_date(agreement.starts_on)} to {long_date(agreement.ends_on)}\n"
        f"First year: {pounds(buyback.first_year_pence(agreement))} before VAT\n"
        f"Reference: {agreement.reference}"
    )


def _page(agreement: ServiceAgreement) -> str:
    return reverse("agreements:agreement", args=[agreement.reference])
