"""What a person asks of single posts: where it is and why, let it go on, leave it out."""

from collections.abc import Sequence
from dataclasses import dataclass

import content.ledger
import content.store
from content.errors import NoSuchPost
from content.identity import link_key
from content.intake import Cause, LedgerPost, PostState
from content.why import explain_post
from flows.resources import Resources


@dataclass(frozen=True, slots=True, kw_only=True)
class PostAnswer:
    """Where a post is, and why, in one sentence; `keys` are what it is known by."""

    title: str
    link: str
    feed: str
    state: str
    cause: str
    edition: str
    why: str
    keys: Sequence[str]


def why_post(resources: Resources, link: str) -> list[PostAnswer]:
    """Say where the post at this address is, and why; more than one may stand there.

    Raises:
        NoSuchPost: no feed has had a post at this address.
    """
    return [_answer(resources, held) for held in _find(resources, link)]


def held_posts(resources: Resources) -> list[PostAnswer]:
    """Every post that is held, with its reason."""
    return [_answer(resources, held) for held in content.ledger.held_posts(resources.db)]


def release_posts(resources: Resources, link: str | None) -> int:
    """Let a held or excluded post be mailed, or all that are held; tell how many there were.

    Raises:
        NoSuchPost: no feed has had a post at this address.
    """
    posts = _find(resources, link) if link else content.ledger.held_posts(resources.db)
    stopped = [h for h in posts if h.state in (PostState.HELD, PostState.EXCLUDED)]
    return sum(
        content.ledger.set_aside(resources.db, held, held.moved(PostState.READY))
        for held in stopped
    )


def drop_posts(resources: Resources, link: str) -> int:
    """Leave a post out for good; tell how many there were. One already mailed stays so.

    Raises:
        NoSuchPost: no feed has had a post at this address.
    """
    day = resources.clock.now().astimezone(resources.zone).date()
    reason = f"left out by hand on {day}; `lettermill posts release` takes it back"
    return sum(
        content.ledger.set_aside(
            resources.db, held, held.moved(PostState.EXCLUDED, Cause.AUTHOR, reason)
        )
        for held in _find(resources, link)
    )


def _find(resources: Resources, link: str) -> list[LedgerPost]:
    found = content.ledger.known_posts(resources.db, [link_key(link)])
    if not found:
        raise NoSuchPost(
            f"{link}: no feed has had a post at this address; `lettermill collect` reads them"
        )
    return found


def _answer(resources: Resources, held: LedgerPost) -> PostAnswer:
    db, key = resources.db, held.edition_key
    edition = content.store.find_edition(db, key) if key else None
    why = explain_post(
        held,
        zone=resources.zone,
        edition_state=edition.state if edition else None,
        mailed=edition.closed if edition else None,
        goes=edition.send_after if edition else None,
        passed_over=content.ledger.last_left_out(db, held),
    )
    return PostAnswer(
        title=held.post.title,
        link=held.post.link,
        feed=held.post.feed,
        state=held.state.value,
        cause=held.cause.value if held.cause else "",
        edition=key,
        why=why,
        keys=sorted(held.keys),
    )
