"""Repeat decisions from their receipts.

rapport receipt replay 4711               decide again from the stored facts; exit code 1 when it does not agree
rapport receipt replay --all --since DAY  every receipt since that day, as a stream; names those that do not agree
"""

import json
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer

from rapport.kit import clock
from rapport.messaging import replay as repeating
from rapport.trust.actors import System

app = typer.Typer(no_args_is_help=True, help="Repeat the decision behind a receipt.")
BY = System("command line")
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line on stdout.")]


@app.callback()
def top() -> None:
    pass


@app.command()
def replay(
    number: Annotated[int | None, typer.Argument(metavar="ID", help="The number of a receipt.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every receipt since --since.")] = False,
    since: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The first day (UTC).")] = None,
    as_json: Json = False,
) -> None:
    """Decide again from the stored facts, under the rules of that day, and compare gate by gate."""
    if everything:
        if number is not None or since is None:
            raise typer.BadParameter("Say --all with --since DATE, and no ID.")
        _all(since.replace(tzinfo=UTC), as_json)
        return
    if number is None:
        raise typer.BadParameter("Say which receipt, or --all.")
    try:
        found = repeating.replay(by=BY, receipt_id=number, now=clock.now())
    except repeating.NoSuchReceipt:
        typer.echo(f"There is no receipt {number}.", err=True)
        raise typer.Exit(1) from None
    typer.echo(_json(found) if as_json else text(found))
    if not found.agrees:
        raise typer.Exit(1)


def _all(since: datetime, as_json: bool) -> None:
    counted = repeating.Sum()
    for one in repeating.replay_all(by=BY, since=since, now=clock.now(), counted=counted):
        typer.echo(_json(one) if as_json else text(one))
    if as_json:
        typer.echo(json.dumps(msgspec.to_builtins(counted)))
    else:
        typer.echo(
            f"{counted.receipts:,} receipts: {counted.agree:,} agree, {counted.without_decision:,} without a decision, "
            f"{counted.disagree:,} do not agree."
        )
    if counted.disagree:
        raise typer.Exit(1)


def text(found: repeating.Replay) -> str:
    """One replay in words."""
    word = "agrees" if found.agrees else "DOES NOT AGREE"
    lines = [f"Receipt {found.receipt_id} {word}: {found.sentence}"]
    for one in found.differences:
        lines += [f"  {one.gate}: {one.why}", f"    then: {one.then or '-'}", f"    now:  {one.now or '-'}"]
    return "\n".join(lines)


def _json(found: repeating.Replay) -> str:
    return msgspec.json.encode(found).decode()
