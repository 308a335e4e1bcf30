"""What a letter shows of one post. Pure."""

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from content.dates import say_day
from content.intake import LedgerPost
from content.markup.clean import clean_html
from content.markup.language import direction_of
from content.markup.pictures import Picture, first_picture
from content.markup.words import teaser_text
from content.period import Period
from content.post import Post


@dataclass(frozen=True, slots=True, kw_only=True)
class Teaser:
    """A post as letters show it: words and addresses, and its HTML where the whole is wanted.

    `body` is sanitised, well-formed and has whole addresses only; `text` is the same for the
    text part, in lines.
    `direction` is `ltr` or `rtl`; `language` may be empty.
    """

    title: str
    link: str
    excerpt: str
    day: str
    picture: Picture | None = None
    language: str = ""
    direction: str = "ltr"
    body: str = ""
    text: str = ""


def as_teaser(
    held: LedgerPost, period: Period, zone: ZoneInfo, *, language: str = "", whole: bool = False
) -> Teaser:
    """Show a post in the edition of a month: its opening, or the `whole` of it.

    `language` is the newsletter's, in which the day is written.
    """
    post = held.post
    words = teaser_text(post.summary, post.body, title=post.title)
    teaser = Teaser(
        title=post.title,
        link=post.link,
        excerpt=words,
        day=_day(held.dated.astimezone(zone).date(), period, language),
        picture=_lead_picture(post),
        language=post.language,
        direction=direction_of(f"{post.title} {words}"),
    )
    return _whole(teaser, post) if whole else teaser


def _whole(teaser: Teaser, post: Post) -> Teaser:
    # It is slow to import, and most letters show teasers.
    from content.markup.plain import as_plain_text

    body = clean_html(post.body, base=post.base, post_link=post.link)
    # A picture that stands in the post is not shown above it as well.
    picture = None if first_picture(body, post.base) else teaser.picture
    return replace(teaser, body=body, text=as_plain_text(body), picture=picture)


def _day(day: date, period: Period, language: str) -> str:
    return say_day(day, language, with_year=day.year != period.year)


def _lead_picture(post: Post) -> Picture | None:
    """What the feed names, else the first in the post; of the same picture the post knows more."""
    named, found = post.picture, first_picture(post.body, post.base)
    if named is None or (found is not None and found.url == named.url):
        return found
    return named
