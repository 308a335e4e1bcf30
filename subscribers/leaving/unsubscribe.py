"""What a request on the way out means. Pure.

RFC 8058: a mail program POSTs `List-Unsubscribe=One-Click` to the address a person would open,
with no cookie and no page before it, and must not be redirected. GET and HEAD come from link
scanners too, so they never act.
"""

from enum import Enum
from urllib.parse import parse_qs

# The page's own form sends this field, so that a person is answered with a page.
PAGE_FIELD = "from"
PAGE_VALUE = "page"
UNDO_FIELD = "undo"
UNDO_VALUE = "yes"
# What a mail program is answered, which shows it to nobody.
ONE_CLICK_DONE = "You are unsubscribed.\n"


class Ask(Enum):
    """What somebody asks of the way out."""

    SHOW = "show the page"
    LEAVE_BY_PAGE = "page"
    LEAVE_BY_ONE_CLICK = "one-click"
    UNDO = "undo"


def read_ask(method: str, body: bytes) -> Ask:
    """Tell what a request asks for.

    Every POST acts, whatever its body, but for the page's own undo: mail programs send the RFC's
    pair urlencoded, as multipart or wrongly (Notifuse#362), and who asked to leave has asked.
    """
    if method != "POST":
        return Ask.SHOW
    fields = parse_qs(body.decode("latin-1"))
    if fields.get(UNDO_FIELD) == [UNDO_VALUE]:
        return Ask.UNDO
    by_page = fields.get(PAGE_FIELD) == [PAGE_VALUE]
    return Ask.LEAVE_BY_PAGE if by_page else Ask.LEAVE_BY_ONE_CLICK
