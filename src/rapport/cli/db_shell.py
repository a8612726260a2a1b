"""psql on the database, as the application's role."""

import os
import shutil
import subprocess
import sys

import typer

from rapport.kit import home, postgres
from rapport.kit.postgres import binaries

OPTIONS = {"context_settings": {"allow_extra_args": True, "ignore_unknown_options": True}}


def command(context: typer.Context) -> None:
    """Further words go to psql: `rapport db-shell -c 'SELECT 1'`."""
    program = shutil.which("psql")
    if postgres.outside_url() is None:
        chosen = binaries.choose(data=home.find().data)
        program = chosen.program("psql") if os.access(chosen.program("psql"), os.X_OK) else program
    if program is None:
        raise SystemExit("There is no psql on this machine.")
    sys.exit(subprocess.run([program, postgres.url(), *context.args], check=False).returncode)
