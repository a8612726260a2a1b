"""One process tree: PostgreSQL, web, worker and mailbox under one parent that starts, watches and stops them."""

from rapport.kit.supervisor.doors import PortTaken
from rapport.kit.supervisor.plan import Plan
from rapport.kit.supervisor.tree import AlreadyRunning, Wishes, run

__all__ = ["AlreadyRunning", "Plan", "PortTaken", "Wishes", "run"]
