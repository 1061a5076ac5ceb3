"""The API of requests for support: a school's own, and what a provider was asked."""

from api.requests.views import register

__all__ = ["register"]
