"""Secrets, which come from the environment only."""

from collections.abc import Mapping
from dataclasses import dataclass, fields


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Secrets:
    """What must not stand in a file; each comes from a LETTERMILL_ variable.

    Where there may be several they are apart by commas, oldest first.
    """

    secret_keys: str = ""
    provider_key: str = ""
    postmark_token: str = ""  # what `provider_key` was called when there was one provider
    webhook_secrets: str = ""
    webhook_keys: str = ""

    @property
    def keys(self) -> list[str]:
        """The keys that sign links; the last one signs."""
        return _several(self.secret_keys)

    @property
    def of_provider(self) -> str:
        """The key, token or password of the provider."""
        return self.provider_key or self.postmark_token

    @property
    def webhook_paths(self) -> list[str]:
        """The unguessable parts of our webhook's address that are understood."""
        return _several(self.webhook_secrets)

    @property
    def event_keys(self) -> list[str]:
        """What the provider signs its events with, as it gave it to us."""
        return _several(self.webhook_keys)


def read_secrets(environment: Mapping[str, str]) -> Secrets:
    """The secrets of a process's environment; what is not set is ''."""
    names = [field.name for field in fields(Secrets)]
    return Secrets(**{name: environment.get(f"LETTERMILL_{name.upper()}", "") for name in names})


def _several(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
