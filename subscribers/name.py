"""Names: as they are kept, and how to greet somebody. Pure."""

_MAX_NAME = 100


def tidy_name(text: str, longest: int = _MAX_NAME) -> str:
    """A name in one line, without controls or marks that turn the reading direction."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())[:longest].rstrip()


def first_name(name: str) -> str:
    """The first name in a full name, also of one written `Okonjo, Temperance`; '' for none."""
    _family, comma, given = name.partition(",")
    words = (given if comma else name).split()
    return words[0] if words else ""
