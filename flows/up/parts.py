"""The three parts of `lettermill up`: what each is for, and where it listens."""

from dataclasses import dataclass

PREFECT, FLOWS, SITE = "prefect", "flows", "site"


@dataclass(frozen=True, slots=True)
class Part:
    """One process of `up`; `after` is the part that it needs before it can start.

    `address` is where a person finds it, and `meanwhile` says what does not happen while it is
    down.
    """

    name: str
    arguments: tuple[str, ...]
    address: str
    meanwhile: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class Places:
    """Where the parts listen; without a `prefect_port` another Prefect server is used."""

    host: str
    port: int
    proxies: str
    prefect_host: str
    prefect_port: int | None

    @property
    def prefect(self) -> str:
        """Where our Prefect server is found from this machine, or ''."""
        if self.prefect_port is None:
            return ""
        here = "127.0.0.1" if self.prefect_host in ("0.0.0.0", "::") else self.prefect_host
        return f"http://{_in_address(here)}:{self.prefect_port}"

    @property
    def site(self) -> str:
        """Where the site is found from this machine."""
        here = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host
        return f"http://{_in_address(here)}:{self.port}"


def _in_address(host: str) -> str:
    return f"[{host}]" if ":" in host else host  # RFC 3986, 3.2.2


def parts_of(places: Places, elsewhere: str = "") -> list[Part]:
    """The parts in the order of their start; `elsewhere` is the Prefect server that is there."""
    flows = Part(
        FLOWS,
        (FLOWS, "own" if places.prefect else "elsewhere"),
        "" if places.prefect else elsewhere,
        "nothing is read, sent or told by itself",
        after=PREFECT if places.prefect else "",
    )
    site = Part(
        SITE,
        (SITE, places.host, str(places.port), places.proxies),
        places.site,
        "nobody can join, or leave by a link; no events are heard",
    )
    if not places.prefect:
        return [flows, site]
    prefect = Part(
        PREFECT,
        (PREFECT, places.prefect_host, str(places.prefect_port)),
        places.prefect,
        "nothing new is started by schedule",
    )
    return [prefect, flows, site]
