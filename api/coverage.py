"""The API of coverage."""

from rest_framework.routers import DefaultRouter


def register(router: DefaultRouter) -> None:
    """Add the viewsets of coverage to the router."""
