"""Our own templates: right as they are, and refused at the right line for any mistake in them."""

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from content.errors import TemplateBroken
from content.letter import SLOTS
from content.mjml.compiler import compile_mjml
from content.mjml.marks import mark_tags
from content.note import Action, Note
from content.period import Period
from content.program import CallToAction
from content.teaser import as_teaser
from content.templates import fill_template, open_templates
from tests.content.builders import edition, held, program, teaser
from tests.content.paper import ABOUT, OURS

SOURCES = {path.relative_to(OURS).as_posix(): path.read_text() for path in OURS.rglob("*.mjml")}
JINJA = r"\{[%{#].*?[%}#]\}"
TAG = re.compile(
    rf"{JINJA}|<(?P<end>/?)(?P<name>[a-z][a-z0-9-]*)(?P<rest>(?:{JINJA}|[^>])*)>", re.DOTALL
)
Scene = tuple[str, dict[str, Any]]
PICTURE = "https://x.example/a.png"
WHOLE = replace(teaser(image=PICTURE), body="<p>All of it</p>", text="All of it")
SHORT = teaser(words="Some of it", image=PICTURE)
OFFER = CallToAction(program(image=PICTURE), "why")
NOTE = Note(title="T", preheader="P", paragraphs=("One.",), actions=(Action("Go", PICTURE),))
LOGO = {"theme": ABOUT["theme"] | {"logo": PICTURE}}
# What each letter is rendered with, so that every branch of the templates is taken.
SCENES: list[Scene] = [
    ("digest", {"edition": replace(edition(WHOLE, SHORT, WHOLE), call_to_action=OFFER)}),
    ("digest", {"edition": replace(edition(SHORT, SHORT, WHOLE), call_to_action=OFFER)}),
    ("digest", {"edition": edition(SHORT, teaser(words="")), **LOGO}),
    ("digest", {"edition": edition(SHORT), "public": True}),
    ("campaign", {"edition": replace(edition(key="campaign-a"), body="<p>W</p>", text="W")}),
    ("confirm", {"note": NOTE, "confirm_url": "https://x.example/confirm/"}),
    ("links", {"note": NOTE, "already": True}),
    ("welcome", {"note": NOTE, "edition_url": PICTURE, "edition_title": "T"}),
    ("notice", {"note": NOTE}),
    ("draft", {"note": replace(NOTE, actions=NOTE.actions * 2, posts=NOTE.actions)}),
]


@dataclass(frozen=True)
class Element:
    """A tag of one of our templates, with its end where it has one."""

    file: str
    name: str
    start: re.Match[str]
    end: re.Match[str] | None

    @property
    def line(self) -> int:
        return SOURCES[self.file].count("\n", 0, self.start.start()) + 1


def elements(file: str) -> list[Element]:
    found: list[Element] = []
    open_: list[re.Match[str]] = []
    for tag in TAG.finditer(SOURCES[file]):
        if tag["name"] and tag["end"]:
            start = open_.pop()
            assert start["name"] == tag["name"]
            found.append(Element(file, tag["name"], start, tag))
        elif tag["name"] and tag["rest"].endswith("/"):
            found.append(Element(file, tag["name"], tag, None))
        elif tag["name"]:
            open_.append(tag)
    return found


def edited(file: str, tag: re.Match[str], text: str) -> dict[str, str]:
    source = SOURCES[file]
    return SOURCES | {file: source[: tag.start()] + text + source[tag.end() :]}


def unclosed(element: Element) -> dict[str, str]:
    if element.end:
        return edited(element.file, element.end, "")
    return edited(element.file, element.start, element.start[0].removesuffix("/>") + ">")


def renamed(element: Element) -> dict[str, str]:
    text = element.start[0].replace(element.name, f"{element.name}x", 1)
    return edited(element.file, element.start, text)


def adorned(element: Element) -> dict[str, str]:
    text = element.start[0].replace(element.name, f'{element.name} colr="red"', 1)
    return edited(element.file, element.start, text)


def misspelt(element: Element) -> dict[str, str]:
    """The first attribute renamed; where there is none, one added."""
    text = re.sub(r'\b([a-z-]+)="', r'\1x="', element.start[0], count=1)
    if text == element.start[0]:
        return adorned(element)
    return edited(element.file, element.start, text)


