"""A delivery's name where a provider takes only letters, digits, `_` and `-` in a tag. Pure.

The parts of a send key have no other characters, and the dot between them is none of these: so
there is one tag for each part. Who reads the provider's events puts them together again.
"""

from collections.abc import Mapping

MAILING, READER = "mailing", "reader"


def as_tags(send_key: str) -> dict[str, str]:
    """The tags that stand for a send key, by name."""
    mailing, _, reader = send_key.rpartition(".")
    return {MAILING: mailing, READER: reader}


def send_key_of(tags: Mapping[str, str]) -> str:
    """The send key that tags stand for, or '' where they are not ours."""
    mailing, reader = tags.get(MAILING, ""), tags.get(READER, "")
    return f"{mailing}.{reader}" if mailing and reader else ""
