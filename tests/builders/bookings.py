"""Makers for bookings."""

__all__: list[str] = []
