"""The API of approvals: the ladder of an organisation, quotes evidence, funding streams with what is left of them."""

from rest_framework.routers import DefaultRouter

from api.approvals.evidence import EvidenceViewSet
from api.approvals.ladders import LadderViewSet
from api.approvals.streams import StreamViewSet

__all__ = ["register"]


def register(router: DefaultRouter) -> None:
    """Add the viewsets of approvals to the router."""
    router.register("approval-ladders", LadderViewSet, basename="approval-ladder")
    router.register("quotes-evidence", EvidenceViewSet, basename="quotes-evidence")
    router.register("funding-streams", StreamViewSet, basename="funding-stream")
