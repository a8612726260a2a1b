"""`python -m rapport.cli`, the same as `rapport`."""

from rapport.cli import main

main(prog_name="rapport")
