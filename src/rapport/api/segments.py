"""Segments: who is meant. Read, make, change, count and check them; who is in one only with a key that may read people."""

from typing import Annotated, Any, NoReturn

from django.utils import translation
from ninja import Path, Query, Router, Status

from rapport.api import segment_shapes as shapes
from rapport.api.consents import Limit, Number, paged
from rapport.api.gate import verb
from rapport.api.problems import Problem
from rapport.kit import clock
from rapport.segments import actions, listing, permission, queries, store, vocabulary
from rapport.segments.language import All, Misformed, Names, Node, parse, say, schema
from rapport.segments.language.classes import GENERAL
from rapport.segments.models import Segment, SegmentCount
from rapport.trust.key_door import ProgramRequest
from rapport.trust.permissions import VERBS

router = Router(tags=["Segments"])
Slug = Annotated[str, Path(pattern=r"^[a-z0-9_\-]{1,50}$")]
After = Annotated[int, Query(ge=0, le=2**63 - 1, description="The last id of the page before.")]
Many = Annotated[int, Query(ge=1, le=1_000)]
NEWEST = 50
WHERE = "body/wanted/definition"
ABSENT = "There is no such segment, or not within the sight of this key."


@router.get("/segments", response=shapes.Segments, operation_id="list_segments", summary="All segments")
@verb("segments.read")
def segments(request: ProgramRequest, page: Number = 1, limit: Limit = 50) -> dict[str, Any]:
    """By name, each in one English and one Spanish sentence, with its newest size."""
    found = paged(Segment.objects.order_by("name", "id"), page, limit)
    rows: list[Segment] = found["items"]
    sizes, nodes = queries.newest_sizes(rows), {row.pk: _readable(row) for row in rows}
    names = _names(*(node for node in nodes.values() if not isinstance(node, Misformed)))
    return found | {"items": [_line(request, row, nodes[row.pk], names, sizes.get(row.pk)) for row in rows]}


@router.post(
    "/segments",
    response={201: shapes.SegmentOut},
    operation_id="make_segment",
    summary="Make a segment",
)
@verb("segments.write")
def make(request: ProgramRequest, wanted: shapes.NewSegment) -> Status[Any]:
    """A definition under a name, with the purpose it may serve. What that purpose may not use is refused."""
    return Status(201, _whole(request, _saved(request, wanted, None)))


@router.get(
    "/segments/{slug:slug}",
    response=shapes.SegmentOut,
    operation_id="segment",
    summary="One segment, with what it meant and how large it was over time",
)
@verb("segments.read")
def segment(request: ProgramRequest, slug: Slug) -> dict[str, Any]:
    """The definition, its sentences, its newest versions and sizes."""
    return _whole(request, _found(slug))


@router.put(
    "/segments/{slug:slug}",
    response=shapes.SegmentOut,
    operation_id="change_segment",
    summary="Make the next version of a segment",
)
@verb("segments.write")
def change(request: ProgramRequest, slug: Slug, wanted: shapes.ChangedSegment) -> dict[str, Any]:
    """Name, purpose, note and definition as a whole. The same again is no new version; old versions stay."""
    standing = _found(slug)
    if standing.kind == Segment.Kind.LIST:
        raise Problem(
            409, "a-list", "This is a list.", what="Who is on it was chosen once; it has no definition to change.",
            do="Make a segment of its own.",
        )  # fmt: skip
    return _whole(request, _saved(request, wanted, standing))


@router.get(
    "/segments/{slug:slug}/sizes", response=shapes.Sizes, operation_id="segment_sizes", summary="Its size over time"
)
@verb("segments.read")
def sizes(request: ProgramRequest, slug: Slug, page: Number = 1, limit: Limit = 50) -> dict[str, Any]:
    """Newest first: a line for each day and for each change."""
    found = paged(_found(slug).counts.order_by("-counted_at", "-id"), page, limit)
    return found | {"items": [_size_line(request, one) for one in found["items"]]}


