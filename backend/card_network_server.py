"""The process of the stand-in for the card network: `card_network_server.py FD` serves on the socket it is handed.

localstripe knows no idempotency keys, writes its state to a fixed file and listens to the whole network. Here it remembers what it answered
to a key, as the real network does for a day, writes nothing, and serves the one socket, which belongs to this computer. It ends when its
standard input does.
"""

import os
import socket
import sys
import threading
from collections.abc import Awaitable, Callable

from aiohttp import web
from localstripe import resources, server

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
_kept: dict[str, tuple[bytes, int, bytes]] = {}


@web.middleware
async def one_answer_per_key(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The same key and body get the answer given before; another body under the key is refused; a fault is not kept."""
    key = request.headers.get("Idempotency-Key", "")
    if request.method != "POST" or not key:
        return await handler(request)
    body = request.path.encode() + b"\n" + await request.read()
    if kept := _kept.get(key):
        if kept[0] != body:
            message = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            return web.json_response({"error": {"type": "idempotency_error", "message": message}}, status=400)
        return web.Response(
            body=kept[2],
            status=kept[1],
            content_type="application/json",
            headers={"Idempotent-Replayed": "true"},
        )
    answer = await handler(request)
    if answer.status < 500 and isinstance(answer, web.Response) and isinstance(answer.body, bytes):
        _kept[key] = (body, answer.status, answer.body)
    return answer


def end_with_parent() -> None:
    """Wait until the pipe from the parent closes, then end at once: there is nothing to keep."""
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Serve until told to end."""
    resources.Store.dump_to_disk = lambda self: None
    server.app.middlewares.insert(0, one_answer_per_key)
    threading.Thread(target=end_with_parent, daemon=True).start()
    web.run_app(server.app, sock=socket.socket(fileno=int(sys.argv[1])), print=None, access_log=None)


if __name__ == "__main__":
    main()
