"""The archive's public pages: what was sent, its list and its feed. They change nothing."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from content import archive_store
from content.archive import atom_feed
from content.dates import say_day
from flows.resources import Resources

# Anybody may keep these pages and list them. Letters bring pictures from the blog's hosts and
# styles of their own; no script runs, whatever a post tries.
_HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; img-src https:; style-src 'unsafe-inline'; form-action 'none'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
}
_HTML, _ATOM = "text/html", "application/atom+xml"


@dataclass(frozen=True, slots=True)
class ArchivePages:
    """The pages of one newsletter's archive."""

    resources: Resources

    def routes(self) -> list[Route]:
        """The routes of the archive; GET and HEAD are all they answer."""
        return [
            Route("/archive/", self.index),
            Route("/archive/feed.atom", self.feed),
            Route("/archive/{key}", self.page),
        ]

    async def index(self, request: Request) -> Response:
        """List what was sent, newest first."""
        editions = archive_store.list_published(self.resources.db)
        listed = [(edition, self._day(edition.published)) for edition in editions]
        page = self.resources.render_page("archive_index.html", {"editions": listed})
        return _answer(request, page.encode(), _HTML)

    async def feed(self, request: Request) -> Response:
        """Tell feed readers what was sent."""
        settings = self.resources.settings
        feed = atom_feed(
            archive_store.list_published(self.resources.db),
            address=settings.page("archive/"),
            title=settings.name,
            author=settings.sender.name,
            language=settings.language,
        )
        return _answer(request, feed, _ATOM)

    async def page(self, request: Request) -> Response:
        """Show one edition, from the moment on when it begins to be sent."""
        html = archive_store.find_page(self.resources.db, request.path_params["key"])
        if html is None:
            missing = self.resources.render_page("archive_missing.html", {})
            headers = {**_HEADERS, "Cache-Control": "no-store"}  # it may be there in a minute
            return Response(missing, 404, headers, _HTML)
        return _answer(request, html.encode(), _HTML)

    def _day(self, moment: datetime) -> str:
        local = moment.astimezone(self.resources.zone)
        return say_day(local.date(), self.resources.settings.language)


def _answer(request: Request, body: bytes, kind: str) -> Response:
    """The whole of it, or a word that it is still what the asker has (RFC 9110, section 13.1.2)."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = {**_HEADERS, "ETag": tag}
    known = request.headers.get("If-None-Match", "").split(",")
    if tag in (each.strip().removeprefix("W/") for each in known):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=kind)
