"""The documents tell the truth: commands run, settings and words are all there."""

import ast
import re
import shlex
import tomllib

import pytest
import yaml
from typer.testing import CliRunner

from flows.cli import app
from flows.settings import kinds, secrets, tables
from subscribers.joining import sign_up
from subscribers.joining.limits import RATES
from subscribers.leaving import undo
from tests.conftest import ROOT
from tests.test_architecture import MODULES, tree_of

A_HASH = re.compile(r"\b[0-9a-f]{16}\b")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def commands(path) -> list[str]:
    """Every `lettermill …` of a document, in running text and in blocks."""
    found = re.findall(r"(?:`|^ {4,})lettermill ([^`\n]*)", path.read_text(), re.MULTILINE)
    return [command.split("#")[0].strip() for command in found]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_command_in_a_document_is_one(path):
    for command in commands(path):
        words = [w for w in shlex.split(command) if re.fullmatch(r"[a-z]+", w)]
        name = words[:2] if words[0] in ("subscribers", "posts", "why") else words[:1]
        result = CliRunner().invoke(app, [*name, "--help"])
        assert result.exit_code == 0, command
        for option in re.findall(r"--[a-z-]+", command):
            assert option in result.stdout, command


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_link_of_a_document_leads_somewhere(path):
    for pair in re.findall(r"\]\(([^):]+)\)|src=\"([^\":]+)\"", path.read_text()):
        name, _, place = "".join(pair).partition("#")
        target = path.parent / name if name else path
        assert target.exists(), name
        assert not place or place in places_of(target), f"{name}#{place}"


def places_of(path) -> list[str]:
    """What a link may name in a document: its headings, as GitHub spells them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings]


def test_the_five_steps_of_the_readme_lead_to_a_sent_digest(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for line in re.findall(
        r"^ {7}((?:lettermill|cd) .*)$", (ROOT / "README.md").read_text(), re.MULTILINE
    ):
        words = shlex.split(line)
        if words[0] == "cd":
            monkeypatch.chdir(words[1])
            prepare_my_newsletter()
            continue
        result = CliRunner().invoke(app, [w for w in words[1:] if w != "--open"])
        held = words == ["lettermill", "digest"]
        assert result.exit_code == (3 if held else 0), (line, result.output)
    assert "46 submitted" in result.stdout or "46  submitted" in result.stdout


def test_what_the_first_day_shows_is_what_is_printed(tmp_path, monkeypatch):
    def run(*words: str) -> str:
        return CliRunner().invoke(app, words).stdout

    monkeypatch.chdir(tmp_path)
    run("init", ".")
    prepare_my_newsletter()
    run("subscribers", "import", "readers.csv")
    printed = A_HASH.sub("HASH", run("plan") + run("digest"))
    text = (ROOT / "docs" / "first-day.md").read_text()
    shown = A_HASH.sub("HASH", "".join(re.findall("```\n(.*?)```", text, re.DOTALL)))
    for line in shown.splitlines():
        assert line.strip(" …") in printed, line


def prepare_my_newsletter() -> None:
    """What step 1 asks the author to edit: here the sample's feed, at a moment that is the same."""
    from pathlib import Path

    file = Path("lettermill.toml")
    text = file.read_text().replace(
        'source = "https://blog.example.com/feed"', f'source = "{ROOT}/sample/blog.rss"'
    )
    text = text.replace("# include_since = 2026-11-01", "include_since = 2026-11-01")
    file.write_text(text.replace("[sender]", "virtual_now = 2026-12-01T09:00:00+01:00\n[sender]"))
    Path("readers.csv").write_text((ROOT / "sample" / "readers.csv").read_text())


def keys_of(model, prefix: str = "") -> set[str]:
    found = set()
    for name, field in model.model_fields.items():
        inner = field.annotation
        inner = getattr(inner, "__args__", (inner,))[0]
        name = f"{prefix}{field.alias or name}"
        if isinstance(inner, type) and issubclass(inner, kinds.Table):
            found |= keys_of(inner, f"{name}.")
        else:
            found.add(name)
    return found


def test_every_setting_is_documented_and_every_documented_one_exists():
    text = (ROOT / "docs" / "settings.md").read_text()
    rows = re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
    documented = set(re.findall(r"`([a-z_.]+)`", " ".join(rows)))
    assert documented == keys_of(tables.Settings)
    for name in secrets.Secrets.__slots__:
        assert f"`LETTERMILL_{name.upper()}`" in text


def test_every_public_class_is_in_the_glossary():
    glossary = set(re.findall(r"\w+", (ROOT / "GLOSSARY.md").read_text()))
    classes = {
        node.name
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    }
    assert classes <= glossary, sorted(classes - glossary)


@pytest.mark.parametrize("path", sorted((ROOT / "docs" / "adr").glob("*.md")), ids=lambda p: p.stem)
def test_a_decision_is_short_and_has_its_parts(path):
    text = path.read_text()
    assert path.name[:4].isdigit()
    for part in ("**Status**", "**Decision.**", "**Consequences.**"):
        assert part in text
    assert len(text.splitlines()) <= 45


def test_every_make_target_that_a_document_names_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for path in DOCUMENTS:
        named = re.findall(r"(?:`|^ {4,})make ([a-z]+)", path.read_text(), re.MULTILINE)
        assert set(named) <= targets


def test_what_is_told_of_joining_is_so():
    text = (ROOT / "docs" / "joining.md").read_text()
    (example,) = re.findall("```toml\n(.*?)```", text, re.DOTALL)
    assert tables.JoiningSettings(**tomllib.loads(example)["joining"])
    days = sign_up.MONTH.days
    assert f"| {sign_up.MOST_A_DAY} a day, {sign_up.MOST_A_MONTH} in {days} days |" in text
    assert f"after {sign_up.LIFETIME.days} days its link is dead" in text
    assert f"| {undo.WINDOW.days} day |" in text
    minute, hour = (f"{rate.amount} {each}" for rate, each in zip(RATES, ("a", "an"), strict=True))
    assert f"| {minute} minute, {hour} hour |" in text


def test_every_flow_in_prefect_yaml_is_documented():
    text = (ROOT / "docs" / "running.md").read_text()
    deployed = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    for flow in deployed:
        name = flow["entrypoint"].rpartition(".")[2].replace("_", "-")
        assert f"`{name}`" in text


# What differs from case to case: numbers, moments, and where one sentence follows another.
VARIES = re.compile(r"…|[:;](?= |$)|\b\d[\d:.-]*|November|January")


def test_every_message_in_the_runbook_is_one_that_the_program_says():
    said = what_the_program_says()
    for message in messages_of_the_runbook():
        fixed = [part.strip(" ,") for part in VARIES.split(message) if part.strip(" ,")]
        assert fixed, message
        for part in fixed:
            assert any(part in text for text in said), f"{part!r} of {message!r}"


def messages_of_the_runbook() -> list[str]:
    """What stands in backticks in the first column, but commands, which are looked at above."""
    rows = re.findall(r"^\| (.*?) \|", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    quoted = [re.findall(r"``(.+?)``|`([^`]+)`", row) for row in rows]
    messages = ["".join(pair) for row in quoted for pair in row]
    return [message for message in messages if not message.startswith("lettermill ")]


def what_the_program_says() -> set[str]:
    """Every text in the code, without docstrings, and every public page."""
    said = {page.read_text() for page in (ROOT / "templates" / "pages").glob("*.html")}
    for tree in map(tree_of, MODULES):
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        said |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in docstrings
        }
    return said
