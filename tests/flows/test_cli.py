"""The command line: every job by its command; bad input is one line and the right exit code."""

import json
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from flows.cli import app
from flows.terminal import PANELS
from tests.conftest import ROOT
from tests.flows.homes import change
from tests.flows.terminal import COULD_NOT, HELD, WRONG, Ran


def every_command(group, *names: str) -> list[list[str]]:
    found = []
    for name, command in group.commands.items():
        deeper = isinstance(command, TyperGroup)
        found += every_command(command, *names, name) if deeper else [[*names, name]]
    return found


COMMANDS = every_command(get_command(app))


def use_feed(home: Path, source: str) -> None:
    change(home, 'source = "sample/blog.rss"', f'source = "{source}"')


def test_the_main_job_by_hand(newsletter):
    assert Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv")).code == 0
    assert Ran("collect").out == "sample/blog.rss: 20 posts, 20 new.\n"
    plan = json.loads(Ran("plan", "2026-11", "--json").out)
    assert (plan["readers"], len(plan["posts"]), plan["program"]) == (46, 4, "Hip Rehab Online")
    assert "digest-2026-11: sent. 46 submitted, 14 skipped." in Ran("digest", "--yes").out
    shown = json.loads(Ran("status", "digest-2026-11", "--json").out)["editions"][0]
    assert (shown["state"], shown["letters"]) == ("closed", {"submitted": 46, "skipped": 14})
    assert shown["content_hash"] == plan["content_hash"]
    assert "parts" not in shown  # a hash of each template and setting: only drift reads them
    files = json.loads(Ran("preview", "digest-2026-11", "--json").out)
    assert "Hello Ada," in Path(files["html"]).read_text()
    assert "Hello Ada," in Path(files["text"]).read_text()


def test_json_is_all_that_stands_on_standard_output(newsletter):
    Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
    for command in (["collect"], ["plan"], ["digest"], ["dispatch"], ["status"]):
        json.loads(Ran(*command, "--json").out)
    assert len(json.loads(Ran("subscribers", "list", "--json").out)) == 60


def test_a_plan_says_what_is_not_in_it_and_why(newsletter):
    change(newsletter, "max_posts = 6", "max_posts = 3")
    shown = Ran("plan", "2026-11").out
    assert "comes with the next edition" in shown
    assert "this one is full with 3 posts" in shown
    assert "16 posts  published before 2026-11-01, where this newsletter begins" in shown


def test_an_empty_month_is_one_clear_line_and_no_failure(newsletter):
    Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
    Ran("digest", "2026-11", "--yes")
    ran = Ran("digest", "2026-12", "--yes")
    assert (ran.code, ran.out) == (
        0,
        "digest-2026-12: nothing sent: no post waits for December 2026. "
        "`lettermill plan 2026-12` says why.\n",
    )


def test_a_month_already_sent_is_said_and_sent_to_nobody(newsletter):
    Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
    Ran("digest", "2026-11", "--yes")
    again = Ran("digest", "2026-11", "--yes")
    assert (again.code, again.out) == (
        0,
        "digest-2026-11: was sent on 2026-12-01, and is not sent again. "
        "46 submitted, 14 skipped. They are files in outbox/, and nobody was written to.\n",
    )


def test_with_nobody_to_write_to_it_stays_a_draft_and_its_posts_are_not_used_up(newsletter):
    ran = Ran("digest", "2026-11", "--yes")
    assert (ran.code, "nobody is on the list" in ran.complaint) == (HELD, True)
    Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
    assert "46 submitted" in Ran("digest", "2026-11", "--yes").out


def test_a_draft_waits_for_a_yes_with_exit_code_3(newsletter):
    change(newsletter, 'approval = "none"', 'approval = "required"')
    ran = Ran("digest", "2026-11")
    assert ran.code == HELD
    assert "`lettermill digest 2026-11 --yes` sends it" in ran.out


def test_no_feed_at_that_path(newsletter):
    use_feed(newsletter, "nothing-here.rss")
    ran = Ran("digest", "2026-11", "--yes")
    assert ran.code == COULD_NOT
    assert ran.complaint == (
        "lettermill: nothing-here.rss: cannot be read (No such file or directory)"
    )


def test_a_web_page_in_place_of_a_feed(newsletter, httpserver):
    page = "<!doctype html><html><title>Blog</title><body>Hello</body></html>"
    httpserver.expect_request("/blog").respond_with_data(page, content_type="text/html")
    use_feed(newsletter, httpserver.url_for("/blog"))
    ran = Ran("digest", "2026-11", "--yes")
    assert ran.code == COULD_NOT
    assert "a web page, not a feed; look for its RSS link" in ran.complaint
    assert json.loads(Ran("status", "--json").out)["editions"] == []


