"""The verbs of segments."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from rapport.segments import history, vocabulary
from rapport.segments.language import Node, check, classes_used, to_dict
from rapport.segments.models import Segment, SegmentVersion
from rapport.trust import audit
from rapport.trust.actors import Actor, System
from rapport.trust.models import User

RESERVED = {"new", "codes", "sample"}  # words of our own addresses


class Nameless(ValueError):
    """A segment needs a name that people can find it by."""


class ChangedMeanwhile(RuntimeError):
    """Somebody else saved another version while this one was being written."""


@transaction.atomic
def save(
    *,
    by: Actor,
    now: datetime,
    name: str,
    node: Node,
    segment: Segment | None = None,
    note: str = "",
    seen_version: int | None = None,
) -> Segment:
    """Keep a definition under a name: a new segment, or the next version of one. The same again is no new version.

    `seen_version` is the version that was on the screen. Raises Nameless, Misformed, ChangedMeanwhile.
    """
    name = " ".join(name.split())[:120]
    if not name:
        raise Nameless("Give the segment a name.")
    check(node)
    definition = to_dict(node)
    author = None if isinstance(by, System) else by
    if segment is None:
        segment = _new(name, definition, note, author, now)
    else:
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        if seen_version is not None and seen_version != segment.version:
            raise ChangedMeanwhile(f"Version {segment.version} was saved meanwhile.")
        if (segment.name, segment.definition, segment.note) == (name, definition, note):
            return segment
        segment.name, segment.definition, segment.note = name, definition, note
        segment.version += 1
        segment.changed_at = now
        segment.save(update_fields=["name", "definition", "note", "version", "changed_at"])
    SegmentVersion.objects.create(
        segment=segment, version=segment.version, name=name, definition=definition, saved_by=author, saved_at=now
    )
    people = history.note_size(segment, now=now)
    audit.record(
        by=by, verb="segment.save", now=now, thing=f"segment:{segment.slug}",
        details={
            "version": segment.version, "people": people, "definition": definition,
            "classes": sorted(classes_used(node, vocabulary.code_classes(node))),
        },
    )  # fmt: skip
    return segment


def _new(name: str, definition: dict, note: str, author: User | None, now: datetime) -> Segment:
    stem = slugify(name)[:40] or "segment"
    for number in range(1, 1_000):
        slug = stem if number == 1 else f"{stem}-{number}"
        if slug in RESERVED or Segment.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                return Segment.objects.create(
                    slug=slug,
                    name=name,
                    definition=definition,
                    note=note,
                    created_by=author,
                    created_at=now,
                    changed_at=now,
                )
        except IntegrityError:
            continue
    raise Nameless("There are too many segments of this name; choose another.")
