"""Makers for billing."""

__all__: list[str] = []
