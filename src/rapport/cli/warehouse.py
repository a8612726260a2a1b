"""Look after the columnar copy: `rapport warehouse refresh | rebuild | status`."""

import json
from time import perf_counter

import typer

from rapport.kit import clock
from rapport.segments import store, sync
from rapport.segments.models import WarehouseVersion

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Look after the columnar copy.")


@app.command()
def refresh() -> None:
    """Take in what changed since the last time."""
    began = perf_counter()
    _report(sync.refresh(now=clock.now()), perf_counter() - began)


@app.command()
def rebuild() -> None:
    """Throw the copy away and build it from the record; readers keep the last version meanwhile."""
    began = perf_counter()
    _report(sync.rebuild(now=clock.now()), perf_counter() - began)


@app.command()
def status(as_json: bool = typer.Option(False, "--json", help="One JSON object.")) -> None:
    """Which version is newest, how big it is and how fresh."""
    newest = store.newest()
    if newest is None:
        typer.echo("{}" if as_json else "Nothing was published yet. `rapport warehouse refresh` does it.")
        raise typer.Exit(1)
    known = {
        "version": newest.number,
        "people": newest.people,
        "events": newest.events,
        "data_until": newest.data_until.isoformat(),
        "behind_seconds": round((clock.now() - newest.data_until).total_seconds(), 1),
        "bytes": (store.folder().path / newest.file_name).stat().st_size,
    }
    typer.echo(
        json.dumps(known) if as_json else "\n".join(f"{key.replace('_', ' ')}: {value}" for key, value in known.items())
    )


def _report(version: WarehouseVersion | None, seconds: float) -> None:
    if version is None:
        typer.echo("Another process is building the first version.")
        return
    typer.echo(
        f"Version {version.number}: {version.people:,} people, {version.events:,} events, "
        f"fresh as of {version.data_until:%Y-%m-%d %H:%M:%S} UTC ({seconds:.1f} s)."
    )
