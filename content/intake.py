"""Decide what a reading of its feed means for one post. Pure: no database, no clock."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum

from content.markup.words import as_text
from content.post import Post

# A post that has just appeared is often mended in its first minutes, so it waits until it has
# been the same for a while; one published or first seen hours ago has had its while.
SETTLING = timedelta(minutes=30)
SETTLED_AFTER = timedelta(hours=3)


class PostState(StrEnum):
    """Where a post is in its life; `docs/lives.md` draws it."""

    SETTLING = "settling"
    READY = "ready"
    ASSIGNED = "assigned"
    EXCLUDED = "excluded"
    HELD = "held"


class Cause(StrEnum):
    """Why a post is excluded or held; it decides what may let it go on."""

    BASELINE = "baseline"  # there before the feed was first read
    TOO_EARLY = "too_early"  # published before the newsletter begins
    EMPTY = "empty"  # nothing in it to show
    CUT_SHORT = "cut_short"  # last in a feed that breaks off
    FLOOD = "flood"  # one of too many at once
    WITHDRAWN = "withdrawn"  # off the feed before it had settled
    GONE = "gone"  # its page answers 404 or 410
    AUTHOR = "author"  # a person said so


# What is old stays old until an earlier opening day; these may go on by themselves.
_OLD = (Cause.BASELINE, Cause.TOO_EARLY)
_PASSING = (Cause.EMPTY, Cause.CUT_SHORT, Cause.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPost:
    """A post as the ledger knows it. Times are UTC; `reason` explains an exclusion or a hold.

    `identity` is its name in its feed for good, `keys` all it was ever known by. `edited` is when
    the blog first changed it after its edition was approved.
    """

    post: Post
    identity: str
    keys: frozenset[str] = frozenset()
    state: PostState
    cause: Cause | None = None
    reason: str = ""
    edition_key: str = ""
    first_seen: datetime
    changed: datetime
    edited: datetime | None = None

    @property
    def name(self) -> tuple[str, str]:
        """What tells it from every other post: its feed, and its identity there."""
        return self.post.feed, self.identity

    @property
    def dated(self) -> datetime:
        """When it was published, or first seen where the feed gives no date."""
        return self.post.published or self.first_seen

    def moved(self, state: PostState, cause: Cause | None = None, reason: str = "") -> "LedgerPost":
        """The same post in another state; an absence has a cause and a reason."""
        return replace(self, state=state, cause=cause, reason=reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """The facts that one reading is weighed by.

    `opens` is the moment from which posts may be mailed. Without it, or for posts without a date,
    the first reading is the baseline: what is there is known, and nothing old is ever mailed.
    Reasons name days of `zone`.
    """

    now: datetime
    zone: tzinfo = UTC
    opens: datetime | None = None
    is_first: bool = False
    settling: timedelta = SETTLING


def take_in(
    post: Post,
    known: LedgerPost | None,
    intake: Intake,
    *,
    identity: str,
    keys: frozenset[str] = frozenset(),
    is_cut: bool = False,
) -> LedgerPost:
    """Say what the ledger holds of `post` after this reading of its feed.

    `is_cut` when the feed breaks off in it: it is held until a later reading repeats it.
    """
    if known is not None:
        return _seen_again(post, known, intake, keys, is_cut=is_cut)
    fresh = LedgerPost(
        post=post,
        identity=identity,
        keys=keys,
        state=PostState.SETTLING,
        first_seen=intake.now,
        changed=intake.now,
    )
    return _judge(fresh, intake, is_cut=is_cut)


def _seen_again(
    post: Post, known: LedgerPost, intake: Intake, keys: frozenset[str], *, is_cut: bool
) -> LedgerPost:
    same = reads_the_same(known.post, post)
    if is_cut and not same and known.cause not in (Cause.CUT_SHORT, Cause.EMPTY):
        return review(known, intake)  # what broke off does not replace what was whole
    if known.cause in _OLD:
        # Some blogs date a post anew when they edit it; that does not make an old one new.
        post = replace(post, published=known.post.published)
    changed = known.changed if same else intake.now
    renewed = replace(known, post=post, keys=known.keys | keys, changed=changed)
    return _judge(renewed, intake, is_cut=is_cut and not same)


def review(held: LedgerPost, intake: Intake) -> LedgerPost:
    """Say what becomes of a post when its feed has not changed, but time has passed."""
    return held if held.cause is Cause.WITHDRAWN else _judge(held, intake, is_cut=False)


def reads_the_same(before: Post, after: Post) -> bool:
    """Tell whether a reader sees no difference: blogs write other markup at every reading."""
    if before.title != after.title:
        return False
    return before.body == after.body or as_text(before.body) == as_text(after.body)


def _judge(held: LedgerPost, intake: Intake, *, is_cut: bool) -> LedgerPost:
    """Move a post on where its state lets it."""
    if held.state is PostState.ASSIGNED:
        return held
    if held.state is PostState.READY and not _is_ahead(held, intake):
        return held
    if held.cause is not None and held.cause not in (*_OLD, *_PASSING):
        return held
    cause, reason = _objection(held, intake, is_cut=is_cut)
    if cause is not None:
        state = PostState.HELD if cause is Cause.CUT_SHORT else PostState.EXCLUDED
        return held.moved(state, cause, reason)
    return _settle(held.moved(PostState.SETTLING), intake)


def _objection(held: LedgerPost, intake: Intake, *, is_cut: bool) -> tuple[Cause | None, str]:
    published, opens = held.post.published, intake.opens
    if opens is not None and published is not None and published < opens:
        begins = opens.astimezone(intake.zone).date()
        return Cause.TOO_EARLY, (
            f"published before {begins}, where this newsletter begins; "
            "`lettermill posts release` overrides that"
        )
    is_old = held.cause in _OLD or (held.cause is None and intake.is_first)
    if is_old and (opens is None or published is None):
        return Cause.BASELINE, (
            "on the blog before its feed was first read; `lettermill posts release` overrides that"
        )
    if not held.post.title:
        return Cause.EMPTY, "without a title and words; the blog may still add some"
    if is_cut:
        return Cause.CUT_SHORT, "the feed broke off in it; it goes on when a reading repeats it"
    return None, ""


def _is_ahead(held: LedgerPost, intake: Intake) -> bool:
    """A blog may date a post ahead; it goes out when its day has come."""
    return held.post.published is not None and held.post.published > intake.now


def _settle(held: LedgerPost, intake: Intake) -> LedgerPost:
    """Let a settling post be ready when it has had its while."""
    if _is_ahead(held, intake):
        return held
    now, published = intake.now, held.post.published
    since = min(held.first_seen, published or held.first_seen)
    is_calm = now - held.changed >= intake.settling
    if is_calm or now - since >= SETTLED_AFTER:
        return replace(held, state=PostState.READY)
    return held
