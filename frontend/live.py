"""Sockets: server to client only. See `consumers` once a page listens."""

from typing import Any

websocket_urlpatterns: list[Any] = []
