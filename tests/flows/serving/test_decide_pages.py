"""The author's links: each opens a page, a POST acts, twice is once, an old draft is refused."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import quote, urlencode

import pytest

import content.approval_store
import content.ledger
import content.store
from flows import jobs
from flows.author.tickets import Ticket, post_mark, sign_ticket
from flows.serving.decide_pages import new_token
from tests.flows.homes import bring_in, change, digest
from tests.flows.wire import Answer, Wire, on_the_wire

KEY = "digest-2026-11"


FORM = "application/x-www-form-urlencoded"


class Page:
    """What came back."""

    def __init__(self, answer: Answer) -> None:
        self.status, self.headers, self.text = answer.status, answer.headers, answer.body.decode()


class Desk:
    """The author at the decide pages."""

    def __init__(self, wire: Wire) -> None:
        self.wire, self.resources = wire, wire.resources

    @property
    def edition(self):
        return content.store.get_edition(self.resources.db, KEY)

    @property
    def token(self) -> str:
        return new_token(self.resources, KEY, self.edition.content_hash)

    @property
    def posts(self):
        return content.ledger.posts_in(self.resources.db, KEY)

    def get(self, token: str, act: str = "", method: str = "GET") -> Page:
        return Page(self.wire.ask(method, f"/decide/{token}/{act}".rstrip("/")))

    def post(self, token: str, act: str, **fields: str) -> Page:
        body = urlencode(fields).encode()
        return Page(self.wire.ask("POST", f"/decide/{token}/{act}", body, Content_Type=FORM))

    def rows(self) -> list:
        db = self.resources.db
        return [list(db[table].rows) for table in ("editions", "posts", "decisions")]


@pytest.fixture
def desk(newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    change(newsletter, "[letter]", '[author]\naddress = "ada@clinic.example"\n\n[letter]')
    bring_in(newsletter)
    digest()
    with on_the_wire(newsletter) as wire:
        yield Desk(wire)


def test_looking_changes_nothing_and_each_page_has_its_button(desk):
    before, token = desk.rows(), desk.token
    acts = ["approve", "hold", "program", *(f"drop-{post_mark(h)}" for h in desk.posts)]
    for act in ["", "letter", *acts]:
        assert desk.get(token, act).status == 200
        assert desk.get(token, act, "HEAD").status == 200
    for act in acts:
        page = desk.get(token, act)
        assert page.text.count("<button") == 1
        assert page.text.count('<form method="post">') == 1
        assert page.headers["cache-control"] == "no-store"
    assert "Approve and send it" in desk.get(token).text
    assert "From dysfunctional hip" in desk.get(token, "letter").text
    assert desk.rows() == before


def test_a_yes_is_one_yes_however_often_the_button_is_pressed(desk, newsletter):
    token = desk.token
    first, second = desk.post(token, "approve"), desk.post(token, "approve")
    assert (first.status, second.status) == (200, 200)
    assert first.text == second.text
    assert "Approved" in first.text
    assert desk.edition.state == "approved"
    assert jobs.dispatch(jobs.plainly)[0].state == "closed"
    assert len(list(newsletter.glob(f"outbox/{KEY}/batch-*/*.eml"))) == 46
    assert desk.post(token, "approve").status == 200
    assert not jobs.dispatch(jobs.plainly)


def test_hold_keeps_it_also_after_a_yes(desk):
    token = desk.token
    desk.post(token, "approve")
    assert "Held" in desk.post(token, "hold").text
    assert desk.edition.state == "draft"
    assert "you held it on" in desk.edition.held
    assert not jobs.dispatch(jobs.plainly)


def test_what_is_being_sent_is_not_held_by_a_link(desk):
    token = desk.token
    desk.post(token, "approve")
    jobs.dispatch(jobs.plainly)
    late = desk.post(token, "hold")
    assert late.status == 409
    assert "is closed" in late.text


def test_a_post_less_is_another_draft_and_only_its_links_work(desk):
    token, dropped = desk.token, desk.posts[0]
    done = desk.post(token, f"drop-{post_mark(dropped)}")
    assert "The new draft is" in done.text
    titles = [held.post.title for held in desk.posts]
    assert dropped.post.title not in titles
    assert len(titles) == 3
    again = desk.post(token, f"drop-{post_mark(dropped)}")  # a double click
    assert (again.status, "The new draft is" in again.text) == (200, True)
    assert [held.post.title for held in desk.posts] == titles
    assert desk.get(token).status == 409
    assert desk.post(token, "approve").status == 409
    assert desk.edition.state == "draft"
    assert desk.post(desk.token, "approve").status == 200
    assert desk.edition.state == "approved"


def test_another_program_is_in_the_new_draft_and_stays_when_it_is_made_anew(desk):
    assert desk.edition.program == "Hip Rehab Online"
    page = desk.get(desk.token, "program").text
    assert "Strong Back Basics" in page
    desk.post(desk.token, "program", program="Strong Back Basics")
    assert desk.edition.program == "Strong Back Basics"
    assert digest().state == "draft"
    assert desk.edition.program == "Strong Back Basics"
    desk.post(desk.token, "program", program="")
    assert desk.edition.program == ""
    assert "From dysfunctional hip" not in desk.get(desk.token, "letter").text


def test_a_program_that_is_none_of_ours_offers_nothing_of_a_stranger(desk):
    assert desk.post(desk.token, "program", program="Buy cheap watches").status == 409
    assert desk.edition.program == "Hip Rehab Online"


@pytest.mark.parametrize("act", ["drop-0123456789ab", "drop-", "drop", "burn"])
def test_what_cannot_be_done_to_a_draft_has_no_page(desk, act):
    before, token = desk.rows(), desk.token
    assert desk.get(token, act).status == 404
    desk.post(token, act)
    assert desk.edition.content_hash in token
    assert desk.rows()[:2] == before[:2]


def test_a_link_expires_and_a_forged_one_is_none(desk):
    old = Ticket(KEY, desk.edition.content_hash, desk.resources.clock.now() - timedelta(seconds=1))
    token = sign_ticket(desk.resources.decisions, old)
    assert (desk.get(token).status, desk.post(token, "approve").status) == (410, 410)
    good = desk.token
    forged = [good[:-3] + "AAA", good.replace("digest", "campai"), "x", quote("../../etc")]
    reader = desk.resources.exits.sign(KEY)
    for token in [*forged, reader]:
        assert desk.post(token, "approve").status == 404
    assert desk.edition.state == "draft"


def test_what_preflight_blocks_is_not_approved_and_says_why(desk, newsletter):
    with desk.resources.db.atomic():
        desk.resources.db.execute("UPDATE letters SET html = replace(html, 'unsubscribe/', 'x/')")
    done = desk.post(desk.token, "approve")
    assert "Something is in its way" in done.text
    assert desk.edition.state == "draft"


def test_after_each_act_the_author_gets_the_new_draft_by_mail(desk, newsletter):
    first = desk.edition.content_hash
    desk.post(desk.token, f"drop-{post_mark(desk.posts[0])}")
    for _ in range(200):
        letters = "".join(path.stem for path in newsletter.glob("outbox/note-draft/**/*.eml"))
        if letters.count(KEY) == 2:
            break
        time.sleep(0.05)
    assert first in letters
    assert desk.edition.content_hash in letters


def test_who_changes_their_mind_is_heard_each_time(desk):
    token = desk.token
    for act, state in [("hold", "draft"), ("approve", "approved")] * 3:
        assert desk.post(token, act).status == 200
        assert desk.edition.state == state
    desk.post(token, "hold")
    assert not jobs.dispatch(jobs.plainly)


def test_a_yes_that_was_taken_back_by_a_change_can_be_said_again(desk):
    token = desk.token
    desk.post(token, "approve")
    assert content.approval_store.reopen(desk.resources.db, KEY, "more people would get it")
    assert "Approved" in desk.post(desk.token, "approve").text
    assert desk.edition.state == "approved"


def test_a_program_is_changed_there_and_back_and_there_again(desk):
    for name in ["Strong Back Basics", "Hip Rehab Online"] * 2:
        desk.post(desk.token, "program", program=name)
        assert desk.edition.program == name


@pytest.mark.parametrize("act", ["approve", "hold", "drop"])
def test_both_clicks_of_a_double_click_are_told_the_same(desk, act):
    token = desk.token
    what = act if act != "drop" else f"drop-{post_mark(desk.posts[0])}"
    with ThreadPoolExecutor(4) as hands:
        pages = list(hands.map(lambda _: desk.post(token, what), range(4)))
    assert {page.status for page in pages} == {200}
    assert len(desk.posts) == (3 if act == "drop" else 4)


def test_what_is_approved_can_be_held_and_not_changed(desk):
    token, before = desk.token, desk.posts
    desk.post(token, "approve")
    assert "nothing here is to be decided" in desk.get(token, "program").text
    assert "Hold it?" in desk.get(token, "hold").text
    for act in ("program", f"drop-{post_mark(before[0])}"):
        answer = desk.post(token, act, program="Strong Back Basics")
        assert (answer.status, "is approved; hold it first" in answer.text) == (409, True)
    assert (desk.edition.state, desk.posts) == ("approved", before)


def test_of_what_was_sent_nothing_is_asked_any_more(desk):
    token = desk.token
    desk.post(token, "approve")
    jobs.dispatch(jobs.plainly)
    for act in ("approve", "hold", "program", f"drop-{post_mark(desk.posts[0])}"):
        assert "nothing here is to be decided any more" in desk.get(token, act).text
    assert "was sent" in desk.post(token, "approve").text


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", b'{"program": "Strong Back Basics"}'),
        ("text/plain", b"hello"),
        ("", b""),
        (FORM, b"a=1&" * 2_500_000),
    ],
)
def test_a_form_that_is_none_of_ours_takes_no_program_away(desk, kind, body):
    answer = desk.wire.ask("POST", f"/decide/{desk.token}/program", body, Content_Type=kind)
    assert answer.status == 400
    assert desk.edition.program == "Hip Rehab Online"
