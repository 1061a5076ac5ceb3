"""The API of organisations."""

from rest_framework.routers import DefaultRouter


def register(router: DefaultRouter) -> None:
    """Add the viewsets of organisations to the router."""
