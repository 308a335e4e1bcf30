"""What a request on the way out means: looking changes nothing, every POST is a wish to leave."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subscribers.leaving.unsubscribe import Ask, read_ask
from subscribers.pages.shell import MAX_BODY

MULTIPART = (
    b'--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
)


@pytest.mark.parametrize(
    "body",
    [b"from=page", b"from=page&", b"x=1&from=page", b"%66rom=%70age", b"from=page&from="],
)
def test_the_form_of_our_page_is_a_person_leaving_by_the_page(body: bytes) -> None:
    assert read_ask("POST", body) is Ask.LEAVE_BY_PAGE


@pytest.mark.parametrize(
    "body",
    [
        b"List-Unsubscribe=One-Click",
        b"List-Unsubscribe=One-Click\r\n",
        b"list-unsubscribe=one-click",
        MULTIPART,
        b"",
        b'{"List-Unsubscribe": "One-Click"}',
        b"from=elsewhere",
        b"from=page&from=page",
        b"\xff\xfe\x00",
        b"&" * MAX_BODY,
        b"%" * MAX_BODY,
    ],
)
def test_every_other_post_is_a_mail_program_leaving_for_its_reader(body: bytes) -> None:
    assert read_ask("POST", body) is Ask.LEAVE_BY_ONE_CLICK


@given(st.binary() | st.text("from=page&;%+\n").map(str.encode))
def test_any_body_whatever_is_read_and_acts(body: bytes) -> None:
    assert read_ask("POST", body) in (Ask.LEAVE_BY_PAGE, Ask.LEAVE_BY_ONE_CLICK)


@given(
    st.sampled_from(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", ""])
    | st.text().filter("POST".__ne__),
    st.sampled_from([b"", b"from=page", b"List-Unsubscribe=One-Click"]) | st.binary(),
)
def test_whatever_is_no_post_only_looks(method: str, body: bytes) -> None:
    assert read_ask(method, body) is Ask.SHOW
