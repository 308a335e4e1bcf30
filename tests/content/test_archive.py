"""The archive knows what was sent and nothing else; its feed is one that we can read ourselves."""

from datetime import datetime, timedelta

import pytest
from lxml import etree

from content import approval_store, archive_store, store
from content.archive import ArchivedEdition, atom_feed
from content.errors import PostTaken
from content.post import parse_feed
from tests.conftest import NOON
from tests.content.builders import fetched, hash_of, held
from tests.content.shelf import LATER, draft, letter_of, record

ATOM = {"a": "http://www.w3.org/2005/Atom"}
HOME = "https://news.example/archive/"
BACKS = "<p>Also: backs</p>"


def archived(key: str, title: str = "Hips", published: datetime = NOON) -> ArchivedEdition:
    return ArchivedEdition(key=key, title=title, preheader="Also: backs", published=published)


def feed_of(*editions: ArchivedEdition) -> bytes:
    return atom_feed(editions, address=HOME, title="Tide & Tendon", author="Ada", language="en")


def send(db, key: str, *, now: datetime) -> None:
    """Take a draft through its life, to the last of its letters."""
    (found,) = [each for each in store.list_editions(db) if each.key == key]
    assert approval_store.approve(db, key, found.content_hash, now=now)
    store.begin_mailing(db, key)
    store.close_edition(db, key, now=now)


@pytest.fixture
def two_drafts(db):
    """Two editions with their pages; nobody has approved them."""
    record(db, held("a"), held("b"))
    for name, key in (("a", "digest-2026-10"), ("b", "digest-2026-11")):
        draft(db, held(name), key=key, words=name)
    return db


def test_an_edition_is_listed_once_the_last_of_its_letters_has_gone(two_drafts):
    assert archive_store.list_published(two_drafts) == []
    send(two_drafts, "digest-2026-11", now=NOON)
    send(two_drafts, "digest-2026-10", now=LATER)
    assert archive_store.list_published(two_drafts) == [
        ArchivedEdition(key="digest-2026-10", title="a", preheader="Also: backs", published=LATER),
        ArchivedEdition(key="digest-2026-11", title="b", preheader="Also: backs", published=NOON),
    ]


def test_a_page_is_there_from_the_first_letter_on_and_not_before(two_drafts):
    key = "digest-2026-11"
    found = [archive_store.find_page(two_drafts, key)]
    approval_store.approve(two_drafts, key, hash_of(letter_of(two_drafts, key)), now=NOON)
    found.append(archive_store.find_page(two_drafts, key))
    store.begin_mailing(two_drafts, key)
    found.append(archive_store.find_page(two_drafts, key))
    store.close_edition(two_drafts, key, now=NOON)
    found.append(archive_store.find_page(two_drafts, key))
    assert found == [None, None, "<p>b</p>", "<p>b</p>"]
    assert archive_store.find_page(two_drafts, "digest-2026-10") is None
    assert archive_store.find_page(two_drafts, "digest-2026-12") is None


def test_a_later_draft_replaces_the_page_of_an_earlier_one(two_drafts):
    key = "digest-2026-11"
    draft(two_drafts, held("b"), key=key, words="c")
    send(two_drafts, key, now=NOON)
    assert archive_store.find_page(two_drafts, key) == "<p>c</p>"
    (listed,) = archive_store.list_published(two_drafts)
    assert listed.title == "c"


def test_a_page_is_written_with_its_draft_or_not_at_all(db):
    record(db, held("a"))
    draft(db, held("a"), key="digest-2026-10")
    with pytest.raises(PostTaken):
        draft(db, held("a"), key="digest-2026-11")
    assert [row["edition_key"] for row in db["archive_pages"].rows] == ["digest-2026-10"]


def test_our_own_reader_reads_the_feed():
    listed = [archived("digest-2026-11", "R&D <b> “é” 腰"), archived("campaign-x", "X", LATER)]
    read = parse_feed(fetched(feed_of(*listed)), site=HOME)
    assert (read.title, read.home, read.broken) == ("Tide & Tendon", HOME, False)
    assert [(p.guid, p.link, p.title, p.published, p.body) for p in read.posts] == [
        (f"{HOME}digest-2026-11", f"{HOME}digest-2026-11", "R&D <b> “é” 腰", NOON, BACKS),
        (f"{HOME}campaign-x", f"{HOME}campaign-x", "X", LATER, BACKS),
    ]


def test_the_feed_has_what_atom_asks_for():
    """RFC 4287, sections 4.1.1 and 4.1.2: what every feed and every entry must have, once."""
    root = etree.fromstring(feed_of(archived("a"), archived("b", published=LATER)))
    assert root.tag == "{http://www.w3.org/2005/Atom}feed"
    for element in (root, *root.iterfind("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            (found,) = element.iterfind(f"a:{name}", ATOM)
            assert found.text
    ids = [found.text for found in root.iterfind(".//a:id", ATOM)]
    assert len(set(ids)) == 3
    assert root.findtext("a:updated", namespaces=ATOM) == LATER.isoformat()
    assert root.findtext("a:author/a:name", namespaces=ATOM) == "Ada"
    rels = {link.get("rel"): link.get("href") for link in root.iterfind("a:link", ATOM)}
    assert rels == {"self": f"{HOME}feed.atom", "alternate": HOME}


def test_a_feed_of_nothing_is_one_too_and_stays_the_same():
    root = etree.fromstring(feed_of())
    assert root.findtext("a:updated", namespaces=ATOM) == "1970-01-01T00:00:00+00:00"
    assert feed_of() == feed_of()


def test_the_feed_names_the_fifty_newest():
    many = [archived(f"digest-{n}", published=NOON - timedelta(days=n)) for n in range(60)]
    entries = etree.fromstring(feed_of(*many)).findall("a:entry", ATOM)
    assert [e.findtext("a:id", namespaces=ATOM) for e in entries] == [
        f"{HOME}digest-{n}" for n in range(50)
    ]
