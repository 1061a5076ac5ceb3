"""Packages and their editions: written, put on sale, taken off, and copied into the next year."""

from dataclasses import replace
from typing import Any

from django.utils import timezone

from marketplace.buyback import editions
from marketplace.buyback.editions import EditionContent, content_of
from marketplace.buyback.events import EditionPublished
from marketplace.buyback.models import (
    BuyBackWindow,
    EditionStatus,
    Package,
    PackageEdition,
)
from marketplace.buyback.queries import selling as queries
from marketplace.buyback.selling_errors import EditionInvalid
from marketplace.buyback.states import EDITION
from marketplace.catalogue.access import must_manage
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotAllowed, NotNow
from marketplace.organisations.models import Organisation


@action
def start_package(
    *, actor: Actor, seller: Organisation, name: str, window: BuyBackWindow, content: EditionContent
) -> PackageEdition:
    """Start a package with its edition in a window. Raises `NotAllowed`, or `EditionInvalid` naming the field."""
    must_manage(actor, seller.pk, to="sell packages for this organisation")
    if not seller.is_provider_kind:
        raise EditionInvalid(
            f"{seller.name} oversees the exchange and sells nothing itself.",
            remedy="Sell it as the authority’s own service.",
        )
    _check_window(window)
    editions.check_draft(content, seller_id=seller.pk)
    package = Package.objects.create(seller=seller, name=_checked_name(seller, name))
    history.write(package, verb="start", by=actor)
    return _draft(actor, package, window, content)


@action
def edit_edition(*, actor: Actor, edition: PackageEdition, content: EditionContent) -> PackageEdition:
    """Write the content of a draft. Raises `NotNow` once it is on sale: what schools buy from does not change."""
    edition = _own(actor, edition)
    _must_be_draft(edition)
    editions.check_draft(content, seller_id=edition.package.seller_id)
    editions.write(edition, content)
    history.write(edition, verb="write", before=edition.status, after=edition.status, by=actor)
    return edition


@action
def set_price_rule(*, actor: Actor, edition: PackageEdition, rule: dict[str, Any]) -> PackageEdition:
    """Set what a year costs. Raises the price rule's own errors, or `NotNow`."""
    return edit_edition(actor=actor, edition=edition, content=replace(content_of(edition), price_rule=rule))


@action
def rename_package(*, actor: Actor, package: Package, name: str) -> Package:
    """Give a package another name. Agreements already made keep the name they were made with."""
    package = locked(queries.packages_kept_by(actor), pk=package.pk)
    if package.name != name.strip():
        before = package.name
        package.name = _checked_name(package.seller, name)
        package.save(update_fields=["name"])
        history.write(package, verb="rename", by=actor, note=f"It was called “{before}”.")
    return package


@action
def publish_edition(*, actor: Actor, edition: PackageEdition) -> PackageEdition:
    """Put an edition on sale: schools see it from the day its window shows prices, and it never changes again.

    Raises `EditionIncomplete` with everything that is missing; `NotNow`.
    """
    edition = _own(actor, edition)
    EDITION.target(edition.status, "publish")
    now = timezone.now()
    editions.check_complete(edition, content_of(edition), on=local(now).date())
    EDITION.move(edition, "publish", by=actor, published_at=now)
    events.publish(EditionPublished(edition.pk))
    return edition


@action
def withdraw_edition(*, actor: Actor, edition: PackageEdition, note: str = "") -> PackageEdition:
    """Take an edition off sale. Agreements already made stand; baskets that hold it can't be ordered with it."""
    edition = _own(actor, edition)
    EDITION.move(edition, "withdraw", by=actor, note=note.strip())
    return edition


@action
def copy_edition(*, actor: Actor, edition: PackageEdition, window: BuyBackWindow) -> PackageEdition:
    """Start the edition of another window with everything this one says; the latest published terms are taken.

    The days on which the price holds are left out, since they are of the old year. Raises `EditionInvalid` where the package has an
    edition there already.
    """
    edition = _own(actor, edition)
    _check_window(window)
    standing = PackageEdition.objects.exclude(status=EditionStatus.WITHDRAWN)
    if standing.filter(package=edition.package_id, window=window).exists():
        raise EditionInvalid(
            f"{edition.package.name} has an edition for {window.year_label} already.",
            remedy="Open that one and change it.",
            field="window",
        )
    latest = edition.package.seller.terms.filter(published_at__isnull=False).first()
    content = content_of(edition)
    rule = {
        key: value
        for key, value in content.price_rule.items()
        if key not in {"effective_from", "effective_to"}
    }
    copied = replace(content, price_rule=rule, terms=latest or content.terms, change_notice="")
    return _draft(actor, edition.package, window, copied, note=f"Copied from {edition.window.year_label}.")


@action
def discard_edition(*, actor: Actor, edition: PackageEdition) -> None:
    """Throw a draft away; the package too, where it has no other edition. Raises `NotNow` once it was on sale."""
    edition = _own(actor, edition)
    _must_be_draft(edition)
    package = edition.package
    history.write(package, verb="discard", by=actor, note=f"Draft for {edition.window.year_label}.")
    edition.delete()
    if not package.editions.exists():
        package.delete()


def _draft(
    actor: Actor, package: Package, window: BuyBackWindow, content: EditionContent, note: str = ""
) -> PackageEdition:
    edition = PackageEdition(package=package, window=window)
    editions.write(edition, content)
    history.write(edition, verb="draft", after=edition.status, by=actor, note=note)
    return edition


def _own(actor: Actor, edition: PackageEdition) -> PackageEdition:
    row: PackageEdition = locked(queries.editions_kept_by(actor), pk=edition.pk)
    return row


def _must_be_draft(edition: PackageEdition) -> None:
    if edition.status != EditionStatus.DRAFT:
        raise NotNow(
            "This edition is on sale or was, so it stays as it is.",
            remedy="Withdraw it, or change the edition of the next year.",
        )


def _check_window(window: BuyBackWindow) -> None:
    if window.dates.last_day < local(timezone.now()).date():
        raise NotAllowed(
            f"The contract year {window.year_label} is over.", remedy="Choose a window that is still to come."
        )


def _checked_name(seller: Organisation, name: str) -> str:
    name = name.strip()
    if not name:
        raise EditionInvalid("The package has no name.", remedy="Give it one.", field="name")
    if len(name) > 120:
        raise EditionInvalid("The name is too long.", remedy="Use 120 characters or fewer.", field="name")
    if seller.packages.filter(name__iexact=name).exists():
        raise EditionInvalid(
            f"You have a package called “{name}” already.",
            remedy="Open it and copy it into the new window, or choose another name.",
            field="name",
        )
    return name