def test_a_blog_that_answers_500(newsletter, httpserver):
    httpserver.expect_request("/feed").respond_with_data("oh no", status=500)
    use_feed(newsletter, httpserver.url_for("/feed"))
    ran = Ran("collect")
    assert (ran.code, "the blog answered HTTP 500" in ran.complaint) == (COULD_NOT, True)


def test_a_csv_with_bad_rows_imports_nobody_and_names_each_line(newsletter, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("email,status\nada@example.com,active\nnobody,active\nbo@example.com,maybe\n")
    ran = Ran("subscribers", "import", str(file))
    assert ran.code == COULD_NOT
    assert ran.err.splitlines()[:2] == [
        "people.csv, line 3: An email address must have an @-sign.",
        "people.csv, line 4: no status 'maybe'; one of active, pending, unsubscribed",
    ]
    assert "nothing was imported: 2 rows are wrong" in ran.err
    assert json.loads(Ran("subscribers", "list", "--json").out) == []
    assert Ran("subscribers", "import", str(file), "--skip-bad").code == 0
    assert len(json.loads(Ran("subscribers", "list", "--json").out)) == 1


def test_a_dry_run_tells_what_was_understood_and_what_would_be_done(newsletter, tmp_path):
    file = tmp_path / "people.csv"
    file.write_text("Email,First Name,Shoe size\nada@example.com,Ada,38\nbo@example.com,Bo,44\n")
    ran = Ran("subscribers", "import", str(file), "--dry-run")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "Read as plain CSV:",
        "  Email -> address",
        "  First Name -> first name",
        "  left alone: Shoe size",
        "Nothing is written. 2 added",
    ]
    assert json.loads(Ran("subscribers", "list", "--json").out) == []


def test_what_became_of_each_row_is_written_to_a_file_without_an_address(newsletter, tmp_path):
    file, verdicts = tmp_path / "people.csv", tmp_path / "verdicts.csv"
    file.write_text("email\nada@example.com\nnobody\n")
    Ran("subscribers", "import", str(file), "--skip-bad", "--report", str(verdicts))
    assert verdicts.read_text().splitlines() == [
        "line,verdict,reason",
        "2,added,",
        "3,refused,An email address must have an @-sign.",
    ]


def test_a_list_goes_out_for_its_owner_alone_and_comes_back_unchanged(newsletter, tmp_path):
    Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
    file = tmp_path / "out.csv"
    assert Ran("subscribers", "export", str(file)).out == f"60 people in {file}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text().splitlines() == Ran("subscribers", "export", "-").out.splitlines()
    back = Ran("subscribers", "import", str(file)).out.splitlines()
    assert back[0] == "Read as Lettermill:"
    assert back[-1] == "53 unchanged, 7 suppressed (7 unsubscribed)"


def test_a_list_that_cannot_be_written_is_said_in_one_line(newsletter, tmp_path):
    ran = Ran("subscribers", "export", str(tmp_path / "no" / "out.csv"))
    assert (ran.code, "cannot be written" in ran.complaint) == (COULD_NOT, True)


def test_a_csv_that_is_not_there(newsletter):
    ran = Ran("subscribers", "import", "no.csv")
    assert (ran.code, ran.complaint) == (
        COULD_NOT,
        "lettermill: no.csv: cannot be read (No such file or directory)",
    )


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known_one(newsletter):
    change(newsletter, "postal_address", "postal_adress")
    ran = Ran("status")
    assert ran.code == WRONG
    assert ran.complaint == (
        "lettermill: lettermill.toml, line 16: unknown key `sender.postal_adress`; "
        "did you mean `postal_address`?"
    )


def test_no_settings_here(tmp_path):
    ran = Ran("-C", str(tmp_path), "status")
    assert (ran.code, "`lettermill init` makes one" in ran.complaint) == (WRONG, True)


def test_no_provider_key_is_told_before_anything_is_frozen(newsletter):
    change(newsletter, 'name = "outbox"', 'name = "postmark"')
    change(newsletter, "virtual_now = ", "# virtual_now = ")
    change(newsletter, "http://127.0.0.1:8000", "https://news.clinic.example")
    Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
    ran = Ran("digest", "2026-11", "--yes")
    assert ran.code == WRONG
    assert "LETTERMILL_PROVIDER_KEY is not set" in ran.complaint
    edition = json.loads(Ran("status", "--json").out)["editions"][0]
    assert (edition["state"], edition["letters"]) == ("draft", {})


def test_the_way_out_of_real_letters_is_https(newsletter):
    change(newsletter, 'name = "outbox"', 'name = "postmark"')
    change(newsletter, "virtual_now = ", "# virtual_now = ")
    ran = Ran("status")
    assert (ran.code, "public_url must begin with https://" in ran.complaint) == (WRONG, True)


