"""Lists: segments that are not asked again. A picture of a segment as it is now, or people somebody names line by line.

A sheet that is too long to be answered at once is read by the worker (`reading`).
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from rapport.people import erasing, pointing
from rapport.people.models import Person
from rapport.segments import actions, permission, queries
from rapport.segments.language import Any_, InSegment, parse, to_dict
from rapport.segments.membership import sheet, stays
from rapport.segments.membership.models import ListMaking, Membership, Reckoning, Why
from rapport.segments.models import PURPOSE, Segment, SegmentCount, SegmentVersion, WarehouseVersion
from rapport.trust import audit
from rapport.trust.actors import Actor, account

REASONS = {
    "unknown": "Nobody we know answers to this.",
    "several": "Several people share this; add the name and the date of birth, or the number.",
    "contradictory": "The columns of this line point to different people.",
    "deceased": "This person has died.",
    "unreadable": "A cell of this line can't be read.",
    "too_little": "This line does not say enough: a number, an e-mail address, a telephone number, or name and date of birth.",
    "again": "This person stands on an earlier line.",
}
_LOCK = 0x4C495354  # advisory locks of this module, one a form
_PSEUDONYMS = "SELECT pseudonym FROM people_person WHERE id = ANY(%s)"
_COPY = """
INSERT INTO segments_membership (segment_id, person_id, segment_version, entered_at, entered_why, entered_kind, left_why, left_kind, tx)
SELECT %s, person_id, 1, %s, 'list', '', '', '', 0 FROM segments_membership WHERE segment_id = %s AND left_at IS NULL ORDER BY person_id
"""


class AlreadyAList(ValueError):
    """A list is a picture already."""


@dataclass(frozen=True)
class Rejected:
    """A line that put nobody on the list: its number in the file, and why. It does not repeat what stood there."""

    line: int
    problem: str

    @property
    def reason(self) -> str:
        return REASONS[self.problem]


@dataclass(frozen=True)
class Taken:
    """What became of a sheet: every line put somebody on the list or is among the rejected."""

    segment: Segment
    lines: int
    people: int
    rejected: tuple[Rejected, ...]


@transaction.atomic
def freeze(
    *, by: Actor, segment: Segment, name: str, now: datetime, note: str = "", form: uuid.UUID | None = None
) -> Segment:
    """A list of the people who are in a segment now. It keeps the purpose, and names the version that chose them.

    A `form` that made a list already makes no other: that list is the answer. Raises AlreadyAList, Nameless, NotForThisPurpose,
    store.NoWarehouse (where the segment was never counted).
    """
    if segment.kind == Segment.Kind.LIST:
        raise AlreadyAList(_("This is a list already."))
    if (earlier := _made_already(form)) is not None:
        return earlier.segment
    erasing.keep_out()
    version = SegmentVersion.objects.get(segment=segment, version=segment.version)
    node = parse(segment.definition)
    permission.check(node, segment.purpose, on=queries.day_of(now).day)
    made = _begin(by=by, name=name, purpose=segment.purpose, origin=version, now=now, note=note)
    if Reckoning.objects.filter(pk=segment.pk, segment_version=segment.version).exists():
        with connection.cursor() as cursor:
            cursor.execute(_COPY, [made.pk, now, segment.pk])
    else:
        _put(made, queries.person_ids(node, now, purpose=segment.purpose), now)
    people = _many(made)
    ListMaking.objects.create(segment=made, form=form or uuid.uuid4(), people=people)
    _note_size(made, people, now)
    audit.record(
        by=by, verb="segment.freeze", now=now, thing=f"segment:{made.slug}",
        details={"from": segment.slug, "version": version.version, "people": people, "purpose": made.purpose},
    )  # fmt: skip
    return made


@dataclass(frozen=True)
class Said:
    """What a sheet says: how many lines, whom they mean, and those that mean nobody."""

    lines: int
    people: Sequence[int]
    rejected: Sequence[Rejected]


class NobodyKnown(ValueError):
    """No line of the sheet names anybody we know: an empty list is made only for those who say that they want one."""

    def __init__(self, lines: int, rejected: Sequence[Rejected]) -> None:
        super().__init__("Nobody on this sheet is known to us, so no list was made.")
        self.lines, self.rejected = lines, rejected


class NotThere(LookupError):
    """The person is not on the list."""


class NotAList(ValueError):
    """People are put on lists alone; who is in a segment follows from its definition."""


@transaction.atomic
def take_sheet(
    *,
    by: Actor,
    text: str,
    name: str,
    now: datetime,
    purpose: str = PURPOSE,
    form: uuid.UUID | None = None,
    keep_empty: bool = False,
) -> Taken:
    """A list of the people whom a sheet names, by their exact identifiers. Of the sheet only the people are kept, and the numbers
    of the lines that named nobody. A `form` that made a list already makes no other: what it made is the answer.

    Raises UnreadableSheet, Nameless, Purposeless; NobodyKnown unless an empty list is to be kept.
    """
    if purpose not in dict(permission.purposes(now.date())):
        raise actions.Purposeless(_("Say what the list is for."))
    if (earlier := _made_already(form)) is not None:
        return _taken(earlier)
    erasing.keep_out()
    if not name.strip():
        raise actions.Nameless(_("Give the list a name."))
    lines = list(sheet.lines(text))
    people: dict[int, None] = {}
    rejected = match_into(people, lines)
    if not (people or keep_empty):
        raise NobodyKnown(len(lines), rejected)
    said = Said(len(lines), list(people), rejected)
    return make(by=by, name=name, purpose=purpose, said=said, form=form or uuid.uuid4(), now=now)


def make(*, by: Actor, name: str, purpose: str, said: Said, form: uuid.UUID, now: datetime) -> Taken:
    """The list of a sheet that was read. In the caller's transaction."""
    made = _begin(by=by, name=name, purpose=purpose, origin=None, now=now)
    _put(made, said.people, now)
    making = ListMaking.objects.create(
        segment=made, form=form, lines=said.lines, people=len(said.people),
        rejected=[[one.line, one.problem] for one in said.rejected],
    )  # fmt: skip
    _note_size(made, len(said.people), now)
    audit.record(
        by=by, verb="segment.import", now=now, thing=f"segment:{made.slug}",
        details={"lines": said.lines, "people": len(said.people), "rejected": len(said.rejected), "purpose": purpose},
    )  # fmt: skip
    return _taken(making)


