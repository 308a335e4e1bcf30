"""What an edition is made from, each thing with its hash: so that a change of it can be named."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import orjson

from content.intake import LedgerPost
from flows.resources import Resources

FILE = "file"  # of a campaign; who has it looks whether it is the same
# What letters say of the newsletter; the rest of lettermill.toml may change under an approval.
_SETTINGS = {"name", "language", "zone", "site", "public_url", "sender", "letter", "theme", "utm"}


def find_parts(
    resources: Resources, kind: str, posts: Iterable[LedgerPost], programs: Iterable[str]
) -> dict[str, str]:
    """The parts of an edition of this kind (`digest`, `campaign`) as they are now.

    `programs` are the names of those that it may offer. One that is gone has no hash.
    """
    offered = set(programs)
    return {
        **{_post_part(held): _hash(_words_of(held)) for held in posts},
        **dict(_templates(resources, kind)),
        **dict(_settings(resources)),
        **{
            f"program {program.name}": _hash(program.model_dump(mode="json"))
            for program in resources.settings.program
            if program.name in offered
        },
    }


def programs_in(parts: Mapping[str, str]) -> list[str]:
    """The names of the programs among some parts."""
    return [name.removeprefix("program ") for name in parts if name.startswith("program ")]


def say_differences(
    then: Mapping[str, str], now: Mapping[str, str], posts: Iterable[LedgerPost]
) -> list[str]:
    """What has changed between two looks at an edition's parts, a few words each. Pure."""
    titles = {_post_part(held): held.post.title for held in posts}
    changed = sorted(name for name in {*then, *now} if then.get(name) != now.get(name))
    return [_say(name, titles.get(name, ""), _how(name, then, now)) for name in changed]


def _how(name: str, then: Mapping[str, str], now: Mapping[str, str]) -> str:
    if name not in now:
        return "is not in it any more"
    return "has changed" if name in then else "is new in it"


def _say(part: str, title: str, how: str) -> str:
    kind, _, name = part.partition(" ")
    match kind:
        case "post":
            return f"the post “{title}” {how}" if title else f"a post {how}"
        case "template":
            return f"templates/{name} {how}"
        case "program":
            return f"the program {name} {how}"
    return f"{name} in lettermill.toml {how}"


def _post_part(held: LedgerPost) -> str:
    return f"post {held.identity} of {held.post.feed}"


def _words_of(held: LedgerPost) -> list[Any]:
    post = held.post
    return [post.title, post.link, post.body, post.summary, str(post.picture)]


def _templates(resources: Resources, kind: str) -> Iterator[tuple[str, str]]:
    templates = resources.templates
    for name in templates.list_templates(extensions=("mjml", "txt")):
        folder, _, file = name.rpartition("/")
        if folder == "emails/partials" or (folder == "emails" and file.startswith(f"{kind}.")):
            assert templates.loader is not None
            yield f"template {name}", _hash(templates.loader.get_source(templates, name)[0])


def _settings(resources: Resources) -> Iterator[tuple[str, str]]:
    values = resources.settings.model_dump(mode="json", include=_SETTINGS)
    for name, value in values.items():
        if isinstance(value, dict):
            yield from ((f"setting {name}.{key}", _hash(one)) for key, one in value.items())
        else:
            yield f"setting {name}", _hash(value)


def _hash(value: Any) -> str:
    return hashlib.sha256(orjson.dumps(value)).hexdigest()[:16]
