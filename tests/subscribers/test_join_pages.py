"""The way in over real sockets: everybody is answered alike, nobody is bombed, nothing leaks."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urljoin

import pytest
import requests

from flows.resources import Resources, open_resources
from subscribers import store
from subscribers.address import read_address
from tests.fakes import NOON
from tests.subscribers.conftest import Page, Site
from tests.subscribers.lists import bar, consents, dump, enlist, people

NEW, ADA, BO = "grace@example.org", "ada.lovelace@example.com", "bo@example.com"


PUBLIC = "http://127.0.0.1:8000/"  # the sample's own


@dataclass(frozen=True)
class Door:
    """The way in of a running site; each use comes from a network of its own."""

    site: Site
    client: requests.Session
    resources: Resources

    def url(self, path: str) -> str:
        return urljoin(self.site.root, path)

    def post(self, path: str, **how: object) -> requests.Response:
        return self.client.post(self.url(path), allow_redirects=False, **how)

    def sign_up(self, email: str, **more: str) -> requests.Response:
        return self.post("/subscribe", data={"email": email, **more})

    def form(self, path: str) -> Page:
        """A page whose form leads to this site, as that of a site on its own address does."""
        page = Page(self.client.get(self.url(path)))
        page.html = page.html.replace(PUBLIC, self.url("/"))
        return page

    def asked(self, kind: str = "confirm") -> list[str]:
        """The requests that are waiting, oldest first."""
        rows = self.site.db["requests"].rows_where("kind = ?", [kind], order_by="rowid")
        return [row["id"] for row in rows]

    def confirmation(self, request: str = "") -> str:
        """Where the button of a confirmation is."""
        return self.url(
            f"/confirm/{self.resources.confirmations.sign(request or self.asked()[-1])}"
        )

    def standing_of(self, email: str) -> str:
        person = store.find_by_key(self.site.db, read_address(email).key)
        return person.ruling(NOON.date()).value if person else "nobody"


def written(door: Door) -> dict[str, list[dict[str, object]]]:
    """All that the pages write; notes are sent meanwhile, which is written down as well."""
    return {name: rows for name, rows in dump(door.site.db).items() if name != "notes"}


@pytest.fixture
def door(site, client, newsletter) -> Iterator[Door]:
    with open_resources(newsletter) as resources:
        yield Door(site, client, resources)


def test_looking_at_the_form_changes_nothing(door):
    before = written(door)
    for path in ("/subscribe", "/find-my-link", "/subscribe?email=x@example.org&language=de"):
        got, seen = door.client.get(door.url(path)), door.client.head(door.url(path))
        assert (got.status_code, seen.status_code, seen.content) == (200, 200, b"")
        assert len(Page(got).all("form")) == 1
    assert written(door) == before


def test_a_stranger_signs_up_confirms_and_is_on_the_list(door):
    form = door.form("/subscribe")
    sent = form.press(door.client, "Sign me up", email=NEW, name="Grace")
    assert "Look into your mailbox." in sent.text
    assert door.standing_of(NEW) == "unconfirmed"
    page = Page(door.client.get(door.confirmation()))
    assert door.standing_of(NEW) == "unconfirmed"
    done = page.press(door.client, "Yes, sign me up")
    assert (done.status_code, door.standing_of(NEW)) == (200, "may send")
    (preferences,) = (link["href"] for link in Page(done).all("a"))
    assert door.client.get(preferences.replace(PUBLIC, door.url("/"))).ok


def test_what_proves_the_consent_is_the_browser_s_and_the_page_s(door):
    headers = {"Origin": "https://blog.example", "User-Agent": "Mozilla/5.0 (a test)"}
    shown = Page(door.client.get(door.url("/subscribe")))
    (hash_shown,) = (i["value"] for i in shown.all("input") if i.get("name") == "wording")
    words = door.site.db["wordings"].get(hash_shown)  # kept before anybody agrees to them
    assert words["version"] >= 1
    assert words["text"] in shown.html
    fields = {"email": NEW, "wording": hash_shown}
    door.post("/subscribe", data=fields, headers=headers)
    (row,) = door.site.db["consents"].rows_where("action = 'requested'")
    assert (row["ip"], row["agent"]) == ("127.0.0.1", "Mozilla/5.0 (a test)")
    assert (row["source"], row["wording"]) == ("form at blog.example", hash_shown)


@pytest.mark.parametrize("path", ["/subscribe", "/find-my-link"])
def test_everybody_gets_the_same_answer_byte_for_byte(door, path):
    enlist(door.site.db, "pending", status=store.Status.PENDING)
    bar(door.site.db, "complained@example.com", "complained")
    door.client.post(door.site.bo)
    who = [NEW, ADA, BO, "pending@example.com", "complained@example.com", ADA, ADA, ADA, ADA]
    answers = [door.post(path, data={"email": email}) for email in who]
    answers.append(door.post(path, data={"email": "bot@example.org", "website": "x"}))
    assert len({(answer.status_code, answer.content) for answer in answers}) == 1
    headers = [{k: v for k, v in answer.headers.items() if k != "date"} for answer in answers]
    assert all(each == headers[0] for each in headers)
    assert not re.search("example.(com|org)", answers[0].text)


def test_a_form_about_somebody_on_the_list_changes_nothing_of_them(door):
    before = people(door.site.db), consents(door.site.db)
    door.sign_up("Ada.Lovelace@EXAMPLE.com", name="Mallory")
    assert (people(door.site.db), consents(door.site.db)) == before
    assert len(door.asked("links")) == 1


def test_a_program_that_fills_the_hidden_field_is_thanked_and_forgotten(door):
    before = written(door)
    assert door.sign_up(NEW, website="https://pills.example").status_code == 200
    assert written(door) == before


def test_a_flood_from_one_network_is_told_to_wait_and_others_are_not(door):
    one, other = {"X-Forwarded-For": "192.0.2.1"}, {"X-Forwarded-For": "192.0.2.2"}
    fields = {"email": NEW}
    codes = [door.post("/find-my-link", data=fields, headers=one).status_code for _ in range(12)]
    assert codes == [200] * 10 + [429] * 2
    late = door.post("/subscribe", data=fields, headers=one)
    assert (late.status_code, late.headers["Retry-After"]) == (429, "3600")
    assert door.asked() == []
    assert door.post("/subscribe", data=fields, headers=other).status_code == 200
    assert len(door.asked()) == 1


def test_a_form_bombs_nobody(door):
    for number in range(9):
        where = {"X-Forwarded-For": f"192.0.2.{number}"}
        door.post("/subscribe", data={"email": NEW}, headers=where)
        door.post("/find-my-link", data={"email": NEW.upper()}, headers=where)
    assert len(door.asked()) + len(door.asked("links")) == 3


def test_a_name_by_a_stranger_is_shown_to_nobody_before_the_owner_says_yes(door):
    door.sign_up(NEW, name="Buy pills now")
    page = door.client.get(door.confirmation())
    assert "pills" not in page.text
    person = store.find_by_key(door.site.db, NEW)
    assert person is not None
    links = f"/preferences/{door.resources.preferences.sign(person.id)}"
    assert "pills" not in door.client.get(door.url(links)).text


def test_confirming_twice_or_many_times_at_once_is_once(door):
    door.sign_up(NEW)
    url = door.confirmation()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(requests.post, [url] * 16))
    assert {answer.status_code for answer in answers} == {200}
    assert [action for action, *_ in consents(door.site.db)].count("confirmed") == 3
    assert [note["kind"] for note in door.site.db["notes"].rows] == ["confirm", "welcome"]


def test_an_old_confirmation_does_not_bring_back_who_left(door):
    door.sign_up(NEW)
    url = door.confirmation()
    door.client.post(url)
    person = store.find_by_key(door.site.db, NEW)
    assert person is not None
    door.client.post(door.site.root + door.resources.exits.sign(person.id))
    before = written(door)
    answers = [door.client.post(url), door.client.get(url), door.client.head(url)]
    assert [answer.status_code for answer in answers] == [410, 200, 200]
    assert "This link has had its day." in answers[0].text
    assert written(door) == before


def test_a_scanner_that_opens_every_link_confirms_nobody(door):
    door.sign_up(NEW)
    before = written(door)
    for headers in ({"Sec-Purpose": "prefetch"}, {"User-Agent": "SafeLinks"}, {}):
        assert door.client.get(door.confirmation(), headers=headers).status_code == 200
        assert door.client.head(door.confirmation(), headers=headers).status_code == 200
    assert written(door) == before


def wrong_tokens(door: Door) -> list[str]:
    token = door.confirmation().rpartition("/")[2]
    person = next(store.all_subscribers(door.site.db)).id
    return [
        *("", "x", "..%2f..", "%00", "%ff", "x" * 9_000, token[:-1], token[4:], token.lower()),
        *(door.resources.exits.sign(person), door.resources.preferences.sign(person)),
        door.resources.exits.sign(door.asked()[0]),
    ]


def test_a_forged_cut_or_foreign_link_confirms_nothing(door):
    door.sign_up(NEW)
    before = written(door)
    for token in wrong_tokens(door):
        for method in ("GET", "POST"):
            answer = door.client.request(method, door.url(f"/confirm/{token}"))
            assert answer.status_code == 404
            assert len(token) < 5 or token not in answer.text
    assert written(door) == before


def test_a_token_of_ten_megabytes_is_refused_and_the_site_goes_on(door):
    for path in ("/confirm/", "/preferences/", "/unsubscribe/"):
        try:
            answer = door.client.get(door.url(path) + "x" * 10_000_000)
            assert 400 <= answer.status_code < 500
        except requests.ConnectionError:  # hung up on, while it was still talking
            assert door.client.get(door.url("/healthz")).text == "ok\n"


MULTIPART = "multipart/form-data; boundary=b"
NESTED = b"".join(
    b"--%d\r\nContent-Type: multipart/mixed; boundary=%d\r\n\r\n" % (n, n + 1) for n in range(1200)
)
BRACKETS = (
    b'--b\r\nContent-Disposition: form-data; name="email" ' + b"(" * 20_000 + b"\r\n\r\nx\r\n--b--"
)
RUBBISH = {
    "nothing": {},
    "no form": {"data": b"\xff\x00\xfe%%%&&=="},
    "JSON": {"json": {"email": NEW}},
    "many fields": {"data": "&".join(f"f{n}=1" for n in range(9_999)) + "&email=" + NEW},
    "one megabyte": {"data": b"email=" + b"x" * 2**20},
    "no boundary": {"data": b"email", "headers": {"Content-Type": "multipart/form-data"}},
    "parts in parts": {
        "data": NESTED,
        "headers": {"Content-Type": "multipart/form-data; boundary=0"},
    },
    "brackets": {"data": BRACKETS, "headers": {"Content-Type": MULTIPART}},
    "a half part": {"data": b"--b\r\nContent-Disp", "headers": {"Content-Type": MULTIPART}},
}


@pytest.mark.parametrize("path", ["/subscribe", "/find-my-link"])
@pytest.mark.parametrize("how", RUBBISH.values(), ids=RUBBISH)
def test_a_body_that_is_no_form_of_ours_is_answered_with_the_form(door, path, how):
    before = written(door)
    answer = door.post(path, **how)
    assert (answer.status_code, len(Page(answer).all("form"))) == (422, 1)
    assert written(door) == before


@pytest.mark.parametrize(
    "how",
    [
        {"data": {"email": NEW}},
        {"files": {"email": (None, NEW)}},
        {"data": f"email={NEW}&email=other@example.org"},
        {"data": f"email=+{NEW}+&name=%00%F0%9F%98%80&language=xx"},
        {"data": b"email=" + NEW.encode() + b"&name=\xed\xa0\x80\xff"},
        {"data": {"email": NEW}, "headers": {"Origin": "http://[::1", "Referer": "\xff"}},
        {"data": {"email": NEW}, "headers": {"Accept-Language": ";q=x,*;q=nan,de-" * 500}},
        {"data": {"email": NEW}, "headers": {"User-Agent": "\xff" * 9_000, "Cookie": "a=b"}},
    ],
    ids=["form", "multipart", "twice", "NUL", "surrogate", "origin", "language", "agent"],
)
def test_a_form_of_whatever_shape_is_one_request_for_the_first_address(door, how):
    assert door.post("/subscribe", **how).status_code == 200
    (row,) = door.site.db["requests"].rows
    assert row["address_key"] == NEW


@pytest.mark.parametrize(
    "email",
    [
        "",
        "nobody",
        "grace@example.org\r\nBcc: all@example.org",
        "grace@example.org\nx",
        "grace@example.org,ada@example.org",
        "gr\x00ace@example.org",
        "gr\ud800ace@example.org".encode("utf-8", "surrogatepass"),
        "grâce@example.org",
        "用户@example.org",
        "g" * 310 + "@e.org",
        '"><script>alert(1)</script>@example.org',
        "grace@localhost",
        "grace@[127.0.0.1]",
    ],
)
def test_what_is_no_address_is_told_on_the_page_and_written_nowhere(door, email):
    before = written(door)
    for path in ("/subscribe", "/find-my-link"):
        answer = door.post(path, data={"email": email})
        assert (answer.status_code, Page(answer).all("script")) == (422, [])
        assert "This is no e-mail address that we can write to." in answer.text
    assert written(door) == before


def test_what_was_typed_is_still_there_after_a_mistake(door):
    shown = Page(door.sign_up("grace@", name='"G" & co'))
    values = {i["name"]: i.get("value") for i in shown.all("input")}
    assert (values["email"], values["name"]) == ("grace@", '"G" & co')


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "PROPFIND"])
def test_no_other_method_does_anything(door, method):
    before = written(door)
    for path in ("/subscribe", "/find-my-link", "/confirm/x"):
        answer = door.client.request(method, door.url(path), data={"email": NEW})
        assert answer.status_code == 405
    assert written(door) == before


def test_the_form_and_its_words_come_in_the_reader_s_language(door):
    german = {"Accept-Language": "fr, de-AT;q=0.8, en;q=0.1"}
    for answer in (
        door.client.get(door.url("/subscribe"), headers=german),
        door.client.get(door.url("/subscribe?language=de")),
        door.post("/subscribe", data={"email": "x", "language": "de"}),
    ):
        assert '<html lang="de"' in answer.text
    door.sign_up(NEW, language="de")
    assert [note["language"] for note in door.site.db["notes"].rows] == ["de"]
    door.client.post(door.confirmation(), headers=german)
    person = store.find_by_key(door.site.db, NEW)
    assert person is not None
    assert person.language == "de"


def test_who_was_erased_is_asked_again_and_comes_back_by_their_own_yes(door):
    person = next(store.all_subscribers(door.site.db))
    url = door.url(f"/preferences/{door.resources.preferences.sign(person.id)}")
    fields = {"do": "erase", "sure": "yes"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: requests.post(url, data=fields), range(8)))
    assert {answer.status_code for answer in answers} == {200}
    assert sum("You are forgotten." in answer.text for answer in answers) == 1
    assert "lovelace" not in str(dump(door.site.db))
    door.sign_up(ADA)
    assert door.standing_of(ADA) == "unconfirmed"
    door.client.post(door.confirmation())
    assert door.standing_of(ADA) == "may send"
