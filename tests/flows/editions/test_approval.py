"""What a yes is for: the draft that was seen, with its sender, and nothing else."""

import hashlib
from dataclasses import asdict

import orjson
import pytest

from content.letter import Letter
from flows import running
from flows.editions import approval
from flows.errors import Held
from flows.mailings import mailing
from flows.resources import open_resources
from tests.flows.homes import approve, bring_in, change, digest, outbox


def test_without_a_yes_a_draft_waits_and_nothing_is_sent(newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    bring_in(newsletter)
    assert digest().state == "draft"
    assert not outbox(newsletter)
    assert digest(agreed=True).state == "closed"


def test_a_draft_takes_the_edits_made_before_it_is_approved(newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    bring_in(newsletter)
    first = digest()
    feed = newsletter / "sample" / "blog.rss"
    feed.write_text(feed.read_text().replace("A Six-Minute Warm-Up", "A Five-Minute Warm-Up"))
    second = digest()
    assert first.content_hash != second.content_hash
    with open_resources() as resources:
        rows = resources.db.query("SELECT subject FROM letters")
        assert "A Five-Minute Warm-Up" in next(iter(rows))["subject"]


def test_what_was_approved_is_what_is_sent_or_nothing_is(newsletter):
    bring_in(newsletter)
    draft = approve()
    with open_resources() as resources:
        with resources.db.atomic():
            resources.db.execute("UPDATE letters SET html = replace(html, 'hip', 'knee')")
        with pytest.raises(Held, match="is not what was approved"):
            mailing.freeze_mailing(resources, draft.key)
    assert not outbox(newsletter)


def test_another_sender_than_was_approved_sends_nothing(newsletter):
    bring_in(newsletter)
    draft = approve()
    change(newsletter, "hello@reconnect", "somebody-else@reconnect")
    with open_resources() as resources, pytest.raises(Held, match="sender"):
        mailing.freeze_mailing(resources, draft.key)


def test_a_yes_to_a_draft_that_has_changed_since_waits_for_another(newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    bring_in(newsletter)
    digest()
    feed = newsletter / "sample" / "blog.rss"
    feed.write_text(feed.read_text().replace("A Six-Minute Warm-Up", "Buy cheap watches"))
    held = digest(agreed=True)
    assert (held.state, held.note) == ("draft", "it has changed since it was prepared")
    assert not outbox(newsletter)
    assert digest(agreed=True).state == "closed"


def test_posts_of_a_draft_that_nobody_approved_are_not_lost_to_the_next_month(newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    bring_in(newsletter)
    digest("2026-11")
    assert digest("2026-12").note == (
        "no post waits for December 2026 (digest-2026-11 waits for your yes)"
    )


def test_a_yes_is_for_the_draft_that_was_seen(newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    bring_in(newsletter)
    seen = digest()
    feed = newsletter / "sample" / "blog.rss"
    feed.write_text(feed.read_text().replace("A Six-Minute Warm-Up", "A Five-Minute Warm-Up"))
    newer = digest()
    with pytest.raises(Held, match="has changed meanwhile"):
        running.send_approved(seen)
    assert running.send_approved(newer).state == "closed"


def test_a_yes_of_before_there_were_variants_still_holds(newsletter):
    """An upgrade in the middle of a mailing must not keep half of the readers waiting."""
    letter = Letter("November", ("<p>Hello ", "first_name", "</p>"), ("Hello",))
    with open_resources() as resources:
        form = asdict(approval.form_letter(resources, letter))
        assert form.pop("feedback_id") == ""  # it is newer, and follows from the edition's key
        whole = orjson.dumps(form)
        old = hashlib.sha256(whole).hexdigest()[:16]
        assert approval.approval_hash(resources, {"": letter}, []) == old
        assert approval.approval_hash(resources, {"": letter}, [], segment="runner") != old
