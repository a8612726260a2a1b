"""Monthly partitions: made ahead of time, with a default partition so that no row is ever refused."""

from datetime import date

from dateutil.relativedelta import relativedelta
from django.db import connection


def ensure(*, table: str, first: date, last: date) -> int:
    """Make the monthly partitions of `table` from the month of `first` through that of `last`. Returns how many are new.

    A month whose rows already stand in the default partition is moved out of it in the same transaction.
    """
    made = 0
    month = first.replace(day=1)
    with connection.cursor() as cursor:
        while month <= last:
            until = month + relativedelta(months=1)
            name = f"{table}_{month:%Y%m}"
            cursor.execute("SELECT to_regclass(%s)", [name])
            if cursor.fetchone()[0] is None:
                cursor.execute(f"CREATE TABLE {name} (LIKE {table} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
                cursor.execute(
                    f"WITH moved AS (DELETE FROM {table}_default WHERE at >= %s AND at < %s RETURNING *) "
                    f"INSERT INTO {name} SELECT * FROM moved",
                    [month, until],
                )
                cursor.execute(
                    f"ALTER TABLE {table} ATTACH PARTITION {name} FOR VALUES FROM ('{month}+00') TO ('{until}+00')"
                )
                made += 1
            month = until
    return made
