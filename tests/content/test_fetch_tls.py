"""A redirect to https is guarded too, and the certificate must be for the name asked for."""

import ssl

import pytest
import requests_hardened.ip_filter_adapter
import trustme
from pytest_httpserver import HTTPServer

AUTHORITY = trustme.CA()


@pytest.fixture(scope="module")
def secure_blog():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("blog.example", "localhost").configure_cert(context)
    with HTTPServer(port=0, ssl_context=context) as server:
        server.expect_request("/feed").respond_with_data("<rss/>")
        yield server


@pytest.fixture
def moved_to(httpserver, secure_blog, web, monkeypatch, tmp_path):
    """An address that leads to the secure blog, under this name."""
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    for session in (web._anywhere, web._public):
        session.verify = str(tmp_path / "authority.pem")
    monkeypatch.setattr(
        requests_hardened.ip_filter_adapter, "filter_host", lambda *_, **__: "127.0.0.1"
    )

    def lead(name: str) -> str:
        place = f"https://{name}:{secure_blog.port}/feed"
        httpserver.expect_request("/old").respond_with_data(status=301, headers={"Location": place})
        return httpserver.url_for("/old")

    return lead


def test_a_redirect_to_a_secure_blog_is_followed(moved_to, get, secure_blog):
    found = get(moved_to("blog.example"), private=False)
    assert found.body == b"<rss/>"
    assert found.moved_to == f"https://blog.example:{secure_blog.port}/feed"


def test_a_blog_with_the_certificate_of_another_is_refused(moved_to, refusal):
    why = refusal(moved_to("other.example"), private=False)
    assert why.startswith("the connection is not secure")


def test_the_authors_own_secure_blog_is_read(moved_to, get):
    assert get(moved_to("localhost")).body == b"<rss/>"
