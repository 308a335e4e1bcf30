"""Steps that ask the blog whether the posts of an edition are still there."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import content.ledger
from content.choice import period_of
from content.fetch import is_gone, open_session
from content.intake import Cause, LedgerPost, PostState
from content.web.connection import Web
from flows.editions.preparing import choose_for
from flows.resources import Resources

_AT_ONCE = 8
_GONE = "its page on the blog is gone (HTTP 404 or 410); it goes on when the page is back"


def hold_gone_posts(resources: Resources, key: str) -> int:
    """Hold the posts of an edition whose page is gone, and let those go on that are back.

    Returns how many were held. A rehearsal asks nobody, and neither does a feed that is a file.
    """
    if resources.settings.virtual_now is not None:
        return 0
    with open_session() as web:
        back = content.ledger.held_posts(resources.db, Cause.GONE)
        for held, gone in _ask(resources, web, back):
            if not gone:
                content.ledger.set_aside(resources.db, held, held.moved(PostState.READY))
        return _hold_gone(resources, web, key)


def find_gone(resources: Resources, posts: Sequence[LedgerPost]) -> list[LedgerPost]:
    """Those of these posts whose page is gone; a rehearsal asks nobody."""
    if resources.settings.virtual_now is not None:
        return []
    with open_session() as web:
        return [held for held, gone in _ask(resources, web, posts) if gone]


def _hold_gone(resources: Resources, web: Web, key: str) -> int:
    """Each post that is held makes room for another, which is then asked for as well."""
    asked: set[tuple[str, str]] = set()
    held = 0
    while True:
        chosen = choose_for(resources, period_of(key)).chosen
        new = [post for post in chosen if post.name not in asked]
        if not new:
            return held
        asked |= {post.name for post in new}
        for post, gone in _ask(resources, web, new):
            if gone:
                stopped = post.moved(PostState.HELD, Cause.GONE, _GONE)
                held += content.ledger.set_aside(resources.db, post, stopped)


def _ask(
    resources: Resources, web: Web, posts: Sequence[LedgerPost]
) -> list[tuple[LedgerPost, bool]]:
    on_the_web = {
        feed.source: feed.private
        for feed in resources.settings.feed
        if feed.source.lower().startswith(("http://", "https://"))
    }
    asked = [held for held in posts if held.post.feed in on_the_web]

    def ask(held: LedgerPost) -> bool:
        return is_gone(held.post.link, session=web, private=on_the_web[held.post.feed])

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(zip(asked, pool.map(ask, asked), strict=True))
