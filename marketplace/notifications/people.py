"""Who is told: the people behind a booking, an offer or a document, by the roles they hold now."""

from collections.abc import Collection, Iterable

from django.db.models import Q

from marketplace.billing.models import Document
from marketplace.bookings.models import Booking
from marketplace.bookings.queries import requirement_of
from marketplace.bookings.queries.interests import paid_for
from marketplace.bookings.queries.scopes import OTHER_RELEASERS, RELEASERS_OF_SCHOOLS
from marketplace.buyback.queries import APPROVER_ROLES
from marketplace.buyback.rules import Approver
from marketplace.catalogue.models import Offer
from marketplace.kernel.access import Role
from marketplace.notifications.rules import Recipient
from marketplace.organisations.models import Membership, Organisation, OrganisationKind
from marketplace.organisations.queries import people_with_interest

PAYERS = frozenset({Role.BUDGET_HOLDER, Role.FINANCE})
PAID = frozenset({Role.PROVIDER_LEAD, Role.FINANCE})
ASKED = {
    Approver.ANY_ORDERER: frozenset({Role.BUDGET_HOLDER, Role.TRUST_LEAD}),
    Approver.SECOND_PERSON: frozenset({Role.BUDGET_HOLDER, Role.TRUST_LEAD}),
    Approver.HEADTEACHER: frozenset({Role.HEADTEACHER}),
    Approver.GOVERNORS: frozenset({Role.GOVERNOR}),
    Approver.TRUST: frozenset({Role.TRUST_LEAD}),
}
"""Who is asked at each step of the ladder. More may approve: a headteacher is not told of every small order."""


def holders(organisation_id: int, roles: Iterable[Role]) -> list[Recipient]:
    """People holding one of `roles` at an organisation; a trust's lead counts at each school of the trust."""
    roles = list(roles)
    where = Q(organisation=organisation_id, role__in=roles)
    if Role.TRUST_LEAD in roles:
        where |= Q(organisation__trust_schools=organisation_id, role=Role.TRUST_LEAD)
    found = Membership.objects.filter(where, ended_at__isnull=True, user__is_active=True)
    return [Recipient(pk, organisation_id) for pk in found.order_by("pk").values_list("user", flat=True)]


def approvers(booking: Booking) -> list[Recipient]:
    """Those the ladder names; where there is nobody of them but the person who ordered, all who may approve.

    Who has declared an interest in those who are paid is not asked.
    """
    approver, to_pay = requirement_of(booking).approver, paid_for(booking)
    named = without_interest(holders(booking.receiving_school_id, ASKED[approver]), to_pay)
    if all(each.user_id == booking.requested_by_id for each in named):
        return without_interest(holders(booking.receiving_school_id, APPROVER_ROLES[approver]), to_pay)
    return named


def without_interest(people: list[Recipient], to_pay: Collection[int]) -> list[Recipient]:
    """Those of the people who have no interest in the organisations that are paid, given by their ids."""
    tied = people_with_interest([each.user_id for each in people], to_pay)
    return [each for each in people if each.user_id not in tied]


def releasers(booking: Booking) -> list[Recipient]:
    is_school = booking.releasing_organisation.kind == OrganisationKind.SCHOOL
    return holders(booking.releasing_organisation_id, RELEASERS_OF_SCHOOLS if is_school else OTHER_RELEASERS)


def requester(booking: Booking) -> list[Recipient]:
    return [Recipient(booking.requested_by_id, booking.receiving_school_id)]


def receiving_heads(booking: Booking) -> list[Recipient]:
    return holders(booking.receiving_school_id, {Role.HEADTEACHER})


def provider_leads(booking: Booking) -> list[Recipient]:
    return holders(booking.provider_id, {Role.PROVIDER_LEAD})


def practitioner(booking: Booking) -> list[Recipient]:
    """The person who is to come, where they have an account. Bound to no organisation: it is their own diary."""
    return [Recipient(booking.practitioner.user_id)] if booking.practitioner.user_id else []


def all_concerned(booking: Booking) -> list[Recipient]:
    """Everybody whose day changes with the booking."""
    return [
        *requester(booking),
        *receiving_heads(booking),
        *practitioner(booking),
        *provider_leads(booking),
        *releasers(booking),
    ]


def convenors_of(organisation: Organisation) -> list[Recipient]:
    """Convenors of the organisation's area, told for its local authority."""
    return convenors_in(organisation.area_id)


def convenors_in(area_id: int | None) -> list[Recipient]:
    """Convenors of the area, told for its local authority."""
    found = Membership.objects.filter(
        role=Role.CONVENOR,
        ended_at__isnull=True,
        user__is_active=True,
        organisation__kind=OrganisationKind.LOCAL_AUTHORITY,
        organisation__area=area_id,
    )
    return [Recipient(*pair) for pair in found.order_by("pk").values_list("user", "organisation")]


def leads_of(offer: Offer) -> list[Recipient]:
    return holders(offer.provider_id, {Role.PROVIDER_LEAD})


def payers(document: Document) -> list[Recipient]:
    return holders(document.buyer_id, PAYERS)


def paid(document: Document) -> list[Recipient]:
    return holders(document.supplier_id, PAID)
