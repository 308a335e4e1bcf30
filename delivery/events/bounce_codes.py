"""What a bounce means for its reader, by the enhanced status code. Pure.

Sources: RFC 3463; the IANA registry of enhanced status codes. The provider says whether a bounce
is for good; a code only ever makes it less grave, never graver.
"""

import re

from delivery.events.event import EventKind

# Not part of a longer row of numbers, as an IP address is.
_CODE = re.compile(r"(?<![0-9.])[245]\.[0-9]{1,3}\.[0-9]{1,3}(?!\.?[0-9])")
_ABOUT_POLICY = "7"
_TOO_LARGE = ("5.2.3", "5.3.4")
# A full mailbox, and a server that cannot be reached: both may be otherwise next month.
_PASSING = ("5.2.2", "5.4.1", "5.4.4")
# How Microsoft says that there is no such mailbox: 5.4.1 Recipient address rejected: Access denied.
_NO_MAILBOX_AT_MICROSOFT = "access denied"


def find_code(*texts: str) -> str:
    """The first enhanced status code in what a mail server said, or ''."""
    found = (_CODE.search(text) for text in texts)
    return next((match.group() for match in found if match), "")


def kind_of_bounce(code: str, *, for_good: bool, words: str = "") -> EventKind:
    """Which kind of bounce it is; `for_good` is the provider's view, `words` the server's."""
    if code.split(".")[1:2] == [_ABOUT_POLICY] or code in _TOO_LARGE:
        return EventKind.BLOCKED
    if not for_good or code.startswith("4"):
        return EventKind.SOFT_BOUNCED
    if code in _PASSING and _NO_MAILBOX_AT_MICROSOFT not in words.lower():
        return EventKind.SOFT_BOUNCED
    return EventKind.BOUNCED
