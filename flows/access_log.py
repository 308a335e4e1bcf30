"""What the site was asked, one line a request: never whose link it was, nor who asked."""

from collections.abc import Callable
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Whatever follows these stands for one reader.
_PRIVATE = ("/unsubscribe/", "/preferences/", "/confirm/")
_LONGEST = 24


def masked(path: str) -> str:
    """A path as it may be written down: no token, no address, no control character, not endless."""
    start = next((start for start in _PRIVATE if path.startswith(start)), None)
    pieces = [_piece(piece) for piece in path.split("/")[:5]]
    return f"{start}…" if start else "/".join(pieces)


def _piece(piece: str) -> str:
    secret = len(piece) > _LONGEST or "@" in piece or not piece.isprintable()
    return "…" if secret else piece


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
            method = scope["method"] if scope["method"].isalpha() else "?"
            self._say(f"{method[:10]} {masked(scope['path'])} {status} {took:.0f} ms")
