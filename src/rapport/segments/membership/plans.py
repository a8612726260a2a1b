"""What a refresher must know about a saved segment: its question, which tables the question reads, and who may answer it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from sqlglot import exp

from rapport.segments import compiler, permission
from rapport.segments.days import AsOf
from rapport.segments.language import Misformed, Node, leaves, parse, walk
from rapport.segments.models import Segment

WHOLE = {"Capped"}  # words of the language whose answer for one person depends on who else is in
MEMBER, HOUSEHOLD = "member", "household"

log = structlog.get_logger("rapport.segments")


@dataclass(frozen=True)
class Plan:
    """One segment, ready to be asked."""

    segment_id: int
    version: int
    is_list: bool
    node: Node
    tables: frozenset[str]
    kinds: frozenset[str]
    names: frozenset[int]  # other segments that the question names
    whole: bool = False  # only the full set is an answer

    def is_touched_by(self, tables: Iterable[str]) -> bool:
        return not self.tables.isdisjoint(tables)


# Remembered by this process: a definition never changes under its version; what a purpose permits is asked again each minute.
_KNOWN: dict[tuple[int, int, datetime], Plan | None] = {}
_PERMITTED: dict[str, bool | datetime] = {}


def plans(*, now: datetime) -> Iterator[Plan]:
    """Every segment that is kept up to date, lists too. One that can't be read, or that its purpose no longer permits, is left as it is."""
    found = [
        one for segment in Segment.objects.order_by("pk") if (one := plan(segment)) and _is_permitted(segment, one, now)
    ]
    around = _cycles({one.segment_id: one.names for one in found if not one.is_list})
    for one in found:
        yield _whole(one) if one.segment_id in around else one


def plan(segment: Segment) -> Plan | None:
    """None for what is put away or can't be read."""
    if getattr(segment, "archived_at", None) is not None:
        return None
    key = segment.pk, segment.version, segment.changed_at
    if key not in _KNOWN:
        if len(_KNOWN) > 2_000:
            _KNOWN.clear()
        _KNOWN[key] = _made(segment)
    return _KNOWN[key]


def _made(segment: Segment) -> Plan | None:
    is_list = segment.kind == Segment.Kind.LIST
    try:
        node = parse(segment.definition)
    except Misformed:
        log.warning("segment_unreadable", segment=segment.pk)
        return None
    asked = compiler.compile(node, AsOf(segment.changed_at.date(), settings.TIME_ZONE))
    words = [type(one).__name__ for _, one in walk(node)]
    return Plan(
        segment_id=segment.pk,
        version=segment.version,
        is_list=is_list,
        node=node,
        tables=frozenset(table.name for table in asked.find_all(exp.Table)),
        kinds=frozenset(_kinds(node)),
        names=frozenset(
            name for leaf in leaves(node) if type(leaf).__name__ == "InSegment" for name in getattr(leaf, "one_of", ())
        ),
        whole=not is_list and not WHOLE.isdisjoint(words),
    )


def _kinds(node: Node) -> Iterator[str]:
    """The kinds of events and the names of traits that the question mentions."""
    for leaf in leaves(node):
        if type(leaf).__name__ == "Encountered":
            yield "encounter"
        for attribute in ("kind", "name"):
            said = getattr(leaf, attribute, None)
            if isinstance(said, str):
                yield said


def _whole(one: Plan) -> Plan:
    return Plan(one.segment_id, one.version, one.is_list, one.node, one.tables, one.kinds, one.names, whole=True)


def _cycles(names: dict[int, frozenset[int]]) -> set[int]:
    """Segments that come back to themselves by way of the segments they name."""
    around = set()
    for start in names:
        waiting, seen = list(names[start]), set[int]()
        while waiting:
            one = waiting.pop()
            if one not in seen:
                seen.add(one)
                waiting.extend(names.get(one, ()))
        if start in seen:
            around.add(start)
    return around


def _is_permitted(segment: Segment, one: Plan, now: datetime) -> bool:
    if one.is_list:
        return True
    minute = now.replace(second=0, microsecond=0)
    if _PERMITTED.get("at") != minute:
        _PERMITTED.clear()
        _PERMITTED["at"] = minute
    key = f"{segment.pk}:{segment.version}"
    known = _PERMITTED.get(key)
    if known is None:
        judged = permission.judge(one.node, segment.purpose, on=AsOf.at(now, settings.TIME_ZONE).day)
        if judged.refusals:
            log.warning("segment_not_permitted", segment=segment.pk)
        known = _PERMITTED[key] = not judged.refusals
    return bool(known)
