"""Plain words out of a blog's HTML: all of them, or the few that stand for a post. Pure."""

import re
from collections.abc import Sequence
from dataclasses import replace

from content.markup.lines import Line, read_lines
from content.markup.sentences import columns, cut

EXCERPT_CHARS = 260
_MIN_EXCERPT = 80
_MIN_SUMMARY = 40  # columns; a shorter summary says less than the post's own opening

# What blogs put under a post, and no person wrote.
_SIGN_OFF = re.compile(
    r"""^(the\ post|this\ (post|article|entry)|der\ beitrag|l[’']article|la\ entrada|o\ post
    |het\ bericht|l[’']articolo)\b.*\b(appeared\ first\ on|first\ appeared\ on|was\ first\ published
    |erschien\ zuerst|est\ apparu\ en\ premier|(aparece|apareció|se\ publicó)\ primero\ en
    |apareceu\ primeiro|verscheen\ eerst|proviene\ da)\b""",
    re.VERBOSE | re.IGNORECASE,
)
# Substack puts this between the paragraphs.
_SIGN_UP = re.compile(r"thanks for reading\b.*\bsubscribe\b", re.IGNORECASE)
_MORE = re.compile(
    r"""(?:\(|\[)?\s*(continue\ reading|keep\ reading|read\ (more|on|the\ (rest|full|whole)|full)
    |weiterlesen|mehr\ lesen|lire\ la\ suite|leer\ más|seguir\ leyendo|leggi\ tutto
    |continua\ a\ leggere|lees\ (verder|meer)|ler\ mais|continuar\ lendo|läs\ mer|les\ mer|læs\ mere
    |czytaj\ (dalej|więcej)|читать\ (далее|дальше)|続きを読む|阅读(全文|更多)|继续阅读|繼續閱讀
    |קרא\ עוד|המשך\ לקרוא|اقرأ\ المزيد|더\ 보기|more\W*$)(?!\w)""",
    re.VERBOSE | re.IGNORECASE,
)
_ALL_MORE = re.compile(rf"{_MORE.pattern}[^.!?。]*$", re.VERBOSE | re.IGNORECASE)
_MORE_AFTER_CUT = re.compile(
    rf"(?P<cut>…|\.{{3}}|\])\s*{_MORE.pattern}[^.!?。]*$", re.VERBOSE | re.IGNORECASE
)
_TAIL = 200  # characters
_AFTER_MORE = " ])»→."
_UNFINISHED = re.compile(r"(?:…|\.{3})[\s\])»→]*$")


def as_text(html: str) -> str:
    """The words of a piece of HTML, in one line."""
    return " ".join(paragraphs(html))


def paragraphs(html: str) -> list[str]:
    """The words of each block, a line each."""
    return [line.text for line in read_lines(html)]


def excerpt(html: str, *, title: str = "", limit: int = EXCERPT_CHARS) -> str:
    """The opening of a post, whole sentences where they fit in `limit` characters.

    Paragraphs come before anything else: captions, headings, buttons and code read badly in a
    row. A first line that only repeats the title is left out, and so is what a blog puts under
    its posts ("The post … appeared first on …", "Read more"). Where the first sentence is too
    long it is cut between words, and says so with "…".
    """
    return cut(_opening(html, title), limit)


def teaser_text(summary: str, body: str, *, title: str) -> str:
    """The excerpt that stands for a post: of a summary somebody wrote, else of the body.

    A feed's summary is mostly made by a program, from the opening of the post; then the post
    itself gives a better end.
    """
    own = _opening(summary, title)
    if body.strip() and not _is_written(own, body):
        own = _opening(body, title) or own
    return cut(own, EXCERPT_CHARS)


def _is_written(summary: str, body: str) -> bool:
    if _UNFINISHED.search(summary) or columns(summary) < _MIN_SUMMARY:
        return False
    opening = _letters(as_text(body))[: 2 * len(summary) + EXCERPT_CHARS]
    return _letters(summary) not in opening


def _opening(html: str, title: str) -> str:
    lines = _without_sign_off(read_lines(html), title)
    lines = [line for line in lines if not _SIGN_UP.match(line.text)]
    told = [line for line in lines if line.in_paragraph]
    if sum(len(line.text) for line in told) >= _MIN_EXCERPT:
        lines = told
    texts = [line.text for line in lines]
    return " ".join(texts[1:] if texts[:1] == [title] else texts)


def _without_sign_off(lines: Sequence[Line], title: str) -> list[Line]:
    """Leave out, from the end, what the blog's program wrote; WordPress links post and blog."""
    kept = list(lines)
    while kept:
        last = kept[-1]
        of_wordpress = title and len(last.links) == 2 and last.links[0] == title != last.text
        text = "" if of_wordpress or _SIGN_OFF.search(last.text) else _without_more(last)
        if text == last.text:
            break
        kept[-1:] = [replace(last, text=text, links=last.links[:-1])] if text else []
    return kept


def _without_more(line: Line) -> str:
    """Leave out a "Read more": a link that ends the line, or all of the line."""
    link = line.links[-1].rstrip(_AFTER_MORE) if line.links else ""
    if link and line.text.rstrip(_AFTER_MORE).endswith(link) and _MORE.match(link):
        told = line.text[: line.text.rindex(link)].rstrip(" [(«")
        # In the middle of a sentence it is the author's own link.
        return line.text if re.search(r"[\w,]$", told) else told
    # Without its link it can only be told where the text before it was cut.
    tail = _MORE_AFTER_CUT.search(line.text[-_TAIL:])
    if tail:
        return line.text[: len(line.text) - len(tail[0])] + tail["cut"]
    return "" if _ALL_MORE.match(line.text) else line.text


def _letters(text: str) -> str:
    """What two texts have in common however a program joined their lines."""
    return "".join(character for character in text.casefold() if character.isalnum())
