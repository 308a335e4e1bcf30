"""Links and pictures answer: a real server on this machine, with everything that goes wrong."""

import threading
import time
from dataclasses import replace

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from content.preflight.answers import are_offline
from content.preflight.finding import Finding, Level
from content.preflight.links import check_links
from content.preflight.targets import Target
from tests.content.preflight.letters import EXIT, GOOD, html

PNG = b"\x89PNG" + b"0" * 2_000


@pytest.fixture
def blog(httpserver: HTTPServer) -> HTTPServer:
    httpserver.expect_request("/fine").respond_with_data("words")
    for status in (401, 403, 404, 405, 410, 418, 429, 500, 503):
        httpserver.expect_request(f"/{status}").respond_with_data("no", status)
    httpserver.expect_request("/fine.png").respond_with_data(PNG, content_type="image/png")
    httpserver.expect_request("/words.png").respond_with_data(PNG, content_type="text/html")
    return httpserver


@pytest.fixture
def ask(web):
    def check(body: str, **more) -> list[Finding]:
        return check_links([replace(GOOD, html=html(body))], web=web, **{"private": True} | more)

    return check


def link(url: str) -> str:
    return f'<a href="{url}">Stairs</a>'


def picture(url: str) -> str:
    return f'<img src="{url}" alt="Stairs" width="80">'


def grave(found: list[Finding]) -> list[tuple[str, str]]:
    return [(one.level.value, one.rule) for one in found if one.level != "note"]


def test_what_answers_is_fine(ask, blog):
    found = ask(link(blog.url_for("/fine")) + picture(blog.url_for("/fine.png")))
    assert {one.rule for one in found} == {"link-plain", "picture-plain"}
    assert grave(found) == []


@pytest.mark.parametrize(
    ("status", "said"),
    [(404, "error"), (410, "error"), (418, "warning"), (500, "warning"), (503, "warning")],
)
def test_what_is_gone_blocks_and_what_is_ill_is_doubted(ask, blog, status, said):
    url = blog.url_for(f"/{status}")
    ((level, rule),) = grave(ask(link(url)))
    assert (level, rule) == (said, "link-dead" if said == "error" else "link-refused")
    assert grave(ask(picture(url))) == [(said, rule.replace("link", "picture"))]


@pytest.mark.parametrize("status", [401, 403, 405, 429])
def test_a_site_that_turns_robots_away_says_nothing_of_readers(ask, blog, status):
    (found,) = [one for one in ask(link(blog.url_for(f"/{status}"))) if one.rule != "link-plain"]
    assert (found.level, found.rule) == ("note", "link-refused")


def test_where_no_site_is_found_it_is_we_who_are_offline(ask):
    (found,) = ask(link("https://one.invalid/") + picture("https://two.invalid/a.png"))
    assert (found.level, found.rule) == ("warning", "offline")


def test_where_every_site_answers_nobody_is_offline():
    one, two = (Target(f"https://{name}.example/", is_picture=False) for name in ("a", "b"))
    nowhere = Finding(Level.ERROR, "link-nowhere", "no such site")
    assert not are_offline({one: [], two: []})
    assert not are_offline({one: [nowhere], two: []})
    assert are_offline({one: [nowhere], two: [nowhere]})


def test_a_site_that_does_not_exist_blocks(ask):
    found = ask(link("http://no-such-blog.invalid/") + picture("http://no-such-blog.invalid/a.png"))
    assert grave(found) == [("error", "picture-nowhere"), ("error", "link-nowhere")]


def test_a_server_that_is_down_is_doubted(ask):
    assert grave(ask(link("http://127.0.0.1:1/"))) == [("warning", "link-silent")]


def test_no_reader_reaches_a_private_network(ask, blog):
    found = ask(link(blog.url_for("/fine")), private=False)
    assert [(one.rule, one.text) for one in found] == [
        ("link-dead", "this link leads into a private network, which no reader can reach")
    ]
    assert blog.log == []


def test_another_site_is_told_and_the_same_one_is_not(ask, blog):
    fine = blog.url_for("/fine")
    there = fine.replace("//localhost:", "//127.0.0.1:")
    blog.expect_request("/away").respond_with_data("", 302, {"Location": there})
    blog.expect_request("/home").respond_with_data("", 301, {"Location": fine})
    found = ask(link(blog.url_for("/away")) + link(blog.url_for("/home")))
    told = [one for one in found if one.rule == "link-elsewhere"]
    assert [(one.where, one.text) for one in told] == [
        (blog.url_for("/away"), "this link leads on to another site, 127.0.0.1")
    ]


