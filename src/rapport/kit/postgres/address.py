"""How to reach the database: roles, passwords and the connection URL. Known before the server runs."""

import os
from pathlib import Path
from urllib.parse import quote

from rapport.kit import home as homes
from rapport.kit.home import Home

BOOT_ROLE = "rapport_boot"  # bootstrap superuser: makes role and database, and nothing else
APP_ROLE = "rapport"  # what the program connects as: row-level security binds it
DATABASE = "rapport"


def outside_url() -> str | None:
    """The server the operator names; None when we run our own."""
    return os.environ.get("DATABASE_URL") or None


def url(home: Home | Path | None = None) -> str:
    """The application's URL: `DATABASE_URL`, else that of the home's own server (which need not be running yet)."""
    return outside_url() or own_url(home if isinstance(home, Home) else homes.find(home))


def own_url(home: Home, *, role: str = APP_ROLE, database: str = DATABASE) -> str:
    return f"postgresql://{role}:{password(home, role)}@/{database}?host={quote(str(home.socket), safe='')}&port=5432"


def password(home: Home, role: str) -> str:
    """The role's random password, kept among the keys."""
    return homes.kept(home.ready().keys / f"postgres-{role}.password")
