"""Words in other languages: complete, current, and never mixed up between two readers."""

import re
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po
from hypothesis import given
from hypothesis import strategies as st

from content.catalogues import Catalogues
from content.templates import fill_template, open_templates
from tests.conftest import ROOT
from tests.content.paper import OURS

LOCALES = ROOT / "templates" / "locales"
OTHERS = ["de", "es"]
CATALOGUES = Catalogues(OURS)


def messages(path: Path) -> dict[str, str]:
    return {m.id: m.string for m in read_po(BytesIO(path.read_bytes())) if m.id}


def catalogue(language: str) -> Path:
    return LOCALES / language / "LC_MESSAGES" / "lettermill.po"


def test_the_list_of_words_is_current_with_templates_and_code(tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    fresh = tmp_path / "fresh.pot"
    options = ["-q", "extract", "-F", str(LOCALES / "babel.cfg"), "-k", "say", "-o", str(fresh)]
    CommandLineInterface().run(["pybabel", *options, "."])
    assert messages(fresh).keys() == messages(LOCALES / "lettermill.pot").keys()


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_is_there_in_every_language_with_the_same_gaps(language):
    said = messages(catalogue(language))
    assert said.keys() == messages(LOCALES / "lettermill.pot").keys()
    for english, other in said.items():
        assert other, english
        assert re.findall(r"%\(?\w+\)?s?", english) == re.findall(r"%\(?\w+\)?s?", other), english
    assert "fuzzy" not in catalogue(language).read_text()


def test_the_languages_are_those_with_a_catalogue_and_our_own():
    assert CATALOGUES.languages == ["de", "en", "es"]
    assert list(map(CATALOGUES.name_of, CATALOGUES.languages)) == ["Deutsch", "English", "Español"]


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("es", "Guardar"),
        ("es-MX", "Guardar"),
        ("de_AT", "Speichern"),
        ("fr", "Save"),
        ("en", "Save"),
        ("../es", "Save"),
        ("", "Save"),
        ("x" * 99, "Save"),
    ],
)
def test_a_language_falls_back_to_its_next_of_kin_and_then_to_english(language, said):
    assert CATALOGUES.words(language).gettext("Save") == said


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [
        ("de", "de"),
        ("fr-CH, es;q=0.9, en;q=0.8", "es"),
        ("en;q=0.1, de-AT;q=0.2", "de"),
        ("DE", "de"),
        ("de;q=0, es", "es"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        ("de;q=rubbish", "en"),
    ],
)
def test_a_browser_gets_the_language_it_likes_best_of_those_there_are(wanted, chosen):
    assert CATALOGUES.choose(wanted, "en") == chosen


@given(st.text())
def test_whatever_a_browser_asks_for_it_gets_a_language(wanted):
    assert CATALOGUES.choose(wanted, "en") in CATALOGUES.languages


def test_an_author_s_own_words_go_before_ours(tmp_path):
    own = tmp_path / "locales" / "de" / "LC_MESSAGES" / "lettermill.po"
    own.parent.mkdir(parents=True)
    own.write_text('msgid "Save"\nmsgstr "Sichern"\n', encoding="utf-8")
    assert Catalogues(tmp_path, OURS).words("de").gettext("Save") == "Sichern"
    assert Catalogues(tmp_path, OURS).words("es").gettext("Save") == "Guardar"


def test_what_is_put_into_words_is_escaped_in_pages(tmp_path):
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "hello.html").write_text('{{ _("Hello %(name)s,", name=name) }}')
    templates = open_templates(tmp_path)
    for language, hello in (("en", "Hello"), ("es", "Hola,"), ("de", "Hallo")):
        values = {"name": "<b>Ada</b>", **CATALOGUES.functions(language)}
        said = fill_template(templates, "pages/hello.html", values)
        assert said.startswith(f"{hello} &lt;b&gt;Ada&lt;/b&gt;")
