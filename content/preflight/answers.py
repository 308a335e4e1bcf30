"""What a server's answer says of a link or a picture. Pure.

A page that is gone is an error. One that is ill today may well open for readers tomorrow. Many
sites turn robots away, which says nothing of readers.
"""

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from content.preflight.finding import Finding, Level
from content.preflight.targets import Target, host_of
from content.web.connection import Reply
from content.web.wire import NoAnswer, NoSuchHost, PrivateHost, TooLarge

WARN_PICTURE_BYTES = 1024**2
MAX_PICTURE_BYTES = 5 * 1024**2
_GONE = (404, 410)
_TURNED_AWAY = (401, 403, 405, 406, 429, 451, 999)


def judge_reply(target: Target, reply: Reply, size: int | None) -> Iterator[Finding]:
    """What is wrong with an answer; `size` is that of a picture in bytes, None if nobody knows."""
    if reply.status in _GONE:
        said = f"this {_name(target)} is gone (answer {reply.status}); correct or remove it"
        yield Finding(Level.ERROR, f"{_name(target)}-dead", said, target.url)
    elif not 200 <= reply.status < 300:
        yield _refused(target, reply.status)
    else:
        yield from _judge_way(target, reply)
        if target.is_picture:
            yield from _judge_picture(target, reply, size)


def _refused(target: Target, status: int) -> Finding:
    name = _name(target)
    if status in _TURNED_AWAY:
        said = f"this {name} is not shown to robots (answer {status}); try it yourself"
        return Finding(Level.NOTE, f"{name}-refused", said, target.url)
    said = f"this {name} could not be shown to us (answer {status}); try it yourself"
    return Finding(Level.WARNING, f"{name}-refused", said, target.url)


def judge_silence(target: Target, why: NoAnswer) -> Finding:
    """What it means that no answer came."""
    name = _name(target)
    if isinstance(why, NoSuchHost):
        said = f"this {name} leads to a site that does not exist; is the address right?"
        return Finding(Level.ERROR, f"{name}-nowhere", said, target.url)
    if isinstance(why, PrivateHost):
        said = f"this {name} leads into a private network, which no reader can reach"
        return Finding(Level.ERROR, f"{name}-dead", said, target.url)
    if isinstance(why, TooLarge):
        return _too_large(target, f"more than {_mib(MAX_PICTURE_BYTES)}")
    said = f"this {name} did not answer ({why}); try it yourself"
    return Finding(Level.WARNING, f"{name}-silent", said, target.url)


def are_offline(found: Mapping[Target, Sequence[Finding]]) -> bool:
    """Whether no site at all has an address: then it is we who are not on the web."""
    several = len({target.host for target in found}) > 1
    return several and all(any(map(_is_nowhere, findings)) for findings in found.values())


def _is_nowhere(finding: Finding) -> bool:
    return finding.rule.endswith("-nowhere")


def not_asked(target: Target) -> Finding:
    """There was no time left to ask."""
    said = "not checked: there was no time left; try it yourself"
    return Finding(Level.NOTE, "not-checked", said, target.url)


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