def misplaced(element: Element) -> dict[str, str]:
    """The tag put into a tag that may not stand there, or may not hold it."""
    return edited(element.file, element.start, f"<mj-class>{element.start[0]}")


def complaints(sources: dict[str, str], scenes: Iterable[Scene]) -> set[str]:
    return {said for scene in scenes if (said := complaint(sources, scene))}


def complaint(sources: dict[str, str], scene: Scene) -> str:
    try:
        compile_mjml(rendered(sources, scene))
    except TemplateBroken as error:
        return str(error)
    return ""


def rendered(sources: dict[str, str], scene: Scene) -> str:
    return rendered_from(jinja2.DictLoader(sources), scene)


def rendered_from(loader: jinja2.BaseLoader, scene: Scene) -> str:
    TEMPLATES.loader = loader
    kind, values = scene
    slots = dict.fromkeys((*SLOTS, "confirm"), "token")
    return fill_template(TEMPLATES, f"emails/{kind}.mjml", {**ABOUT, "slot": slots, **values})


def scenes_with(file: str) -> list[Scene]:
    """The scenes that a template has a part in; a mistake in it shows in no other."""
    return [scene for scene in SCENES if file in files_of(scene)]


def files_of(scene: Scene) -> set[str]:
    used: set[str] = set()

    def load(name: str) -> str:
        used.add(name)
        return SOURCES[name]

    rendered_from(jinja2.FunctionLoader(load), scene)
    return used


TEMPLATES = open_templates(OURS)
EMAILS = [file for file in sorted(SOURCES) if file.startswith("emails/")]
ELEMENTS = [element for file in EMAILS for element in elements(file)]
SCENES_WITH = {file: scenes_with(file) for file in EMAILS}
OURS_OF_MJML = [element for element in ELEMENTS if element.name.startswith("mj")]


def test_every_template_is_right_as_it_is():
    assert len(ELEMENTS) > 80
    assert complaints(SOURCES, SCENES) == set()


@hypothesis_settings(max_examples=60)
@given(st.sampled_from(ELEMENTS))
def test_a_tag_that_is_not_closed_is_named_where_it_opens(element):
    assert_refused(unclosed(element), element, f"<{element.name}> is never closed")


@hypothesis_settings(max_examples=60)
@given(st.sampled_from(OURS_OF_MJML), st.sampled_from([renamed, adorned, misspelt]))
def test_a_wrong_word_in_a_tag_is_named_where_it_stands(
    element: Element, spoil: Callable[[Element], dict[str, str]]
):
    assert_refused(spoil(element), element, element.name)


@hypothesis_settings(max_examples=40)
@given(st.sampled_from(OURS_OF_MJML))
def test_a_tag_put_where_it_may_not_stand_is_named(element):
    if element.name != "mjml":
        assert_refused(misplaced(element), element, "mj-class")


def assert_refused(sources: dict[str, str], element: Element, part: str) -> None:
    said = complaints(sources, SCENES_WITH[element.file])
    assert said
    place = f"{element.file}, line {element.line}, column "
    assert all(one.startswith(place) for one in said), said
    assert all(part in one for one in said), said


@pytest.mark.parametrize("name", SOURCES)
def test_every_tag_of_ours_is_marked(name):
    tags = [tag for tag in TAG.finditer(SOURCES[name]) if tag["name"]]
    assert mark_tags(SOURCES[name], name).count("<?place ") == len(tags)


@pytest.mark.parametrize("mark", ["<?place a:9:9?>", "&lt;?place a:9:9?&gt;", "<b><?place a:9:9?>"])
def test_a_feed_cannot_bring_a_mark(mark):
    """What a blog wrote is cleaned of instructions; what stands in its words is only words."""
    post = held(body=f"<p>Begin {mark} end</p>", title=mark)
    shown = as_teaser(post, Period.parse("2026-11"), ZoneInfo("UTC"), whole=True)
    assert "<?" not in shown.body
    footer = "emails/partials/footer.mjml"
    scene = ("digest", {"edition": edition(shown)})
    said = complaint(SOURCES | {footer: "<mj-txt />"}, scene)
    assert said.startswith(f"{footer}, line 1, column 1: MJML has no tag <mj-txt>")
    assert html.escape(mark) in compile_mjml(rendered(SOURCES, scene))
