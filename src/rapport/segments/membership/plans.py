"""What a refresher must know about a saved segment: its question, which tables the question reads, and who may answer it."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from sqlglot import exp

from rapport.segments import compiler, meaning, permission
from rapport.segments.days import AsOf
from rapport.segments.language import Capped, Misformed, Node, Step, leaves, parse, to_json
from rapport.segments.models import Segment

MEMBER, HOUSEHOLD = "member", "household"

log = structlog.get_logger("rapport.segments")


@dataclass(frozen=True)
class Plan:
    """One segment, ready to be asked. `node` is resolved; `meaning` is its digest."""

    segment_id: int
    version: int
    is_list: bool
    node: Node
    meaning: str
    tables: frozenset[str]
    kinds: frozenset[str]
    whole: bool  # who is in depends on who else is: only the full set is an answer

    def is_touched_by(self, tables: Iterable[str]) -> bool:
        return not self.tables.isdisjoint(tables)


# Remembered by this process, until a segment changes or a minute passes: what is named may mean something else, or be forbidden.
_remembered: tuple[tuple[object, ...], list[Plan]] = ((), [])


def plans(*, now: datetime) -> list[Plan]:
    """Every segment that is kept up to date, lists too. One that can't be read, or that its purpose no longer permits, is left as it is."""
    global _remembered  # noqa: PLW0603 - one value, replaced whole
    versions = tuple(Segment.objects.order_by("pk").values_list("pk", "version", "changed_at"))
    key = (versions, now.replace(second=0, microsecond=0))
    known, found = _remembered
    if known != key:
        found = list(_plans(now))
        _remembered = key, found
    return found


def _plans(now: datetime) -> Iterator[Plan]:
    for segment in Segment.objects.order_by("pk"):
        if getattr(segment, "archived_at", None) is not None:
            continue
        try:
            node = parse(segment.definition)
            if segment.kind != Segment.Kind.LIST:
                permission.check(node, segment.purpose, on=AsOf.at(now, settings.TIME_ZONE).day)
            yield _plan(segment, meaning.of(node))
        except Misformed:
            log.warning("segment_unreadable", segment=segment.pk)
        except permission.NotForThisPurpose:
            log.warning("segment_not_permitted", segment=segment.pk)


def _plan(segment: Segment, node: Node) -> Plan:
    asked = compiler.compile(node, AsOf(segment.changed_at.date(), settings.TIME_ZONE))
    return Plan(
        segment_id=segment.pk,
        version=segment.version,
        is_list=segment.kind == Segment.Kind.LIST,
        node=node,
        meaning=hashlib.sha256(to_json(node).encode()).hexdigest(),
        tables=frozenset(table.name for table in asked.find_all(exp.Table)),
        kinds=frozenset(_kinds(node)),
        whole=isinstance(node, Capped),
    )


def _kinds(node: Node) -> Iterator[str]:
    """The kinds of events and the names of traits that the question mentions."""
    for leaf in leaves(node):
        for one in (leaf, *(getattr(leaf, name, None) for name in ("step", "first", "then"))):
            for attribute in ("kind", "name"):
                said = getattr(one, attribute, None)
                if isinstance(said, str):
                    yield said
        if isinstance(getattr(leaf, "step", None), Step):
            yield leaf.step.kind  # type: ignore[union-attr]
