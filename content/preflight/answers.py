"""What a server's answer says of a link or a picture. Pure.

A page that is gone is an error. One that refuses us, or is ill today, may well open for readers:
many sites turn robots away.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from content.preflight.finding import Finding, Level
from content.preflight.targets import Target, host_of
from content.web.connection import Reply
from content.web.wire import NoAnswer, NoSuchHost, PrivateHost, TooLarge

WARN_PICTURE_BYTES = 1024**2
MAX_PICTURE_BYTES = 5 * 1024**2
_GONE = (404, 410)


def judge_reply(target: Target, reply: Reply, size: int | None) -> Iterator[Finding]:
    """What is wrong with an answer; `size` is that of a picture in bytes, None if nobody knows."""
    if reply.status in _GONE:
        said = f"this {_name(target)} is gone (answer {reply.status}); mend or remove it"
        yield Finding(Level.ERROR, f"{_name(target)}-dead", said, target.url)
    elif not 200 <= reply.status < 300:
        said = f"this {_name(target)} was refused to us (answer {reply.status}); try it yourself"
        yield Finding(Level.WARNING, f"{_name(target)}-refused", said, target.url)
    else:
        yield from _judge_way(target, reply)
        if target.is_picture:
            yield from _judge_picture(target, reply, size)


def judge_silence(target: Target, why: NoAnswer) -> Finding:
    """What it means that no answer came."""
    name = _name(target)
    if isinstance(why, NoSuchHost):
        said = f"this {name} leads to a site that does not exist; is the address right?"
        return Finding(Level.ERROR, f"{name}-dead", said, target.url)
    if isinstance(why, PrivateHost):
        said = f"this {name} leads into a private network, which no reader can reach"
        return Finding(Level.ERROR, f"{name}-dead", said, target.url)
    if isinstance(why, TooLarge):
        return _too_large(target, f"more than {_mib(MAX_PICTURE_BYTES)}")
    said = f"this {name} did not answer ({why}); try it yourself"
    return Finding(Level.WARNING, f"{name}-silent", said, target.url)


def not_asked(target: Target) -> Finding:
    """There was no time left to ask."""
    return Finding(Level.NOTE, "not-checked", "not checked: time was over", target.url)


def _judge_way(target: Target, reply: Reply) -> Iterator[Finding]:
    if host_of(reply.url) != target.host:
        said = f"this {_name(target)} leads on to another site, {host_of(reply.url)}"
        yield Finding(Level.NOTE, f"{_name(target)}-elsewhere", said, target.url)
    if urlsplit(target.url).scheme.lower() == "http":
        said = f"this {_name(target)} is not encrypted; use https if the site has it"
        yield Finding(Level.NOTE, f"{_name(target)}-plain", said, target.url)


def _judge_picture(target: Target, reply: Reply, size: int | None) -> Iterator[Finding]:
    kind = reply.headers.get("content-type", "").partition(";")[0].strip().lower()
    if not kind.startswith("image/"):
        said = f"this picture comes as {kind or 'nothing known'}, so it may not be shown"
        yield Finding(Level.WARNING, "picture-kind", said, target.url)
    if size is None or size <= WARN_PICTURE_BYTES:
        return
    if size > MAX_PICTURE_BYTES:
        yield _too_large(target, _mib(size))
    else:
        said = f"this picture has {_mib(size)}; under {_mib(WARN_PICTURE_BYTES)} it shows at once"
        yield Finding(Level.WARNING, "picture-size", said, target.url)


def _too_large(target: Target, size: str) -> Finding:
    said = f"this picture has {size}, which phones will not load; make it smaller"
    return Finding(Level.ERROR, "picture-size", said, target.url)


def _name(target: Target) -> str:
    return "picture" if target.is_picture else "link"


def _mib(size: int) -> str:
    return f"{size / 1024**2:.1f} MiB"
