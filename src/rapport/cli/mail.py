"""Mail: fetch what came back, and look whether the sending domain is set up.

rapport mail fetch     hear the bounces and replies that wait in the folder or box of the settings
rapport mail key       make the key that signs letters (DKIM), and say what to publish
rapport mail check     ask the DNS about SPF, DKIM, DMARC and MX of the sending domain; exit code 1 when something is missing
"""

from typing import Annotated

import msgspec
import typer

from rapport.integrations.mail import fetching
from rapport.kit import clock
from rapport.messaging import domain_check, sender_days, signing_key
from rapport.trust.actors import System

app = typer.Typer(no_args_is_help=True, help="Fetch what came back by mail; check the sending domain.")
BY = System("command line")


@app.command()
def fetch() -> None:
    """Hear the bounces and replies that wait."""
    done = fetching.fetch(by=BY, clock=clock.now)
    typer.echo(f"{done.found:,} mails found, {done.new:,} of them new.")


@app.command()
def key() -> None:
    """Make the key that signs letters, once."""
    try:
        made = signing_key.make()
    except signing_key.KeyStands as stands:
        typer.echo(str(stands), err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Publish as TXT of {made.selector}._domainkey.{sender_days.our_domain()}:\n{made.record()}")


@app.command()
def check(
    domain: Annotated[str, typer.Argument(help="Another domain than the one we write from.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Ask the DNS about the sending domain, and say what to publish."""
    found = domain_check.check(domain=domain or sender_days.our_domain(), now=clock.now())
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
    else:
        for one in found.records:
            typer.echo(f"{one.state.upper():8} {one.name:6} {one.said}")
            if one.publish:
                typer.echo(f"         publish: {one.publish}")
    if not found.ok:
        raise typer.Exit(1)
