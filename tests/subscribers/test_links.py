"""A reader's link is theirs alone, for ever, and nothing else opens it."""

import hashlib
import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from itsdangerous import Signer

from subscribers.errors import BadLink
from subscribers.keys import key_id
from subscribers.links import TOKEN_LENGTH, ReaderLinks, new_id

KEY = "a key of last year, long enough"
ADA = "Qz3-_x9bTt0L"
SIGNED = f"{ADA}.AdXi0z.QkYJnTYkBE--WW8RQPUQYqTmh6x236whmRHwJQgnfwQ"
ids = st.text(string.ascii_letters + string.digits + "-_", min_size=1, max_size=40)
secrets = st.text(string.printable, min_size=16, max_size=40)
keys = st.lists(secrets, min_size=1, max_size=4, unique=True)


def links(*some: str) -> ReaderLinks:
    return ReaderLinks(some or [KEY], "unsubscribe")


def opens(token: str) -> bool:
    """Whether a token is understood at all, whoever it is said to be."""
    try:
        links().read(token)
    except BadLink:
        return False
    return True


def test_a_token_is_short_says_only_the_id_and_needs_no_escaping_in_a_url() -> None:
    token = links().sign(ADA)
    subscriber_id, key, signature = token.split(".")
    assert (subscriber_id, len(key), len(signature)) == (ADA, 6, 43)
    assert set(token) <= set(string.ascii_letters + string.digits + "-_.")


def test_a_link_in_old_mail_opens_although_the_house_was_rebuilt() -> None:
    # Signed once and written down here: no later version may read them differently.
    first = f"{ADA}.ey34ioeFvXbNKc3fszfJlK_oS3S7DgXuFa8v6Wr7vbA"
    assert links().sign(ADA) == SIGNED
    assert [links().read(first), links("another key, also long", KEY).read(SIGNED)] == [ADA, ADA]


def test_a_link_that_names_another_key_than_signed_it_is_not_ours() -> None:
    one, two = "the first of two keys", "the second of two keys"
    subscriber_id, _, signature = links(one).sign(ADA).split(".")
    named = links(two).sign(ADA).split(".")[1]
    with pytest.raises(BadLink):
        links(one, two).read(f"{subscriber_id}.{named}.{signature}")


@given(ids, keys)
def test_a_key_derived_once_makes_the_tokens_of_one_derived_each_time(
    subscriber_id: str, some: list[str]
) -> None:
    salt, sha256 = "lettermill unsubscribe", hashlib.sha256
    each_time = Signer(list(some), salt=salt, key_derivation="hmac", digest_method=sha256)
    token = each_time.sign(f"{subscriber_id}.{key_id(some[-1])}").decode()
    assert links(*some).sign(subscriber_id) == token
    assert links(*some).read(token) == subscriber_id


@given(ids)
def test_every_reader_gets_their_own_token_and_always_the_same(subscriber_id: str) -> None:
    token = links().sign(subscriber_id)
    assert links().read(token) == subscriber_id
    assert links().sign(subscriber_id) == token


@given(ids, keys)
def test_tokens_survive_key_rotation(subscriber_id: str, rotated: list[str]) -> None:
    old = [links(*rotated[: n + 1]).sign(subscriber_id) for n in range(len(rotated))]
    assert [links(*rotated).read(token) for token in old] == [subscriber_id] * len(rotated)


@given(ids, keys)
def test_the_newest_key_signs(subscriber_id: str, rotated: list[str]) -> None:
    assert links(*rotated).sign(subscriber_id) == links(rotated[-1]).sign(subscriber_id)


@given(ids, secrets, secrets)
def test_a_key_that_was_taken_away_opens_nothing(subscriber_id: str, old: str, new: str) -> None:
    assume(old != new)
    with pytest.raises(BadLink):
        links(new).read(links(old).sign(subscriber_id))


@given(st.text(min_size=1))
def test_a_token_for_any_other_purpose_is_refused(purpose: str) -> None:
    assume(purpose != "lettermill unsubscribe")
    other = Signer(KEY, salt=purpose, key_derivation="hmac", digest_method=hashlib.sha256)
    assert not opens(other.sign(ADA).decode())


def test_the_signature_of_one_reader_is_not_good_for_another() -> None:
    mine, theirs = links().sign(ADA), links().sign("Bo")
    assert not opens("Bo." + mine.split(".")[1])
    assert not opens(ADA + "." + theirs.split(".")[1])


def test_a_token_that_was_cut_short_is_refused_wherever_the_cut_is() -> None:
    token = links().sign(ADA)
    assert [cut for cut in range(len(token)) if opens(token[:cut])] == []


def test_a_token_with_any_single_character_changed_is_refused() -> None:
    token = links().sign(ADA)
    changed = {
        token[:at] + other + token[at + 1 :]
        for at in range(len(token))
        for other in string.printable + "\x00é\u2028"
    } - {token}
    assert {text for text in changed if opens(text)} == set()


def test_a_token_with_any_single_character_added_is_refused() -> None:
    token = links().sign(ADA)
    longer = {
        token[:at] + more + token[at:]
        for at in range(len(token) + 1)
        for more in string.printable + "\x00é\u2028"
    }
    assert {text for text in longer if opens(text)} == set()


@given(st.text() | st.from_regex(r"[\w-]{1,20}\.[\w-]{43}", fullmatch=True))
def test_any_other_text_is_refused(text: str) -> None:
    assert not opens(text)


@pytest.mark.parametrize(
    "text", ["", ".", "..", f"{ADA}.", "." + "A" * 43, "\ud800.\ud800", "\ud800." + "A" * 43]
)
def test_what_is_hardly_a_text_is_refused(text: str) -> None:
    assert not opens(text)


@pytest.mark.parametrize("length", [199, 200, 201, 10_000, 1_000_000])
def test_a_long_token_is_refused_and_the_refusal_repeats_nothing_of_it(length: int) -> None:
    token = ("forged" * length)[:length]
    with pytest.raises(BadLink) as caught:
        links().read(token)
    assert "forged" not in str(caught.value)


def test_every_token_has_the_length_that_letters_are_measured_with():
    tokens = {len(links().sign(new_id())) for _ in range(100)}
    assert tokens == {TOKEN_LENGTH}
