"""Emptying the database after a test that committed.

Django truncates every table and then makes permissions and content types anew: two seconds with our partitions, and even a
TRUNCATE of the few used tables costs a third of a second, because it reaches every partition that points at them. Here the rows
are deleted, by the throw-away server's superuser, who is hindered neither by append-only triggers, nor by the order of foreign
keys, nor by row security. What `migrate` itself writes stays.

A server that somebody lends us (`RAPPORT_TEST_DATABASE_URL`) has no superuser of ours: there the used tables are truncated.
"""

import os
from typing import Any

import psycopg
from django.db import connections
from django.test import TransactionTestCase

from rapport.directory import service_lines
from rapport.kit import home
from rapport.kit.postgres import address

KEPT = ("django_migrations", "django_content_type", "auth_permission")
# Written by a migration, changed by tests: emptied like everything else and written anew.
PLANTED = "directory_serviceline"
USED_TABLES = """
    SELECT format('%%I.%%I', n.nspname, c.relname)
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0 AND NOT c.relname = ANY(%s)
    ORDER BY 1
"""
HOME = home.find()  # of the run; a test may name another one for a while
_cleaners: dict[str, psycopg.Connection[Any]] = {}  # by the name of the database


def quicken() -> None:
    """Use this way of emptying for every test that runs without a surrounding transaction."""
    TransactionTestCase._fixture_teardown = _empty  # type: ignore[attr-defined]


def empty(name: str = "default") -> None:
    """Empty one database now."""
    used = truncate(name) if os.environ.get("RAPPORT_TEST_DATABASE_URL") else delete(name)
    if any(PLANTED in one for one in used):
        service_lines.plant_defaults()


def truncate(name: str) -> list[str]:
    """Returns the tables that may have held rows."""
    with connections[name].cursor() as cursor:
        cursor.execute(USED_TABLES, [list(KEPT)])
        used = [row[0] for row in cursor.fetchall()]
        if used:
            cursor.execute(f"TRUNCATE {', '.join(used)} CASCADE")
    return used


def delete(name: str) -> list[str]:
    """In one transaction; returns the tables that may have held rows."""
    database = connections[name].settings_dict["NAME"]
    if database not in _cleaners:
        url = address.own_url(HOME, role=address.BOOT_ROLE, database=database)
        _cleaners[database] = psycopg.connect(url, autocommit=True, options="-c session_replication_role=replica")
    cleaner = _cleaners[database]
    used = [row[0] for row in cleaner.execute(USED_TABLES, [list(KEPT)]).fetchall()]
    if used:
        cleaner.execute("; ".join(f"DELETE FROM {one}" for one in used).encode())
    return used


def leave() -> None:
    """Let go of the databases, so that they can be dropped."""
    while _cleaners:
        _cleaners.popitem()[1].close()


def _empty(case: Any) -> None:
    for name in case._databases_names(include_mirrors=False):
        empty(name)
