"""UTM parameters on links, as the author sets them; the same for every reader. Pure."""

from dataclasses import dataclass
from urllib.parse import quote, urlsplit, urlunsplit


@dataclass(frozen=True, slots=True)
class Utm:
    """What is added to links; empty ones are not. `{edition}` in one is the edition's key."""

    source: str = ""
    medium: str = ""
    campaign: str = ""


NO_UTM = Utm()


def add_utm(url: str, utm: Utm, edition_key: str) -> str:
    """Add the parameters to an http(s) address that does not have them; nothing else changes."""
    parts = urlsplit(url)
    wanted = {"source": utm.source, "medium": utm.medium, "campaign": utm.campaign}
    added = [
        f"utm_{name}={quote(value.replace('{edition}', edition_key), safe='')}"
        for name, value in wanted.items()
        if value and f"&utm_{name}=" not in f"&{parts.query}"
    ]
    if not added or parts.scheme not in ("http", "https"):
        return url
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, *added]))))
