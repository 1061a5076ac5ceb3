"""The same again next year, and telling buyers when it will cost something else."""

import logging
from datetime import timedelta
from typing import NamedTuple

from marketplace.buyback.actions.agreement_steps import AgreementRef, must, today
from marketplace.buyback.actions.baskets import put_in_basket
from marketplace.buyback.events import PriceChangeTold
from marketplace.buyback.models import (
    AgreementStatus,
    Basket,
    EditionStatus,
    PackageEdition,
    PriceNotice,
    ServiceAgreement,
)
from marketplace.buyback.queries import agreements as queries
from marketplace.buyback.queries import baskets, renewals
from marketplace.buyback.rules import notice_by, notice_sentence
from marketplace.kernel import events, history
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotNow

log = logging.getLogger(__name__)

DAYS_TRIED_AGAIN = 7


class Renewed(NamedTuple):
    """The basket that holds the same again, and in sentences what could not be put into it."""

    basket: Basket
    left_out: tuple[str, ...]


@action
def renew_agreement(*, actor: Actor, agreement: AgreementRef) -> Renewed:
    """The same again: put the agreement's packages for the year after into the school's basket, to be looked at and ordered.

    What is not on sale, or was ordered already, is left out and said. Raises `NotNow` where nothing can be put there yet.
    """
    row = queries.agreement_for(actor, agreement if isinstance(agreement, str) else agreement.reference)
    must(actor, row, "renew")
    renewal = renewals.renewal_of(row, on=today())
    if not renewal.is_possible:
        raise NotNow(
            f"None of these packages can be ordered for the year after {row.reference} now.",
            remedy=renewal.stands.sentence
            if renewal.stands
            else "The prices for that year are not there yet.",
        )
    owner = row.ordered_by if baskets.may_fill(actor, row.ordered_by) else row.buyer
    basket, left_out = None, []
    for each in renewal.lines:
        if not each.can_be_ordered or each.edition is None:
            left_out.append(f"{each.change.name}: {each.problem}")
            continue
        try:
            basket = put_in_basket(
                actor=actor,
                owner=owner,
                edition=each.edition,
                schools=[row.buyer.school],
                years=each.years,
                level=renewals.level_of(each.line),
            )
        except DomainError as refused:
            left_out.append(f"{each.change.name}: {refused}")
    if basket is None:
        raise NotNow("None of these packages can be ordered again.", remedy=" ".join(left_out))
    history.write(row, verb="same_again_chosen", by=actor, note=f"Put into basket {basket}")
    return Renewed(basket, tuple(left_out))


def link_renewal(agreement: ServiceAgreement) -> ServiceAgreement | None:
    """Note which agreement this one follows: of the same school and seller, ended on the day before this contract year.

    Unused days can then be carried into it. One that shares a package with it; None where nothing is followed.
    """
    if agreement.supersedes_id is not None:
        return agreement.supersedes
    before = (
        ServiceAgreement.objects.scoped()
        .filter(
            buyer=agreement.buyer_id,
            seller=agreement.seller_id,
            ends_on=agreement.window.first_day - timedelta(days=1),
            status__in=(AgreementStatus.SUBMITTED, AgreementStatus.ACTIVE, AgreementStatus.ENDED),
            superseded_by=None,
        )
        .exclude(pk=agreement.pk)
    )
    packages = set(agreement.lines.values_list("edition__package", flat=True))
    followed: ServiceAgreement | None = (
        before.filter(lines__edition__package__in=packages).order_by("pk").first()
    )
    if followed is not None:
        agreement.supersedes, agreement.succession = followed, "renewal"
        agreement.save(update_fields=["supersedes", "succession"])
    return followed


def unlink_renewal(agreement: ServiceAgreement) -> None:
    """An agreement that comes to nothing follows none: another can."""
    if agreement.succession == "renewal":
        agreement.supersedes, agreement.succession = None, ""
        agreement.save(update_fields=["supersedes", "succession"])


@action
def notice_price_changes(*, actor: Actor, edition: PackageEdition) -> list[PriceNotice]:
    """Tell each buyer of a package whose next edition was published at another price for them, once: the new notices.

    A notice has both prices and, while there is time, the day by which to say no; it is kept, and stands in the history of the agreement. Nobody is told
    before the window shows its prices: the job of that morning does it then.
    """
    if edition.status != EditionStatus.PUBLISHED or today() < edition.window.prices_visible_from:
        return []
    told = []
    for changed in renewals.changed_prices(edition, on=today()):
        agreement = locked(queries.agreements_visible_to(SYSTEM), pk=changed.line.agreement_id)
        sentence = notice_sentence(changed.change, edition.window.first_day, on=today())
        notice, is_new = PriceNotice.objects.get_or_create(
            line=changed.line,
            edition=edition,
            defaults={
                "last_pence": changed.change.last_pence,
                "next_pence": changed.change.next_pence or 0,
                "notice_by": notice_by(edition.window.first_day),
                "sentence": sentence[:300],
            },
        )
        if is_new:
            history.write(agreement, verb="price_change_told", by=actor, note=sentence)
            events.publish(PriceChangeTold(notice.pk))
            told.append(notice)
    return told


def notice_prices_shown() -> int:
    """Tell of the prices of windows that have come to show them; how many notices. One that failed is tried again for a week."""
    on = today()
    editions = PackageEdition.objects.filter(
        status=EditionStatus.PUBLISHED,
        window__prices_visible_from__range=(on - timedelta(days=DAYS_TRIED_AGAIN), on),
    ).select_related("package", "window__area")
    told = 0
    for edition in editions.order_by("pk"):
        try:
            told += len(notice_price_changes(actor=SYSTEM, edition=edition))
        except Exception:
            log.exception("Buyers of edition %s could not be told of its price.", edition.pk)
    return told
