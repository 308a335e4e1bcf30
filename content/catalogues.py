"""The words of pages and letters in other languages: gettext catalogues in templates/locales.

English is in the templates themselves. A catalogue is read as it was written (.po); nothing is
compiled into the project.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

SOURCE = "en"  # the language of the templates
_FILE = "LC_MESSAGES/lettermill.po"


class Catalogues:
    """The catalogues of some folders; an earlier folder's goes before a later one's."""

    def __init__(self, *folders: Path) -> None:
        self._folders = [folder / "locales" for folder in folders]
        self._read = cache(self._find)

    @property
    def languages(self) -> list[str]:
        """Every language there are words in."""
        found = {path.parts[-3] for folder in self._folders for path in folder.glob(f"*/{_FILE}")}
        return sorted({SOURCE, *found})

    def name_of(self, language: str) -> str:
        """The name of a language in itself: Deutsch, Español."""
        from babel import Locale

        return (Locale.parse(language).get_language_name() or language).capitalize()

    def words(self, language: str) -> NullTranslations:
        """The words of a language: of `es-MX` those of `es`, of one that is not here English."""
        exact = language.replace("-", "_")
        return self._read(exact) or self._read(exact.partition("_")[0]) or NullTranslations()

    def choose(self, wanted: str, otherwise: str) -> str:
        """The language that an Accept-Language header likes best (RFC 9110, 12.5.4)."""
        known = {language.lower(): language for language in self.languages}
        for tag in _by_liking(wanted):
            if found := known.get(tag.partition("-")[0]):
                return found
        return otherwise

    def functions(self, language: str) -> Mapping[str, Callable[..., Any]]:
        """What makes `_("...")` speak a language in one rendering; English needs nothing."""
        words = self.words(language)
        return {} if type(words) is NullTranslations else {"gettext": _speaker(words.gettext)}

    def _find(self, language: str) -> NullTranslations | None:
        if not re.fullmatch(r"[A-Za-z0-9_]{2,20}", language):
            return None
        paths = [folder / language / _FILE for folder in self._folders]
        return next((_load(path) for path in paths if path.is_file()), None)


def _load(path: Path) -> NullTranslations:
    # Only now: it takes a tenth of a second, which commands without other languages do not have.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    compiled = BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return Translations(compiled)


def _speaker(say: Callable[[str], str]) -> Callable[..., str]:
    @pass_context
    def gettext(context: Context, words: str, /, **values: Any) -> str:
        said = Markup(say(words)) if context.eval_ctx.autoescape else say(words)
        return said % values

    return gettext


def _by_liking(wanted: str) -> list[str]:
    tags = []
    for part in wanted.lower().split(",")[:20]:
        tag, _, weight = part.partition(";q=")
        tags.append((-_number(weight), tag.strip()))
    return [tag for weight, tag in sorted(tags, key=lambda pair: pair[0]) if weight < 0]


def _number(weight: str) -> float:
    return float(weight) if re.fullmatch(r"[01](\.\d{0,3})?", weight.strip()) else float(not weight)
