"""Begin a newsletter: its settings, and templates of its own."""

import secrets
import shlex
import shutil
from pathlib import Path

from rich.console import Console
from rich.markup import escape

from flows.errors import SettingsWrong
from flows.resources import OUR_TEMPLATES
from flows.settings.file import FILE


def begin_newsletter(folder: Path, out: Console) -> None:
    """Write a commented lettermill.toml into a folder; never over one that is there.

    Raises:
        SettingsWrong: there is one already, or the folder cannot be written.
    """
    path = folder / FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write((OUR_TEMPLATES / "lettermill.toml").read_text(encoding="utf-8"))
    except FileExistsError as error:
        raise SettingsWrong(f"{path}: is there already, and stays as it is") from error
    except OSError as error:
        raise SettingsWrong(f"{path}: cannot be written ({error.strerror})") from error
    out.print(f"Wrote [bold]{escape(str(path))}[/]. Next:\n", soft_wrap=True)
    out.print("  1. Edit it: your name, feed, address.")
    out.print("  2. Keep this key, which signs unsubscribe links, where you keep passwords:")
    out.print(f"     export LETTERMILL_SECRET_KEYS={secrets.token_urlsafe(32)}", soft_wrap=True)
    out.print(f"  3. cd {escape(shlex.quote(str(folder)))}", soft_wrap=True)
    out.print("  4. lettermill subscribers import readers.csv")
    out.print("  5. lettermill plan")


def copy_templates(folder: Path, out: Console) -> None:
    """Copy our templates into a newsletter's folder, to be edited; none that is there is touched.

    Raises:
        SettingsWrong: the folder cannot be written.
    """
    copied = 0
    for source in sorted(path for path in OUR_TEMPLATES.glob("*/**/*") if path.is_file()):
        target = folder / "templates" / source.relative_to(OUR_TEMPLATES)
        if target.exists():
            continue
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            raise SettingsWrong(f"{target}: cannot be written ({error.strerror})") from error
        copied += 1
    where = escape(str(folder / "templates"))
    out.print(f"Copied {copied} templates to [bold]{where}[/].", soft_wrap=True)
    out.print("Edit what you like, and delete the rest: what is not there is taken from ours.")
