"""Everything that can go wrong with content, sorted by what the caller does next."""


class ContentError(Exception):
    """Base of this package; the text is one line for the author: what, where, what to do."""


class FeedUnreachable(ContentError):
    """No answer, or not a useful one; the ledger is unchanged and a later try may work.

    `retry_after` is the seconds the blog asks us to wait, 0 where it does not say.
    """

    def __init__(self, text: str, *, retry_after: int = 0) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class FeedGone(ContentError):
    """The blog says that this feed will not come back; do not ask again."""


class NotAFeed(ContentError):
    """An answer came, but no feed is in it; trying again will not help."""


class TemplateBroken(ContentError):
    """A template does not make a letter; somebody must mend it."""


class CampaignWrong(ContentError):
    """A campaign's file is not right; its author must mend the line that is named."""


class EditionFixed(ContentError):
    """The edition is approved or later, and can no longer be changed."""


class PostTaken(ContentError):
    """Another edition took a post while this one was being made; choose again."""


class NoSuchEdition(ContentError):
    """No edition has this key."""


class NoSuchPost(ContentError):
    """No post of any feed stands at this address."""
