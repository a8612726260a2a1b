"""Take in files: `rapport import fhir PATH`."""

import json
import sys
from pathlib import Path
from time import monotonic
from typing import Annotated, Any

import typer

from rapport.integrations import importing, landing, totals
from rapport.integrations.importing import Imported
from rapport.kit import clock
from rapport.trust.actors import System

BY = System("import command")
app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True)


@app.callback()
def top() -> None:
    """Take in files."""


@app.command()
def fhir(
    path: Annotated[
        Path, typer.Argument(exists=True, readable=True, help="A file or a folder: .json, .ndjson, .gz, .tar.xz, .zip.")
    ],
    source: Annotated[
        str, typer.Option(help="Short name of the source; the same file under the same name is taken in once.")
    ] = "fhir",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """FHIR R4: transaction bundles and bulk NDJSON."""
    began = monotonic()
    feed = landing.source(slug=source, name=source.replace("-", " ").capitalize(), kind="fhir", now=clock.now())
    progress = _Progress(began)
    imported = importing.fhir(by=BY, path=path, source=feed, clock=clock.now, tell=progress.tell)
    progress.end()
    result = summary(imported, monotonic() - began)
    print(json.dumps(result) if as_json else _in_words(result))  # noqa: T201 - this is what the command is for


def summary(imported: Imported, seconds: float) -> dict[str, Any]:
    """Counts of an import; `resources` counts every occurrence by its type."""
    tally = imported.tally
    return {
        "resources": {
            kind: counts["read"] for kind, counts in sorted(tally.kinds.items(), key=lambda one: -one[1]["read"])
        },
        **{name: tally[name] for name in totals.NAMES},
        "kinds": {kind: {name: counts[name] for name in totals.NAMES} for kind, counts in sorted(tally.kinds.items())},
        "people_new": tally.people_new,
        "people_matched": tally.people_matched,
        "events": tally.events,
        "failed_landings": tally.failed,
        "files_passed_over": imported.passed,
        "landings": imported.landings,
        "bytes": imported.bytes,
        "delivery": imported.delivery.pk,
        "seconds": round(seconds, 2),
    }


class _Progress:
    """A line on stderr that is written over: how much, how fast."""

    def __init__(self, began: float) -> None:
        self.began, self.last = began, 0.0
        self.live = sys.stderr.isatty()

    def tell(self, imported: Imported) -> None:
        now = monotonic()
        if now - self.last < (0.2 if self.live else 5):
            return
        self.last = now
        rate = imported.tally["read"] / max(now - self.began, 0.001)
        text = f"{imported.tally['read']:,} records, {imported.bytes >> 20:,} MB, {rate:,.0f} a second"
        sys.stderr.write(f"\r{text}   " if self.live else f"{text}\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self.live:
            sys.stderr.write("\n")


def _in_words(result: dict[str, Any]) -> str:
    lines = [f"{number:>10,}  {kind}" for kind, number in result["resources"].items()]
    lines.append(
        f"{result['read']:>10,}  read = {result['accepted']:,} taken in + {result['quarantined']:,} held back + "
        f"{result['duplicates']:,} known already"
    )
    if result["held_again"]:
        lines.append(f"{result['held_again']:>10,}  of those known already are held back since they came before")
    lines.append(f"{result['people_new']:>10,}  new people, {result['events']:,} new events, in {result['seconds']} s")
    return "\n".join(lines)
