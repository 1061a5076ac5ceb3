"""Offers out of listings: versions with their themes and people, where each stands, and how it came there.

Days are stated last, when needs and bookings are known: what is free of an offer is the share of the need its listing covers.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from marketplace.catalogue import presets
from marketplace.catalogue.models import Offer, OfferStatus, OfferVersion, SupportType, Theme, VersionStatus
from marketplace.catalogue.search import rebuild_index
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.listings import Listing
from marketplace.demo_area.needs import Needs
from marketplace.demo_area.people import People
from marketplace.demo_area.practitioners import Deployable, Teams
from marketplace.demo_area.stage import Chance, Today, write, write_history
from marketplace.demo_area.words.support import DESCRIPTIONS, EVIDENCE
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import Organisation, Phase, User

WITH_EARLIER_VERSION = 9  # every so many offers has one that was dearer or cheaper
WITH_REVISION_IN_WORK = 29


@dataclass
class Listed:
    """An offer with the listing it comes from, the people who deliver it, and its versions, oldest first."""

    offer: Offer
    listing: Listing
    provider_name: str
    provider: Organisation
    people: list[Deployable]
    versions: list[OfferVersion] = field(default_factory=list)

    @property
    def current(self) -> OfferVersion:
        """The version on show, or the only one."""
        return self.offer.current or self.versions[-1]

    def version_on(self, at: datetime) -> OfferVersion | None:
        """The version that stood at a moment; `None` where the offer was not on show yet."""
        standing = [
            v for v in self.versions if v.reviewed_at and v.status == "approved" and v.reviewed_at <= at
        ]
        return standing[-1] if standing else None


def list_offers(
    place: Place,
    providers: Providers,
    people: People,
    teams: Teams,
    listings: Iterable[Listing],
    chance: Chance,
    today: Today,
) -> list[Listed]:
    """All offers of an area with their versions and history, published ones indexed for search."""
    listed = [
        Listed(
            _offer(listing, providers[name], chance, today),
            listing,
            name,
            providers[name],
            teams.of(name, listing),
        )
        for listing in listings
        for name in listing.by
        if name in providers
    ]
    chance.rng.shuffle(listed)
    write([each.offer for each in listed])
    types = {kind.code: kind for kind in SupportType.objects.all()}
    for number, each in enumerate(listed):
        each.versions = _versions(each, number, types, people, chance, today)
    write([version for each in listed for version in each.versions])
    _show(listed)
    _link(listed)
    rebuild_index([version.pk for each in listed for version in each.versions])
    lines = [line for each in listed for line in _history(each, people, today)]
    write_history(lines)
    return listed


def _offer(listing: Listing, provider: Organisation, chance: Chance, today: Today) -> Offer:
    made = chance.between(today.ago(700), today.ago(420))
    if listing.status in (OfferStatus.DRAFT, OfferStatus.SUBMITTED, OfferStatus.RETURNED):
        made = chance.between(today.ago(40), today.ago(12))
    elif listing.status == OfferStatus.PUBLISHED and not listing.is_of_days and chance.happens(35):
        made = chance.between(today.ago(300), today.ago(30))
    was_shown = listing.status in (OfferStatus.PUBLISHED, OfferStatus.PAUSED, OfferStatus.WITHDRAWN)
    published = chance.between(made + timedelta(days=3), made + timedelta(days=16)) if was_shown else None
    confirmed = None
    if published:
        lately = chance.between(today.ago(150), today.ago(4))
        long_ago = chance.between(today.ago(330), today.ago(200))
        confirmed = max(published, long_ago if listing.stale else lately)
    return Offer(
        reference=chance.reference("OF"),
        provider=provider,
        # Whole once its version is there: the database does not let an offer without one be on show.
        status=OfferStatus.DRAFT,
        created_at=made,
        published_at=published,
        confirmed_at=confirmed,
    )


def _versions(
    each: Listed, number: int, types: dict[str, SupportType], people: People, chance: Chance, today: Today
) -> list[OfferVersion]:
    listing, offer = each.listing, each.offer
    if offer.published_at is None:
        return [_version(each, 1, listing.status, types, people, chance, at=offer.created_at)]
    versions = [
        _version(
            each,
            1,
            VersionStatus.APPROVED,
            types,
            people,
            chance,
            at=offer.created_at,
            approved=offer.published_at,
        )
    ]
    if number % WITH_EARLIER_VERSION == 4 and listing.is_of_days:
        earlier = versions[0]
        earlier.price_rule = _cheaper(earlier.price_rule)
        later = chance.between(today.ago(200), today.ago(120))
        versions.append(
            _version(
                each,
                2,
                VersionStatus.APPROVED,
                types,
                people,
                chance,
                at=later - timedelta(days=6),
                approved=later,
            )
        )
    if number % WITH_REVISION_IN_WORK == 7 and listing.status == OfferStatus.PUBLISHED:
        version = _version(
            each, len(versions) + 1, VersionStatus.SUBMITTED, types, people, chance, at=today.ago(3)
        )
        version.summary = f"{listing.summary[:270]} Now also on line."
        versions.append(version)
    return versions


def _cheaper(rule: dict[str, Any]) -> dict[str, Any]:
    """The price of a year ago: twenty pounds less."""
    return (
        rule | {"amount_pence": rule["amount_pence"] - 2_000}
        if rule.get("amount_pence", 0) > 10_000
        else rule
    )


def _version(
    each: Listed,
    number: int,
    status: str,
    types: dict[str, SupportType],
    people: People,
    chance: Chance,
    *,
    at: datetime,
    approved: datetime | None = None,
) -> OfferVersion:
    listing = each.listing
    lead, convenor = _lead(each, people), people.convenors[-1]
    submitted = at + timedelta(days=1) if status != VersionStatus.DRAFT else None
    reviewed = approved or (at + timedelta(days=5) if status == VersionStatus.RETURNED else None)
    return OfferVersion(
        offer=each.offer,
        number=number,
        status=status,
        return_reason=listing.reason,
        title=listing.title,
        summary=listing.summary,
        description=DESCRIPTIONS[listing.kind],
        support_type=types[listing.kind],
        phases=[phase for phase in Phase.values if phase in listing.phases],
        mode=listing.mode,
        reach_km=listing.reach,
        minimum_half_days=listing.minimum,
        activity_basis=listing.basis,
        scope=listing.scope,
        price_rule=listing.price,
        brokerage_fee=listing.fee,
        cancellation_tariff=presets.TARIFFS[listing.tariff].data,
        evidence=chance.one_of(EVIDENCE),
        written_by=lead,
        submitted_by=lead if submitted else None,
        submitted_at=submitted,
        reviewed_by=convenor if reviewed else None,
        reviewed_at=reviewed,
        created_at=at,
    )


def _lead(each: Listed, people: People) -> User | None:
    return people.leads.get(each.provider.pk) or people.heads.get(each.provider.pk)


def _show(listed: list[Listed]) -> None:
    """Put each offer where its listing says, with the latest approved version on show."""
    for each in listed:
        approved = [version for version in each.versions if version.status == VersionStatus.APPROVED]
        each.offer.current = approved[-1] if approved else None
        each.offer.status = each.listing.status
    Offer.objects.bulk_update([each.offer for each in listed], ["status", "current"], batch_size=500)


def _link(listed: list[Listed]) -> None:
    themes = {theme.code: theme for theme in Theme.objects.all()}
    of_theme, of_person = OfferVersion.themes.through, OfferVersion.practitioners.through
    write(
        [
            of_theme(offerversion=version, theme=themes[code])
            for each in listed
            for version in each.versions
            for code in each.listing.themes
        ]
    )
    write(
        [
            of_person(offerversion=version, practitioner=person.practitioner)
            for each in listed
            for version in each.versions
            for person in each.people
        ]
    )


# Where each came from ------------------------------------------------------------------------------------------------


def _history(each: Listed, people: People, today: Today) -> Iterable[HistoryEntry]:
    """What `catalogue.actions` would have written, offer and versions each their own lines."""
    offer, lead = each.offer, _lead(each, people)
    yield _line(offer, "draft", "", "draft", offer.created_at, lead)
    first = each.versions[0]
    if first.submitted_at:
        yield _line(first, "submit", "draft", "submitted", first.submitted_at, lead)
        yield _line(offer, "submit", "draft", "submitted", first.submitted_at, lead)
    if first.status == VersionStatus.RETURNED and first.reviewed_at:
        for row in (first, offer):
            yield _line(
                row,
                "return",
                "submitted",
                "returned",
                first.reviewed_at,
                first.reviewed_by,
                first.return_reason,
            )
    if first.status == VersionStatus.APPROVED and first.reviewed_at:
        yield _line(first, "approve", "submitted", "approved", first.reviewed_at, first.reviewed_by)
        yield _line(offer, "publish", "submitted", "published", first.reviewed_at, first.reviewed_by)
    for later in each.versions[1:]:
        yield _line(later, "write", "", "draft", later.created_at, lead)
        if later.submitted_at:
            yield _line(later, "submit", "draft", "submitted", later.submitted_at, lead)
        if later.status == VersionStatus.APPROVED and later.reviewed_at:
            yield _line(later, "approve", "submitted", "approved", later.reviewed_at, later.reviewed_by)
            yield _line(offer, "revise", "published", "published", later.reviewed_at, later.reviewed_by)
    yield from _end(each, lead, today)


def _end(each: Listed, lead: User | None, today: Today) -> Iterable[HistoryEntry]:
    """Paused and withdrawn offers say why; confirmed ones when they were."""
    offer = each.offer
    if each.listing.status == OfferStatus.PAUSED:
        yield _line(offer, "pause", "published", "paused", today.ago(25), lead, "Nobody free before Easter.")
    elif each.listing.status == OfferStatus.WITHDRAWN:
        yield _line(offer, "withdraw", "published", "withdrawn", today.ago(60), lead, "Too little asked for.")
    elif offer.confirmed_at and offer.published_at and offer.confirmed_at > offer.published_at:
        yield _line(offer, "confirm", "published", "published", offer.confirmed_at, lead)


def _line(
    row: Offer | OfferVersion,
    verb: str,
    before: str,
    after: str,
    at: datetime,
    by: User | None,
    note: str = "",
) -> HistoryEntry:
    return HistoryEntry(
        subject_type=row._meta.label_lower,
        subject_id=row.pk,
        verb=verb,
        before=before,
        after=after,
        by=by,
        by_name=by.name if by else SYSTEM.name,
        note=note,
        at=at,
    )


# Days ----------------------------------------------------------------------------------------------------------------


def state_days(listed: list[Listed], needs: Needs, *, taken: dict[int, int], met: dict[int, int]) -> None:
    """Say how many half-days each offer has in a school year: what is taken (by offer), and the share of the need left (`met` by
    need) that its listing covers. Listings that are not of days say nothing."""
    for each in listed:
        if each.listing.is_of_days:
            free = round(each.listing.cover * needs.half_days_for(each.listing, met))
            days = max(2, taken.get(each.offer.pk, 0) + free)
            for version in each.versions:
                version.capacity_half_days = max(days, version.minimum_half_days)
    versions = [version for each in listed for version in each.versions if each.listing.is_of_days]
    OfferVersion.objects.bulk_update(versions, ["capacity_half_days"], batch_size=500)
