"""Emptying the database after a test that committed.

Django truncates every table and then makes permissions and content types anew: two seconds with our partitions. Here
only tables that take up space on disk are truncated (append-only triggers and row security don't hinder that), and
what `migrate` itself writes stays.
"""

from typing import Any

from django.db import connections
from django.test import TransactionTestCase

from rapport.directory import service_lines

KEPT = ("django_migrations", "django_content_type", "auth_permission")
# Written by a migration, changed by tests: emptied like everything else and written anew.
PLANTED = "directory_serviceline"
USED_TABLES = """
    SELECT format('%%I.%%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0 AND NOT c.relname = ANY(%s)
    ORDER BY 1
"""


def quicken() -> None:
    """Use this way of emptying for every test that runs without a surrounding transaction."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def empty(name: str = "default") -> None:
    """Empty one database now."""
    with connections[name].cursor() as cursor:
        cursor.execute(USED_TABLES, [list(KEPT)])
        used = [row[0] for row in cursor.fetchall()]
        if used:
            cursor.execute(f"TRUNCATE {', '.join(used)} CASCADE")
        if any(PLANTED in one for one in used):
            service_lines.plant_defaults()


def _empty(case: Any) -> None:
    for name in case._databases_names(include_mirrors=False):
        empty(name)
