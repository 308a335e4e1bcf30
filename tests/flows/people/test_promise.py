"""No more campaigns than promised, in any 31 days, whatever is paused, resumed or cancelled."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery import steering_store, store
from delivery.people_store import letters_of
from delivery.sending import send_letters
from flows import jobs
from flows.errors import Held
from flows.outcome import Outcome
from flows.people.audience import A_MONTH, find_audience
from flows.people.why import why_person
from flows.resources import Resources, open_resources
from subscribers.store import all_subscribers
from tests.fakes import LETTER, FakeProvider, Time, all_stay
from tests.flows.homes import bring_in, change, digest

MOST = 2


class Mill:
    """A newsletter that sends campaigns, with a clock that can be moved."""

    def __init__(self, resources: Resources) -> None:
        self.time, self.provider = Time(), FakeProvider(size=2)
        object.__setattr__(resources, "clock", self.time.clock())
        self.resources, self.db = resources, resources.db
        self.keys: list[str] = []

    def freeze(self) -> None:
        key = f"campaign-{len(self.keys)}"
        audience = find_audience(self.resources, (), key=key, last="", segment="")
        now = self.time.moment
        store.freeze(
            self.db, key, {"": LETTER}, audience, provider="fake", content_hash="c", now=now
        )
        self.keys.append(key)

    def send(self, which: int) -> None:
        if self.keys:
            key = self.keys[which % len(self.keys)]
            steering_store.take_up(self.db, key, now=self.time.moment)
            mailing = store.load_mailing(self.db, key)
            if mailing.state.value == "sending":
                send_letters(self.db, mailing, self.provider, all_stay(), self.resources.clock)

    def cancel(self, which: int) -> None:
        if self.keys:
            steering_store.cancel(self.db, self.keys[which % len(self.keys)], now=self.time.moment)

    def handed_over(self) -> dict[str, list[datetime]]:
        """When each reader got a campaign."""
        return {
            person.id: sorted(
                letter.at
                for letter in letters_of(self.db, person.id)
                if letter.state.value == "submitted"
            )
            for person in all_subscribers(self.db)
        }


@pytest.fixture
def promising(newsletter):
    change(newsletter, "[letter]", f"[promise]\ncampaigns_a_month = {MOST}\n\n[letter]")
    bring_in(newsletter, 3)
    return newsletter


WHAT = st.sampled_from(["freeze"] * 3 + ["send"] * 3 + ["cancel", "days"])
STEPS = st.lists(st.tuples(WHAT, st.integers(0, 9)), min_size=10, max_size=40)
DAYS = (1, 2, 5, 10, 15, 20, 30, 31, 32, 60)


@settings(
    max_examples=100,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_nobody_gets_more_campaigns_in_any_month_than_promised(promising, steps):
    with open_resources(promising) as resources:
        with resources.db.atomic():
            for table in ("deliveries", "batches", "mailing_letters", "mailings"):
                resources.db[table].delete_where()
        mill = Mill(resources)
        for what, number in steps:
            if what == "days":
                mill.time.moment += timedelta(days=DAYS[number])
            elif what == "freeze":
                mill.freeze()
            else:
                getattr(mill, what)(number)
        for moments in mill.handed_over().values():
            for early, late in zip(moments, moments[MOST:], strict=False):
                assert late - early >= A_MONTH


def test_who_had_enough_is_told_why_and_digests_are_no_campaigns(promising):
    with open_resources(promising) as resources:
        mill = Mill(resources)
        for number in range(3):
            mill.freeze()
            mill.send(number)
        assert all(len(moments) == MOST for moments in mill.handed_over().values())
        answer = why_person(resources, "reader00000@example.com")
        assert answer.standing == "may send"
        [person] = [p for p in all_subscribers(resources.db) if p.name == "Reader 0"]
        third = letters_of(resources.db, person.id)[2]
        assert (third.state, third.reason) == (
            "skipped",
            "promised at most 2 campaigns in 31 days",
        )
    assert digest().letters == {"submitted": 3}


def test_after_a_month_they_come_again(promising):
    with open_resources(promising) as resources:
        mill = Mill(resources)
        for number in range(4):
            mill.freeze()
            mill.send(number)
            mill.time.moment += timedelta(days=16)
        for moments in mill.handed_over().values():
            assert len(moments) == 4
            assert all(b - a >= timedelta(days=16) for a, b in pairwise(moments))


def test_a_campaign_that_nobody_may_get_yet_says_that_and_not_that_the_list_is_empty(promising):
    def campaign(name: str, *, agreed: bool = True) -> Outcome:
        path = promising / f"{name}.md"
        path.write_text("---\nsubject: The new room\npreheader: Look\n---\n\nIt is open.\n")
        return jobs.campaign(jobs.plainly, str(path), agreed=agreed)

    assert [campaign(name).letters for name in ("one", "two")] == [{"submitted": 3}] * 2
    assert campaign("three", agreed=False).readers == 0
    with pytest.raises(Held, match="nobody would get it: 3 promised at most 2 campaigns in 31"):
        campaign("three")


def test_one_campaign_is_one(promising):
    settings = promising / "lettermill.toml"
    settings.write_text(
        settings.read_text().replace(f"campaigns_a_month = {MOST}", "campaigns_a_month = 1")
    )
    with open_resources(promising) as resources:
        mill = Mill(resources)
        for number in range(2):
            mill.freeze()
            mill.send(number)
        [person] = [p for p in all_subscribers(resources.db) if p.name == "Reader 0"]
        assert (
            letters_of(resources.db, person.id)[1].reason
            == "promised at most 1 campaign in 31 days"
        )
