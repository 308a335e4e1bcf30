"""What the DNS says of the sender's domain, read from a real name server on this machine."""

import base64
import time
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from content.preflight.finding import Level
from flows.exits import name_server as asking
from flows.exits.domain import SenderDomain, judge_domain, read_domain
from flows.exits.name_server import NameServer
from flows.settings.tables import PreflightSettings
from tests.flows.exits.dns_server import name_server

ERROR, WARNING, NOTE = Level.ERROR, Level.WARNING, Level.NOTE
CLINIC = "clinic.example"
SENDER = SenderDomain(
    domain=CLINIC,
    reply_domain=CLINIC,
    signed_domain=CLINIC,
    provider="sendgrid",
    selector="",
    readers=60,
)


def rsa_key(bits: int) -> str:
    made = rsa.generate_private_key(65537, bits).public_key()
    return base64.b64encode(
        made.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    ).decode()


KEY = f"v=DKIM1; k=rsa; p={rsa_key(2048)}"
# By `openssl genrsa 512`: the library makes none that is so small.
SMALL = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBALSUywuAcCGhE0EAqEKQAlSQhidDzMKma6KXIMTK"
    "eykpFoUPQYOxGvSs3g7LA1jHW6RSOs+yI8JvU6gin7Qp/SsCAwEAAQ=="
)


@pytest.fixture
def zone(monkeypatch):
    """A domain that everything is right with."""
    monkeypatch.setattr(asking, "ASK_SECONDS", 1.0)
    with name_server() as made:
        made.put(CLINIC, "MX", "10 mx.clinic.example.")
        made.put(CLINIC, "TXT", "site-verification=1", "v=spf1 include:sendgrid.net ~all")
        made.put("sendgrid.net", "TXT", "v=spf1 ip4:167.89.0.0/17 ~all")
        made.put("_dmarc.clinic.example", "TXT", "v=DMARC1; p=none; rua=mailto:d@clinic.example")
        made.put("s1._domainkey.clinic.example", "TXT", KEY)
        yield made


def found(zone, sender=SENDER):
    server = NameServer(f"127.0.0.1:{zone.port}")
    return judge_domain(sender, read_domain(sender, server.look_up))


def only(zone, sender=SENDER):
    """The one thing that was found: how much it weighs, the rule, the words, and where."""
    [finding] = found(zone, sender)
    return finding.level, finding.rule, finding.text, finding.where


def test_of_a_domain_that_is_in_order_nothing_is_said(zone):
    assert found(zone) == []


def test_a_domain_that_does_not_exist_is_one_error_and_not_seven(zone):
    gone = replace(SENDER, domain="clinic.invalid", reply_domain="clinic.invalid")
    level, rule, text, where = only(zone, replace(gone, signed_domain="clinic.invalid"))
    assert (level, rule, where) == (ERROR, "domain", "clinic.invalid")
    assert text.startswith("there is no such domain, and letters from it are refused")


def test_two_spf_records_are_none(zone):
    zone.put(CLINIC, "TXT", "v=spf1 mx ~all", "v=spf1 include:sendgrid.net ~all")
    level, rule, text, where = only(zone)
    assert (level, rule, where) == (ERROR, "spf", CLINIC)
    assert text.startswith("SPF: clinic.example has 2 records, so receivers take")


def test_an_spf_record_that_takes_eleven_lookups_is_none(zone):
    hosts = " ".join(f"a:h{number}.clinic.example" for number in range(10))
    zone.put(CLINIC, "TXT", f"v=spf1 {hosts} ~all")
    assert [finding.level for finding in found(zone)] == [NOTE]  # sendgrid.net is not in it
    zone.put(CLINIC, "TXT", f"v=spf1 {hosts} include:sendgrid.net ~all")
    level, rule, text, _ = only(zone)
    assert (level, rule) == (ERROR, "spf")
    assert text.startswith("SPF: the record takes more than 10 lookups, so receivers take")


def test_an_spf_record_that_leads_nowhere_or_round_in_circles_is_none(zone):
    zone.put(CLINIC, "TXT", "v=spf1 include:_spf.gone.example ~all")
    assert "SPF: the record leads to _spf.gone.example, which has none" in only(zone)[2]
    zone.put(CLINIC, "TXT", "v=spf1 include:clinic.example ~all")
    assert "SPF: the record takes more than 10 lookups" in only(zone)[2]


def test_what_stands_behind_all_in_spf_is_not_looked_at(zone):
    zone.put(CLINIC, "TXT", "v=spf1 include:sendgrid.net ~all include:_spf.gone.example")
    assert found(zone) == []


