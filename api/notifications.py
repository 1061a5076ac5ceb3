"""The API of notifications."""

from rest_framework.routers import DefaultRouter


def register(router: DefaultRouter) -> None:
    """Add the viewsets of notifications to the router."""
