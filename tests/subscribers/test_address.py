"""One address has one key, however it is spelt; what is none is refused, and not repeated."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from subscribers.address import Address, _read_any, read_address
from subscribers.errors import BadAddress

BUCHER = "xn--bcher-kva.example"


def refusal(text: str) -> str:
    """Why this is no address."""
    with pytest.raises(BadAddress) as caught:
        read_address(text)
    return str(caught.value)


@pytest.mark.parametrize(
    ("typed", "given_", "key"),
    [
        ("ada@example.com", "ada@example.com", "ada@example.com"),
        (" \tAda@example.com\r\n", "Ada@example.com", "ada@example.com"),
        ("ADA.L+News@EXAMPLE.COM", "ADA.L+News@example.com", "ada.l+news@example.com"),
        (
            "o'connor_1@mail.example.com",
            "o'connor_1@mail.example.com",
            "o'connor_1@mail.example.com",
        ),
        ("Ada@Bücher.example", f"Ada@{BUCHER}", f"ada@{BUCHER}"),
    ],
)
def test_the_name_stays_as_typed_and_the_domain_is_kept_in_ascii(
    typed: str, given_: str, key: str
) -> None:
    assert read_address(typed) == Address(given_, key)


@pytest.mark.parametrize(
    "spelling",
    [
        "ADA@bücher.example",
        "ada@BÜCHER.EXAMPLE",
        "ada@bu\u0308cher.example",
        "ada@\uff42ücher\u3002example",
        f"Ada@{BUCHER.upper()}",
        f"\u00a0ada@{BUCHER}\n",
    ],
)
def test_all_spellings_of_one_address_have_one_key(spelling: str) -> None:
    assert read_address(spelling).key == f"ada@{BUCHER}"


def test_addresses_that_only_look_alike_are_different_people() -> None:
    alike = ["ada@example.com", "a.da@example.com", "ada+news@example.com", "ada@mail.example.com"]
    assert len({read_address(text).key for text in alike}) == len(alike)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "ada",
        "@",
        "ada@",
        "@example.com",
        "ada@example",
        "ada@localhost",
        "ada@printer.local",
        "ada@[127.0.0.1]",
        "ada@@example.com",
        "ada@example..com",
        "ada@example.com.",
        "ada@-example.com",
        "ada@under_score.com",
        "ada@" + "a" * 64 + ".com",
        ".ada@example.com",
        "ada..l@example.com",
        "a da@example.com",
        '"a da"@example.com',
        "Ada <ada@example.com>",
        "mailto:ada@example.com",
        "ada@example.com,bo@example.com",
        "ada@example.com\nBcc: bo@example.com",
        "ada@example.com\x00",
        "\ufeffada@example.com",
        "ada@exam\u200dple.com",
        "田中@example.com",
        "adà@example.com",
        "\ud800@example.com",
    ],
)
def test_what_is_no_address_we_can_write_to_is_refused_in_one_line(text: str) -> None:
    assert len(refusal(text).splitlines()) == 1


@pytest.mark.parametrize("wrong", [*' ,;:<>()[]\\"@_♥', "..", "-.", "\x00", "\n", "\u202e"])
def test_a_refusal_does_not_say_where_the_address_is(wrong: str) -> None:
    said = refusal(f"grace@hopper{wrong}navy.com")
    assert [part for part in ("grace", "hopper", "navy") if part in said] == []


@pytest.mark.parametrize("wrong", [*' ,;:<>()[]\\"@♥é', "..", ".@", "\x00", "\n", "\u202e"])
def test_a_refusal_does_not_say_whose_address_it_is(wrong: str) -> None:
    said = refusal(f"grace{wrong}hopper@example.com")
    assert [part for part in ("grace", "hopper", "example.com") if part in said] == []


def test_an_endless_text_is_refused_with_a_short_reason() -> None:
    for text in ("a" * 10**6, "a" * 10**6 + "@example.com", "ada@" + "é" * 10**6 + ".com"):
        assert len(refusal(text)) < 100


@given(st.text() | st.emails() | st.from_regex(r"[^@]{1,9}@[^@]{1,9}\.com", fullmatch=True))
def test_any_text_is_an_address_or_a_refusal_and_never_an_accident(text: str) -> None:
    try:
        address = read_address(text)
    except BadAddress:
        return
    assert address.given.isascii()
    assert read_address(address.given) == address
    assert read_address(address.given.upper()).key == address.key
    assert read_address(address.key).key == address.key


def answer(read, text: str) -> tuple[str, ...]:
    try:
        address = read(text)
        return (address.given, address.key)
    except BadAddress as error:
        return (str(error),)


LOCALS = st.from_regex(r"[A-Za-z0-9._+'-]{1,20}", fullmatch=True)
DOMAINS = st.sampled_from(
    ["example.com", "Gmail.COM", "bücher.example", "localhost", "a.test", "x--y.com", "-a.com"]
) | st.from_regex(r"[a-zA-Z0-9.-]{1,12}\.[a-z]{1,4}", fullmatch=True)


@example("WWW@example.com")  # RFC 2142 knows no case of such names
@given(st.builds("{}@{}".format, LOCALS, DOMAINS) | st.emails() | st.text(max_size=30))
def test_the_quick_way_for_usual_addresses_says_what_the_long_one_says(text):
    assert answer(read_address, text) == answer(_read_any, text)
