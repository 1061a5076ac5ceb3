"""The API of bookings: what is free, holding, ordering, deciding and ending."""

from api.bookings.views import register

__all__ = ["register"]
