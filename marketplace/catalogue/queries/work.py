"""What of the catalogue waits for a person."""

from datetime import date, timedelta

from django.db.models import Q
from django.utils import timezone

from marketplace.catalogue import rules
from marketplace.catalogue.access import ASSURERS, MANAGERS
from marketplace.catalogue.models import Award, OfferStatus, OfferVersion, VersionStatus
from marketplace.catalogue.queries.designations import (
    designations_managed_by,
    ending_soon,
    provider_designations_managed_by,
)
from marketplace.catalogue.queries.offers import offers_managed_by, to_review
from marketplace.catalogue.queries.people import to_assure
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.work import WorkItem


def awaiting(actor: Actor) -> list[WorkItem]:
    """What of the catalogue waits for this person: offers to judge, to put right or to confirm, people to assure."""
    if actor.is_system or actor.user_id is None:
        return []
    today = timezone.localdate()
    return [
        *_reviews(actor),
        *_returned(actor),
        *_confirmations(actor, today),
        *_assurances(actor, today),
        *_designations(actor, today),
    ]


def _reviews(actor: Actor) -> list[WorkItem]:
    return [
        WorkItem(
            verb="Judge the offer",
            title=version.title,
            detail=f"{version.offer.provider.name}, handed in {long_date(local(version.submitted_at).date())}"
            if version.submitted_at
            else version.offer.provider.name,
            due_on=None,
            url_name="catalogue:review",
            url_args=(version.offer.reference,),
        )
        for version in (to_review(actor) if actor.in_area(Role.CONVENOR) else ())
    ]


def _returned(actor: Actor) -> list[WorkItem]:
    if not actor.organisations(*MANAGERS):
        return []
    versions = OfferVersion.objects.filter(
        offer__in=offers_managed_by(actor), status=VersionStatus.RETURNED
    ).select_related("offer__provider")
    return [
        WorkItem(
            verb="Put the offer right",
            title=version.title,
            detail=f"Returned: {version.return_reason}",
            due_on=None,
            url_name="catalogue:my_offer",
            url_args=(version.offer.reference,),
        )
        for version in versions.exclude(offer__status=OfferStatus.WITHDRAWN)
    ]


def _confirmations(actor: Actor, today: date) -> list[WorkItem]:
    if not actor.organisations(*MANAGERS):
        return []
    stale = timezone.now() - timedelta(days=rules.CONFIRMED_FOR_DAYS)
    offers = (
        offers_managed_by(actor)
        .filter(Q(confirmed_at__isnull=True) | Q(confirmed_at__lt=stale), status=OfferStatus.PUBLISHED)
        .select_related("current", "provider")
    )
    return [
        WorkItem(
            verb="Say that the offer still stands",
            title=offer.current.title if offer.current else offer.reference,
            detail=f"{offer.provider.name}: not confirmed for {rules.CONFIRMED_FOR_DAYS} days, so it counts for nothing in coverage",
            due_on=None,
            url_name="catalogue:my_offer",
            url_args=(offer.reference,),
        )
        for offer in offers
    ]


def _assurances(actor: Actor, today: date) -> list[WorkItem]:
    if not actor.organisations(*ASSURERS, Role.PROVIDER_LEAD):
        return []
    return [
        WorkItem(
            verb="Give the employer’s assurance",
            title=person.name,
            detail=f"{person.releasing_organisation.name}: without it no visit can be confirmed",
            due_on=None,
            url_name="catalogue:assurance",
            url_args=(person.reference,),
        )
        for person in to_assure(actor, today)
    ]


def _designations(actor: Actor, today: date) -> list[WorkItem]:
    """Designations that end soon: to be renewed, which is noting the next one, or to be let go."""
    if not actor.organisations(*MANAGERS):
        return []
    people = designations_managed_by(actor).filter(ending_soon(today), practitioner__is_active=True)
    organisations = provider_designations_managed_by(actor).filter(ending_soon(today))
    return [
        *(
            _ends(award, award.practitioner.name, "catalogue:person", award.practitioner.reference)
            for award in people
        ),
        *(
            _ends(award, award.organisation.name, "quality:provider", award.organisation.reference)
            for award in organisations
        ),
    ]


def _ends(award: Award, bearer: str, url_name: str, reference: str) -> WorkItem:
    return WorkItem(
        verb="Renew the designation",
        title=f"{bearer}, {award.scheme}",
        detail=f"Awarded by {award.awarded_by}. Note the next one, or let it end.",
        due_on=award.valid_to,
        url_name=url_name,
        url_args=(reference,),
    )
