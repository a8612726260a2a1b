"""Print the whole trip of one message, with its reasons."""

import sys
from typing import Annotated

import typer

from rapport.governance import trace
from rapport.integrations import arrival
from rapport.kit import clock
from rapport.trust.actors import System

OPTIONS = {"no_args_is_help": True}
MARKS = {"good": "+", "bad": "!", "neutral": "-"}


def command(
    number: Annotated[int, typer.Argument(metavar="ID", help="The number of a message (intent).")],
    assignment: Annotated[
        bool, typer.Option(help="ID is the number of an assignment: for those who got nothing.")
    ] = False,
) -> None:
    """Ten steps from where the data came from to what was credited."""
    by, now = System("command line"), clock.now()
    try:
        if assignment:
            found = trace.of_assignment(by=by, assignment_id=number, now=now)
        else:
            found = trace.of_intent(by=by, intent_id=number, now=now)
    except trace.NoSuchTrip as missing:
        typer.echo(f"There is no such trip: {missing}.", err=True)
        raise typer.Exit(1) from None
    sys.stdout.write(text(found, _arrived(found)))


def _arrived(found: trace.Trip) -> str:
    """The delivery that brought the person, in one line; empty when nothing landed under that trace."""
    came = arrival.of_trace(found.person.trace) if found.person.trace else None
    if came is None:
        return ""
    what = f"delivery {came.delivery}" if came.delivery else f"landing ({came.form})"
    return f"{what} from {came.source}, {came.received_at:%Y-%m-%d %H:%M} UTC: {came.totals['read']:,} records read"


def _in(found: trace.Trip) -> str:
    return f"in campaign “{found.name}”" if found.campaign else f"and “{found.name}”"


def text(found: trace.Trip, arrived: str = "") -> str:
    """The trip as plain text. A person is a number here: names are for pages that know who reads."""
    lines = [
        f"Person {found.person.pk} {_in(found)}: {found.outcome}",
        f"Trace {found.trace}",
        "",
    ]
    for step in found.steps:
        when = f"  [{step.at:%Y-%m-%d %H:%M} UTC]" if step.at else ""
        lines.append(f"{step.number:2}. {step.name}: {step.sentence}{when}")
        if step.number == 1 and arrived:
            lines.append(f"    - {arrived}")
        for line in step.lines:
            note = f": {line.note}" if line.note else ""
            lines.append(f"    {'  ' * line.depth}{MARKS[line.tone]} {line.text}{note}")
    return "\n".join(lines) + "\n"
