"""The API of brokerage."""

from rest_framework.routers import DefaultRouter


def register(router: DefaultRouter) -> None:
    """Add the viewsets of brokerage to the router."""
