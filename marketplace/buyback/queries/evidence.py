"""Quotes evidence: read by the people of the organisation it belongs to, its trust's lead among them, and by nobody else."""

from datetime import date

from django.db.models import Q, QuerySet

from marketplace.buyback.models import EditionStatus, EvidenceStatus, PackageEdition, QuotesEvidence
from marketplace.buyback.queries.ladders import READERS, trust_id_of
from marketplace.buyback.queries.selling import editions_on_sale, windows_for
from marketplace.buyback.rules import Asked, Pack
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Offer
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Organisation


def evidence_visible_to(actor: Actor) -> QuerySet[QuotesEvidence]:
    """The evidence of the person's organisations, newest first."""
    rows = QuotesEvidence.objects.select_related(
        "organisation__school", "organisation__area", "created_by", "completed_by"
    ).prefetch_related("quotes")
    return rows if actor.is_system else rows.filter(organisation__in=actor.organisations(*READERS))


def evidence_for(actor: Actor, reference: str) -> QuotesEvidence:
    """One piece of evidence by its reference; `NotFound` where there is none for this person."""
    found = evidence_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def complete_evidence_of(actor: Actor, organisation: Organisation) -> QuerySet[QuotesEvidence]:
    """Complete evidence that can stand behind an order of the organisation: its own, and its trust's."""
    owners = [organisation.pk, *filter(None, [trust_id_of(organisation)])]
    return evidence_visible_to(actor).filter(organisation__in=owners, status=EvidenceStatus.COMPLETE)


def may_gather(actor: Actor, organisation: Organisation) -> bool:
    """Whether the person may gather quotes for the organisation: whoever may order for it."""
    return actor.holds(*SCHOOL_BUYERS, at=organisation.pk)


def suppliers_on_the_exchange(actor: Actor) -> QuerySet[Organisation]:
    """Organisations that have offers or packages the person can see, by name: whom a quote can come from."""
    offering = catalogue.published_offers(actor).values("provider")
    selling = PackageEdition.objects.filter(status=EditionStatus.PUBLISHED).values("package__seller")
    return Organisation.objects.filter(Q(pk__in=offering) | Q(pk__in=selling)).order_by("name")


def offers_matching(actor: Actor, text: str) -> QuerySet[Offer]:
    """Offers on show to the person whose title or provider has the text, by title."""
    rows = catalogue.published_offers(actor)
    if text:
        rows = rows.filter(Q(current__title__icontains=text) | Q(provider__name__icontains=text))
    return rows.order_by("current__title", "pk")


def packages_matching(
    organisation: Organisation, text: str, *, years: int, on: date
) -> QuerySet[PackageEdition]:
    """Packages on sale to an organisation for so many years, whose name or seller has the text, by name and window."""
    windows = [window.pk for window in windows_for(organisation, on=on)]
    rows = editions_on_sale(on=on).filter(window__in=windows, term_years__contains=[years])
    if text:
        rows = rows.filter(Q(package__name__icontains=text) | Q(package__seller__name__icontains=text))
    return rows.order_by("package__name", "window__first_day", "pk")


def pack_of(evidence: QuotesEvidence) -> Pack:
    """The evidence as the rules look at it."""
    return Pack(
        asked=[
            Asked(quote.supplier_name, quote.answer, quote.price_pence, quote.is_chosen)
            for quote in evidence.quotes.all()
        ],
        reason_not_lowest=evidence.reason_not_lowest,
        reason_fewer_quotes=evidence.reason_fewer_quotes,
        conflicts=evidence.conflicts,
    )
