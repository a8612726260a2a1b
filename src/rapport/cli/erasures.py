"""Tell a restored backup who was erased since it was made.

rapport erasures apply    erase again whoever the journal says; nothing happens when nothing is to do
rapport erasures list     the journal: when, and how many records, numbers and addresses. It holds no name

The journal is `erasures.log` in the home. `rapport migrate` and `rapport run` apply it by themselves before anybody can look.
"""

from pathlib import Path
from typing import Annotated

import typer

from rapport.governance import erasure_journal, reapplying
from rapport.kit import clock

app = typer.Typer(no_args_is_help=True, help="Tell a restored backup who was erased since it was made.")


@app.command()
def apply(quiet: Annotated[bool, typer.Option("--quiet", help="Say nothing when nothing was to do.")] = False) -> None:
    """Erase again whoever the journal says was erased."""
    try:
        done = reapplying.apply(now=clock.now())
    except erasure_journal.JournalDamaged as broken:
        raise SystemExit(f"{broken}. Put the file back from its copy: {erasure_journal.place()}") from None
    if not (quiet and done.nothing):
        typer.echo(
            f"{done.known:,} erasures known; {done.people:,} people erased again, {done.keys:,} keys destroyed, "
            f"{done.numbers:,} numbers held back, {done.addresses:,} addresses blocked, {done.noted:,} noted late."
        )


@app.command("list")
def list_(
    journal: Annotated[Path | None, typer.Option(help="Another journal; without it that of this home.")] = None,
) -> None:
    """Each erasure in one line."""
    for one in erasure_journal.read(journal):
        typer.echo(
            f"{one.at:%Y-%m-%d %H:%M} UTC  {len(one.people)} records  {len(one.identifiers)} numbers  "
            f"{len(one.addresses)} addresses  {len(one.subjects)} other keys"
        )
