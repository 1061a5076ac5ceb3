"""Whose books a person may read, and who may write in them."""

from django.db.models import Q, QuerySet

from marketplace.billing.queries.documents import SUPPLIER_READERS
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Organisation, OrganisationKind

AUTHORITYS_OWN = frozenset({OrganisationKind.LA_SERVICE, OrganisationKind.LOCAL_AUTHORITY})


def books_visible_to(actor: Actor) -> QuerySet[Organisation]:
    """Organisations whose books the person may read: as their lead or finance, or as finance of their area."""
    organisations = Organisation.objects.order_by("name", "pk")
    if actor.is_system:
        return organisations
    return organisations.filter(
        Q(pk__in=actor.organisations(*SUPPLIER_READERS)) | Q(area__in=actor.in_area(Role.FINANCE))
    )


def books_for(actor: Actor, reference: str) -> Organisation:
    """One organisation whose books the person may read; `NotFound` otherwise."""
    organisation = books_visible_to(actor).select_related("area").filter(reference=reference).first()
    if organisation is None:
        raise NotFound
    return organisation


def may_keep_books(actor: Actor, organisation: Organisation) -> bool:
    """Whether the person may record money for the organisation: its lead or finance, or, for the services of the local authority
    itself, the authority's finance."""
    own = organisation.kind in AUTHORITYS_OWN and organisation.area_id in actor.in_area(Role.FINANCE)
    return actor.holds(*SUPPLIER_READERS, at=organisation.pk) or own


def kept_by(actor: Actor) -> QuerySet[Organisation]:
    """Organisations for which the person may record money."""
    organisations = Organisation.objects.order_by("name", "pk")
    if actor.is_system:
        return organisations
    return organisations.filter(
        Q(pk__in=actor.organisations(*SUPPLIER_READERS))
        | Q(kind__in=AUTHORITYS_OWN, area__in=actor.in_area(Role.FINANCE))
    )