@pytest.mark.parametrize("period", ["2026", "2026-13", "november", "0000-01", "2026-1"])
def test_a_month_that_is_none(newsletter, period):
    ran = Ran("digest", period)
    assert (ran.code, "is no month; write it as 2026-11" in ran.complaint) == (WRONG, True)


def test_a_month_that_has_not_begun(newsletter):
    ran = Ran("digest", "2027-01", "--yes")
    assert (ran.code, "2027-01 has not begun" in ran.complaint) == (WRONG, True)


def test_an_edition_that_is_not_there(newsletter):
    assert "no edition digest-1999-01" in Ran("status", "digest-1999-01").complaint
    assert "no edition digest-1999-01" in Ran("preview", "digest-1999-01").complaint


def test_init_writes_settings_that_can_be_read_and_never_over_others(tmp_path):
    folder = tmp_path / "mine"
    ran = Ran("init", str(folder))
    assert (ran.code, "LETTERMILL_SECRET_KEYS=" in ran.out) == (0, True)
    before = (folder / "lettermill.toml").read_bytes()
    again = Ran("init", str(folder))
    assert (again.code, "is there already" in again.complaint) == (WRONG, True)
    assert (folder / "lettermill.toml").read_bytes() == before
    assert Ran("-C", str(folder), "status").code == 0


def test_a_demo_never_replaces_a_folder_that_is_none(newsletter, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter-1.txt").write_text("ten years of work")
    ran = Ran("demo", str(tmp_path / "thesis"))
    assert (ran.code, "is no demo, and stays as it is" in ran.complaint) == (WRONG, True)
    assert (tmp_path / "thesis" / "chapter-1.txt").read_text() == "ten years of work"


def test_a_demo_that_became_a_newsletter_is_left_alone(newsletter, tmp_path):
    (tmp_path / "mine" / "sample").mkdir(parents=True)
    (tmp_path / "mine" / "lettermill.db").write_text("the suppressions")
    assert Ran("demo", str(tmp_path / "mine")).code == WRONG
    (tmp_path / "file").write_text("a file")
    assert Ran("demo", str(tmp_path / "file")).code == WRONG
    assert (tmp_path / "mine" / "lettermill.db").read_text() == "the suppressions"


def test_a_folder_that_is_named_goes_before_the_environment(newsletter, tmp_path, monkeypatch):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert Ran("-C", ".", "status").code == WRONG
    assert Ran("-C", str(tmp_path / "other"), "init").code == 0
    assert (tmp_path / "other" / "lettermill.toml").exists()


def test_a_port_in_use_is_one_line(newsletter):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = Ran("serve", "--port", str(port))
    assert (ran.code, "cannot listen on 127.0.0.1" in ran.complaint) == (WRONG, True)


def test_a_page_of_the_authors_own_that_is_broken_loses_no_letter(newsletter):
    (newsletter / "templates" / "pages").mkdir(parents=True)
    (newsletter / "templates" / "pages" / "outbox_index.html").write_text("{% if %}")
    Ran("subscribers", "import", str(newsletter / "sample" / "readers.csv"))
    ran = Ran("digest", "2026-11", "--yes")
    assert (ran.code, "pages/outbox_index.html, line 1" in ran.complaint) == (COULD_NOT, True)
    again = Ran("digest", "2026-11", "--yes")
    assert "46 submitted" in Ran("status", "digest-2026-11").out.replace("  ", " "), again.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_help_with_an_example(command):
    ran = Ran(*command, "--help")
    assert ran.code == 0
    name = " ".join(["lettermill", *command])
    assert re.search(rf"^ *Example: {name}\b", ran.out.replace("`", ""), re.MULTILINE)
    assert "[[" not in ran.out


def test_the_first_help_says_how_to_begin_and_sorts_the_commands():
    help_text = Ran("--help").out
    assert "lettermill demo" in help_text
    panels = re.findall(r"╭─ (.*?) ─", help_text)
    assert panels == ["Options", *PANELS]


@pytest.mark.parametrize("arguments", ["status", "subscribers list", "--help"])
def test_light_commands_import_nothing_heavy(newsletter, arguments):
    code = (
        "import sys; from flows.cli import main\n"
        f"sys.argv = ['lettermill', *{arguments.split()!r}]\n"
        "try: main()\nexcept SystemExit: pass\n"
        "sys.exit(' '.join({'prefect', 'feedparser', 'jinja2', 'mrml'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_init_says_to_do_next_can_be_typed_as_it_stands(tmp_path):
    folder = tmp_path / "my newsletter"
    assert f"cd '{folder}'\n" in Ran("init", str(folder)).out
