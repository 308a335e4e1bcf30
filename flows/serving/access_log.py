"""What the site was asked, one line a request: never whose link it was, nor who asked."""

import re
from collections.abc import Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Whatever follows these stands for one reader, or is a secret of ours and a provider's.
_PRIVATE = ("/unsubscribe/", "/preferences/", "/confirm/", "/webhooks/", "/decide/")
# What may be written down of other paths; an address or a whole token does not fit.
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{0,24}")
_METHODS = frozenset(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])


def masked(path: str) -> str:
    """A path as it may be written down: no token, no address, no control character, not endless."""
    start = next((start for start in _PRIVATE if path.startswith(start)), None)
    pieces = [piece if _PLAIN.fullmatch(piece) else "…" for piece in path.split("/")[:5]]
    return f"{start}…" if start else "/".join(pieces)


class AccessLog:
    """Tells each request to `say`: method, masked path, status, milliseconds."""

    def __init__(self, app: ASGIApp, say: Callable[[str], None]) -> None:
        self._app = app
        self._say = say

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and note how it was answered."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        status, began = 500, perf_counter()

        async def noting(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, noting)
        finally:
            took = (perf_counter() - began) * 1000
            method = scope["method"] if scope["method"] in _METHODS else "?"
            self._say(f"{method} {masked(scope['path'])} {status} {took:.0f} ms")
