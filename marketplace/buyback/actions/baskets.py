"""Filling a basket: before orders are taken, and while they are."""

from collections.abc import Sequence
from datetime import date

from django.utils import timezone

from marketplace.buyback.models import Basket, BasketLine, BasketStatus, PackageEdition
from marketplace.buyback.queries import baskets as queries
from marketplace.buyback.queries import selling
from marketplace.buyback.queries.prices import Wish, prices_for
from marketplace.buyback.rules.windows import standing
from marketplace.buyback.selling_errors import AlreadyAgreed, BasketInvalid, NotOnSale, NotYetOpen
from marketplace.buyback.states import BASKET
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import Organisation, School

MOST_LINES = 400


@action
def put_in_basket(
    *,
    actor: Actor,
    owner: Organisation,
    edition: PackageEdition,
    schools: Sequence[School] = (),
    years: int = 1,
    level: str = "",
) -> Basket:
    """Put a package into the owner's basket for its window, for these schools of it (for the owner itself, where none are named).

    What is there already for a school gets the new length and level. Raises `NotAllowed`, `NotYetOpen` where the window shows no
    prices or has closed, `NotOnSale` for a package, length or level that can't be bought, `AlreadyAgreed` where a school has it.
    """
    _must_fill(actor, owner)
    on = _today()
    window = edition.window
    _must_be_fillable(edition, on)
    edition = locked(selling.editions_on_sale(on=on), pk=edition.pk)
    schools = _checked_schools(owner, edition, schools)
    _check_choice(edition, years, level)
    _check_not_held(edition, schools, on)
    Basket.objects.get_or_create(
        owner=owner,
        window=window,
        status=BasketStatus.OPEN,
        defaults={"created_by_id": actor.user_id},
    )
    basket = _locked(actor, Basket.objects.get(owner=owner, window=window, status=BasketStatus.OPEN))
    for school in schools:
        BasketLine.objects.update_or_create(
            basket=basket,
            school_id=school.pk,
            edition=edition,
            defaults={"years": years, "level": level},
        )
    if basket.lines.count() > MOST_LINES:
        raise BasketInvalid(
            f"A basket holds {MOST_LINES} lines at most.", remedy="Order what is in it, then fill another."
        )
    history.write(
        basket, verb="add", by=actor, note=f"{edition.package} for {_names(schools)}, {_years(years)}"[:2000]
    )
    return basket


@action
def change_basket_line(*, actor: Actor, line: BasketLine, years: int, level: str = "") -> BasketLine:
    """Choose another length or level for one line. Raises what `put_in_basket` raises."""
    basket = _locked(actor, line.basket)
    row: BasketLine = locked(basket.lines.select_related("edition__package", "school"), pk=line.pk)
    _must_be_fillable(row.edition, _today())
    _check_choice(row.edition, years, level)
    row.years, row.level = years, level
    row.save(update_fields=["years", "level"])
    history.write(basket, verb="change", by=actor, note=f"{row}, {_years(years)}")
    return row


@action
def take_out_of_basket(*, actor: Actor, basket: Basket, lines: Sequence[BasketLine]) -> Basket:
    """Take lines out of a basket that is being filled."""
    basket = _locked(actor, basket)
    gone = list(
        basket.lines.filter(pk__in=[line.pk for line in lines]).select_related(
            "edition__package", "edition__window", "school"
        )
    )
    basket.lines.filter(pk__in=[line.pk for line in gone]).delete()
    if gone:
        history.write(basket, verb="remove", by=actor, note=", ".join(str(line) for line in gone)[:2000])
    return basket


@action
def empty_basket(*, actor: Actor, basket: Basket) -> Basket:
    """Empty a basket; the next package starts a new one."""
    basket = _locked(actor, basket)
    basket.lines.all().delete()
    BASKET.move(basket, "empty", by=actor)
    return basket


def _locked(actor: Actor, basket: Basket) -> Basket:
    row: Basket = locked(queries.baskets_visible_to(actor), pk=basket.pk)
    _must_fill(actor, row.owner)
    if row.status != BasketStatus.OPEN:
        raise NotNow(
            f"This basket is {row.get_status_display().lower()}.", remedy="Put what you want into a new one."
        )
    return row


def _must_fill(actor: Actor, owner: Organisation) -> None:
    if not queries.may_fill(actor, owner):
        raise NotAllowed(
            f"You can’t fill the basket of {owner}.",
            remedy="Ask somebody who works for the school or its trust.",
        )


def _must_be_fillable(edition: PackageEdition, on: date) -> None:
    stands = standing(edition.window.dates, on)
    if not stands.can_fill:
        raise NotYetOpen(
            f"The buy-back for {edition.window.year_label} takes no orders now.", remedy=stands.sentence
        )


def _checked_schools(owner: Organisation, edition: PackageEdition, schools: Sequence[School]) -> list[School]:
    known = {school.pk: school for school in queries.schools_to_buy_for(owner, edition.window)}
    wanted = [school.pk for school in schools] or ([owner.pk] if owner.pk in known else [])
    if not wanted:
        raise BasketInvalid(
            "No school is chosen.", remedy="Tick the schools the package is for.", field="schools"
        )
    if any(pk not in known for pk in wanted):
        raise BasketInvalid(
            f"A school you chose can’t be bought for in this basket of {owner}.",
            remedy=f"Choose schools of {owner} in {edition.window.area}.",
            field="schools",
        )
    return [known[pk] for pk in wanted]


def _check_choice(edition: PackageEdition, years: int, level: str) -> None:
    if years not in edition.term_years:
        offered = ", ".join(str(each) for each in edition.term_years)
        raise NotOnSale(
            f"{edition.package} is not sold for {_years(years)}.",
            remedy=f"Lengths on offer, in years: {offered}.",
        )
    levels = queries.levels_of(edition)
    if level not in (levels or ("",)):
        raise NotOnSale(
            f"{edition.package} is sold at different levels, and none of them is chosen."
            if levels
            else f"{edition.package} has no levels.",
            remedy=f"Choose one of: {', '.join(levels)}." if levels else "Leave the level out.",
        )


def _check_not_held(edition: PackageEdition, schools: list[School], on: date) -> None:
    for price in prices_for([Wish(edition, school) for school in schools], on=on):
        if price.held and price.held.covers_window:
            raise AlreadyAgreed(
                f"{price.wish.school.organisation} has {edition.package} for this year already, in agreement "
                f"{price.held.reference} until {long_date(price.held.ends_on)}.",
                remedy="Leave this school out.",
            )


def _names(schools: list[School]) -> str:
    return ", ".join(school.organisation.name for school in schools)


def _years(years: int) -> str:
    return f"{years} year{'s' if years > 1 else ''}"


def _today() -> date:
    return local(timezone.now()).date()
