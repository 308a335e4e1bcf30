"""The lines between `---` and `---` at the top of a file: `key: value`, one to a line. Pure.

It looks like YAML and is less: a value is the words behind the colon, whatever they are. YAML
would stumble over `subject: Hips: what helps`, and read `no`, `2026-12` and `#1` as no text.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from content.errors import CampaignWrong
from content.markup.tree import readable

_FENCE = "---"
_LINE = re.compile(r"(?P<key>[\w-]+)\s*:\s*(?P<value>.*)")
_QUOTED = re.compile(r"\"(?P<double>.*)\"|'(?P<single>.*)'")
_LINE_ENDS = re.compile("[\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Front:
    """What stands at the top of a file: values by key, and the line each is on."""

    file: str
    values: Mapping[str, str]
    lines: Mapping[str, int]

    def wrong(self, key: str, said: str) -> CampaignWrong:
        """The error that names file, line and key."""
        return CampaignWrong(f"{self.file}, line {self.lines.get(key, 1)}: `{key}`: {said}")


def split_front(text: str, *, file: str, keys: Collection[str]) -> tuple[Front, str]:
    """Part a file into its top and its body; empty lines stand for the top, so lines count alike.

    Raises:
        CampaignWrong: no top, or a line in it that is not a known key with its value, on one line.
    """
    lines = re.sub("\r\n?", "\n", text.removeprefix("\ufeff")).split("\n")
    fences = [number for number, line in enumerate(lines) if line.rstrip() == _FENCE]
    if not fences or fences[0] != 0:
        raise CampaignWrong(f"{file}, line 1: begin with a line `---`, and under it `subject: …`")
    if len(fences) == 1:
        raise CampaignWrong(f"{file}, line 1: there is no second `---` to end what begins here")
    front = Front(file, {}, {})
    for number, line in enumerate(lines[1 : fences[1]], 2):
        if line.strip() and not line.startswith("#"):
            front = _with(front, number, line, keys)
    return front, "\n" * (fences[1] + 1) + "\n".join(lines[fences[1] + 1 :])


def _with(front: Front, number: int, line: str, keys: Collection[str]) -> Front:
    found = _LINE.fullmatch(line.rstrip())
    where = f"{front.file}, line {number}"
    if found is None:
        raise CampaignWrong(f"{where}: write `key: value` on one line; the letter is below `---`")
    key = found["key"].lower()
    if key not in keys:
        near = get_close_matches(key, keys, n=1)
        hint = f"did you mean `{near[0]}`?" if near else f"the keys are {', '.join(sorted(keys))}"
        raise CampaignWrong(f"{where}: unknown key `{key}`; {hint}")
    if key in front.values:
        raise CampaignWrong(f"{where}: `{key}` is there already, in line {front.lines[key]}")
    value = _unquoted(found["value"])
    if readable(value) != value or _LINE_ENDS.search(value):
        raise CampaignWrong(f"{where}: `{key}`: there is a control character in it; type it anew")
    return Front(front.file, {**front.values, key: value}, {**front.lines, key: number})


def _unquoted(value: str) -> str:
    quoted = _QUOTED.fullmatch(value.strip())
    plain = (quoted["double"] or quoted["single"] or "") if quoted else value
    return re.sub("[ \t]+", " ", plain).strip(" ")
