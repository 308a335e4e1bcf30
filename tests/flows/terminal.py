"""What somebody sees who runs a command: its output, its complaint, its exit code."""

from typer.testing import CliRunner

from flows.cli import app

COULD_NOT, WRONG, HELD = 1, 2, 3


class Ran:
    """What a command did."""

    def __init__(self, *arguments: str) -> None:
        result = CliRunner().invoke(app, list(arguments))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        self.code, self.out, self.err = result.exit_code, result.stdout, result.stderr

    @property
    def complaint(self) -> str:
        """The one line of an error."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        return lines[0]
