"""The library: what we have, found by words, tags and state; who owns it, where it is used, when its approval runs out."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import msgspec
from django.db import transaction

from rapport.consent import code_classes
from rapport.content import usage
from rapport.content.models import Piece, Version
from rapport.content.reviewing import actions as reviewing
from rapport.content.reviewing import queries as desk
from rapport.content.reviewing import standing
from rapport.directory.models import ServiceLine
from rapport.trust import audit
from rapport.trust.models import User

# What a tag may say. Service line, topic and language stand on the piece itself, the reading grade on a version.
KINDS = ("condition", "stage", "persona", "class")
STAGES = ("aware", "considers", "booked", "in care", "after care", "lapsed")
CLASSES = tuple(one for one in code_classes.STRICTNESS if one != code_classes.GENERAL)
STATES = ("published", "review", "draft", "retired", "soon", "over")
SOON = timedelta(days=30)
GRADES = {"easy": (0.0, 6.0), "middle": (6.0, 9.0), "hard": (9.0, 99.0)}


class NeedsAnotherLook(ValueError):
    """What is now said of the piece would need a look that its approved words never had."""


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What is said of a piece: its tags, whose it is, who pays, which service line."""

    tags: list[str]
    owner: User | None = None
    is_paid: bool = False
    service_line_id: int | None = None


class Filters(msgspec.Struct, frozen=True):
    """What the page was asked for; empty is everything."""

    text: str = ""
    topic: str = ""
    language: str = ""
    channel: str = ""
    state: str = ""
    line: str = ""
    grade: str = ""
    owner: str = ""
    tag: str = ""

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Filters":
        return cls(**{name: asked.get(name, "")[:80] for name in cls.__struct_fields__})


class Row(msgspec.Struct, frozen=True):
    """One line of the library. `version` is the newest approved wording, or the newest there is."""

    piece: Piece
    version: Version | None
    open: Version | None  # a draft, or words on the desk, newer than `version`
    versions: int
    line: str
    uses: list[usage.Use]

    def state(self, now: datetime) -> str:
        """published, review, draft, retired; `over` when its approval has ended, `soon` when it will."""
        if self.version is None:
            return "draft"
        ends = self.version.expires_at
        if self.version.state == Version.State.PUBLISHED and ends is not None and ends < now + SOON:
            return "over" if ends <= now else "soon"
        return str(self.version.state)


def rows(filters: Filters, now: datetime) -> list[Row]:
    """The lines that fit, by name."""
    by_piece: dict[int, list[Version]] = {}
    for version in Version.objects.defer("html", "mjml", "text").order_by("-number"):
        by_piece.setdefault(version.piece_id, []).append(version)
    pieces = list(Piece.objects.select_related("owner").order_by("name", "id"))
    lines: dict[int | None, str] = dict(ServiceLine.objects.values_list("id", "name"))
    uses = usage.used_in(pieces)
    found = [_row(one, by_piece.get(one.pk, []), lines, uses[one.pk]) for one in pieces]
    return [one for one in found if _fits(one, filters, now)]


def tags_in_use() -> list[str]:
    """Every tag that some piece has, for the filter."""
    return sorted({tag for tags in Piece.objects.values_list("tags", flat=True) for tag in tags})


def read_tags(said: Mapping[str, str]) -> list[str]:
    """Tags from what was typed, by kind: words parted by commas, small letters, each once."""
    found = set()
    for kind in KINDS:
        for word in said.get(kind, "").split(","):
            clean = " ".join(word.lower().split())[:40]
            if clean and (kind != "class" or clean in CLASSES):
                found.add(f"{kind}:{clean}")
    return sorted(found)


@transaction.atomic
def describe(*, by: User, piece: Piece, said: Said, now: datetime) -> Piece:
    """Say what a piece is about and whose it is. Words on the desk go back to a draft where other looks are needed now.

    Raises NeedsAnotherLook where approved words would need a look that nobody has had.
    """
    piece = Piece.objects.select_for_update(of=("self",)).get(pk=piece.pk)
    versions = list(piece.versions.filter(state__in=[Version.State.REVIEW, Version.State.PUBLISHED]))
    before = {one.pk: _kinds(one, piece, now) for one in versions}
    piece.tags, piece.owner, piece.is_paid = sorted(set(said.tags)), said.owner, said.is_paid
    piece.service_line_id = said.service_line_id
    for one in versions:
        grown = _kinds(one, piece, now) - before[one.pk]
        if one.state == Version.State.PUBLISHED and grown:
            raise NeedsAnotherLook(", ".join(sorted(grown)))
        if one.state == Version.State.REVIEW and _kinds(one, piece, now) != before[one.pk]:
            reviewing.take_off(version=one, now=now)
    piece.save()
    details = {"tags": piece.tags, "paid": said.is_paid, "owner": said.owner.pk if said.owner else None}
    audit.record(by=by, verb="content.describe", now=now, thing=f"piece:{piece.pk}", details=details)
    return piece


def running_out(now: datetime) -> list[Version]:
    """What needs a new approval within thirty days."""
    return desk.runs_out(now, SOON)


def _kinds(version: Version, piece: Piece, now: datetime) -> set[str]:
    version.piece = piece
    return {one.kind for one in standing.needed(version, now.date())}


def _row(piece: Piece, versions: list[Version], lines: Mapping[int | None, str], uses: list[usage.Use]) -> Row:
    approved = next((one for one in versions if one.state == Version.State.PUBLISHED), None)
    newest = approved or (versions[0] if versions else None)
    waiting = versions[0] if versions and approved and versions[0].state in {"draft", "review"} else None
    return Row(piece, newest, waiting, len(versions), lines.get(piece.service_line_id, ""), uses)


def _fits(row: Row, asked: Filters, now: datetime) -> bool:
    piece, version = row.piece, row.version
    simple = (
        (asked.topic, piece.topic), (asked.language, piece.language), (asked.channel, piece.channel),
        (asked.line, str(piece.service_line_id or "")), (asked.owner, str(piece.owner_id or "")),
    )  # fmt: skip
    if any(wanted and wanted != has for wanted, has in simple):
        return False
    if asked.state and asked.state not in {row.state(now), row.open.state if row.open else ""}:
        return False
    if asked.tag and asked.tag not in piece.tags:
        return False
    if asked.grade in GRADES:
        low, high = GRADES[asked.grade]
        if version is None or version.grade is None or not low <= version.grade <= high:
            return False
    return _said(asked.text, (piece.name, piece.slug, *piece.tags, version.subject if version else "", row.line))


def _said(text: str, places: Iterable[str]) -> bool:
    everything = " ".join(places).lower()
    return all(word in everything for word in text.lower().split())
