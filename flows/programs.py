"""The programs of the settings, as content knows them."""

from content.program import Program
from flows.settings.tables import ProgramSettings, Settings


def programs_of(settings: Settings) -> list[Program]:
    """The programs of the settings, as content knows them."""
    return [_as_program(program) for program in settings.program]


def _as_program(asked: ProgramSettings) -> Program:
    not_for = frozenset(tag.casefold() for tag in asked.not_for)
    return Program(**asked.model_dump() | {"topics": tuple(asked.topics), "not_for": not_for})
