"""How to greet somebody. Pure."""


def first_name(name: str) -> str:
    """The first name in a full name, also of one written `Okonjo, Temperance`; '' for none."""
    _family, comma, given = name.partition(",")
    words = (given if comma else name).split()
    return words[0] if words else ""
