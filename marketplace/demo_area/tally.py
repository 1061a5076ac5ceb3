"""How many rows of each kind there are, for the end of the command and for the tests."""

from marketplace.billing.models import Document, JournalRun, Receipt, SettlementStatement
from marketplace.bookings.models import Booking
from marketplace.brokerage.models import (
    Deployment,
    ImpactEvaluation,
    Need,
    NeedsReturn,
    RequestResponse,
    SupportRequest,
    UnmetDemand,
    VisitRecord,
)
from marketplace.buyback.models import Entitlement, PackageEdition, ServiceAgreement
from marketplace.catalogue.models import Offer, OfferVersion, Practitioner
from marketplace.coverage.models import Cell
from marketplace.kernel.models import HistoryEntry, Transfer
from marketplace.notifications.models import ConversationMessage, Notification
from marketplace.organisations.models import Membership, Organisation, School, User, Ward

COUNTED = {
    "wards": Ward,
    "organisations": Organisation,
    "schools": School,
    "people with an account": User,
    "roles": Membership,
    "practitioners": Practitioner,
    "offers": Offer,
    "offer versions": OfferVersion,
    "needs": Need,
    "confirmed lists of needs": NeedsReturn,
    "bookings": Booking,
    "records of visit": VisitRecord,
    "evaluations": ImpactEvaluation,
    "deployments": Deployment,
    "packages on sale": PackageEdition,
    "agreements": ServiceAgreement,
    "entitlements": Entitlement,
    "documents": Document,
    "receipts": Receipt,
    "journal runs": JournalRun,
    "settlement statements": SettlementStatement,
    "transfers": Transfer,
    "requests for support": SupportRequest,
    "responses": RequestResponse,
    "searches and requests without result": UnmetDemand,
    "notifications": Notification,
    "messages": ConversationMessage,
    "history lines": HistoryEntry,
    "coverage cells": Cell,
}


def counts() -> dict[str, int]:
    """Rows by kind."""
    return {name: kind._base_manager.count() for name, kind in COUNTED.items()}


def tally() -> list[str]:
    """The counts as lines."""
    return [f"{number:>9,} {name}" for name, number in counts().items()]
