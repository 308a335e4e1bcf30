"""Whatever a stranger's DNS or site says is judged, in a line, and nothing is raised."""

import re

from hypothesis import given
from hypothesis import strategies as st

from flows.exits.answers import Fault, SiteAnswer, Trial, judge_trial
from flows.exits.domain import SenderDomain, judge_domain, read_domain
from flows.exits.lookup import SILENT, Lookup
from tests.conftest import ROOT

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
TERMS = st.sampled_from(
    (
        "a mx ptr all +all include:b.example redirect=a.example ip4:1.2.3.4/8 "
        "exists:%{i}.b.example exp=x ip6:::/0 include: a/24 = \x1b[31m v=spf1"
    ).split()
)
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(TERMS, max_size=14).map(lambda terms: " ".join(["v=spf1", *terms])),
    st.text("vp=DKIM1;krsaed25519 AQ", max_size=40).map(lambda text: f"v=DKIM1; p={text}"),
    st.text("pnoreject=;", max_size=20).map(lambda text: f"v=DMARC1; {text}"),
)
LOOKUPS = st.one_of(
    st.just(SILENT),
    st.just(Lookup(known=False)),
    st.lists(TEXTS, max_size=3).map(lambda texts: Lookup(tuple(texts))),
)
NAMES = st.sampled_from(["a.example", "b.example", "_dmarc.a.example", "s1._domainkey.a.example"])
SENDER = SenderDomain(
    domain="a.example",
    reply_domain="b.example",
    signed_domain="a.example",
    provider="sendgrid",
    selector="",
    readers=9000,
)


def test_every_rule_is_in_the_document_and_no_other():
    table = (ROOT / "docs" / "exits.md").read_text()
    firsts = " ".join(re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE))
    sources = "\n".join(path.read_text() for path in (ROOT / "flows" / "exits").glob("*.py"))
    written = re.findall(r'(?:Level\.[A-Z]+|weight|level), "([^"]+)"', sources)
    written += re.findall(r'"(exit-[a-z]+)"', sources)
    assert set(re.findall("`([a-z-]+)`", firsts)) == set(written)


@given(st.dictionaries(st.tuples(NAMES, st.sampled_from(["TXT", "MX", "A"])), LOOKUPS))
def test_any_dns_is_judged_in_lines_without_control_characters(world):
    asked = []

    def look_up(name, kind):
        asked.append(name)
        return world.get((name, kind), Lookup(known=False))

    found = judge_domain(SENDER, read_domain(SENDER, look_up))
    assert not any(CONTROL.search(f.text) or len(f.text) > 300 for f in found)
    assert len(asked) < 30  # ten lookups of SPF, and what the others ask


ANSWERS = st.one_of(
    st.sampled_from(Fault),
    st.builds(SiteAnswer, st.integers(100, 599), st.text(max_size=30), st.text(max_size=30)),
)


@given(st.sampled_from(["HEAD", "GET", "POST"]), ANSWERS, st.booleans(), st.text(max_size=30))
def test_only_a_post_that_took_the_probe_off_is_a_way_out(method, answer, left, page):
    found = judge_trial(Trial(method, answer, left, page), "https://news.example")
    assert found is None or not CONTROL.search(found.text)
    well = isinstance(answer, SiteAnswer) and 200 <= answer.status < 300
    if method == "POST":
        assert found  # no page here has a form
    else:
        assert (found is None) == (
            not left and (well or (method == "HEAD" and not isinstance(answer, Fault)))
        )
