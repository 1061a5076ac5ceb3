"""The API of the buy-back: windows, packages on sale with the price for a school, and baskets up to the order."""

from api.selling.views import register

__all__ = ["register"]
