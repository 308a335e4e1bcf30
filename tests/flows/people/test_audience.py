"""Who gets which program: what readers have, had and want decides, and the ledger remembers."""

from collections import Counter

import orjson
import pytest

from content.letter_store import load_offers
from flows import jobs
from flows.people.audience import count_audience, find_audience
from flows.resources import open_resources
from flows.views.plan import make_plan
from subscribers import store
from subscribers.lists.importing import import_list
from subscribers.preference_store import save_preferences
from tests.fakes import NOON
from tests.flows.homes import change, digest

HIPS, BACKS = "Hip Rehab Online", "Strong Back Basics"


@pytest.fixture
def home(newsletter):
    """Three readers; one of them has the hip program."""
    list_ = newsletter / "sample" / "readers.csv"
    list_.write_text(
        "email,name,tags\n"
        "ada@example.com,Ada,runner\n"
        'bo@example.com,Bo,"runner,bought:hip-rehab"\n'
        "cy@example.com,Cy,\n"
    )
    with open_resources(newsletter) as resources, list_.open("rb") as file:
        import_list(resources.db, file, "readers.csv", now=resources.clock.now())
    return newsletter


def sent(home) -> dict[str, str]:
    """The program in each reader's letter, read from the file they would open."""
    found = {}
    with open_resources(home) as resources:
        names = {p.id: p.name for p in store.all_subscribers(resources.db)}
    for path in home.glob("outbox/*/batch-*/*.eml"):
        text = path.read_bytes().replace(b"=\r\n", b"")
        offered = [name for name in (HIPS, BACKS) if name.upper().encode() in text]
        found[names[path.stem]] = offered[0] if offered else ""
    return found


def test_everybody_gets_what_fits_but_not_what_they_have(home):
    digest()
    assert sent(home) == {"Ada": HIPS, "Bo": BACKS, "Cy": HIPS}


def test_who_wants_no_offers_gets_a_letter_without_one(home):
    with open_resources(home) as resources:
        ada = next(store.all_subscribers(resources.db))
        no = {"wants_offers": 0}
        save_preferences(resources.db, ada.id, no, source="page", now=NOON)
    digest()
    assert sent(home) == {"Ada": "", "Bo": BACKS, "Cy": HIPS}


def test_the_plan_tells_how_many_get_which_program_and_they_do(home):
    jobs.collect(jobs.plainly)
    with open_resources(home) as resources:
        plan = make_plan(resources, "2026-11")
    assert (plan.readers, plan.readers_by_program) == (3, {HIPS: 2, BACKS: 1})
    assert orjson.dumps(plan.readers_by_program)
    digest()
    with open_resources(home) as resources:
        assert make_plan(resources, "2026-11").readers_by_program == {HIPS: 2, BACKS: 1}


def test_the_next_edition_offers_another_program_and_the_cap_holds_for_good(home):
    """Asked of the ledger as the December digest would."""
    change(home, "cap = 3", "cap = 1")
    digest()
    with open_resources(home) as resources:
        rules = load_offers(resources.db, "digest-2026-11")
        assert [(rule.program, rule.cap) for rule in rules] == [(HIPS, 1), (BACKS, None)]
        audience = find_audience(resources, rules, key="", last="", segment="")
        assert count_audience(audience) == (Counter({BACKS: 3}), Counter())


def test_a_segment_is_those_with_its_tag_and_the_others_are_told_why(home):
    with open_resources(home) as resources:
        audience = list(find_audience(resources, [], key="", last="", segment="runner"))
    assert [(owed.name, owed.skip) for owed in audience] == [
        ("Ada", ""),
        ("Bo", ""),
        ("Cy", "not in the segment runner"),
    ]
