"""A month's draft through anything an author, a blog and a clock can do to it.

What goes out is what somebody said yes to, or what was announced in time: once, in its window, and
never while it is held.
"""

import shutil
import tempfile
from collections import Counter
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
import time_machine
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import content.ledger
import content.store
from content.errors import ContentError
from delivery.notes.ledger import find_note
from flows import jobs
from flows.author.deciding import hold_draft
from flows.author.tickets import LASTS, Ticket, draft_note_id, post_mark
from flows.errors import Held
from flows.mailings.steering import cancel_mailing
from flows.resources import HOME_VARIABLE, open_resources
from flows.serving.decisions import Act, act_on
from subscribers.lists.importing import import_list
from tests.conftest import ROOT
from tests.flows.homes import bring_in, change

KEY = "digest-2026-11"
DUE = datetime(2026, 12, 1, 17, tzinfo=UTC)  # 9 o'clock in Los Angeles
NEXT_DUE = datetime(2027, 1, 1, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAITS = st.sampled_from([1, 6, 12, 18, 24, 25, 26, 60, 400])


class ADraftsLife(RuleBasedStateMachine):
    """One newsletter, from about the time on when its digest is due."""

    @initialize(
        approval=st.sampled_from(["required", "notify", "none"]),
        if_missed=st.sampled_from(["ask", "skip", "send-late"]),
        starts=st.sampled_from([-3, 0, 0, 20, 30]),
    )
    def begin(self, approval, if_missed, starts):
        self.home = Path(tempfile.mkdtemp())
        self.approval, self.if_missed = approval, if_missed
        text = (ROOT / "lettermill.toml").read_text()
        (self.home / "lettermill.toml").write_text(
            text + "\n[preflight]\nspam = false\nlinks = false\nexits = false\ndns = false\n"
        )
        shutil.copytree(ROOT / "sample", self.home / "sample")
        change(self.home, "virtual_now = 2026-12-01T09:00:00-08:00\n", "")
        change(self.home, 'approval = "none"', f'approval = "{approval}"')
        author = '[author]\naddress = "ada@clinic.example"\n\n[schedule]\n'
        change(self.home, "[letter]", f'{author}if_missed = "{if_missed}"\n\n[letter]')
        self.patch = pytest.MonkeyPatch()
        self.patch.setenv(HOME_VARIABLE, str(self.home))
        self.travel = time_machine.travel(DUE + starts * HOUR, tick=False)
        self.clock = self.travel.start()
        bring_in(self.home)
        jobs.collect(jobs.plainly)
        self.yes: set[str] = set()
        self.is_held = False
        self.words = 0
        self.seen: list[str] = []
        self.sent: tuple[str, datetime] | None = None
        self.the_schedule_runs()

    def teardown(self):
        if hasattr(self, "travel"):
            self.travel.stop()
            self.patch.undo()
            shutil.rmtree(self.home)

    @rule(hours=WAITS, is_up=st.sampled_from([True, True, True, False]))
    def time_passes(self, hours, is_up):
        self.clock.shift(hours * HOUR)
        if is_up:
            self.dispatch_runs()

    @rule()
    def the_schedule_runs(self):
        self._run(lambda: jobs.monthly_digest(jobs.plainly, None, agreed=False, at=DUE))

    @rule(agreed=st.sampled_from([False, False, True]))
    def a_person_runs_it(self, agreed):
        before = self._edition()
        self._run(lambda: jobs.monthly_digest(jobs.plainly, "2026-11", agreed=agreed))
        after = self._edition()
        unchanged = before is None or before.content_hash in ("", after.content_hash)
        if agreed and unchanged:
            self._said_yes(after.content_hash)

    @rule()
    def dispatch_runs(self):
        self._run(lambda: jobs.dispatch(jobs.plainly))

    @rule()
    def the_house_is_kept(self):
        self._run(lambda: jobs.housekeeping(jobs.plainly))

    @rule(which=st.integers(0, 3))
    def the_author_approves_what_they_saw(self, which):
        if self.seen:
            content_hash = self.seen[-1 - which % len(self.seen)]
            with suppress(Held, ContentError):
                jobs.approve(jobs.plainly, KEY, content_hash)
                if self._edition().content_hash == content_hash:
                    self._said_yes(content_hash)

    @rule()
    def the_author_holds_it(self):
        edition = self._edition()
        if edition and edition.content_hash:
            with open_resources() as resources, suppress(Held):
                hold_draft(resources, KEY, edition.content_hash)
                self.is_held = True
                self.yes.clear()

    @rule(kind=st.sampled_from(["approve", "hold"]), which=st.integers(0, 3))
    def the_author_says_so_by_a_link(self, kind, which):
        if not self.seen:
            return
        content_hash = self.seen[-1 - which % len(self.seen)]
        with open_resources() as resources, suppress(Held, ContentError):
            became = act_on(resources, Ticket(KEY, content_hash, self.now() + LASTS), Act(kind))
            if became.content_hash != content_hash:
                return
            if kind == "approve":
                self._said_yes(content_hash)
            elif became.state.value == "draft":
                self.is_held = True
                self.yes.clear()

    @rule(place=st.integers(0, 3), program=st.booleans())
    def the_author_changes_it_by_a_link(self, place, program):
        edition = self._edition()
        if edition is None or edition.state.value != "draft":
            return
        with open_resources() as resources:
            posts = content.ledger.posts_in(resources.db, KEY)
            ticket = Ticket(KEY, edition.content_hash, self.now() + LASTS)
            act = Act("program", "Strong Back Basics") if program else None
            act = act or Act("drop", post_mark(posts[place % len(posts)]))
            act_on(resources, ticket, act)

    @rule()
    def the_blog_edits_a_post(self):
        feed, self.words = self.home / "sample" / "blog.rss", self.words + 1
        text = feed.read_text()
        feed.write_text(text.replace("warm-up has three", f"warm-up {self.words} has three", 1))
        jobs.collect(jobs.plainly)

    @rule()
    def a_setting_changes(self):
        self.words += 1
        change(self.home, 'intro = "', f'intro = "{self.words} ')

    @rule()
    def a_list_is_brought_in(self):
        self.words += 1
        rows = "\n".join(f"more{self.words}-{n}@example.com" for n in range(15))
        with open_resources() as resources:
            now = resources.clock.now()
            import_list(resources.db, BytesIO(f"email\n{rows}".encode()), "more.csv", now=now)

    @rule()
    def the_author_gives_it_up(self):
        edition = self._edition()
        if edition and edition.state.value == "draft" and self.words % 3 == 0:
            with open_resources() as resources:
                cancel_mailing(resources, KEY)

    def now(self) -> datetime:
        with open_resources() as resources:
            return resources.clock.now()

    def _run(self, job) -> None:
        with suppress(Held):
            job()
        after = self._edition()
        if after and after.content_hash and after.content_hash not in self.seen:
            self.seen.append(after.content_hash)

    def _said_yes(self, content_hash: str) -> None:
        self.yes.add(content_hash)
        self.is_held = False

    def _edition(self):
        with open_resources() as resources:
            return content.store.find_edition(resources.db, KEY)

    @invariant()
    def what_went_out_was_approved_or_announced_in_time(self):
        if not hasattr(self, "home"):
            return
        edition = self._edition()
        if edition is None or edition.state.value not in ("mailing", "closed"):
            return
        if self.sent is None:
            self.sent = (edition.content_hash, self.now())
            if edition.content_hash not in self.yes:
                self._went_by_itself(edition)
        assert edition.content_hash == self.sent[0]

    def _went_by_itself(self, edition) -> None:
        now = self.now()
        assert self.approval != "required"
        assert not self.is_held
        assert DUE <= now < NEXT_DUE
        with open_resources() as resources:
            announced = replace(edition, held="", send_after=now)
            note = find_note(resources.db, draft_note_id(announced), "draft")
        if self.approval == "notify":
            assert note is not None
            assert now - note.made >= 24 * HOUR
        elif self.if_missed != "send-late":
            assert now - DUE <= 24 * HOUR

    @invariant()
    def nobody_has_two(self):
        if hasattr(self, "home"):
            letters = Counter(path.stem for path in self.home.glob(f"outbox/{KEY}/batch-*/*.eml"))
            assert set(letters.values()) <= {1}


TestADraftsLife = ADraftsLife.TestCase
TestADraftsLife.settings = settings(
    max_examples=8,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