@transaction.atomic
def put_on(*, by: Actor, segment: Segment, person_id: int, now: datetime) -> bool:
    """Put one person on a list; False when she was on it. Raises NotAList, and Person.DoesNotExist for one out of sight or not living."""
    _alone_with(segment)
    person = Person.objects.get(pk=person_id, merged_into=None, deceased_at=None, erased_at=None)
    stays.stage([stays.Step(person.pseudonym, True, Why.LIST)])
    changed = stays.apply(segment_id=segment.pk, version=segment.version, now=now)
    if changed.entered:
        audit.record(by=by, verb="segment.put_on", now=now, thing=f"segment:{segment.slug}", person=person_id)
    return bool(changed.entered)


@transaction.atomic
def note_unmet(*, by: Actor, segment: Segment, now: datetime) -> None:
    """Somebody was named who can't be put on the list. That was a question whether we know her: it is on record as every search is."""
    audit.record(by=by, verb="segment.ask_for", now=now, thing=f"segment:{segment.slug}")


@transaction.atomic
def take_off(*, by: Actor, segment: Segment, person_id: int, now: datetime) -> None:
    """Take one person off a list. That she was on it stays on record. Raises NotAList, NotThere."""
    _alone_with(segment)
    person = Person.objects.filter(pk=person_id).first()
    if person is None or not Membership.objects.filter(segment=segment, person=person, left_at=None).exists():
        raise NotThere(f"nobody to take off list {segment.pk}")
    stays.stage([stays.Step(person.pseudonym, False, Why.LIST)])
    stays.apply(segment_id=segment.pk, version=segment.version, now=now)
    audit.record(by=by, verb="segment.take_off", now=now, thing=f"segment:{segment.slug}", person=person_id)


