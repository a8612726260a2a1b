"""Two transactions that wait for each other: PostgreSQL ends one of them, and that one starts over."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError
from psycopg.errors import DeadlockDetected

TRIES = 5
Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def starting_over(work: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Above `transaction.atomic`: what was written and locked until the deadlock is gone, and the work is done anew from its first line.

    So it holds inside a larger transaction too, as long as that one does not itself hold what the other side needs.
    """

    @wraps(work)
    def again(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        for _ in range(TRIES - 1):
            try:
                return work(*args, **kwargs)
            except OperationalError as error:
                if not isinstance(error.__cause__, DeadlockDetected):
                    raise
        return work(*args, **kwargs)

    return again