@router.get(
    "/segments/{slug:slug}/people",
    response=shapes.Members,
    operation_id="segment_people",
    summary="The people of a segment, by id",
)
@verb("people.read")
def people(request: ProgramRequest, slug: Slug, after: After = 0, limit: Many = 200) -> dict[str, Any]:
    """Those within the sight of the key, in the order of their ids. Each page is recorded.

    The key needs “See segments” as well: without it no segment is within its sight.
    """
    if not request.may("segments.read"):
        raise Problem(404, "not-found", ABSENT, do=f"The key needs “{VERBS['segments.read']}” as well.")
    chosen = _found(slug)
    try:
        listed = listing.list_people(by=request.user, segment=chosen, now=clock.now(), after=after, limit=limit)
    except (Misformed, permission.NotForThisPurpose, store.NoWarehouse) as refused:
        _refuse(refused, where="path/slug")
    return {
        "segment": chosen.slug,
        "version": chosen.version,
        "total": listed.total,
        "items": listed.ids,
        "next_after": listed.next_after,
    }


@router.post(
    "/segment-definitions/count",
    response=shapes.Counted,
    operation_id="count_definition",
    summary="How many people a definition finds, as a whole and part by part",
)
@verb("segments.read")
def count(request: ProgramRequest, wanted: shapes.Asked) -> dict[str, Any]:
    """Nothing is saved. Numbers below 11 are hidden from keys that may not read people."""
    node, now = _parsed(wanted.definition), clock.now()
    try:
        permission.check(node, _purpose(wanted.purpose), on=now.date())
        counts = queries.counts(node, now)
    except (Misformed, permission.NotForThisPurpose, store.NoWarehouse) as refused:
        _refuse(refused)
    fresh = queries.freshness()
    return _size(request, counts[()]) | {
        "sentence": _sentences(node, _names(node)),
        "data_until": fresh.data_until if fresh else None,
        "parts": [{"path": list(path)} | _size(request, many) for path, many in sorted(counts.items())],
    }


@router.post(
    "/segment-definitions/validate",
    response=shapes.Validated,
    operation_id="validate_definition",
    summary="Whether a definition can be read, and may be used for a purpose",
)
@verb("segments.read")
def validate(request: ProgramRequest, wanted: shapes.Asked) -> dict[str, Any]:
    """Nothing is saved and nobody is counted. What is wrong is told with its place and a remedy, or with the rule."""
    purpose = _purpose(wanted.purpose)
    try:
        node = parse(wanted.definition)
        judged = permission.judge(node, purpose, on=clock.now().date())
        data_classes = [one for one in permission.classes_of(node) if one != GENERAL]
    except (Misformed, RecursionError) as wrong:
        return {"valid": False, "permitted": False, "flaw": _flaw(wrong)}
    return {
        "valid": True,
        "permitted": not judged.refusals,
        "flaw": None,
        "refusals": [_of_class(one) for one in judged.refusals],
        "conditions": [_of_class(one) for one in judged.conditions],
        "data_classes": data_classes,
        "sentence": _sentences(node, _names(node)),
    }


@router.get(
    "/segment-definitions/schema",
    response=dict[str, Any],
    operation_id="definition_schema",
    summary="The JSON Schema of definitions",
)
@verb("segments.read")
def definition_schema(request: ProgramRequest) -> dict[str, Any]:
    """The language as this version of the program reads it."""
    return schema()


def _found(slug: str) -> Segment:
    found = Segment.objects.filter(slug=slug).first()
    if found is None:
        raise Problem(404, "not-found", ABSENT)
    return found


def _saved(request: ProgramRequest, wanted: shapes.NewSegment, standing: Segment | None) -> Segment:
    node = _parsed(wanted.definition)
    try:
        return actions.save(
            by=request.user,
            now=clock.now(),
            name=wanted.name,
            node=node,
            purpose=_purpose(wanted.purpose),
            segment=standing,
            note=wanted.note,
            seen_version=wanted.seen_version if isinstance(wanted, shapes.ChangedSegment) else None,
        )
    except actions.Nameless as refused:
        raise Problem(422, "invalid", str(refused), where="body/wanted/name", do="Send a name.") from None
    except actions.ChangedMeanwhile as refused:
        raise Problem(
            409, "changed-meanwhile", "Somebody else saved this segment meanwhile.", what=str(refused),
            do="Read it again, make your change to that version, and send its number as seen_version.",
        ) from None  # fmt: skip
    except (Misformed, permission.NotForThisPurpose) as refused:
        _refuse(refused)