def _alone_with(segment: Segment) -> None:
    if segment.kind != Segment.Kind.LIST:
        raise NotAList(_("This is no list."))
    erasing.keep_out()
    stays.alone(segment.pk)


def made_by(form: uuid.UUID) -> Segment | None:
    """The list that this form made, if it was sent before."""
    making = ListMaking.objects.select_related("segment").filter(form=form).first()
    return making.segment if making else None


def taken(segment: Segment) -> Taken | None:
    """What became of the sheet that a list was made from. None for a list that was made in another way."""
    making = ListMaking.objects.select_related("segment").filter(segment=segment, segment__origin=None).first()
    return _taken(making) if making else None


def _taken(making: ListMaking) -> Taken:
    rejected = tuple(Rejected(line, problem) for line, problem in making.rejected)
    return Taken(making.segment, making.lines, making.people, rejected)


def _made_already(form: uuid.UUID | None) -> ListMaking | None:
    """Whoever sends the same form at the same time waits until the first is done."""
    if form is None:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, form.int % 2**31])
    return ListMaking.objects.select_related("segment").filter(form=form).first()


def match_into(people: dict[int, None], lines: Sequence[sheet.Line]) -> list[Rejected]:
    """Add whom these lines mean to the people of the lines before; returns the lines that add nobody."""
    readable = [one for one in lines if not one.problem]
    answers = dict(
        zip((one.number for one in readable), pointing.meant([one.pointer for one in readable]), strict=True)
    )
    rejected = []
    for line in lines:
        answer = answers.get(line.number)
        if answer is None or answer.person_id is None:
            rejected.append(Rejected(line.number, answer.problem if answer else line.problem))
        elif answer.person_id in people:
            rejected.append(Rejected(line.number, "again"))
        else:
            people[answer.person_id] = None
    return rejected


def _begin(
    *, by: Actor, name: str, purpose: str, origin: SegmentVersion | None, now: datetime, note: str = ""
) -> Segment:
    """An empty list. What it means is: whoever is on it."""
    name = " ".join(name.split())[:120]
    if not name:
        raise actions.Nameless(_("Give the list a name."))
    planned = {
        "name": name, "purpose": purpose, "definition": to_dict(Any_(())), "created_by": account(by), "kind": Segment.Kind.LIST,
        "origin": origin, "note": note[:300],
    }  # fmt: skip
    made = actions.begin(planned, now)
    made.definition = to_dict(InSegment(one_of=(made.pk,)))
    made.save(update_fields=["definition"])
    SegmentVersion.objects.create(
        segment=made,
        version=1,
        name=name,
        purpose=purpose,
        definition=made.definition,
        saved_by=made.created_by,
        saved_at=now,
    )
    return made


def _put(made: Segment, person_ids: Sequence[int], now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_PSEUDONYMS, [list(person_ids)])
        pseudonyms = [row[0] for row in cursor.fetchall()]  # read to the end: the same connection takes them in again
    stays.stage_many(entering=pseudonyms, leaving=(), why=Why.LIST)
    stays.apply(segment_id=made.pk, version=made.version, now=now)


def _many(made: Segment) -> int:
    return int(Membership.objects.filter(segment=made, left_at=None).aggregate(many=Count("id"))["many"])


def _note_size(made: Segment, people: int, now: datetime) -> None:
    """The first line of its sizes, so that nobody waits for the next warehouse to see how many are on it."""
    newest = WarehouseVersion.objects.order_by("-number").values_list("number", flat=True).first()
    SegmentCount.objects.create(
        segment=made, segment_version=made.version, warehouse_version=newest or 0, people=people, counted_at=now
    )
