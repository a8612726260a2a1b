"""Look after the encryption keys.

    rapport keys list                 which keys there are, and how many subjects hang on each
    rapport keys rotate [--resume]    wrap all data keys under a new key-encryption key
    rapport keys verify               open every data key; exit code 1 if one doesn't
    rapport keys forget ID            destroy a retired key for good

The key files lie in `keys/` of the home. Back them up apart from the database, to a place that needs other hands.

The blind-index key is not rotated by a command: every digest would have to be made anew from the opened values. If it ever
leaks, stop the program, move `index.key` away, delete its mark (`DELETE FROM trust_keymark WHERE name = 'index'`), start, and
take all sources in again: identifiers and contact points are then indexed anew. `source.key` never changes.
"""

import json
from typing import Annotated

import typer

from rapport.kit import clock
from rapport.trust import key_care, key_marks, keyring, sealing

app = typer.Typer(no_args_is_help=True, help="Look after the encryption keys.")
Json = Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")]


@app.command("list")
def list_(as_json: Json = False) -> None:
    """Which keys there are, and how many subjects hang on each."""
    found = key_care.listing()
    if as_json:
        typer.echo(json.dumps([{"id": one.kek, "state": one.state, "subjects": one.subjects} for one in found]))
        return
    for one in found:
        typer.echo(f"{one.kek}  {one.state:<8} {one.subjects:>12,} subjects")


@app.command()
def rotate(
    resume: Annotated[bool, typer.Option(help="Finish an interrupted rotation; make no new key.")] = False,
) -> None:
    """Wrap all data keys under a new key-encryption key. The program may go on working meanwhile."""
    try:
        done = key_care.rotate(now=clock.now(), fresh=not resume, progress=_tell)
    except (key_marks.OtherKeys, keyring.KeyMissing, keyring.KeyDamaged, sealing.Tampered) as stopped:
        raise SystemExit(f"{stopped}\nNothing is lost: put it right and run `rapport keys rotate --resume`.") from None
    typer.echo(f"{done:,} data keys wrapped anew. Back up {keyring.folder()} now.")


@app.command()
def verify(as_json: Json = False) -> None:
    """Open the data key of every subject."""
    found = key_care.verify()
    if as_json:
        typer.echo(
            json.dumps(
                {"sound": found.sound, "opened": found.opened, "destroyed": found.destroyed, "broken": found.broken}
            )
        )
    else:
        typer.echo(
            f"{found.opened:,} data keys open; {found.destroyed:,} were destroyed; {len(found.broken):,} are broken."
        )
        for line in found.broken[:20]:
            typer.echo(f"  {line}", err=True)
    if not found.sound:
        raise typer.Exit(1)


@app.command()
def forget(kek: str, yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False) -> None:
    """Destroy a retired key: old backups written under it can never be read again."""
    if not yes:
        typer.confirm(f"Destroy {kek} for good? Backups from its time become unreadable.", abort=True)
    try:
        key_care.forget(kek=kek, now=clock.now())
    except (key_care.StillInUse, keyring.KeyMissing) as refused:
        raise SystemExit(str(refused)) from None
    typer.echo(f"{kek} is destroyed.")


def _tell(done: int, total: int) -> None:
    typer.echo(f"\r{done:,} of {total:,}", nl=done >= total, err=True)
