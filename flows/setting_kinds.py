"""How the values of lettermill.toml are written, and what an author is told of another. Pure."""

import re
from typing import Annotated

from pydantic import AfterValidator


def _like(pattern: str, kind: str) -> AfterValidator:
    """Text of this pattern; `kind` says in words what that is, with an example."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"write {kind}")
        return value

    return AfterValidator(check)


_MAIL = r"[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+"
_AS_MAIL = "an e-mail address, as in hello@example.com"
_AS_PICTURE = "the whole address of a picture, as in https://example.com/picture.png"

MailAddress = Annotated[str, _like(_MAIL, _AS_MAIL)]
MailAddressOrNone = Annotated[str, _like(f"({_MAIL})?", _AS_MAIL)]
WebAddress = Annotated[str, _like(r"https?://.+", "a whole address, as in https://example.com")]
PictureOrNone = Annotated[str, _like(r"(https?://\S+)?", _AS_PICTURE)]
Language = Annotated[str, _like(r"[A-Za-z]{2,3}(-[A-Za-z0-9]+)*", "a language, as in en or pt-BR")]
Radius = Annotated[str, _like(r"\d{1,2}px", "pixels, as in 10px")]
# The space beside the words; pictures are made for 32 px of it.
Gap = Annotated[str, _like(r"(1[6-9]|2\d|3[0-2])px", "16px to 32px, or a width between")]
Style = Annotated[
    str,
    _like(
        r"[^<>{};\"\\]*",
        "a colour or a list of fonts, without < > { } ; backslashes or double quotation marks",
    ),
]
