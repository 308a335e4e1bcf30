"""Asking a server: what kind of silence it was."""

import pytest

from content.web.wire import NoAnswer, NoSuchHost, PrivateHost, TooLarge


def silence(web, url: str, *, max_bytes: int = 0, private: bool = True) -> type[NoAnswer]:
    with pytest.raises(NoAnswer) as caught:
        web.ask(url, headers={}, seconds=5, max_bytes=max_bytes, private=private)
    return caught.type


@pytest.mark.parametrize("private", [True, False])
def test_a_name_that_belongs_to_no_machine(web, private):
    assert silence(web, "http://no-such-blog.invalid/", private=private) is NoSuchHost


def test_a_private_network(web):
    assert silence(web, "http://127.0.0.1:1/", private=False) is PrivateHost


def test_a_body_of_more_bytes_than_were_asked_for(web, httpserver):
    httpserver.expect_request("/").respond_with_data("0" * 11)
    assert silence(web, httpserver.url_for("/"), max_bytes=10) is TooLarge


def test_a_machine_where_nobody_answers_is_there_all_the_same(web):
    assert silence(web, "http://127.0.0.1:1/") is NoAnswer


def test_of_a_page_nothing_is_read_when_no_byte_is_asked_for(web, httpserver):
    httpserver.expect_request("/").respond_with_data("0" * 11)
    reply = web.ask(httpserver.url_for("/"), headers={}, seconds=5, max_bytes=0, private=True)
    assert (reply.status, reply.headers["content-length"], reply.body) == (200, "11", b"")
