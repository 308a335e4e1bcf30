"""Decide what a fetched post means for the ledger of posts. Pure: no database, no clock."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from content.post import Post

# A post that has just appeared is often mended in its first minutes, so it waits until it has
# been the same for a while; one published hours ago has had its while.
SETTLING = timedelta(minutes=30)
SETTLED_AFTER = timedelta(hours=3)


class PostState(StrEnum):
    """Where a post is in its life; `docs/lives.md` draws it."""

    SETTLING = "settling"
    READY = "ready"
    ASSIGNED = "assigned"
    EXCLUDED = "excluded"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPost:
    """A post as the ledger knows it. Times are UTC; `reason` explains an exclusion or a hold."""

    post: Post
    state: PostState
    reason: str = ""
    edition_key: str = ""
    first_seen: datetime
    changed: datetime

    @property
    def dated(self) -> datetime:
        """When it was published, or first seen where the feed gives no date."""
        return self.post.published or self.first_seen


def take_in(
    post: Post, known: LedgerPost | None, *, now: datetime, opens: datetime | None, first_read: bool
) -> LedgerPost:
    """Say what the ledger holds of `post` after this reading of its feed.

    `opens` is the moment from which posts may be mailed. Without it, or for posts without a date,
    the first reading is the baseline: what is there is known, and nothing old is ever mailed.
    """
    if known is None:
        reason = _too_old(post, opens=opens, first_read=first_read)
        state = PostState.EXCLUDED if reason else PostState.SETTLING
        fresh = LedgerPost(post=post, state=state, reason=reason, first_seen=now, changed=now)
        return _settle(fresh, now)
    changed = known.changed if known.post == post else now
    renewed = replace(known, post=post, changed=changed)
    # An author who opens the newsletter further back later gets those posts as well.
    if known.state is PostState.EXCLUDED:
        reason = _too_old(post, opens=opens, first_read=True)
        state = PostState.EXCLUDED if reason else PostState.SETTLING
        renewed = replace(renewed, state=state, reason=reason)
    return _settle(renewed, now)


def _settle(held: LedgerPost, now: datetime) -> LedgerPost:
    """Move a post on from settling to ready; every other state stays as it is."""
    if held.state is not PostState.SETTLING:
        return held
    published = held.post.published
    if published is not None and published > now:
        return held  # a blog may date a post ahead; it goes out when its day has come
    long_out = published is not None and now - published >= SETTLED_AFTER
    calm = now - held.changed >= SETTLING
    return replace(held, state=PostState.READY) if long_out or calm else held


def _too_old(post: Post, *, opens: datetime | None, first_read: bool) -> str:
    if opens is not None and post.published is not None and post.published < opens:
        return f"published before {opens:%Y-%m-%d}, where this newsletter begins"
    if first_read and (opens is None or post.published is None):
        return "on the blog before it was first read; include_since in lettermill.toml mails them"
    return ""