@pytest.mark.parametrize(
    "record",
    [
        "v=spf1 ipv4:1.2.3.4 ~all",
        "v=spf1 ip4:1.2.3.400 -all",
        "v=spf1 ip4:2001:db8::/32 -all",
        "v=spf1 include: -all",
    ],
)
def test_a_slip_of_the_pen_spoils_the_whole_of_spf(zone, record):
    zone.put(CLINIC, "TXT", record)
    level, rule, text, _ = only(zone)
    assert (level, rule) == (ERROR, "spf")
    assert f"`{record.split()[1]}` in the record is no mechanism" in text


def test_an_spf_record_that_lets_everybody_in_is_told(zone):
    zone.put(CLINIC, "TXT", "v=spf1 include:sendgrid.net +all")
    assert only(zone)[:2] == (WARNING, "spf")
    zone.put(CLINIC, "TXT", "site-verification=1")
    level, _, text, _ = only(zone)
    assert (level, text[:27]) == (WARNING, "there is no SPF record; you")


def test_a_provider_that_is_not_in_spf_is_only_told_for_dkim_makes_up_for_it(zone):
    zone.put(CLINIC, "TXT", "v=spf1 include:_spf.google.com ~all")
    zone.put("_spf.google.com", "TXT", "v=spf1 redirect=sendgrid.net")
    assert found(zone) == []  # by way of another
    zone.put("_spf.google.com", "TXT", "v=spf1 ip4:35.190.247.0/24 ~all")
    level, rule, text, _ = only(zone)
    assert (level, rule) == (NOTE, "spf")
    assert text.startswith("SPF does not name sendgrid.net")


def test_no_dmarc_is_a_warning_for_a_small_list_and_an_error_for_a_large_one(zone):
    zone.drop("_dmarc.clinic.example", "TXT")
    level, rule, text, where = only(zone)
    assert (level, rule, where) == (WARNING, "dmarc", "_dmarc.clinic.example")
    assert 'put "v=DMARC1; p=none" there' in text
    assert only(zone, replace(SENDER, readers=5000))[0] == WARNING
    assert only(zone, replace(SENDER, readers=5001))[0] == ERROR


def test_two_dmarc_records_are_none_and_one_without_a_policy_is_told(zone):
    zone.put("_dmarc.clinic.example", "TXT", "v=DMARC1; p=none", "v=DMARC1; p=reject")
    level, _, text, _ = only(zone, replace(SENDER, readers=9000))
    assert (level, text[:29]) == (ERROR, "there are 2 DMARC records, so")
    zone.put("_dmarc.clinic.example", "TXT", "v=DMARC1; rua=mailto:d@clinic.example")
    level, _, text, _ = only(zone, replace(SENDER, readers=9000))
    assert (level, "says no policy" in text) == (WARNING, True)


def test_a_subdomain_stands_under_the_dmarc_of_the_domain_above_it(zone):
    news = "news.clinic.example"
    zone.put(news, "MX", "10 mx.clinic.example.")
    zone.put(news, "TXT", "v=spf1 include:sendgrid.net ~all")
    zone.put("s2._domainkey.news.clinic.example", "TXT", KEY)
    below = replace(SENDER, domain=news, reply_domain=news, signed_domain=news)
    assert found(zone, below) == []


def test_a_revoked_dkim_key_blocks_unless_another_is_in_use(zone):
    zone.put("s1._domainkey.clinic.example", "TXT", "v=DKIM1; k=rsa; p=")
    level, rule, text, where = only(zone)
    assert (level, rule, where) == (ERROR, "dkim", "s1._domainkey.clinic.example")
    assert text.startswith("the DKIM key is revoked")
    zone.put("s2._domainkey.clinic.example", "TXT", KEY)
    assert found(zone) == []


def test_a_dkim_key_that_is_too_small_or_cut_off_blocks(zone):
    zone.put("s1._domainkey.clinic.example", "TXT", f"v=DKIM1; p={SMALL}")
    level, _, text, _ = only(zone)
    assert (level, text[:36]) == (ERROR, "the DKIM key has fewer than 1024 bit")
    zone.put("s1._domainkey.clinic.example", "TXT", KEY[:120])
    level, _, text, _ = only(zone)
    assert (level, "was it cut off" in text) == (ERROR, True)


def test_a_dkim_key_by_a_cname_of_another_kind_or_of_an_account_is_found(zone):
    zone.drop("s1._domainkey.clinic.example", "TXT")
    zone.put("s1._domainkey.clinic.example", "CNAME", "s1.u1.wl.sendgrid.net.")
    assert only(zone)[:2] == (WARNING, "dkim")
    zone.put("s1.u1.wl.sendgrid.net", "TXT", KEY)
    assert found(zone) == []
    small = ed25519.Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    edwards = f"v=DKIM1; k=ed25519; p={base64.b64encode(small).decode()}"
    zone.put("20261101pm._domainkey.clinic.example", "TXT", edwards)
    postmark = replace(SENDER, provider="postmark", selector="20261101pm")
    assert [finding.rule for finding in found(zone, postmark)] == ["spf"]
    whole = "20261101pm._domainkey.practice.example"
    zone.put(whole, "TXT", edwards)
    elsewhere = replace(SENDER, provider="smtp", selector=whole)
    assert found(zone, elsewhere) == []
    zone.drop(whole, "TXT")
    assert only(zone, elsewhere)[3] == whole


