"""Makers for brokerage."""

__all__: list[str] = []