def test_redirects_that_end_in_nothing_are_gone(ask, blog):
    blog.expect_request("/old").respond_with_data("", 302, {"Location": blog.url_for("/404")})
    blog.expect_request("/round").respond_with_data("", 302, {"Location": blog.url_for("/round")})
    assert grave(ask(link(blog.url_for("/old")))) == [("error", "link-dead")]
    assert grave(ask(link(blog.url_for("/round")))) == [("warning", "link-silent")]


def test_a_picture_that_is_none_is_doubted(ask, blog):
    assert grave(ask(picture(blog.url_for("/words.png")))) == [("warning", "picture-kind")]


@pytest.mark.parametrize(
    ("mebibytes", "said"), [(1, []), (2, ["warning"]), (5, ["warning"]), (12, ["error"])]
)
@pytest.mark.parametrize("told", [True, False])
def test_phones_do_not_load_a_picture_of_twelve_mebibytes(ask, blog, mebibytes, said, told):
    sent = []

    def body():
        for _ in range(mebibytes * 16):
            sent.append(1)
            yield b"0" * 65536

    def large(request: Request) -> Response:
        response = Response(body(), content_type="image/png")
        if told:
            response.content_length = mebibytes * 1024**2
        return response

    blog.expect_request("/large.png").respond_with_handler(large)
    found = ask(picture(blog.url_for("/large.png")))
    assert [one.level.value for one in found if one.rule == "picture-size"] == said


def test_a_length_that_is_nonsense_ends_well(ask, blog_that):
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: " + b"9" * 50
    url = blog_that(lambda socket, _: socket.sendall(head + b"\r\n\r\n0"))
    assert grave(ask(picture(url), seconds=2)) == [("warning", "picture-silent")]


def test_each_address_is_asked_once_and_pages_without_what_comes_after_the_hash(ask, blog):
    fine = blog.url_for("/fine")
    ask(link(fine) + link(fine + "#top") + link(fine) + link(fine + "#end"))
    assert [request.path for request, _ in blog.log] == ["/fine"]


def test_the_readers_own_exits_are_never_asked(ask, blog):
    exit_url = blog.url_for("/unsubscribe/")
    letter = replace(GOOD, html=GOOD.html.replace(EXIT, exit_url), exit_url=exit_url)
    assert ask(link("mailto:hello@tide.example") + link("#top")) == []
    assert check_links([letter], web=None, private=True) == []
    assert blog.log == []


class Crowd:
    """How many are asked at the same time, at most."""

    def __init__(self) -> None:
        self.now = self.most = 0
        self._lock = threading.Lock()

    def __call__(self, _request: Request) -> Response:
        with self._lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.05)
        with self._lock:
            self.now -= 1
        return Response("words")


@pytest.fixture
def threaded_blog():
    with HTTPServer(threaded=True) as server:
        yield server


def test_a_host_is_asked_for_two_at_a_time_and_no_more(ask, threaded_blog):
    crowd = Crowd()
    threaded_blog.expect_request("/slow").respond_with_handler(crowd)
    found = ask("".join(link(threaded_blog.url_for(f"/slow?{n}")) for n in range(12)))
    assert grave(found) == []
    assert crowd.most == 2


def test_hosts_are_asked_side_by_side(ask, blog_that):
    def slow(socket, _):
        time.sleep(0.3)
        socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    port = blog_that(slow).rpartition(":")[2]
    hosts = ("127.0.0.1", "localhost")
    body = "".join(link(f"http://{host}:{port}?{n}") for host in hosts for n in range(2))
    start = time.monotonic()
    assert grave(ask(body)) == []
    assert time.monotonic() - start < 0.8


def test_what_there_was_no_time_for_is_told(ask, blog_that):
    silent = blog_that(lambda _socket, _request: time.sleep(30))
    start = time.monotonic()
    found = ask("".join(link(f"{silent}?{n}") for n in range(6)), seconds=0.5)
    assert time.monotonic() - start < 3
    assert grave(found) == [("warning", "link-silent")] * 2
    assert [one.rule for one in found if one.level == "note"] == ["not-checked"] * 4


def test_an_answer_in_drops_ends_in_time(ask, blog_that):
    def drip(socket, _):
        socket.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n")
        for _ in range(1_000):
            socket.sendall(b"0")
            time.sleep(0.05)

    start = time.monotonic()
    found = ask(picture(blog_that(drip)), seconds=1)
    assert time.monotonic() - start < 3
    assert grave(found) == [("warning", "picture-silent")]


def test_a_letter_that_cannot_be_read_asks_nobody():
    assert check_links([replace(GOOD, html="")], web=None) == []
