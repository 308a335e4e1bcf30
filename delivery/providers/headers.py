"""Header values that providers' APIs are given as they are to stand in the letter. Pure."""

from email.charset import QP, Charset
from email.utils import quote

from delivery.message import FormLetter, Message, in_one_line

_UTF8 = Charset("utf-8")
_UTF8.header_encoding = QP
ONE_CLICK = "List-Unsubscribe=One-Click"  # RFC 8058, section 3.1


def encoded_word(text: str) -> str:
    """Any text in ASCII (RFC 2047)."""
    return _UTF8.header_encode(text)


def list_id(letter: FormLetter, *, encoded: bool = True) -> str:
    """RFC 2919: a name, and the identifier. A name that is not ASCII is encoded, or left out."""
    name = in_one_line(letter.list_name)
    if name.isascii():
        return f'"{quote(name)}" <{letter.list_id}>'
    return f"{encoded_word(name)} <{letter.list_id}>" if encoded else f"<{letter.list_id}>"


def constant_headers(letter: FormLetter, *, encoded: bool = True) -> dict[str, str]:
    """What says that a letter is one of a list, the same for every reader."""
    if not letter.exit_url:
        return {}
    feedback = {"Feedback-ID": letter.feedback_id} if letter.feedback_id else {}
    return {
        "List-Id": list_id(letter, encoded=encoded),
        "List-Unsubscribe-Post": ONE_CLICK,
        **feedback,
    }


def exit_headers(letter: FormLetter, message: Message, *, encoded: bool = True) -> dict[str, str]:
    """What makes a letter one of a list that can be left by one click, for one reader."""
    if not letter.exit_url:
        return {}
    url = "".join(
        message.values[part] if place % 2 else part for place, part in enumerate(letter.exit_url)
    )
    return {"List-Unsubscribe": f"<{url}>", **constant_headers(letter, encoded=encoded)}
