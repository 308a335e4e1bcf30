"""A blog on this machine, read over real HTTP, and what the ledger makes of it."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from werkzeug import Response

from flows import jobs
from flows.resources import open_resources
from tests.content.builders import rss

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Blog:
    """A blog on this machine, that says what it is told to."""

    def __init__(self, server) -> None:
        self.server, self.body, self.status = server, rss(), 200
        self.asked: list[dict] = []
        self.etag = '"1"'
        self.pages: dict[str, int] = {}
        server.expect_request("/feed").respond_with_handler(self._answer)

    def _answer(self, request) -> Response:
        self.asked.append(dict(request.headers))
        if self.status == 200 and request.headers.get("If-None-Match") == self.etag:
            return Response(status=304)
        headers = {"ETag": self.etag} if self.etag else {}
        return Response(self.body, status=self.status, headers=headers, content_type="text/xml")

    def publish(self, *posts: str) -> None:
        self.body, self.etag = rss(*posts), f'"v{len(self.asked)}"'

    def page(self, name: str, published: datetime, words: str = "Words.") -> str:
        """A post with a page of its own here; its entry in the feed."""
        if name not in self.pages:
            self.pages[name] = 200
            self.server.expect_request(f"/{name}").respond_with_handler(
                lambda _: Response(status=self.pages[name])
            )
        return item(name, published, words).replace(
            "https://blog.example/", self.server.url_for("/")
        )

    def link(self, name: str) -> str:
        return self.server.url_for(f"/{name}")

    @property
    def url(self) -> str:
        return self.server.url_for("/feed")


def item(name: str, published: datetime = NOON - timedelta(hours=5), words: str = "Words.") -> str:
    return (
        f"<title>{name.title()}</title><link>https://blog.example/{name}</link>"
        f"<guid>https://blog.example/{name}</guid><pubDate>{format_datetime(published)}</pubDate>"
        f"<description>{words}</description>"
    )


def collect(polite: bool = False):
    return jobs.collect(jobs.plainly, polite=polite)


def states() -> dict[str, str]:
    with open_resources() as resources:
        rows = resources.db.query("SELECT title, state FROM posts")
        return {row["title"]: row["state"] for row in rows}
