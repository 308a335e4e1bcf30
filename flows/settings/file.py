"""Read lettermill.toml, and say of a mistake in it where it stands and what was meant."""

import re
import tomllib
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from flows.errors import SettingsWrong
from flows.settings.tables import Settings

FILE = "lettermill.toml"
# By the first word of pydantic's names for a value of another kind.
_KINDS = {
    "bool": "it should be true or false, without quotation marks",
    "date": "it should be a day, as in 2026-12-31, without quotation marks",
    "int": "it should be a whole number, without quotation marks",
    "list": 'it should be a list, as in ["hips", "knees"]',
    "tuple": 'it should be a list, as in ["hips", "knees"]',
}


def load_settings(path: Path) -> Settings:
    """Read lettermill.toml.

    Raises:
        SettingsWrong: not there, not TOML, an unknown key or a value that does not fit.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise SettingsWrong(
            f"{path}: no such file; `lettermill init` makes one, or name its folder with -C"
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsWrong(f"{path}: cannot be read ({error})") from error
    try:
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise SettingsWrong(f"{path.name}: {error}") from error
    except ValidationError as error:
        raise SettingsWrong("\n".join(_lines(error, path.name, text))) from error


def _lines(error: ValidationError, file: str, text: str) -> Iterator[str]:
    mistakes = error.errors()
    misspelt = {_near(mistake) for mistake in mistakes if mistake["type"] == "extra_forbidden"}
    for mistake in mistakes:
        if mistake["type"] == "missing" and mistake["loc"] in misspelt:
            continue  # it is there, under the name that the other line complains of
        place = [str(part) for part in mistake["loc"] if not isinstance(part, int)]
        line = _line_of(text, mistake["loc"])
        where = f"{file}, line {line}" if line else file
        yield f"{where}: {_saying(mistake, place)}"


def _saying(mistake: Any, place: Sequence[str]) -> str:
    key = ".".join(place)
    if mistake["type"] == "extra_forbidden":
        near = _near(mistake)
        return f"unknown key `{key}`" + (f"; did you mean `{near[-1]}`?" if near else "")
    if mistake["type"] == "missing":
        return f"`{key}` is missing"
    if mistake["type"] == "list_type" and isinstance(mistake["input"], dict):
        return f"`{key}`: write [[{key}]], with two brackets; it may stand more than once"
    said = _KINDS.get(mistake["type"].partition("_")[0]) or mistake["msg"]
    said = said.removeprefix("Value error, ").replace("Input should be", "it should be")
    return f"`{key}`: {said}" if key else said


def _near(mistake: Any) -> tuple[str | int, ...]:
    """The place of the known key that an unknown one resembles most, or an empty one."""
    *table, key = mistake["loc"]
    known = _known_keys([part for part in table if isinstance(part, str)])
    return (*table, *near) if (near := get_close_matches(key, known, n=1)) else ()


def _known_keys(place: Sequence[str]) -> list[str]:
    model: Any = Settings
    for part in place:
        model = model.model_fields[part].annotation
        model = getattr(model, "__args__", (model,))[0]
    return [field.alias or name for name, field in model.model_fields.items()]


def _line_of(text: str, place: Sequence[str | int]) -> int | None:
    """Find the line a key stands on: tomllib does not tell, and an author needs it."""
    if not place:  # the complaint is about several keys at once
        return None
    table = [part for part in place[:-1] if isinstance(part, str)]
    nth = next((part for part in place if isinstance(part, int)), 0)
    header = re.compile(rf"\s*\[\[?\s*{re.escape('.'.join(table))}\s*\]\]?") if table else None
    inside, seen = header is None, -1
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("["):
            if re.match(rf"\s*\[\[?\s*{re.escape('.'.join(map(str, place)))}\s*\]", line):
                return number
            seen += bool(header and header.match(line))
            inside = bool(header and header.match(line)) and seen == nth
        elif inside and re.match(rf"\s*[\"']?{re.escape(str(place[-1]))}[\"']?\s*=", line):
            return number
    return None
