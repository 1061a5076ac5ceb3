"""The API of courses: coming ones, orders of places, waiting lists."""

from api.courses.views import register

__all__ = ["register"]
