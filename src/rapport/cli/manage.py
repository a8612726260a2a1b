"""Django's own commands. Those that touch the database get one, also when nothing is running."""

import typer
from django.core.management import execute_from_command_line

from rapport.cli.lazy import database

WITHOUT_DATABASE = {"collectstatic", "compilemessages", "makemessages", "diffsettings", "startapp", "help"}
OPTIONS = {"context_settings": {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}}


def command(context: typer.Context) -> None:
    """`rapport manage check --deploy`"""
    words = ["rapport manage", *context.args]
    if WITHOUT_DATABASE & set(context.args):
        execute_from_command_line(words)
        return
    with database():
        execute_from_command_line(words)
