"""From a basket to agreements: one for each school, seller and length, with prices, tariffs and terms as they are at this moment."""

from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone

from marketplace.buyback.actions.agreement_steps import (
    LONGEST_CAPACITY,
    LONGEST_NAME,
    move,
    trimmed,
)
from marketplace.buyback.actions.checking import check_quotes
from marketplace.buyback.actions.deciding import approve_agreement, note_interest
from marketplace.buyback.actions.renewing import link_renewal
from marketplace.buyback.models import (
    AgreementLine,
    AgreementStatus,
    Basket,
    BasketStatus,
    QuotesEvidence,
    ServiceAgreement,
)
from marketplace.buyback.parties import parties_of
from marketplace.buyback.queries import agreements as agreements
from marketplace.buyback.queries import baskets as queries
from marketplace.buyback.queries.baskets import Order, PricedBasket, PricedLine
from marketplace.buyback.queries.ladders import may_approve_order, requirement_for
from marketplace.buyback.rules.windows import Standing, WindowState
from marketplace.buyback.selling_errors import BasketInvalid, NotYetOpen
from marketplace.buyback.states import BASKET
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import Organisation
from marketplace.organisations.queries import has_interest

Evidence = QuotesEvidence | Mapping[str, QuotesEvidence] | None
"""Quotes evidence for every order that needs it, or for each by `Order.key`."""


@action
def submit_basket(
    *,
    actor: Actor,
    basket: Basket,
    accepted_name: str = "",
    accepted_capacity: str = "",
    purchase_order_number: str = "",
    evidence: Evidence = None,
    minute_reference: str = "",
) -> list[ServiceAgreement]:
    """Order what is in a basket, once: submitted again it gives the agreements that it became.

    Those who may commit the owner's money accept the sellers' terms with `accepted_name` and `accepted_capacity`; an order placed by
    other staff waits for one of them to accept. Each agreement waits for approval, or is approved at once where the ladder lets the
    person who orders. Raises `NotAllowed`; `NotYetOpen` before the first day of orders and after the last; `BasketInvalid` where the
    basket is empty, a line can't be ordered as it is, or the acceptance is incomplete; `EvidenceMissing` where the ladder wants quotes.
    """
    basket = locked(queries.baskets_visible_to(actor), pk=basket.pk)
    if not queries.may_fill(actor, basket.owner):
        raise NotAllowed(
            f"You can’t order for {basket.owner}.",
            remedy="Ask somebody who works for the school or its trust.",
        )
    if basket.status == BasketStatus.SUBMITTED:
        return list(agreements.agreements_visible_to(actor).filter(basket=basket).order_by("pk"))
    if basket.status != BasketStatus.OPEN:
        raise BasketInvalid("This basket was emptied.", remedy="Put what you want into a new one.")
    now = timezone.now()
    _lock_schools(basket)
    priced = queries.priced_basket(basket, on=local(now).date())
    _check(priced)
    acceptance = _acceptance(actor, basket.owner, accepted_name, accepted_capacity, now)
    made = [
        _agree(
            actor,
            priced,
            order,
            purchase_order_number=trimmed(purchase_order_number, 40, "purchase_order_number"),
            quotes_evidence=evidence.get(order.key) if isinstance(evidence, Mapping) else evidence,
            minute_reference=trimmed(minute_reference, 80, "minute_reference"),
            **acceptance,
        )
        for order in priced.orders
    ]
    BASKET.move(basket, "submit", by=actor, submitted_at=now)
    for agreement in made:
        _approve_where_allowed(actor, agreement)
    return made


def _lock_schools(basket: Basket) -> None:
    """Two baskets with the same package for the same school are ordered one after the other: the second sees the first's agreement."""
    pks = sorted(set(basket.lines.values_list("school_id", flat=True)))
    list(Organisation.objects.select_for_update(no_key=True).filter(pk__in=pks).order_by("pk"))


