"""Say why MJML is not well-formed, and where, in one line."""

from xml.parsers.expat import errors

from content.mjml.judge import unknown_tag
from content.mjml.marks import without_marks
from content.mjml.places import Tag, Walk

_IN_WORDS = "; & is written &amp; and < is written &lt;, and values stand in quotation marks"
_HINTS = {
    errors.XML_ERROR_INVALID_TOKEN: _IN_WORDS,
    errors.XML_ERROR_UNDEFINED_ENTITY: _IN_WORDS,
    errors.XML_ERROR_UNBOUND_PREFIX: "; say xmlns:… at that tag",
}


def what_broke(walk: Walk) -> str:
    """Name the tag that is not closed, or closes nothing; else what comes after which tag."""
    names = [tag.name for tag in walk.open]
    if names and (walk.closing or walk.broken == errors.XML_ERROR_NO_ELEMENTS):
        return _not_closed(walk.open[-1], walk.closing if walk.closing not in names else "", walk)
    last = Tag("", walk.mark).place()
    if walk.broken == errors.XML_ERROR_NO_ELEMENTS:
        return f"{last}: this makes an empty letter; there is no <mjml>"
    near = walk.before.rpartition(">")[2][-12:] + without_marks(walk.rest)
    shown = " ".join(near.split())[:24]
    return f"{last}: after this comes {shown!r} ({walk.broken}){_HINTS.get(walk.broken, '')}"


def _not_closed(last: Tag, stray: str, walk: Walk) -> str:
    """A tag whose end is missing, or is spelt otherwise, in the start or in the end."""
    if unknown := unknown_tag(last.name):
        return f"{last.place()}: {unknown}"
    if stray:
        return f"{Tag('', walk.mark).place()}: </{stray}> closes nothing; <{last.name}> is open"
    ways = f"write </{last.name}>, or <{last.name} />"
    return f"{last.place()}: <{last.name}> is never closed; {ways}"
