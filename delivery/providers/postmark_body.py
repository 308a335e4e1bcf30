"""What Postmark is sent: finished messages, or the values of a letter that it has stored. Pure.

Sources: postmarkapp.com/developer, "Batch emails", "Batch emails with templates", "Templates";
github.com/ActiveCampaign/mustachio, the language of its templates.
"""

import hashlib
import html
from collections.abc import Callable, Mapping
from email.utils import formataddr
from typing import Any

import orjson

from delivery.message import FormLetter, Message, Slotted, in_one_line
from delivery.providers.headers import constant_headers
from delivery.providers.merge import Syntax, short_names
from delivery.stencil import Gap, Stencil, cut

# With two braces Mustachio escapes a value for HTML, with three it leaves it as it is.
_IN_HTML = Syntax(lambda name: "{{" + name + "}}", ("{{",))
_IN_TEXT = Syntax(lambda name: "{{{" + name + "}}}", ("{{",))


def as_template(key: str, letter: FormLetter, stream: str) -> tuple[str, bytes]:
    """A mailing's letter as Postmark stores it, and its name there.

    The name comes of all of it, so that a second run, or another process, finds it again.
    """
    short = short_names(letter)
    stored = {
        "Subject": _IN_TEXT.plain(letter.subject),
        "HtmlBody": _fill(letter.html, _IN_HTML, _IN_HTML.html, short),
        "TextBody": _fill(letter.text, _IN_TEXT, _IN_TEXT.plain, short),
    }
    whole = orjson.dumps([key, stream, stored])
    alias = "lettermill-" + hashlib.sha256(whole).hexdigest()[:24]
    return alias, orjson.dumps({"Name": f"Lettermill {key}", "Alias": alias, **stored})


def finished(letter: FormLetter, stream: str) -> Stencil:
    """One whole message of a batch, with its constant parts escaped once."""
    constant = {**_constant(letter, stream), "Subject": letter.subject}
    return Stencil(
        [
            *_head(letter, constant),
            b',"TextBody":"',
            *cut(letter.text, _escape, _escape),
            b'","HtmlBody":"',
            *cut(letter.html, _escape, _escape_html),
            b'"}',
        ]
    )


def stored(letter: FormLetter, stream: str, alias: str) -> Stencil:
    """One message of a batch whose letter Postmark has; a value stands there once."""
    constant = {**_constant(letter, stream), "TemplateAlias": alias, "InlineCss": False}
    short = short_names(letter)
    model: list[bytes | Gap] = []
    for slot in sorted({*letter.html[1::2], *letter.text[1::2]}):
        model += [f'{"," if model else ""}"{short[slot]}":"'.encode(), Gap(slot, _escape), b'"']
    return Stencil([*_head(letter, constant), b',"TemplateModel":{', *model, b"}}"])


def values_of(message: Message, batch_id: str) -> Mapping[str, str]:
    """The values of one reader, for either stencil."""
    to = formataddr((in_one_line(message.name), message.address))
    return {**message.values, "to": to, "batch": batch_id, "send_key": message.send_key}


def _fill(
    slotted: Slotted, syntax: Syntax, clean: Callable[[str], str], short: Mapping[str, str]
) -> str:
    """A text in Mustachio. A brace right before a variable must not become one of its own, so each
    part is cleaned together with the brace that follows it."""
    return "".join(
        syntax.variable(short[part]) if place % 2 else clean(part + "{")[:-1]
        for place, part in enumerate(slotted)
    )


def _constant(letter: FormLetter, stream: str) -> dict[str, Any]:
    constant: dict[str, Any] = {
        "From": formataddr((in_one_line(letter.sender_name), letter.sender_address)),
        "MessageStream": stream,
        "TrackOpens": False,
        "TrackLinks": "None",
    }
    if letter.reply_to:
        constant["ReplyTo"] = letter.reply_to
    return constant


def _head(letter: FormLetter, constant: Mapping[str, Any]) -> list[bytes | Gap]:
    return [
        orjson.dumps(constant)[:-1] + b',"To":"',
        Gap("to", _escape),
        b'","Metadata":{"batch":"',
        Gap("batch", _escape),
        b'","send_key":"',
        Gap("send_key", _escape),
        b'"},"Headers":[',
        *_exit_headers(letter),
        b"]",
    ]


def _exit_headers(letter: FormLetter) -> list[bytes | Gap]:
    if not letter.exit_url:
        return []
    constant = [{"Name": name, "Value": text} for name, text in constant_headers(letter).items()]
    return [
        orjson.dumps(constant)[1:-1] + b',{"Name":"List-Unsubscribe","Value":"<',
        *cut(letter.exit_url, _escape, _escape),
        b'>"}',
    ]


def _escape(text: str) -> bytes:
    return orjson.dumps(text)[1:-1]


def _escape_html(value: str) -> bytes:
    return _escape(html.escape(value))