def _check(priced: PricedBasket) -> None:
    stands, dates = priced.stands, priced.basket.window.dates
    if not stands.can_submit:
        raise NotYetOpen(_not_now(stands, dates.orders_from), remedy=stands.sentence)
    if not priced.orders:
        raise BasketInvalid("The basket is empty.", remedy="Put a package into it first.")
    if priced.problems:
        first = priced.problems[0]
        raise BasketInvalid(
            f"{first.line.edition.package} for {first.line.school} can’t be ordered: {first.problem}",
            remedy="Put this right in the basket, then order again.",
        )


def _not_now(stands: Standing, orders_from: date) -> str:
    if stands.state in {WindowState.HIDDEN, WindowState.EARLY}:
        return f"Orders are taken from {long_date(orders_from)}. Your basket is kept until then."
    return "Orders are closed."


def _acceptance(
    actor: Actor, owner: Organisation, name: str, capacity: str, now: datetime
) -> dict[str, object]:
    """Who accepts the terms. An order of a person without authority waits for somebody who has it."""
    if not queries.may_accept_for(actor, owner):
        return {}
    for field, text, words in (
        ("accepted_name", name, "your full name"),
        ("accepted_capacity", capacity, "your position, for example “Headteacher”"),
    ):
        if not text.strip():
            raise BasketInvalid(
                "The terms are accepted by a named person.", remedy=f"Write {words}.", field=field
            )
    return {
        "accepted_by_id": actor.user_id,
        "accepted_name": trimmed(name, LONGEST_NAME, "accepted_name"),
        "accepted_capacity": trimmed(capacity, LONGEST_CAPACITY, "accepted_capacity"),
        "accepted_at": now,
    }


def _agree(
    actor: Actor,
    priced: PricedBasket,
    order: Order,
    *,
    quotes_evidence: QuotesEvidence | None,
    **fields: object,
) -> ServiceAgreement:
    basket, window, price = priced.basket, priced.basket.window, order.lines[0].price
    buyer = order.school.organisation
    first_day = window.first_day
    agreement: ServiceAgreement = ServiceAgreement.objects.scoped().create(
        status=AgreementStatus.DRAFT,
        buyer=buyer,
        seller=order.seller,
        ordered_by=basket.owner,
        window=window,
        basket=basket,
        calendar=window.calendar,
        starts_on=price.first_year.starts_on,
        ends_on=window.dates.last_day.replace(year=window.dates.last_day.year + order.years - 1),
        years=order.years,
        terms=order.terms,
        parties=parties_of(buyer=buyer, seller=order.seller, ordered_by=basket.owner),
        route=price.route.kind.value,
        route_reason=price.route.reason[:300],
        late_charge_pence=order.late_charge_pence,
        quotes_evidence=quotes_evidence,
        requested_by_id=actor.user_id,
        **fields,
    )
    for position, line in enumerate(order.lines, start=1):
        _line(agreement, position, line)
    history.write(
        agreement, verb="draft", after=AgreementStatus.DRAFT, by=actor, note=f"{basket}, {first_day}"
    )
    value = agreements.order_value(agreement)
    needed = requirement_for(buyer, value)
    check_quotes(buyer, needed, quotes_evidence, gross_pence=value, supplier=order.seller)
    move(agreement, "submit", actor=actor)
    link_renewal(agreement)
    return agreement


def _line(agreement: ServiceAgreement, position: int, priced: PricedLine) -> None:
    line, price = priced.line, priced.price
    assert price.explanation is not None  # lines without a price were refused
    AgreementLine.objects.create(
        agreement=agreement,
        position=position,
        edition=line.edition,
        description=f"{line.edition.package.name} {line.edition.window.year_label}"[:200],
        price=price.explanation.to_data() | {"months": price.first_year.months},
        year_pence=price.net_pence,
        vat_pence=price.vat_pence,
        cancellation_tariff=line.edition.cancellation_tariff,
    )


def _approve_where_allowed(actor: Actor, agreement: ServiceAgreement) -> None:
    """At the lowest step of the ladder whoever may commit money approves their own order in ordering it."""
    value = agreements.order_value(agreement)
    if agreement.accepted_at and may_approve_order(actor, agreement.buyer, value, actor.user_id):
        if has_interest(actor.user_id, agreement.seller_id):
            note_interest(actor=actor, agreement=agreement)
            return
        approve_agreement(actor=actor, agreement=agreement)
        agreement.refresh_from_db()
