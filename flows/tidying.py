"""The step that tidies up once a day."""

from flows.database import checkpoint
from flows.resources import Resources


def tidy(resources: Resources) -> None:
    """Empty the write-ahead log: who was erased stands in it until then."""
    checkpoint(resources.db)
