"""A connection of the site: a request comes in within some seconds, or the connection ends.

Without it, whoever opens connections and says nothing, or a byte a minute, keeps others out.
"""

import asyncio

from uvicorn.protocols.http.h11_impl import H11Protocol


class TimedConnection(H11Protocol):
    """Ends when, at two looks in a row, the same request is still not here as a whole.

    We may take our time to answer: what is timed is the asking only.
    """

    patience = 20.0  # seconds between looks; a letter of 64 KiB comes in over the slowest line

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to look."""
        super().connection_made(transport)
        self._answered = 0
        self._answered_before = -1
        self._look_later()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop looking."""
        self._timer.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Count what was answered, so that the next request has its own time."""
        self._answered += 1
        super().on_response_complete()

    def _look_later(self) -> None:
        self._timer = self.loop.call_later(self.patience, self._look)

    def _look(self) -> None:
        asked = self.cycle
        asking = asked is None or asked.response_complete or asked.more_body
        if asking and self._answered == self._answered_before:
            self.transport.close()
            return
        self._answered_before = self._answered if asking else -1
        self._look_later()
