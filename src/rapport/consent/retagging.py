"""When the sets of delicate codes change, what is known already is tagged again: events, facts and the names of codes.

Set-based: the different codes that stand on the rows are asked once each, and one statement a table writes what differs. A row
that is written gets a new stamp, and so the warehouse follows. Classes that do not come from codes (a minor's own care,
psychotherapy notes, what a person told us outside care) stay as they are.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection, transaction

from rapport.consent import code_classes, minors
from rapport.consent.codes import Code
from rapport.trust import audit
from rapport.trust.actors import Actor

GIVEN = ("minor_confidential", "psychotherapy_notes", "consumer_health")
TABLES = ("people_event", "people_fact")
# Rows that say the same by their codes: kind, own code, label, and the other codes in the detail.
_SAID = (
    "SELECT kind, code_system, code, label, coalesce(detail->>'codes', '[]'), coalesce(detail->>'reason', '[]'), "
    "coalesce(detail->>'answer_system', ''), coalesce(detail->>'answer', ''), data_class, count(*) "
    "FROM {table} WHERE data_class <> ALL(%s) AND (code <> '' OR label <> '') GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"
)
_WRITE = (
    "UPDATE {table} r SET data_class = v.becomes "
    "FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[]) "
    "AS v(kind, code_system, code, label, codes, reason, answer_system, answer, was, becomes) "
    "WHERE r.kind = v.kind AND r.code_system = v.code_system AND r.code = v.code AND r.label = v.label "
    "AND coalesce(r.detail->>'codes', '[]') = v.codes AND coalesce(r.detail->>'reason', '[]') = v.reason "
    "AND coalesce(r.detail->>'answer_system', '') = v.answer_system AND coalesce(r.detail->>'answer', '') = v.answer "
    "AND r.data_class = v.was"
)


class Retagged(msgspec.Struct, frozen=True):
    """How many rows got another class, by table, and by which edition of the sets."""

    edition: str
    rows: dict[str, int]


@transaction.atomic
def retag(*, by: Actor, now: datetime) -> Retagged:
    """Give every event and fact the class that its codes have now. Run again, it changes nothing."""
    rows = {table: _retag(table) for table in TABLES}
    rows["minor_confidential"] = minors.keep_confidential()
    done = Retagged(code_classes.edition(), rows)
    audit.record(by=by, verb="data_classes.retag", now=now, details={"edition": done.edition, "rows": rows})
    return done


def _retag(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_SAID.format(table=table), [list(GIVEN)])
        changed = [(*row[:9], becomes) for row in cursor.fetchall() if (becomes := _class(row)) != row[8]]
        if not changed:
            return 0
        cursor.execute(_WRITE.format(table=table), [list(column) for column in zip(*changed, strict=True)])
        return int(cursor.rowcount)


def _class(row: Sequence[Any]) -> str:
    kind, system, code, label, others, reason, answer_system, answer = row[:8]
    codes: list[Code] = [(system, code)] if code else []
    codes += [_code(one) for text in (others, reason) for one in msgspec.json.decode(text, type=list[str])]
    codes += [(answer_system, answer)] if answer else []
    return code_classes.class_of(codes, code_classes.names_asked(kind, label, codes))


def _code(text: str) -> Code:
    system, _, code = text.partition("|")
    return system, code
