"""Offers one may see: on show, one's own in every state, and for convenors those handed in within their area."""

from django.db.models import Prefetch, Q, QuerySet

from marketplace.catalogue.access import MANAGERS
from marketplace.catalogue.models import (
    Designation,
    Offer,
    OfferScope,
    OfferStatus,
    OfferVersion,
    Practitioner,
    VersionStatus,
)
from marketplace.catalogue.pricing import BY_THE_PLACE
from marketplace.catalogue.states import VERSION
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import Organisation, School

SOLD_BY_THE_PLACE = Q(current__price_rule__kind=BY_THE_PLACE)
"""The offers that are had on their courses and never by the day."""

IN_WORK = (VersionStatus.DRAFT, VersionStatus.SUBMITTED, VersionStatus.RETURNED)


def _with_content(offers: QuerySet[Offer]) -> QuerySet[Offer]:
    return offers.select_related(
        "provider__school", "provider__area", "current__support_type"
    ).prefetch_related("current__themes__parent", _people("current__practitioners"))


def _people(path: str) -> Prefetch:
    designations = Prefetch("designations", queryset=Designation.objects.order_by("valid_from"))
    people = Practitioner.objects.filter(is_active=True).select_related("releasing_organisation")
    return Prefetch(path, queryset=people.prefetch_related(designations))


def in_reach_of(actor: Actor) -> Q:
    """The condition on offers that lets through what is open to all and what is kept to a trust of this person."""
    if actor.is_system:
        return Q()
    if actor.user_id is None:
        return Q(pk__in=())
    own = actor.organisations()
    trusts = School.objects.filter(pk__in=own, trust__isnull=False).values("trust_id")
    federations = School.objects.filter(pk__in=own, federation__isnull=False).values("federation_id")
    return (
        Q(current__scope=OfferScope.OPEN)
        | Q(provider__in=own)
        | Q(provider__in=trusts)
        | Q(provider__in=federations)
        | Q(provider__school__trust__in=trusts)
        | Q(provider__school__trust__in=own)
        | Q(provider__school__federation__in=federations)
        | Q(provider__area__in=actor.in_area(Role.CONVENOR))
    )


def published(actor: Actor) -> QuerySet[Offer]:
    """Offers on show to this person, of providers that are not suspended, without their content."""
    return Offer.objects.filter(
        in_reach_of(actor), status=OfferStatus.PUBLISHED, provider__suspended_at__isnull=True
    )


def published_offers(actor: Actor) -> QuerySet[Offer]:
    """Offers on show to this person with everything a page shows of them."""
    return _with_content(published(actor))


def offer_for(actor: Actor, reference: str) -> Offer:
    """The offer with this reference, where this person may see it: on show to them, their own, or handed in within their area.

    Raises `NotFound`.
    """
    offers = Offer.objects.filter(
        Q(pk__in=published(actor).values("pk"))
        | Q(pk__in=offers_managed_by(actor).values("pk"))
        | Q(pk__in=_handed_in(actor).values("pk"))
    )
    offer = _with_content(offers).filter(reference=reference).first()
    if offer is None:
        raise NotFound
    return offer


def _handed_in(actor: Actor) -> QuerySet[Offer]:
    """Offers of the person's areas that a convenor has to do with: not those still being written for the first time."""
    return Offer.objects.filter(_convened(actor, "provider"), ~Q(status=OfferStatus.DRAFT))


def _convened(actor: Actor, provider: str) -> Q:
    """Providers of the areas the person convenes. A provider without an area is every convenor's."""
    if actor.is_system:
        return Q()
    areas = actor.in_area(Role.CONVENOR)
    if not areas:
        return Q(pk__in=())
    return Q(**{f"{provider}__area__in": areas}) | Q(**{f"{provider}__area__isnull": True})


def convenes(actor: Actor, provider: Organisation) -> bool:
    """Whether the person is a convenor for this provider."""
    if provider.area_id is None:
        return actor.is_system or bool(actor.in_area(Role.CONVENOR))
    return actor.convenes(provider.area_id)


def offers_managed_by(actor: Actor) -> QuerySet[Offer]:
    """Every offer of the providers the person keeps, in every state."""
    offers = Offer.objects.all()
    return offers if actor.is_system else offers.filter(provider__in=actor.organisations(*MANAGERS))


def version_in_work(offer: Offer) -> OfferVersion | None:
    """The version being written, handed in or returned; `None` where the current one is the latest."""
    return (
        offer.versions.filter(status__in=IN_WORK)
        .select_related("support_type")
        .prefetch_related("themes__parent", _people("practitioners"))
        .first()
    )


def my_offers(actor: Actor) -> QuerySet[Offer]:
    """A provider's list: each offer with its current version and the one in work (`in_work`, a list of at most one)."""
    in_work = Prefetch(
        "versions", queryset=OfferVersion.objects.filter(status__in=IN_WORK), to_attr="in_work"
    )
    return offers_managed_by(actor).select_related("provider", "current").prefetch_related(in_work)


def history_of(offer: Offer) -> QuerySet[HistoryEntry]:
    """The history of an offer and of its versions, oldest first. Where a first version took the offer along, it is told once."""
    numbers = dict(offer.versions.values_list("pk", "number"))
    first = [pk for pk, number in numbers.items() if number == 1]
    of_versions = HistoryEntry.objects.filter(
        subject_type=OfferVersion._meta.label_lower, subject_id__in=list(numbers)
    ).exclude(subject_id__in=first, verb__in=[edge.verb for edge in VERSION.edges])
    of_offer = HistoryEntry.objects.filter(subject_type=Offer._meta.label_lower, subject_id=offer.pk)
    return (of_offer | of_versions).order_by("pk")


def to_review(actor: Actor) -> QuerySet[OfferVersion]:
    """Versions handed in by providers of the person's areas, the longest waiting first."""
    return (
        OfferVersion.objects.filter(_convened(actor, "offer__provider"), status=VersionStatus.SUBMITTED)
        .exclude(offer__status=OfferStatus.WITHDRAWN)
        .select_related("offer__provider__area", "support_type", "submitted_by")
        .order_by("submitted_at", "pk")
    )
