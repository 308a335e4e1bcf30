"""Everything that can go wrong with subscribers, sorted by what the caller does next."""


class SubscribersError(Exception):
    """Base of this package; the text is one line: what, where, what to do. Never an address."""


class BadAddress(SubscribersError):
    """Nobody can be written to there; the text says why without repeating the address."""


class BadLink(SubscribersError):
    """A link that we did not sign, or not for this purpose."""


class BadList(SubscribersError):
    """A file of subscribers that cannot be read at all."""


class BadWish(SubscribersError):
    """Something on the preferences page that cannot be; the page has words for the text."""


class NobodyThere(SubscribersError):
    """Nobody on the list is meant; the text never holds the address."""


class BadSegment(SubscribersError):
    """A tag expression that cannot be understood; the text names the column."""


class NotAdded(SubscribersError):
    """Somebody who may not be put on the list by another's hand."""


class BadTags(SubscribersError, ValueError):
    """More tags than one person may have, or one that is too long."""