def test_a_key_that_nobody_can_guess_is_asked_for_and_one_that_was_named_must_be_there(zone):
    postmark = replace(SENDER, provider="postmark")
    zone.put(CLINIC, "TXT", "v=spf1 include:spf.mtasv.net ~all")
    zone.put("spf.mtasv.net", "TXT", "v=spf1 ip4:50.31.156.96/27 ~all")
    level, rule, text, _ = only(zone, postmark)
    assert (level, rule, "preflight.dkim_selector" in text) == (NOTE, "dkim", True)
    level, rule, text, where = only(zone, replace(postmark, selector="20261101pm"))
    assert (level, rule, where) == (ERROR, "dkim", "20261101pm._domainkey.clinic.example")
    zone.drop("s1._domainkey.clinic.example", "TXT")
    zone.put(CLINIC, "TXT", "v=spf1 include:sendgrid.net ~all")
    level, rule, text, _ = only(zone)
    assert (level, text[:54]) == (WARNING, "no DKIM key of sendgrid was found (tried s1, s2); if y")


def test_a_domain_that_takes_no_mail_blocks(zone):
    zone.put(CLINIC, "MX", "0 .")
    level, rule, text, _ = only(zone)
    assert (level, rule) == (ERROR, "mail-route")
    assert text.startswith("its DNS says that it takes no mail (a null MX)")


def test_without_a_mail_server_answers_are_lost_unless_they_go_elsewhere(zone):
    zone.drop(CLINIC, "MX")
    assert only(zone)[:2] == (ERROR, "mail-route")
    zone.put("practice.example", "A", "192.0.2.1")
    assert only(zone, replace(SENDER, reply_domain="practice.example"))[0] == WARNING
    zone.put(CLINIC, "AAAA", "2001:db8::1")  # mail goes there too (RFC 5321, 5.1)
    assert found(zone) == []
    zone.put("practice.example", "MX", "0 .")
    level, _, _, where = only(zone, replace(SENDER, reply_domain="practice.example"))
    assert (level, where) == (ERROR, "practice.example")


def test_a_name_server_that_is_silent_or_ill_is_told_and_blocks_nothing(zone):
    zone.silent = {CLINIC, "_dmarc.clinic.example"}
    zone.ill = {"s1._domainkey.clinic.example"}
    began = time.monotonic()
    level, rule, text, where = only(zone)
    assert (level, rule, where) == (WARNING, "dns", CLINIC)
    assert "so nothing is known of MX, SPF, DMARC, DKIM; try again later" in text
    assert time.monotonic() - began < 3  # all at once, a second for each


def test_all_questions_together_end_in_time(zone):
    zone.silent = {CLINIC}
    server = NameServer(f"127.0.0.1:{zone.port}", seconds=0)
    assert server.look_up(CLINIC, "MX").silent
    assert zone.asked == []


def test_a_text_longer_than_a_packet_is_read_by_tcp(zone):
    zone.put(CLINIC, "TXT", "v=spf1 include:sendgrid.net ~all", *(c * 200 for c in "abcdefgh"))
    assert found(zone) == []
    assert (CLINIC, "TXT", "TCP") in zone.asked


def test_a_text_that_fits_into_a_packet_of_today_takes_one_question(zone):
    zone.put(CLINIC, "TXT", "v=spf1 include:sendgrid.net ~all", *(c * 200 for c in "abcd"))
    assert found(zone) == []
    assert not [asked for asked in zone.asked if "TCP" in asked]


@pytest.mark.parametrize("asked", ["9.9.9.9", "127.0.0.1:5353", "[2620:fe::fe]", "[::1]:5353", ""])
def test_the_author_may_name_a_name_server(asked):
    assert PreflightSettings(resolver=asked).resolver == asked
    NameServer(asked)


@pytest.mark.parametrize(
    "asked", ["dns.example", "9.9.9.9:x", "9.9.9.9:0", "::1", "u@9.9.9.9", "9"]
)
def test_a_name_server_is_named_by_its_address(asked):
    with pytest.raises(ValueError, match="the address of a name server"):
        PreflightSettings(resolver=asked)


def test_a_machine_without_a_name_server_is_told_so(monkeypatch):
    monkeypatch.setattr("dns.resolver.Resolver.read_resolv_conf", _no_name_server)
    assert NameServer().look_up(CLINIC, "MX").silent


def _no_name_server(*_):
    raise asking.dns.resolver.NoResolverConfiguration
