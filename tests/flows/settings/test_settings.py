"""lettermill.toml: what does not fit is told with file, line, key and cure."""

import os
import tomllib

import pytest

from flows.errors import SettingsWrong
from flows.running import prefect_is_configured
from flows.settings.file import load_settings
from flows.settings.secrets import read_secrets
from flows.settings.tables import Settings
from tests.conftest import ROOT

SAMPLE = (ROOT / "lettermill.toml").read_text()


def complaints(tmp_path, text: str) -> list[str]:
    path = tmp_path / "lettermill.toml"
    path.write_text(text)
    with pytest.raises(SettingsWrong) as raised:
        load_settings(path)
    return str(raised.value).splitlines()


@pytest.mark.parametrize("file", ["lettermill.toml", "templates/lettermill.toml"])
def test_the_settings_we_ship_can_be_read(file):
    Settings.model_validate(tomllib.loads((ROOT / file).read_text()))


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("zone =", "zonne =", "line 6: unknown key `zonne`; did you mean `zone`?"),
        ("max_posts = 6", "max_posts = 0", "line 24: `digest.max_posts`: it should be"),
        ("America/Los_Angeles", "Mars/Olympus", "line 6: `zone`: no such time zone"),
        ("source =", "url =", "line 19: unknown key `feed.url`"),
        (
            "weight = 2",
            "wieght = 2",
            "line 38: unknown key `program.wieght`; did you mean `weight`",
        ),
        ('address = "hello@', 'address = "hello ', "line 15: `sender.address`"),
        ("https://www.reconnectperformance.example/strong-back", "javascript:x", "line 44: `pro"),
        (
            'name = "outbox"',
            'name = "pigeon"',
            "line 51: `provider.name`: it should be 'outbox'",
        ),
        ("[sender]", "[sendre]", "unknown key `sendre`; did you mean `sender`?"),
        ("-08:00", "", "virtual_now needs an offset"),
        (
            "[provider]",
            '[theme]\naccent = "red;} body{"\n[provider]',
            "`theme.accent`: write a colour",
        ),
        (
            "[provider]",
            '[theme]\nink = "banana"\n[provider]',
            "line 51: `theme.ink`: write a colour",
        ),
        ("[provider]", '[theme]\nfont = "<b>"\n[provider]', "`theme.font`: write a list of fonts"),
        ("[provider]", '[theme]\ngap = "40px"\n[provider]', "`theme.gap`: write 16px to 32px"),
        (
            'not_for = ["bought:hip-rehab"]',
            'not_for = "hips"',
            '`program.not_for`: it should be a list, as in ["hips",',
        ),
        ("[[feed]]", "[feed]", "`feed`: write [[feed]], with two brackets"),
        ("max_posts = 6", 'max_posts = "6x"', "`digest.max_posts`: it should be a whole number"),
        (
            'address = "hello@reconnectperformance.example"',
            'address = ""',
            "`sender.address`: write",
        ),
        ('name = "Reconnect Performance"', 'name = ""', "at least 1 character"),
        (
            "weight = 2",
            "from = 2026-02-01\nuntil = 2026-01-01",
            "line 39: `program.until`: `until` is before `from`, which is 2026-02-01",
        ),
        ('name = "Strong Back', 'name = "Strong\\nBack', "line 43: `program.name`: one line"),
        ('name = "Strong Back', 'name = " Strong Back', "line 43: `program.name`: without a space"),
        ('"Strong Back Basics"', '"none"', "line 43: `program.name`: another name"),
        ("hip-program", "hip program", "line 33: `program.url`: write a whole"),
        ("https://www.reconnectperformance.example/hip-program", "https://[", "line 33: `program."),
        ("https://www.reconnectperformance.example/hip-program", "https://", "line 33: `program.u"),
        ("weight = 2", "weight = 99999999999999999999", "line 38: `program.weight`: it should be"),
        ("Our online", "Our\\u0008 online", "line 35: `program.pitch`: there is a control char"),
        ("The team at", "The team\\r\\nBcc: x@y.example", "line 14: `sender.name`: one line"),
        ('"Reconnect P', '"Reconnect\\u2028P', "line 4: `name`: one line"),
        ("http://127.0.0.1:8000", "https://hüfte.example", "line 9: `public_url`: write it in ASC"),
        (
            "http://127.0.0.1:8000",
            "http://127.0.0.1:99999",
            "line 9: `public_url`: write an ad",
        ),
        (
            "http://127.0.0.1:8000",
            "https://a.example/>\\r\\nX: 1",
            "line 9: `public_url`: write an ad",
        ),
        ('"outbox"', '"mailgun"\ndomain = "d.example"\nregion = "EU"', "`region` of mailgun is"),
        (
            '"outbox"',
            '"outbox"\ncalls_per_second = inf',
            "`provider.calls_per_second`: it should",
        ),
        ("[provider]", "[provider", "Expected ']' at the end of a table declaration"),
    ],
)
def test_a_mistake_is_told_in_one_line(tmp_path, old, new, complaint):
    assert old in SAMPLE
    lines = complaints(tmp_path, SAMPLE.replace(old, new))
    assert any(line.startswith("lettermill.toml") and complaint in line for line in lines), lines
    assert len(lines) <= 2


def test_a_virtual_clock_and_a_real_provider_do_not_go_together(tmp_path):
    text = SAMPLE.replace('name = "outbox"', 'name = "postmark"')
    assert complaints(tmp_path, text.replace("http://127.0.0.1:8000", "https://n.example")) == [
        "lettermill.toml: with virtual_now set only the outbox may send"
    ]


def test_secrets_come_from_the_environment_oldest_key_first(monkeypatch):
    monkeypatch.setenv("LETTERMILL_SECRET_KEYS", "old-key-0123456789, new-key-0123456789")
    assert read_secrets(os.environ).keys == ["old-key-0123456789", "new-key-0123456789"]


def test_a_prefect_server_is_found_where_prefect_itself_would(monkeypatch, tmp_path):
    monkeypatch.setenv("PREFECT_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert not prefect_is_configured()
    profile = 'active = "work"\n[profiles.work]\nPREFECT_API_URL = "http://127.0.0.1:4200/api"\n'
    (tmp_path / "profiles.toml").write_text(profile)
    assert prefect_is_configured()
    monkeypatch.setenv("PREFECT_PROFILE", "another")
    assert not prefect_is_configured()
    (tmp_path / "prefect.toml").write_text('[api]\nurl = "http://127.0.0.1:4200/api"\n')
    assert prefect_is_configured()
    monkeypatch.setenv("PREFECT_API_URL", "")
    assert not prefect_is_configured()
