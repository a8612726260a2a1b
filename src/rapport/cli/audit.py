"""Verify the sealed audit trail.

rapport audit verify    exit code 1 when a line was changed, removed, added or moved, or the chain was cut
rapport audit seal      seal what has settled now, without waiting for the worker
rapport audit adopt     after restoring a database on a new server: let its transactions count on
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from rapport.kit import clock
from rapport.trust import audit_heads, audit_seal, audit_verify

app = typer.Typer(no_args_is_help=True, help="Verify the sealed audit trail.")
Heads = Annotated[
    Path | None, typer.Option(help="The file of heads; without it that of this home. Give your shipped copy.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.command()
def verify(heads: Heads = None, as_json: Json = False) -> None:
    """Recompute every digest and compare with the seals and with the heads outside the database."""
    proof = audit_verify.verify(heads=heads)
    if as_json:
        found = [{"kind": one.kind, "seal": one.seal, "text": one.text} for one in proof.findings]
        typer.echo(
            json.dumps(
                {
                    "whole": proof.whole,
                    "seals": proof.seals,
                    "entries": proof.entries,
                    "waiting": proof.waiting,
                    "head": proof.head,
                    "findings": found,
                }
            )
        )
    else:
        typer.echo(f"{proof.entries:,} lines in {proof.seals:,} seals; {proof.waiting:,} wait for the next seal.")
        if proof.whole:
            typer.echo(f"The trail is whole. Head: {proof.head or 'none yet'}")
        for one in proof.findings:
            typer.echo(f"{one.kind.upper()}: seal {one.seal}: {one.text}", err=True)
    if not proof.whole:
        raise typer.Exit(1)


@app.command()
def seal() -> None:
    """Seal what has settled."""
    try:
        new = audit_seal.seal(now=clock.now())
    except (audit_seal.HeadsDisagree, audit_heads.HeadsDamaged) as stopped:
        raise SystemExit(str(stopped)) from None
    typer.echo(
        f"Seal {new.number}: {new.entries:,} lines, {bytes(new.digest).hex()}" if new else "Nothing new has settled."
    )


@app.command()
def adopt() -> None:
    """Let the transactions of a restored database count on from where its trail ends."""
    moved = audit_seal.adopt(now=clock.now())
    typer.echo(f"Moved on by {moved:,}." if moved else "There was no need.")
