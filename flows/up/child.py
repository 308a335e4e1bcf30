"""The process of one part of `lettermill up`: `python -m flows.up.child NAME …`. Not for people.

It ends, with everything it has started, when `up` is gone: then nobody is left to look after it.
"""

import os
import signal
import sys
import time
from threading import Thread

from flows.up.parts import FLOWS, PREFECT

_GRACE = 20  # seconds to finish what is under way


def main() -> None:
    """Be the part that the arguments name."""
    Thread(target=_end_without_up, daemon=True, name="lifeline").start()
    name, *arguments = sys.argv[1:]
    if name == PREFECT:
        _be_prefect(*arguments)
    elif name == FLOWS:
        _be_flows(own=arguments[0] == "own")
    else:
        _be_site(*arguments)


def _end_without_up() -> None:
    os.read(sys.stdin.fileno(), 1)  # nothing is ever written: it returns when `up` has ended
    os.killpg(0, signal.SIGTERM)
    time.sleep(_GRACE)
    os.killpg(0, signal.SIGKILL)


def _be_prefect(host: str, port: str) -> None:
    from prefect.cli import app

    sys.argv = ["prefect", "server", "start", "--host", host, "--port", port]
    app()


def _be_flows(*, own: bool) -> None:
    from flows.up.served import serve_flows

    serve_flows(own=own)


def _be_site(host: str, port: str, proxies: str) -> None:
    from flows.serving.server import serve_pages
    from flows.terminal import out

    serve_pages(host, int(port), out, quiet=False, proxies=proxies)


if __name__ == "__main__":
    main()
