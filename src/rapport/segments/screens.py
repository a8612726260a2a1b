"""What the pages of segments show, worked out before a template sees it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.directory.models import Location
from rapport.segments import meaning, permission, queries, samples, store, usage
from rapport.segments.builder import draft as drafts
from rapport.segments.builder.draft import Group, Part, Path
from rapport.segments.builder.form import prefix_of
from rapport.segments.builder.kinds import KEPT
from rapport.segments.columnar import Breakdown
from rapport.segments.fields import ICONS, TITLES, Choices, Field, fields_of
from rapport.segments.language import All, Misformed, Node
from rapport.segments.models import Segment
from rapport.ui import formats


@dataclass
class Line:
    """One part of the tree on the screen."""

    prefix: str
    title: str
    people: str = ""
    problem: str = ""
    icon: str = ""
    how: str = ""
    fields: list[Field] = field(default_factory=list)
    parts: list["Line"] = field(default_factory=list)
    can: set[str] = field(default_factory=set)
    text: str = ""
    most: str = ""

    @property
    def is_group(self) -> bool:
        return bool(self.how)

    @property
    def movable(self) -> bool:
        return bool(self.can - {"remove"})

    @property
    def id(self) -> str:
        return self.prefix or "root"


@dataclass
class Builder:
    """The whole builder: the tree, what it says, and how many people it finds."""

    tree: Line
    written: str
    node: Node
    in_words: str
    count: int | None
    shown: str
    everybody: int | None
    small: bool
    problems: dict[Path, str]
    judged: permission.Judged
    charts: list[dict[str, Any]]
    lines: list[Line]


def builder(
    draft: Group,
    *,
    purpose: str,
    now: datetime,
    may_read_people: bool,
    besides: int | None = None,
    partial: bool = False,
) -> Builder:
    """Everything about a draft. Without a warehouse the numbers are missing and the rest is there.

    What the purpose may not use is not counted either: a number of people with a protected diagnosis is such a use.
    `partial`: only what changes while somebody types, so nothing is asked that the fields need.
    """
    node, nodes, problems = drafts.finish(draft)
    try:
        judged = permission.judge(node, purpose, on=now.date())
        counts, parts, everybody = ({}, None, None) if judged.refusals else _counted(node, nodes, now)
    except Misformed as wrong:  # a name that leads nowhere any more
        judged, counts, parts, everybody = permission.Judged((), ()), {}, None, None
        problems[()] = str(wrong)
    choices = None if partial else Choices.ask(draft, besides=besides)
    tree = _line(draft, (), choices, nodes)
    lines = _flat(tree)
    for path, line in lines:
        line.problem = problems.get(path, "")
        line.people = shown(counts[path], may_read_people=may_read_people) if path in counts else ""
    count = counts.get(())
    small = count is not None and queries.is_small(count, may_read_people=may_read_people)
    return Builder(
        tree=tree,
        written=drafts.write(draft),
        node=node,
        in_words=queries.sentence(node, get_language() or "en"),
        count=count,
        shown=shown(count, may_read_people=may_read_people),
        everybody=everybody,
        small=small,
        problems=problems,
        judged=judged,
        charts=[] if parts is None or small or not count else charts(parts, may_read_people=may_read_people),
        lines=[line for _path, line in lines],
    )


def shown(count: int | None, *, may_read_people: bool) -> str:
    """A number of people as this reader may see it."""
    if count is None:
        return "–"
    if queries.is_small(count, may_read_people=may_read_people):
        return _("fewer than %(number)s") % {"number": queries.SMALLEST_SHOWN}
    return formats.format_count(count)


def charts(parts: Breakdown, *, may_read_people: bool) -> list[dict[str, Any]]:
    """Three bar charts. Small cells are left out for those who may not open people, and never so that one can be worked out."""
    places = dict(Location.objects.filter(pk__in=[one for one in parts.locations if one]).values_list("pk", "name"))
    sexes = {"F": _("Women"), "M": _("Men"), "O": _("Other"), "U": _("Not known")}
    by_place = sorted(parts.locations.items(), key=lambda one: -one[1])[:8]
    return [
        _chart(_("By age"), [(samples.band(one), many) for one, many in parts.ages.items() if many], may_read_people),
        _chart(_("By sex"), [(sexes.get(one, one), many) for one, many in parts.sexes.items()], may_read_people),
        _chart(
            _("By usual location"),
            [(places.get(one or 0, _("Not known")), many) for one, many in by_place],
            may_read_people,
        ),
    ]


def _chart(title: str, cells: list[tuple[str, int]], may_read_people: bool) -> dict[str, Any]:
    hidden = [cell for cell in cells if queries.is_small(cell[1], may_read_people=may_read_people)]
    if len(hidden) == 1 and len(cells) > 1:  # one missing cell is the total less the others
        hidden.append(min((cell for cell in cells if cell not in hidden), key=lambda cell: cell[1]))
    note = (
        _("Groups of fewer than %(number)s people are not shown.") % {"number": queries.SMALLEST_SHOWN}
        if hidden
        else ""
    )
    return {
        "title": title,
        "items": [{"label": label, "value": many} for label, many in cells if (label, many) not in hidden],
        "note": note,
    }


def listed(segments: list[Segment], *, may_read_people: bool) -> list[dict[str, Any]]:
    """The lines of the list: name, sentence, size, how the size went, and where it is used."""
    histories = queries.histories(segments)
    language = get_language() or "en"
    found = []
    for segment in segments:
        sizes = [one.people for one in histories.get(segment.pk, [])]
        small = any(queries.is_small(one, may_read_people=may_read_people) for one in sizes)
        found.append({
            "segment": segment,
            "sentence": queries.sentence_of(segment, language),
            "people": shown(sizes[-1] if sizes else None, may_read_people=may_read_people),
            "sizes": [] if small or len(sizes) < 2 else sizes,
            "uses": usage.used_where(segment),
            "whence": _whence(segment),
        })  # fmt: skip
    return found


def _whence(segment: Segment) -> str:
    """Where the people of a list came from. It is no question, so it has no sentence."""
    if segment.kind != Segment.Kind.LIST:
        return ""
    if segment.origin is None:
        return _("People put on it from a sheet.")
    words = {"name": segment.origin.name, "number": segment.origin.version}
    return _("People kept from “%(name)s”, version %(number)s.") % words


def about(segment: Segment | None, *, may_read_people: bool) -> dict[str, Any]:
    """What stands beside the builder of a saved segment."""
    if segment is None:
        return {"history": [], "uses": [], "naming": []}
    lines = queries.history(segment)
    small = any(queries.is_small(one.people, may_read_people=may_read_people) for one in lines)
    return {"history": [] if small else lines, "uses": usage.used_where(segment), "naming": queries.naming(segment)}


def overlaps(
    node: Node, *, purpose: str, now: datetime, may_read_people: bool, besides: int | None = None
) -> list[dict[str, Any]]:
    """The other segments that hold some of the same people, most first. Raises Misformed, NotForThisPurpose, NoWarehouse."""
    others = Segment.objects.exclude(pk=besides or 0).order_by("name", "pk")
    found = queries.overlaps(node, others, now, purpose=purpose, may_read_people=may_read_people)
    mine = queries.count(node, now)
    return [
        {
            "segment": one.segment,
            "both": _("not shown") if one.both is None else formats.format_count(one.both),
            "share": one.both / mine if one.both and mine else None,
            "people": _("not shown") if one.of_them is None else formats.format_count(one.of_them),
        }
        for one in found
        if one.both != 0
    ]


def _counted(
    node: Node, nodes: dict[Path, Node], now: datetime
) -> tuple[dict[Path, int], Breakdown | None, int | None]:
    try:
        snapshot = store.snapshot()
    except store.NoWarehouse:
        return {}, None, None
    as_of, house = queries.day_of(now), meaning.House()
    counts = {path: snapshot.count(meaning.of(one, house), as_of) for path, one in nodes.items()}
    whole = meaning.of(node, house)
    return counts | {(): snapshot.count(whole, as_of)}, snapshot.breakdown(whole, as_of), snapshot.count(All(), as_of)


def _line(
    part: Part,
    path: Path,
    choices: Choices | None,
    nodes: dict[Path, Node],
    siblings: tuple[Any, ...] = (),
) -> Line:
    can = _can(path, siblings)
    if isinstance(part, Group):
        parts = [_line(one, (*path, index), choices, nodes, part.of) for index, one in enumerate(part.of)]
        return Line(prefix_of(path), _("Group"), how=part.how, parts=parts, can=can, most=part.most)
    if part.kind == KEPT:
        text = samples.say_one(nodes[path]) if path in nodes and choices is not None else ""
        return Line(prefix_of(path), _("Kept as it is"), icon="lock", can=can | {"wrap"}, text=text)
    fields = fields_of(part, choices) if choices is not None else []
    title = str(TITLES[part.kind])
    return Line(prefix_of(path), title, icon=ICONS[part.kind], fields=fields, can=can | {"wrap"})


def _can(path: Path, siblings: tuple[Any, ...]) -> set[str]:
    """What may be done to a part where it stands."""
    if not path:
        return set()
    can = {"remove"} | ({"up"} if path[-1] > 0 else set()) | ({"down"} if path[-1] < len(siblings) - 1 else set())
    can |= {"out"} if len(path) > 1 else set()
    beside = [siblings[index] for index in (path[-1] - 1, path[-1] + 1) if 0 <= index < len(siblings)]
    return can | ({"into"} if any(isinstance(one, Group) for one in beside) else set())


def _flat(line: Line, path: Path = ()) -> list[tuple[Path, Line]]:
    found = [(path, line)]
    for index, part in enumerate(line.parts):
        found += _flat(part, (*path, index))
    return found
