"""Redirects are followed a few steps, in the open only, and without what belongs to the author."""

import socket

import pytest
import requests_hardened.ip_filter_adapter

from content.errors import FeedGone, FeedUnreachable
from content.fetched import Validators

PRIVATE = "it redirects to a private address; if that is meant, set `private = true` for this feed"
NO_WEB = "it redirects to something that is no web address"


def lead(httpserver, start: str, place: str, status: int = 302, **headers: str) -> str:
    """An address that leads to another place."""
    httpserver.expect_request(start).respond_with_data(
        status=status, headers={"Location": place, **headers}
    )
    return httpserver.url_for(start)


def chain(httpserver, *statuses: int) -> str:
    """An address that leads to the feed in so many steps."""
    for left, status in enumerate(reversed(statuses)):
        lead(httpserver, f"/{left + 1}", f"/{left}", status)
    httpserver.expect_request("/0").respond_with_data("<rss/>", headers={"ETag": '"v1"'})
    return httpserver.url_for(f"/{len(statuses)}")


@pytest.fixture
def listener():
    """A door on this machine at which nobody should knock."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door
        door.setblocking(False)
        with pytest.raises(BlockingIOError):
            door.accept()


@pytest.fixture
def public_names(monkeypatch):
    """Every name of a redirect is one of a public address; here it leads to our own machine."""
    monkeypatch.setattr(
        requests_hardened.ip_filter_adapter, "filter_host", lambda *_, **__: "127.0.0.1"
    )


def test_five_redirects_are_followed_and_the_last_address_is_kept(httpserver, get):
    source = chain(httpserver, *[302] * 5)
    found = get(source)
    assert (found.source, found.url, found.body) == (source, httpserver.url_for("/0"), b"<rss/>")


def test_a_sixth_redirect_is_one_too_many(httpserver, refusal):
    assert refusal(chain(httpserver, *[302] * 6)) == "more than 5 redirects"
    assert len(httpserver.log) == 6


def test_a_redirect_in_a_circle_ends(httpserver, refusal):
    lead(httpserver, "/there", "/here")
    assert refusal(lead(httpserver, "/here", "/there")) == "more than 5 redirects"
    assert len(httpserver.log) == 6


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/feed", "data:,<rss/>"])
def test_a_redirect_to_somewhere_that_is_no_web_address_is_refused(httpserver, refusal, place):
    assert refusal(lead(httpserver, "/feed", place)) == NO_WEB


@pytest.mark.parametrize(
    "place", [b"http://[bad/", b"http://" + b"a" * 64 + b".example/", b"http://\xff\xfe/"]
)
def test_a_redirect_with_a_typing_mistake_is_told_in_one_line(blog_that, refusal, place):
    moved = b"HTTP/1.1 301 Moved\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % place
    source = blog_that(lambda wire, _: wire.sendall(moved))
    for private in (True, False):
        assert refusal(source, private=private).startswith(("not readable", "no connection"))


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0.0.0.0",
        "[::ffff:127.0.0.1]",
        "ada:hunter2@127.0.0.1",
    ],
)
def test_a_redirect_to_this_machine_is_refused_before_anybody_knocks(
    httpserver, refusal, listener, host
):
    place = f"http://{host}:{listener.getsockname()[1]}/feed"
    assert refusal(lead(httpserver, "/feed", place), private=False) == PRIVATE


@pytest.mark.parametrize(
    "host", ["[::1]", "169.254.169.254", "10.0.0.1", "192.168.1.1", "100.64.0.1", "[fd00::1]"]
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_redirect_into_a_private_network_is_refused(httpserver, refusal, scheme, host):
    source = lead(httpserver, "/feed", f"{scheme}://{host}/feed")
    assert refusal(source, private=False) == PRIVATE


def test_a_redirect_is_guarded_at_every_step(httpserver, refusal, listener, public_names):
    place = f"http://blog.example:{httpserver.port}/second"
    lead(httpserver, "/second", "file:///etc/passwd")
    assert refusal(lead(httpserver, "/feed", place), private=False) == NO_WEB
    assert len(httpserver.log) == 2


def test_the_author_may_allow_private_addresses(httpserver, get):
    assert get(chain(httpserver, 302)).body == b"<rss/>"


def test_a_redirect_to_a_public_address_is_followed_under_its_name(httpserver, get, public_names):
    place = f"http://blog.example:{httpserver.port}/new"
    httpserver.expect_request("/new").respond_with_data("<rss/>")
    assert get(lead(httpserver, "/feed", place), private=False).url == place
    assert httpserver.log[1][0].headers["Host"] == f"blog.example:{httpserver.port}"


def test_a_name_that_nobody_knows_is_said_to_be_so(httpserver, refusal, monkeypatch):
    def nobody(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    source = lead(httpserver, "/feed", "http://blog.example/feed")
    monkeypatch.setattr(requests_hardened.ip_filter.socket, "getaddrinfo", nobody_but_us(nobody))
    assert refusal(source, private=False) == "no connection; is the address right?"
    assert len(httpserver.log) == 1


def nobody_but_us(nobody):
    """A name service that knows addresses in numbers only."""
    known = socket.getaddrinfo

    def look_up(host, *args, **kwargs):
        return (known if host in ("localhost", "127.0.0.1") else nobody)(host, *args, **kwargs)

    return look_up


@pytest.mark.parametrize("private", [True, False])
def test_a_password_is_not_passed_on_to_another_host(httpserver, get, public_names, private):
    chain(httpserver)
    place = httpserver.url_for("/0").replace("localhost", "127.0.0.1")
    source = lead(httpserver, "/feed", place).replace("//", "//ada:hunter2@")
    found = get(source, private=private)
    (first, _), (second, _) = httpserver.log
    assert first.authorization.password == "hunter2"
    assert "Authorization" not in second.headers
    assert found.url == place


def test_a_password_goes_along_within_its_own_place(httpserver, get):
    source = chain(httpserver, 301).replace("//", "//ada:hunter2@")
    found = get(source)
    assert httpserver.log[1][0].authorization.password == "hunter2"
    assert (found.moved_to, found.url) == (httpserver.url_for("/0"),) * 2


def test_no_password_of_a_redirect_is_shown(httpserver, get, refusal):
    lead(httpserver, "/feed", "http://ada:hunter2@127.0.0.1:1/feed", 301)
    assert "hunter2" not in refusal(httpserver.url_for("/feed"))
    place = httpserver.url_for("/0").replace("//", "//ada:hunter2@")
    chain(httpserver)
    assert "hunter2" not in str(get(lead(httpserver, "/moved", place, 301)))


def test_a_cookie_handed_out_on_the_way_is_shown_at_the_next_step(httpserver, get):
    seen = {"Cookie": "seen=1"}
    httpserver.expect_request("/feed", headers=seen).respond_with_data("<rss/>")
    lead(httpserver, "/feed", "/feed", **{"Set-Cookie": "seen=1"})
    assert get(httpserver.url_for("/feed")).body == b"<rss/>"


@pytest.mark.parametrize("statuses", [[301], [308], [301, 308, 301]])
def test_a_feed_that_has_moved_for_good_is_known_by_its_new_address(httpserver, get, statuses):
    found = get(chain(httpserver, *statuses))
    new = httpserver.url_for("/0")
    assert (found.moved_to, found.validators) == (new, Validators('"v1"', moved_to=new))


@pytest.mark.parametrize("statuses", [[], [302], [307], [303], [301, 302], [302, 301]])
def test_a_feed_that_is_elsewhere_for_now_has_not_moved(httpserver, get, statuses):
    found = get(chain(httpserver, *statuses))
    assert (found.moved_to, found.validators) == ("", Validators('"v1"'))


def test_a_feed_that_has_moved_is_read_where_it_is_now(httpserver, get):
    source = chain(httpserver, 301)
    last = get(source).validators
    found = get(source, last=last)
    assert [request.path for request, _ in httpserver.log] == ["/1", "/0", "/0"]
    assert (found.source, found.moved_to, found.validators) == (source, last.moved_to, last)


def test_a_feed_that_moves_on_for_good_is_followed_and_for_now_forgotten(httpserver, get):
    lead(httpserver, "/again", "/0", 301)
    lead(httpserver, "/maybe", "/0", 302)
    source = chain(httpserver, 301)
    again, maybe = (Validators(moved_to=httpserver.url_for(p)) for p in ("/again", "/maybe"))
    assert get(source, last=again).moved_to == httpserver.url_for("/0")
    assert get(source, last=maybe).moved_to == ""


def test_a_feed_that_is_back_at_its_old_address_has_not_moved(httpserver, get):
    source = chain(httpserver)
    moved = lead(httpserver, "/new", source, 301)
    assert get(source, last=Validators(moved_to=moved)).moved_to == ""


def test_what_goes_wrong_at_the_new_address_is_told_with_both(httpserver, get):
    source, moved = chain(httpserver, 301), httpserver.url_for("/nothing")
    httpserver.expect_request("/nothing").respond_with_data(status=404)
    with pytest.raises(FeedUnreachable, match=f"^{source}, moved to {moved}: .*HTTP 404"):
        get(source, last=Validators(moved_to=moved))


def test_a_new_address_came_from_the_blog_and_is_guarded(httpserver, get):
    with pytest.raises(FeedUnreachable, match=PRIVATE):
        get(
            chain(httpserver, 301),
            last=Validators(moved_to=httpserver.url_for("/0")),
            private=False,
        )
    assert httpserver.log == []


def test_who_has_a_password_starts_at_the_address_it_is_for(httpserver, get):
    source = chain(httpserver, 301).replace("//", "//ada:hunter2@")
    assert get(source, last=get(source).validators).body == b"<rss/>"
    assert [request.path for request, _ in httpserver.log] == ["/1", "/0"] * 2


def test_gone_at_the_end_of_a_detour_is_not_gone_for_good(httpserver, get, refusal):
    httpserver.expect_request("/gone").respond_with_data(status=410)
    assert refusal(lead(httpserver, "/now", "/gone", 302)) == "the blog answered HTTP 410"
    with pytest.raises(FeedGone):
        get(lead(httpserver, "/for-good", "/gone", 301))
