"""What else there is at a school that becomes an academy: its other agreements, its credits, its open baskets."""

from datetime import date
from typing import NamedTuple

from django.db.models import QuerySet

from marketplace.buyback.models import Basket, BasketStatus, ServiceAgreement
from marketplace.buyback.queries.agreements import agreement_verbs_for, agreements_visible_to
from marketplace.buyback.queries.baskets import baskets_visible_to
from marketplace.buyback.queries.endings import ConversionStanding, conversion_standing, successors_of
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import DomainError
from marketplace.organisations.models import Organisation


class AlsoConvertible(NamedTuple):
    """Another agreement of the school, and how it would pass on the same day."""

    agreement: ServiceAgreement
    standing: ConversionStanding


def also_convertible(
    actor: Actor, agreement: ServiceAgreement, on: date, successor: Organisation, *, today: date
) -> list[AlsoConvertible]:
    """The school's other agreements that the person may pass on to the same academy on the same day."""
    rows = agreements_visible_to(actor).filter(buyer=agreement.buyer_id, starts_on__lt=on, ends_on__gte=on)
    found = []
    for row in rows.exclude(pk=agreement.pk).order_by("pk"):
        if "convert" not in agreement_verbs_for(actor, row, today=today) or successor not in successors_of(
            row
        ):
            continue
        begun = row.contract_years.last()
        if begun is not None and on < begun.starts_on:
            continue
        try:
            found.append(AlsoConvertible(row, conversion_standing(row, on, successor)))
        except DomainError:
            continue
    return found


def baskets_being_filled(actor: Actor, owner: Organisation) -> QuerySet[Basket]:
    """The open baskets of an organisation with something in them, as far as the person may see them."""
    filled = baskets_visible_to(actor).filter(owner=owner, status=BasketStatus.OPEN, lines__isnull=False)
    return filled.distinct()
