"""A command group that imports a sub-command when it is called, and brings up no more than it needs."""

import importlib
import importlib.util
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import typer
from typer.core import TyperGroup
from typer.main import get_command

from rapport.kit import loading, postgres

SUPERVISED = "RAPPORT_SUPERVISED"  # set by the supervisor: the database is its business

MAKES_TABLES = ("migrate", "db-shell")


@dataclass(frozen=True)
class Listed:
    """One line of the table of commands. A command whose module isn't there yet isn't shown."""

    name: str
    module: str
    help: str
    needs: Literal["nothing", "django", "database"] = "database"
    process: str = "system"  # goes to RAPPORT_PROCESS

    def exists(self) -> bool:
        return importlib.util.find_spec(self.module) is not None


def program(listed: Sequence[Listed]) -> typer.main.TyperCommand | Any:
    """The command group over this table."""
    table = {one.name: one for one in listed if one.exists()}

    class Group(TyperGroup):
        def list_commands(self, ctx: Any) -> list[str]:
            return list(table)

        def get_command(self, ctx: Any, cmd_name: str) -> Any:
            one = table.get(cmd_name)
            if one is None:
                return None
            if not ctx.meta.get("chosen"):  # only names and help lines are wanted
                return _placeholder(one)
            return _load(one)

        def resolve_command(self, ctx: Any, args: list[str]) -> Any:
            one = table.get(args[0]) if args else None
            if one is not None:
                ctx.meta["chosen"] = one.name
                if one.needs == "database" and not _only_asks_for_help():
                    ctx.with_resource(database())
            return super().resolve_command(ctx, args)

    app = typer.Typer(cls=Group, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.callback(help="Rapport: the relationship between a clinic and its patients.")
    def top() -> None:
        pass

    return get_command(app)


@contextmanager
def database() -> Iterator[None]:
    """The database answers inside this block: an outside one, the supervisor's, or one started for the purpose."""
    if postgres.outside_url() or os.environ.get(SUPERVISED):
        yield
        return
    try:
        cluster = postgres.start(share=True)
    except (postgres.ClusterFailed, postgres.NoPostgres) as failed:
        raise SystemExit(str(failed)) from None
    try:
        yield
    finally:
        cluster.stop(guest_patience=600)  # another command may have joined ours; it finishes first


def _load(one: Listed) -> Any:
    with loading.undisturbed():
        return _loaded(one)


def _loaded(one: Listed) -> Any:
    if one.needs != "nothing":
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rapport.settings")
        os.environ.setdefault("RAPPORT_PROCESS", one.process)
        importlib.import_module("django").setup()
    if one.needs == "database" and one.name not in MAKES_TABLES:
        _expect_tables()
    module = importlib.import_module(one.module)
    app = getattr(module, "app", None)
    if app is None:
        app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        app.command(**getattr(module, "OPTIONS", {}))(module.command)
    app.pretty_exceptions_enable = False
    command = get_command(app)
    command.name = one.name
    return command


def _expect_tables() -> None:
    """An empty database deserves a sentence, not a trace."""
    connection = importlib.import_module("django.db").connection
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('django_migrations')")
        if cursor.fetchone()[0] is None:
            raise SystemExit("This database is empty. Run `rapport migrate` first (`rapport run` does it by itself).")


def _placeholder(one: Listed) -> Any:
    app = typer.Typer(add_completion=False)

    @app.command(name=one.name, help=one.help)
    def nothing() -> None:
        pass

    return get_command(app)


def _only_asks_for_help() -> bool:
    return "--help" in sys.argv[1:]
