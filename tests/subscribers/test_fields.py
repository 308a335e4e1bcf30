"""The fields of a form are read from whatever body a stranger sends."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from starlette.requests import Request

from subscribers.pages.shell import read_fields


def fields_of(body: bytes, kind: str = "application/x-www-form-urlencoded") -> dict[str, str]:
    headers = [(b"content-type", kind.encode("latin-1", "replace"))]
    return read_fields(Request({"type": "http", "headers": headers}), body)


def part(name: str, value: str, more: str = "") -> str:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'


@pytest.mark.parametrize("more", ["", "\r\nContent-Type: text/plain"])
def test_a_form_in_parts_says_what_an_encoded_one_says(more):
    body = part("email", "ada@example.com", more) + part("name", "Adä\n+&=") + "--b--\r\n"
    read = fields_of(body.encode(), "multipart/form-data; boundary=b")
    assert read == fields_of(b"email=ada@example.com&name=Ad%C3%A4%0A%2B%26%3D")


def test_a_file_is_no_field():
    body = part("email", "ada@example.com", '; filename="a.txt"') + part("name", "Ada") + "--b--"
    assert fields_of(body.encode(), "multipart/form-data; boundary=b") == {"name": "Ada"}


def test_of_a_field_that_comes_twice_the_first_counts():
    assert fields_of(b"email=a&email=b&email=")["email"] == "a"
    body = part("email", "a") + part("email", "b") + "--b--"
    assert fields_of(body.encode(), "multipart/form-data; boundary=b")["email"] == "a"


PIECES = [
    *(
        "--b",
        "--b--",
        "\r\n",
        "\n",
        "Content-Disposition:",
        " form-data",
        ";",
        " name=",
        ' name*="',
    ),
    *("utf-8''%ff", "'", '"', "(", "\\", "=?utf-8?q?", "name*0=", "name*1*=", "email", "\x00", "é"),
    *("Content-Type: multipart/mixed; boundary=c\r\n", "Content-Type: message/rfc822\r\n", "--c"),
    *("Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: x-uue\r\n", "begin 6"),
]
BODIES = st.lists(st.sampled_from(PIECES)).map("".join).map(str.encode) | st.binary()
KINDS = ["multipart/form-data; boundary=b", "multipart/form-data; boundary*=x'y'%ff", "text/plain"]


@example(b"", "multipart/form-data; 0*")
@given(BODIES, st.sampled_from(KINDS) | st.text().map("multipart/form-data; ".__add__))
def test_any_body_is_read_and_never_an_accident(body, kind):
    for value in fields_of(body, kind).values():
        assert value.encode().decode() == value  # no surrogate, which no database would take
