"""Posts a second from a feed over HTTP into the ledger, beside bare feedparser on the same bytes.

    .venv/bin/python -m benchmarks.feed

The blog is a process of its own on this machine; the ledger is on this disk, with its flushes.
Everything is measured in turns within one run, and the median is told: the ratios count.
"""

import argparse
import io
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from xml.sax.saxutils import escape

import feedparser

from content.intake import Cause, LedgerPost, PostState
from content.ledger import record_changes
from content.post import Post
from flows.database import open_database
from flows.editions.collecting import collect_posts
from flows.resources import open_resources
from flows.views.plan import make_plan

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
PARAGRAPH = (
    "<p>You bend to tie a shoe, and <a href='/hips'>something</a> at the front of the hip says "
    "<b>no</b> &mdash; again. It passes; it comes back.</p>\n"
)
BODY = PARAGRAPH * 24 + '<p><img src="/media/hip.jpg" alt="A hip" width="1200" height="800"></p>'
SETTINGS = """
name = "Benchmark"
zone = "Europe/Berlin"
site = "https://blog.example/"
public_url = "http://127.0.0.1:8000"
[sender]
name = "B"
address = "b@example.com"
postal_address = "1 Street"
[[feed]]
source = "{source}"
"""


def feed(posts: int, built: int) -> bytes:
    """An RSS feed; `built` changes its bytes, and none of its posts."""
    items = "".join(
        f"<item><title>Post number {n}</title><link>https://blog.example/posts/{n}</link>"
        f"<guid isPermaLink='false'>post-{n}</guid><category>Hips</category>"
        f"<pubDate>{format_datetime(NOW - timedelta(days=n % 900))}</pubDate>"
        f"<description>{escape(BODY)}</description></item>\n"
        for n in range(posts)
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>Blog</title>'
        f"<link>https://blog.example/</link><ttl>{built}</ttl>{items}</channel></rss>"
    ).encode()


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def collect(home: Path) -> None:
    with open_resources(home) as resources:
        reading = collect_posts(resources)
    assert not reading.failures, reading.failures


def measure(posts: int, turns: int) -> None:
    times: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(dir=".") as name:
        folder = Path(name)
        served = folder / "feed.xml"
        blog = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.blog", str(served)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert blog.stdout
        url = f"http://127.0.0.1:{int(blog.stdout.readline())}"
        try:
            for turn in range(turns):
                for what, took in one_turn(folder, served, url, posts, turn).items():
                    times.setdefault(what, []).append(took)
        finally:
            blog.terminate()
            blog.wait(10)
    tell(posts, len(feed(posts, 0)), {w: statistics.median(t) for w, t in times.items()})


def one_turn(folder: Path, served: Path, url: str, posts: int, turn: int) -> dict[str, float]:
    home = folder / str(turn)
    home.mkdir()
    body = feed(posts, built=turn * 3)
    served.write_bytes(body)
    (home / "lettermill.toml").write_text(SETTINGS.format(source=f"{url}/plain"))
    found = {
        "bare feedparser": seconds(lambda: feedparser.parse(io.BytesIO(body))),
        "first reading": seconds(lambda: collect(home)),
        "same bytes again": seconds(lambda: collect(home)),
    }
    served.write_bytes(feed(posts, built=turn * 3 + 1))
    found["other bytes, nothing new"] = seconds(lambda: collect(home))
    (home / "lettermill.toml").write_text(SETTINGS.format(source=f"{url}/etag"))
    collect(home)
    found["304"] = seconds(lambda: collect(home))
    body = feed(posts, built=turn * 3 + 2)
    lean = {"sanitize_html": False, "resolve_relative_uris": False}
    found["feedparser as we call it"] = seconds(lambda: feedparser.parse(io.BytesIO(body), **lean))
    return found


def tell(posts: int, size: int, times: dict[str, float]) -> None:
    limit, lean = times["bare feedparser"], times["feedparser as we call it"]
    print(f"A feed of {posts} posts, {size / 2**20:.1f} MiB")
    for what, took in times.items():
        print(
            f"  {what:26} {took * 1000:8.0f} ms  {posts / took:9,.0f} posts/s"
            f"  {took / limit:6.1%} of bare feedparser"
        )
    own = times["first reading"] - lean
    print(f"  our own share of the first reading: {own / times['first reading']:.0%}")


def measure_plan(posts: int, ready: int) -> None:
    """A ledger of that many posts, `ready` of them waiting, and the plan of a month."""
    with tempfile.TemporaryDirectory(dir=".") as name:
        home = Path(name)
        (home / "lettermill.toml").write_text(SETTINGS.format(source="feed.xml"))
        db = open_database(home)
        record_changes(db, [(None, held(n, n < ready)) for n in range(posts)], now=NOW)
        db.close()
        with open_resources(home) as resources:
            make_plan(resources, "2026-11")
            took = statistics.median(
                seconds(lambda: make_plan(resources, "2026-11")) for _ in range(5)
            )
    print(f"plan with a ledger of {posts:,} posts, {ready:,} of them ready: {took * 1000:.0f} ms")


def held(n: int, ready: bool) -> LedgerPost:
    link = f"https://blog.example/posts/{n}"
    post = Post(
        feed="feed.xml",
        guid=f"post-{n}",
        link=link,
        title=f"Post {n}",
        body=BODY,
        published=NOW - timedelta(hours=n + 13),
    )
    stopped = {} if ready else {"cause": Cause.BASELINE, "reason": "there before"}
    return LedgerPost(
        post=post,
        identity=f"post-{n}",
        keys=frozenset({f"guid post-{n} in feed.xml", f"link blog.example/posts/{n}"}),
        state=PostState.READY if ready else PostState.EXCLUDED,
        first_seen=NOW,
        changed=NOW,
        **stopped,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--posts", type=int, default=1000)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    measure(given.posts, given.turns)
    for ready in (40, 5_000, 50_000):
        measure_plan(50_000, ready)


if __name__ == "__main__":
    main()
