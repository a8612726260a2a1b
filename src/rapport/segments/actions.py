"""The verbs of segments."""

import json
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from rapport.segments import history, meaning, permission
from rapport.segments.language import Misformed, Node, check, to_json
from rapport.segments.language.classes import GENERAL
from rapport.segments.models import PURPOSE, Segment, SegmentVersion
from rapport.trust import audit
from rapport.trust.actors import Actor, System

RESERVED = {"new", "codes", "lists", "overlap", "ready", "sample"}  # words of our own addresses


class Nameless(ValueError):
    """A segment needs a name that people can find it by."""


class Purposeless(ValueError):
    """A segment must say what it is for: the purpose decides which knowledge it may use."""


class NotALiveSegment(ValueError):
    """A list means whoever is on it; another definition would be another segment."""


class ChangedMeanwhile(RuntimeError):
    """Somebody else saved another version while this one was being written."""


@transaction.atomic
def save(
    *,
    by: Actor,
    now: datetime,
    name: str,
    node: Node,
    purpose: str = PURPOSE,
    segment: Segment | None = None,
    note: str = "",
    seen_version: int | None = None,
) -> Segment:
    """Keep a definition under a name: a new segment, or the next version of one. The same again is no new version.

    `purpose` is what it may serve: a definition that asks for knowledge which that purpose may not use is not kept.
    `seen_version` is the version that was on the screen. Raises Nameless, Purposeless, Misformed, NotForThisPurpose,
    ChangedMeanwhile, NotALiveSegment.
    """
    name = " ".join(name.split())[:120]
    if not name:
        raise Nameless(_("Give the segment a name."))
    check(node)
    is_list = segment is not None and segment.kind == Segment.Kind.LIST  # it means: whoever is on it
    if segment is not None and not is_list and segment.pk in meaning.reaches(node):
        raise Misformed("The definition", "the segment would name itself in a circle", "Take the other segment out")
    if purpose not in dict(permission.purposes(now.date())):
        raise Purposeless(_("Say what the segment is for."))
    permission.check(node, purpose, on=now.date())
    definition = json.loads(to_json(node))  # as the column gives it back, so that the same is seen to be the same
    author = None if isinstance(by, System) else by
    if segment is None:
        segment = begin(
            {"name": name, "purpose": purpose, "definition": definition, "note": note, "created_by": author}, now
        )
    else:
        segment = Segment.objects.select_for_update().get(pk=segment.pk)
        if seen_version is not None and seen_version != segment.version:
            raise ChangedMeanwhile(_("Version %(number)s was saved meanwhile.") % {"number": segment.version})
        if segment.kind == Segment.Kind.LIST and (segment.purpose, segment.definition) != (purpose, definition):
            raise NotALiveSegment(_("This is a list. Save the new definition as a segment of its own."))
        if (segment.name, segment.purpose, segment.definition, segment.note) == (name, purpose, definition, note):
            return segment
        segment.name, segment.purpose, segment.definition, segment.note = name, purpose, definition, note
        segment.version += 1
        segment.changed_at = now
        segment.save(update_fields=["name", "purpose", "definition", "note", "version", "changed_at"])
    SegmentVersion.objects.create(
        segment=segment, version=segment.version, name=name, purpose=purpose, definition=definition, saved_by=author,
        saved_at=now,
    )  # fmt: skip
    people = history.note_size(segment, now=now)
    audit.record(
        by=by, verb="segment.save", now=now, thing=f"segment:{segment.slug}",
        details={
            "version": segment.version, "people": people, "definition": definition, "purpose": purpose,
            "classes": [one for one in permission.classes_of(node) if one != GENERAL],
        },
    )  # fmt: skip
    return segment


def begin(planned: dict[str, Any], now: datetime) -> Segment:
    """A new segment under a short name that nobody has. For the verbs of this room, which write the version and the audit line."""
    stem = slugify(planned["name"])[:40] or "segment"
    for number in range(1, 1_000):
        slug = stem if number == 1 else f"{stem}-{number}"
        if slug in RESERVED or Segment.objects.filter(slug=slug).exists():
            continue
        try:
            with transaction.atomic():
                return Segment.objects.create(slug=slug, created_at=now, changed_at=now, **planned)
        except IntegrityError:
            continue
    raise Nameless(_("There are too many segments of this name; choose another."))
