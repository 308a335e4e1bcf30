"""The site's outermost layer: every answer has its headers, whatever goes wrong behind it."""

import logging
from traceback import extract_tb

from starlette.datastructures import MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from subscribers.pages.shell import HEADERS

# Plain text: what has failed may be the templates.
_SORRY = "Something is broken here, and nothing was done. Please try again later.\n"
_log = logging.getLogger(__name__)


class Safeguard:
    """Gives headers to answers that have no policy of their own; answers where nobody else could.

    A failure is logged by its kind and place: its words, and a traceback's, may hold an address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        started = False

        async def guarded(message: Message) -> None:
            nonlocal started
            started = True
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=message["headers"])
                if "content-security-policy" not in headers:
                    headers.update(HEADERS)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:
            place = extract_tb(error.__traceback__)[-1]
            _log.error("500: %s at %s:%s", type(error).__name__, place.filename, place.lineno)
            if not started:
                await PlainTextResponse(_SORRY, 500)(scope, receive, guarded)
