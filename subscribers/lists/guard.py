"""Cells that a spreadsheet would take for a formula, made harmless, and given back. Pure.

https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")


def guard(cell: str) -> str:
    """Put an apostrophe before what a spreadsheet would run, or before what looks guarded."""
    return f"'{cell}" if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    """Give back what was guarded."""
    return cell[1:] if _GUARDED.match(cell) else cell
