"""Find an author's templates, and fill one; what is wrong with one is told with its place."""

import re
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2
from jinja2.utils import missing

from content.errors import TemplateBroken
from content.markup.fitting import fit
from content.mjml.marks import PlaceMarks, mark_file
from content.mjml.values import nearest

_WIDTH = 72
_NOT_THERE = " is not defined"


class Missing(jinja2.StrictUndefined):
    """What a template asks for and nobody gave; it says so, with the nearest name there is."""

    @property
    def _undefined_message(self) -> str:
        if self._undefined_hint:
            return self._undefined_hint
        known = () if self._undefined_obj is missing else _names(self._undefined_obj)
        return f"{self._undefined_name}{_NOT_THERE}{nearest(str(self._undefined_name), known)}"


def open_templates(*folders: Path) -> jinja2.Environment:
    """Find templates in these folders; an earlier folder goes before a later one."""
    templates = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(folder) for folder in folders]),
        autoescape=jinja2.select_autoescape(enabled_extensions=("mjml", "html")),
        undefined=Missing,
        extensions=[PlaceMarks, "jinja2.ext.i18n"],
        auto_reload=False,  # all letters of an edition are made of the same templates, read once
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    # English, unless a rendering brings another `gettext` along (content/catalogues.py).
    templates.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    templates.filters["wrap"] = _wrap
    templates.filters["fit"] = fit
    return templates


def fill_template(templates: jinja2.Environment, name: str, values: Mapping[str, Any]) -> str:
    """Fill one template; MJML comes with marks of where its tags stand.

    Raises:
        TemplateBroken: there is none of this name, or it fails. The text names file and line.
    """
    try:
        rendered = templates.get_template(name).render(values)
    except jinja2.TemplateSyntaxError as error:
        raise TemplateBroken(f"{error.name}, line {error.lineno}: {error.message}") from error
    except jinja2.TemplateNotFound as error:
        near = nearest(str(error.name), templates.list_templates())
        raise TemplateBroken(f"{error.name}: no such template{near}") from error
    except jinja2.UndefinedError as error:
        raise TemplateBroken(_tell_missing(error, templates, name, values)) from error
    except Exception as error:  # a template is a program of the author's: it may fail in any way
        said = str(error).partition("\n")[0] or type(error).__name__
        file, line = _place(error, name)
        raise TemplateBroken(f"{file}, line {line}: {said}") from error
    return mark_file(rendered, name) if name.endswith(".mjml") else rendered


def tidy(text: str) -> str:
    """Leave no gaps in a text part, and one line end at its end."""
    return re.sub(r"\n{3,}", "\n\n", text).strip() + "\n"


def _tell_missing(
    error: jinja2.UndefinedError, templates: jinja2.Environment, name: str, values: Iterable[str]
) -> str:
    """Name the expression as the author wrote it, which Jinja does not know any more."""
    file, line = _place(error, name)
    word, found, near = str(error).partition(_NOT_THERE)
    if not found:
        return f"{file}, line {line}: {error}"
    written = re.search(rf"(?:\w+\.)*\b{re.escape(word)}\b", _source_line(templates, file, line))
    if written is None:
        return f"{file}, line {line}: {word}{found}{near or nearest(word, values)}"
    near = near or ("" if "." in written[0] else nearest(word, values))
    return f"{file}, line {line}, column {written.start() + 1}: {written[0]}{found}{near}"


def _source_line(templates: jinja2.Environment, file: str, line: int) -> str:
    loader = templates.loader
    source = loader.get_source(templates, file)[0] if loader else ""
    return ["", *source.split("\n")][line]


def _place(error: Exception, name: str) -> tuple[str, int]:
    """File and line of a template's mistake, read off the frames that Jinja rewrites."""
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        found = re.fullmatch(r".*/((?:emails|pages)/.+)", frame.filename)
        if found and not found[1].endswith(".py"):
            return found[1], frame.lineno or 1
    return name, 1


def _names(thing: object) -> list[str]:
    keys = thing if isinstance(thing, Mapping) else dir(thing)
    return [name for name in map(str, keys) if not name.startswith("_")]


def _wrap(text: str) -> str:
    """Fold a paragraph of the text part; an address is never broken.

    Greedy as `textwrap`, which takes six times as long: it was a third of the making of a letter.
    """
    lines: list[str] = []
    line = ""
    for word in text.split():
        if line and len(line) + len(word) >= _WIDTH:
            lines.append(line)
            line = word
        else:
            line = f"{line} {word}" if line else word
    return "\n".join([*lines, line])
