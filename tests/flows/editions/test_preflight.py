"""Before a letter leaves it is looked over: errors block it, warnings need a person's yes."""

import sys
from dataclasses import dataclass, field
from datetime import timedelta
from io import BytesIO, StringIO

import pytest
import typer
from werkzeug import Response

from content.edition import EditionState
from flows import cli, jobs
from flows.editions import preflight, preparing
from flows.outcome import Outcome
from flows.resources import open_resources
from subscribers.lists.importing import import_list
from tests.flows.blogs import NOON, Blog, item
from tests.flows.homes import bring_in, change, digest, outbox

PALE = ("[sender]", '[theme]\nquiet = "#b9c4c0"\n\n[sender]')
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 2_000


def test_a_good_digest_leaves_by_itself(newsletter):
    bring_in(newsletter)
    done = digest()
    assert (done.state, done.errors, done.warnings) == ("closed", (), ())


def test_what_is_doubtful_waits_for_a_yes_and_then_leaves(newsletter):
    bring_in(newsletter)
    change(newsletter, *PALE)
    held = digest()
    assert held.state == "draft"
    assert [warning[:12] for warning in held.warnings] == ["hard to read"]
    assert not outbox(newsletter)
    assert digest(agreed=True).state == "closed"


def test_what_is_wrong_is_blocked_whatever_a_person_says(newsletter):
    bring_in(newsletter)
    change(newsletter, 'intro = "', f'intro = "{"Long words. " * 7_000}')
    for agreed in (False, True):
        held = digest(agreed=agreed)
        assert (held.state, len(held.errors)) == ("draft", 1)
        assert "Gmail" in held.errors[0]
    assert not outbox(newsletter)


def test_a_letter_is_measured_as_the_reader_with_the_longest_name_gets_it(newsletter):
    bring_in(newsletter)
    with open_resources() as resources:
        rows = ["email,name", f"long@example.com,{'ö' * 100}"]
        import_list(
            resources.db, BytesIO("\n".join(rows).encode()), "more.csv", now=resources.clock.now()
        )
        preparing.prepare_digest(resources, "digest-2026-11")
        stands_in = preflight._longest_values(resources)["first_name"]
        assert (len(stands_in.encode()), "ö" in stands_in) == (200, False)


@dataclass
class Clinic:
    """A blog here with one post, a picture of it and pages of programs; each answers as told."""

    blog: Blog
    pages: dict[str, Response] = field(default_factory=dict)

    def answer(self, request) -> Response:
        return self.pages.get(request.path, Response("words"))


@pytest.fixture
def clinic(newsletter, blog) -> Clinic:
    made = Clinic(blog, {"/knee.png": Response(PNG, content_type="image/png")})
    here = blog.server.url_for("")
    for path in ("/", "/hip-program", "/strong-back", "/knee.png", "/knees"):
        blog.server.expect_request(path).respond_with_handler(made.answer)
    bring_in(newsletter)
    change(newsletter, "links = false", "links = true")
    change(newsletter, f'source = "{blog.url}"', f'source = "{blog.url}"\nprivate = true')
    change(newsletter, "https://www.reconnectperformance.example", here.rstrip("/"))
    jobs.collect(jobs.plainly)
    image = f"&lt;img src='{blog.link('knee.png')}' alt='A knee' width='500'&gt;"
    blog.publish(item("knees", words=f"{image}Words.").replace("https://blog.example/", here))
    jobs.collect(jobs.plainly)
    blog.clock.move_to(NOON + timedelta(days=11))
    return made


def test_a_letter_whose_links_and_pictures_answer_leaves_by_itself(clinic, newsletter):
    done = digest("2026-11")
    assert (done.state, done.errors, done.warnings) == ("closed", (), ())
    asked = {request.path for request, _ in clinic.blog.server.log}
    assert {"/knee.png", "/knees", "/hip-program", "/strong-back"} <= asked
    assert not any(path.startswith(("/unsubscribe", "/preferences")) for path in asked)


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/knee.png", Response("gone", 404), "this picture is gone"),
        ("/hip-program", Response("gone", 410), "this link is gone"),
        ("/knee.png", Response(PNG * 6_000, content_type="image/png"), "this picture has 11.5 MiB"),
    ],
)
def test_a_picture_or_program_that_is_not_there_blocks_it(clinic, newsletter, path, answer, said):
    clinic.pages[path] = answer
    held = digest("2026-11", agreed=True)
    assert held.state == "draft"
    assert [error[: len(said)] for error in held.errors] == [said]
    assert not outbox(newsletter)
    clinic.pages[path] = Response(PNG, content_type="image/png")
    assert digest("2026-11", agreed=True).state == "closed"


def test_a_page_that_is_ill_today_needs_a_yes(clinic, newsletter):
    clinic.pages["/strong-back"] = Response("later", 503)
    held = digest("2026-11")
    assert [warning[:39] for warning in held.warnings] == [
        "this link could not be shown to us (ans"
    ]
    assert digest("2026-11", agreed=True).state == "closed"


def test_a_rehearsal_asks_nobody(newsletter, httpserver):
    bring_in(newsletter)
    change(newsletter, "links = false", "links = true")
    here = httpserver.url_for("").rstrip("/")
    change(newsletter, "https://www.reconnectperformance.example", here)
    assert digest().state == "closed"
    assert httpserver.log == []


def test_what_was_sent_is_history_and_its_links_are_not_asked(clinic, newsletter):
    digest("2026-11")
    asked = len(clinic.blog.server.log)
    with open_resources() as resources:
        preflight.look_over(resources, "digest-2026-11")
    assert len(clinic.blog.server.log) == asked


class Terminal(StringIO):
    """Where a person sits."""

    def isatty(self) -> bool:
        return True


def test_nobody_at_a_terminal_is_asked_about_what_is_blocked(monkeypatch):
    for name in ("stdin", "stdout"):
        monkeypatch.setattr(sys, name, Terminal())
    monkeypatch.setattr(typer, "confirm", lambda *_, **__: pytest.fail("it was asked"))
    blocked = Outcome("digest-2026-11", EditionState.DRAFT, errors=["a dead link"])
    assert not cli._says_yes(blocked)
