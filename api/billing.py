"""The API of billing."""

from rest_framework.routers import DefaultRouter


def register(router: DefaultRouter) -> None:
    """Add the viewsets of billing to the router."""
