"""Start everything under one supervisor."""

from typing import Annotated

import typer

from rapport.kit import supervisor


def command(
    port: Annotated[
        int | None, typer.Option(help="Port of the web pages; without it 8000 or the next free one.")
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    demo: Annotated[bool, typer.Option(help="Load the demo clinic into an empty database.")] = True,
    verbose: Annotated[bool, typer.Option(help="Show the logs of the parts as well.")] = False,
) -> None:
    """Stop it with Ctrl-C."""
    wishes = supervisor.Wishes(host=host, port=port, demo=demo, verbose=verbose)
    raise SystemExit(supervisor.run(wishes))
