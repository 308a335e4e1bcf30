"""What an author knows people by: `runner`, `bought:hip-rehab`. Pure."""

import re

from subscribers.errors import BadTags

_MOST = 50  # tags, and characters of one


def read_tags(text: str) -> frozenset[str]:
    """Read tags with commas or semicolons between them; their case does not matter.

    Raises:
        BadTags: more than 50, or one of more than 50 characters.
    """
    tags = {" ".join(tag.split()).casefold() for tag in re.split("[,;]", text)} - {""}
    if len(tags) > _MOST or any(len(tag) > _MOST for tag in tags):
        raise BadTags(f"more than {_MOST} tags, or one of more than {_MOST} characters")
    return frozenset(tags)
