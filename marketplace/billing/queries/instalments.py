"""What is billed of agreements, and when; what could not be billed."""

from django.db.models import Q, QuerySet

from marketplace.billing.models import Instalment
from marketplace.billing.queries.books import books_visible_to, kept_by
from marketplace.billing.queries.documents import BUYER_READERS
from marketplace.kernel.access import Actor, Role


def instalments_visible_to(actor: Actor) -> QuerySet[Instalment]:
    """Instalments of agreements the person's organisations bought or sold; for area finance, those of the area."""
    rows = Instalment.objects.select_related("agreement", "year", "document__series")
    if actor.is_system:
        return rows
    return rows.filter(
        Q(agreement__buyer__in=actor.organisations(*BUYER_READERS))
        | Q(agreement__buyer__area__in=actor.in_area(Role.FINANCE))
        | Q(agreement__seller__in=books_visible_to(actor).order_by())
    )


def failed_instalments(actor: Actor) -> QuerySet[Instalment]:
    """Instalments that could not be issued when last tried, in the books the person keeps, the oldest first."""
    return (
        instalments_visible_to(actor)
        .filter(
            agreement__seller__in=kept_by(actor).order_by(),
            document__isnull=True,
            cancelled_at__isnull=True,
            failed_at__isnull=False,
        )
        .select_related("agreement__buyer", "agreement__seller")
        .order_by("issue_on", "pk")
    )