def _parsed(definition: dict[str, Any]) -> Node:
    try:
        return parse(definition)
    except (Misformed, RecursionError) as wrong:
        _refuse(wrong)


def _purpose(wanted: str) -> str:
    known = dict(permission.purposes(clock.now().date()))
    if wanted not in known:
        raise Problem(
            422, "invalid", "No segment is built for this purpose.", where="body/wanted/purpose",
            do=f"Send one of {', '.join(known)}.",
        )  # fmt: skip
    return wanted


def _refuse(refused: Exception, where: str = WHERE) -> NoReturn:
    """What stands against a definition, as a problem."""
    if isinstance(refused, permission.NotForThisPurpose):
        raise Problem(
            422, "not-for-this-purpose", "This purpose may not use what the segment asks for.", what=str(refused),
            places=[(f"{where} [{one.rule}]", one.sentence) for one in refused.refusals],
            do="Leave out what is named, or say another purpose if the segment is for another one.",
        ) from None  # fmt: skip
    if isinstance(refused, store.NoWarehouse):
        raise Problem(503, "no-warehouse", str(refused), do="Ask again in a minute.") from None
    flaw = _flaw(refused)
    raise Problem(
        422, "misformed", "The definition is not in the segment language.", what=f"{flaw['place']}: {flaw['problem']}",
        do=flaw["remedy"], places=[(f"{where}: {flaw['place']}", flaw["problem"])],
    ) from None  # fmt: skip


def _flaw(wrong: Exception) -> dict[str, str]:
    if isinstance(wrong, Misformed):
        return {"place": wrong.place, "problem": wrong.problem, "remedy": wrong.remedy}
    return {
        "place": "The definition",
        "problem": "groups are nested too deep",
        "remedy": "Use fewer groups inside groups",
    }


def _readable(row: Segment) -> Node | Misformed:
    try:
        return parse(row.definition)
    except Misformed as wrong:
        return wrong


def _names(*nodes: Node) -> dict[str, Names]:
    """The names of everything that some definitions mention, in either language."""
    found = {}
    for language in ("en", "es"):
        with translation.override(language):
            found[language] = vocabulary.names(All(nodes))
    return found


def _sentences(node: Node | Misformed, names: dict[str, Names]) -> dict[str, str]:
    if isinstance(node, Misformed):
        return {"en": str(node), "es": str(node)}
    return {"en": say(node, "en", names["en"]), "es": say(node, "es", names["es"])}


def _size(request: ProgramRequest, people: int | None) -> dict[str, Any]:
    """A number as this key may see it."""
    hidden = people is not None and queries.is_small(people, may_read_people=request.may("people.read"))
    return {"people": None if hidden else people, "hidden": hidden}


def _size_line(request: ProgramRequest, one: SegmentCount) -> dict[str, Any]:
    return _size(request, one.people) | {"version": one.segment_version, "counted_at": one.counted_at}


def _line(
    request: ProgramRequest, row: Segment, node: Node | Misformed, names: dict[str, Names], last: SegmentCount | None
) -> dict[str, Any]:
    told = {
        name: getattr(row, name) for name in ("id", "slug", "name", "kind", "purpose", "version", "note", "changed_at")
    }
    counted = {"counted_at": last.counted_at if last else None}
    return told | counted | _size(request, last.people if last else None) | {"sentence": _sentences(node, names)}


def _whole(request: ProgramRequest, row: Segment) -> dict[str, Any]:
    node, history = _readable(row), queries.history(row, limit=NEWEST)
    names = {} if isinstance(node, Misformed) else _names(node)
    versions = row.versions.select_related("saved_by").order_by("-version")[:NEWEST]
    return _line(request, row, node, names, history[-1] if history else None) | {
        "definition": row.definition,
        "created_at": row.created_at,
        "sizes": [_size_line(request, one) for one in history],
        "versions": [
            {
                "version": one.version,
                "name": one.name,
                "purpose": one.purpose,
                "definition": one.definition,
                "saved_by": one.saved_by.name if one.saved_by else None,
                "saved_at": one.saved_at,
            }
            for one in reversed(versions)
        ],
    }


def _of_class(one: permission.Refusal | permission.Condition) -> dict[str, str]:
    return {"data_class": one.data_class, "sentence": one.sentence, "rule": one.rule}
