"""Two people who are one: a merge moves everything and writes down every row it moved, so that it can be undone.

- Sealed rows are opened with the key of the one who goes and sealed again under the key of the one who stays: each person's
  direct identifiers stay under her own key.
- A contact point that both have, and a trait of the same name, stays with the one who goes.
- Rows of other rooms are not touched: they find the person she became (`identity.living`, `Person.merged_into`).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from rapport.people import rebuild, sealed
from rapport.people.models import Ambiguity, Merge, Person
from rapport.trust import audit, sealing
from rapport.trust.actors import Actor, System
from rapport.trust.sealing import DataKey

OPEN_TABLES = ("people_event", "people_fact", "people_relationship")
SEALED_TABLES = (sealed.IDENTIFIER, sealed.CONTACT)
# Rows that would collide with one of the person who stays are left where they are.
_CLASH = {
    "people_trait": "SELECT FROM people_trait k WHERE k.person_id = %s AND k.name = t.name",
    sealed.CONTACT: "SELECT FROM people_contactpoint k WHERE k.person_id = %s AND k.kind = t.kind AND k.digest = t.digest",
}


class NotMergeable(ValueError):
    """The two can't be merged, or the merge can't be undone; the text says why."""


@dataclass(frozen=True)
class _Pair:
    """Who gives and who takes, locked, with their keys."""

    giver: Person
    taker: Person
    giver_key: DataKey
    taker_key: DataKey


@transaction.atomic
def merge(*, by: Actor, kept: Person, gone: Person, rule: str, now: datetime) -> Merge:
    """`gone` becomes `kept`. Nothing is deleted."""
    pair = _locked(giver=gone.pk, taker=kept.pk)
    if pair.giver.pk == pair.taker.pk:
        raise NotMergeable("a person can't be merged with herself")
    if pair.giver.merged_into_id or pair.taker.merged_into_id:
        raise NotMergeable("one of the two has been merged already")
    moved = {table: _move(table, pair) for table in (*OPEN_TABLES, "people_trait", *SEALED_TABLES)}
    Person.objects.filter(pk=pair.giver.pk).update(merged_into=pair.taker, changed_at=now)
    Person.objects.filter(pk=pair.taker.pk).update(changed_at=now)
    rebuild.find_keys(person_id=pair.taker.pk)
    made = Merge.objects.create(
        kept=pair.taker,
        gone=pair.giver,
        rule=rule[:60],
        moved=moved,
        merged_by=None if isinstance(by, System) else by,
        merged_at=now,
    )
    audit.record(
        by=by, verb="person.merge", now=now, people=[pair.taker.pk, pair.giver.pk], thing=f"merge:{made.pk}",
        details={"rule": rule[:60], "rows": sum(map(len, moved.values()))},
    )  # fmt: skip
    return made


@transaction.atomic
def unmerge(*, by: Actor, merge: Merge, now: datetime) -> Merge:
    """Take a merge back: the rows it moved go back. What arrived since stays where it is."""
    done = Merge.objects.select_for_update().get(pk=merge.pk)
    if done.undone_at:
        raise NotMergeable("this merge has been undone already")
    pair = _locked(giver=done.kept_id, taker=done.gone_id)
    if pair.giver.merged_into_id:
        raise NotMergeable("the person who stayed has been merged since; undo that first")
    Person.objects.filter(pk=pair.taker.pk).update(merged_into=None, changed_at=now)
    for table, rows in done.moved.items():
        _move(table, pair, rows)
    Person.objects.filter(pk=pair.giver.pk).update(changed_at=now)
    for person in (pair.giver, pair.taker):
        rebuild.find_keys(person_id=person.pk)
    done.undone_at = now
    done.save(update_fields=["undone_at"])
    Ambiguity.objects.filter(
        person_id__in=[done.kept_id, done.gone_id], candidate_id__in=[done.kept_id, done.gone_id]
    ).update(state=Ambiguity.State.OPEN, settled_by=None, settled_at=None)
    audit.record(by=by, verb="person.unmerge", now=now, people=[done.kept_id, done.gone_id], thing=f"merge:{done.pk}")
    return done


def _locked(*, giver: int, taker: int) -> _Pair:
    """Both rows locked, the lower id first, so that two merges can't wait for each other."""
    rows = {
        row.pk: row
        for row in Person.objects.select_for_update(of=("self",)).filter(pk__in={giver, taker}).order_by("pk")
    }
    if {giver, taker} - rows.keys():
        raise NotMergeable("one of the two is not to be seen")
    keys = sealing.keys_of([row.key for row in rows.values()])
    if len(keys) < len(rows):
        raise NotMergeable("one of the two was erased")
    return _Pair(rows[giver], rows[taker], keys[rows[giver].key], keys[rows[taker].key])


def _move(table: str, pair: _Pair, only: list[int] | None = None) -> list[int]:
    """Move rows of a table from one to the other; returns their ids."""
    ids = _ids(table, pair, only)
    if not ids:
        return []
    with connection.cursor() as cursor:
        if table in SEALED_TABLES:
            cursor.execute(f"SELECT id, value FROM {table} WHERE id = ANY(%s)", [ids])
            again = [(_sealed_again(table, row, blob, pair), pair.taker.pk, row) for row, blob in cursor.fetchall()]
            cursor.executemany(f"UPDATE {table} SET value = %s, person_id = %s WHERE id = %s", again)
        else:
            cursor.execute(f"UPDATE {table} SET person_id = %s WHERE id = ANY(%s)", [pair.taker.pk, ids])
    return ids


def _ids(table: str, pair: _Pair, only: list[int] | None) -> list[int]:
    where: list[str] = ["t.person_id = %s"]
    values: list[int | list[int]] = [pair.giver.pk]
    if table in _CLASH:
        where.append(f"NOT EXISTS ({_CLASH[table]})")
        values.append(pair.taker.pk)
    if only is not None:
        where.append("t.id = ANY(%s)")
        values.append(only)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.id FROM {table} t WHERE {' AND '.join(where)} ORDER BY t.id", values)
        return [row for (row,) in cursor.fetchall()]


def _sealed_again(table: str, row: int, blob: bytes, pair: _Pair) -> bytes:
    plain = sealing.unseal(pair.giver_key, blob, table=table, column="value", row=row)
    return sealing.seal(pair.taker_key, plain, table=table, column="value", row=row)
