"""The command that runs everything: Prefect, the flows, the site."""

from typing import Annotated

import typer

from flows.terminal import KEEPING, one_line, out

up = typer.Typer()


@up.command(name="up", rich_help_panel=KEEPING)
def run_up(
    host: Annotated[str, typer.Option(help="Where the site listens.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The site's port.")] = 8000,
    proxies: Annotated[
        str, typer.Option(help="Addresses of proxies in front, which say where requests come from.")
    ] = "127.0.0.1",
    prefect_host: Annotated[
        str, typer.Option(help="Where Prefect listens: this machine only, unless you say so.")
    ] = "127.0.0.1",
    prefect_port: Annotated[int, typer.Option(help="Prefect's port.")] = 4200,
) -> None:
    """Run everything a newsletter needs: Prefect with its schedules, and the site.

    What dies is started again. Ctrl-C stops it all.

    Example: `lettermill up --port 8000`
    """
    with one_line():
        from flows.up.everything import keep_everything
        from flows.up.parts import Places

        keep_everything(Places(host, port, proxies, prefect_host, prefect_port), out)
