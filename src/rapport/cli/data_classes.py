"""Which codes are delicate.

rapport data-classes class icd10cm F11.20   the class of one code, by the sets in force
rapport data-classes retag                  after the sets changed: give every event and fact the class of its codes
"""

import json

import typer

from rapport.consent import code_classes, retagging
from rapport.kit import clock
from rapport.trust.actors import System

BY = System("data-classes command")
app = typer.Typer(no_args_is_help=True, add_completion=False, help="Which codes are delicate; tag again what is known.")


@app.command(name="class")
def class_(system: str, code: str) -> None:
    """Print the class of one code."""
    typer.echo(code_classes.class_of([(system, code)]))


@app.command()
def retag(as_json: bool = typer.Option(False, "--json", help="One JSON object.")) -> None:
    """Give every event and fact the class that its codes have now; the warehouse follows by itself."""
    done = retagging.retag(by=BY, now=clock.now())
    if as_json:
        typer.echo(json.dumps({"edition": done.edition, "rows": done.rows}))
        return
    typer.echo(
        f"By {done.edition}: {done.rows['people_event']:,} events and {done.rows['people_fact']:,} facts got another class, "
        f"{done.rows['minor_confidential']:,} rows are a minor's own care."
    )
