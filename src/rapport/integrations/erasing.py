"""Taking one human being out of what came in raw: landings, quarantine, and the memory of records already taken.

- A landing that holds nobody else is destroyed: its key goes, its bytes go.
- A landing that holds others too is written anew without her, under a new key; the old key goes. One that can't be taken apart
  safely is destroyed as a whole: what it told about the others stands in the record already.
- A held-back record about her is emptied; the row stays, so that totals add up.

Whose a record is: its own number for a Patient, its reference for anything else; in text that can't be read, also an address or
her whole name with her birth date. Every landing is opened for it: an erasure takes minutes where a feed of years is kept.
"""

import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import TypeVar

import msgspec
import zstandard
from django.db.models import Model, QuerySet

from rapport.integrations import landing as door
from rapport.integrations import quarantine
from rapport.integrations.models import Delivery, Landing, Quarantine, SeenRecord
from rapport.integrations.registry import FORMS
from rapport.integrations.translation import Problem, Record
from rapport.people.erasing import Known
from rapport.trust import sealing
from rapport.trust.sealing import source_key

CHUNK = 50
M = TypeVar("M", bound=Model)
SHORTEST = 4  # letters of a number that may be recognised without its system beside it
OWN = ":Patient"
EMPTIED = "erased with the person it was about"


@dataclass(frozen=True)
class Wanted:
    """How she may stand in raw input."""

    known: Known = field(repr=False)

    @cached_property
    def own(self) -> dict[str, frozenset[str]]:
        """Source -> its own names for her."""
        found: dict[str, set[str]] = {}
        for system, value in self.known.numbers:
            if system.endswith(OWN):
                found.setdefault(system.removesuffix(OWN), set()).add(value)
        return {slug: frozenset(values) for slug, values in found.items()}

    @cached_property
    def official(self) -> frozenset[str]:
        return frozenset(v for system, v in self.known.numbers if not system.endswith(OWN) and len(v) >= SHORTEST)

    @cached_property
    def patients(self) -> frozenset[uuid.UUID]:
        """The keys of her own records."""
        return frozenset(source_key(slug, "Patient", value) for slug, values in self.own.items() for value in values)

    @cached_property
    def reached_by(self) -> frozenset[bytes]:
        """The digests of her numbers and addresses: a text message or mail says by its sender or recipient whose it is."""
        return frozenset(digest for _, digest in self.known.addresses)

    @cached_property
    def addresses(self) -> re.Pattern[str] | None:
        mails = [re.escape(value) for kind, value in self.known.points if kind == "email"]
        digits = [value[-10:] for kind, value in self.known.points if kind == "phone" and len(value) >= 10]
        phones = [r"[^0-9\"]{0,3}".join(one) for one in digits]
        return re.compile("|".join([*mails, *phones]), re.IGNORECASE) if mails or phones else None

    def references(self, slug: str) -> re.Pattern[str] | None:
        """`Patient/7`, `urn:uuid:7`, `Patient?identifier=...|7`, and an identifier with her number, in the text of a resource."""
        own = "|".join(re.escape(one) for one in sorted(self.own.get(slug, ())))
        official = "|".join(re.escape(one) for one in sorted(self.official))
        ways = []
        if own:
            ways.append(rf'"(?:[^"]*/)?Patient/(?:{own})(?:/_history/[^"]*)?"|"urn:uuid:(?:{own})"')
        if own or official:
            either = "|".join(filter(None, (own, official)))
            ways.append(rf'"(?:[^"]*/)?Patient\?identifier=(?:[^"]*(?:\||%7C))?(?:{either})"')
        if official:
            ways.append(rf'"value"\s*:\s*"\s*(?:{official})\s*"')
        return re.compile("|".join(ways)) if ways else None

    def needles(self, slug: str) -> re.Pattern[bytes] | None:
        """A quick look at the bytes of a landing: without one of these there is nothing of hers in it."""
        words = {*self.own.get(slug, ()), *self.official, *(v for kind, v in self.known.points if kind == "email")}
        words |= {value[-4:] for kind, value in self.known.points if kind == "phone"}
        words |= {family for _, family in self.known.names} | {str(one) for one in self.known.person_ids}
        parts = [re.escape(word.encode()) for word in sorted(words) if word]
        return re.compile(b"|".join(parts), re.IGNORECASE) if parts else None


@dataclass
class Found:
    """Where she stands in what came in raw. `shared` holds what is left of a landing without her."""

    alone: list[int] = field(default_factory=list)
    shared: dict[int, bytes] = field(default_factory=dict)
    held: list[int] = field(default_factory=list)
    records: set[uuid.UUID] = field(default_factory=set)

    @property
    def counts(self) -> dict[str, int]:
        return {"landings": len(self.alone), "landings_rewritten": len(self.shared), "quarantine": len(self.held)}


def find(known: Known) -> Found:
    """Look through everything that came in raw."""
    wanted, found = Wanted(known), Found(records=set(Wanted(known).patients))
    for batch in _in_chunks(Landing.objects.select_related("source")):
        keys = sealing.keys_of([one.key for one in batch])
        raws = door.raw_of([one for one in batch if one.key in keys])
        for one in batch:
            needles = wanted.needles(one.source.slug)
            if one.pk in raws and needles and needles.search(raws[one.pk]):
                _look_into(one, raws[one.pk], wanted, found)
    for rows in _in_chunks(Quarantine.objects.select_related("landing__source")):
        texts = quarantine.texts_of(rows)
        found.held += [row.pk for row in rows if texts[row.pk] and _holds_her(row, texts[row.pk], wanted, found)]
    return found


def erase(found: Found, known: Known, *, now: datetime) -> list[uuid.UUID]:
    """Take her out of all of it, in the current transaction. Returns the subjects that held her alone, whose keys are gone."""
    subjects = []
    rows = Landing.objects.select_for_update().filter(pk__in=[*found.alone, *found.shared]).order_by("pk")
    for one in rows:
        sealing.destroy(one.key, now=now)
        if one.pk in found.shared:
            _write_anew(one, found.shared[one.pk])
        else:
            subjects.append(one.key)
            _destroy(one, now)
    held = list(Quarantine.objects.select_for_update().filter(pk__in=found.held).order_by("pk"))
    for row in held:
        sealing.destroy(row.key, now=now)
        if row.state == Quarantine.State.OPEN:
            row.state, row.settled_at = Quarantine.State.DISMISSED, now
        row.raw, row.mended, row.waits_for = b"", None, None
        row.reason, row.remedy, row.path, row.fingerprint = EMPTIED, "", "", None
    Quarantine.objects.bulk_update(
        held,
        ["state", "settled_at", "raw", "mended", "waits_for", "reason", "remedy", "path", "fingerprint"],
        batch_size=500,
    )
    SeenRecord.objects.filter(key__in=found.records).delete()
    _forget_file_names(known, now)
    return [*subjects, *[row.key for row in held]]


def _in_chunks(rows: QuerySet[M]) -> Iterator[list[M]]:
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:CHUNK]):
        yield batch
        last = batch[-1].pk


def _look_into(one: Landing, raw: bytes, wanted: Wanted, found: Found) -> None:
    hers: list[bytes] = []
    others = 0
    for record in FORMS[one.form].read(raw, one):
        if is_hers(record, one.source.slug, wanted):
            hers.append(record.raw)
            if isinstance(record, Record):
                found.records.add(record.key)
        else:
            others += 1
    if not hers:
        return
    left = _without(raw, hers, one.form) if others else None
    if left is None:
        found.alone.append(one.pk)
    else:
        found.shared[one.pk] = left


def is_hers(record: Record | Problem, slug: str, wanted: Wanted) -> bool:
    """Whether a record is about her. A shared address or an equal name makes nobody's record hers as long as it says whose it is."""
    text = record.raw.decode("utf-8", "replace")
    if isinstance(record, Record):
        if record.kind == "Patient":
            return record.key in wanted.patients or _mentions(wanted.official, text)
        if getattr(record.told, "person_id", None) in wanted.known.person_ids:
            return True
        if getattr(record.told, "digest", None) in wanted.reached_by:
            return True
    references = wanted.references(slug)
    if references and references.search(text):
        return True
    return isinstance(record, Problem) and _names_her(text, wanted)


def _mentions(values: frozenset[str], text: str) -> bool:
    return any(f'"{value}"' in text for value in values)


def _names_her(text: str, wanted: Wanted) -> bool:
    """For text that does not say whose it is: an address of hers, or her whole name and when she was born."""
    if wanted.addresses and wanted.addresses.search(text):
        return True
    low = text.casefold()
    named = any(given.casefold() in low and family.casefold() in low for given, family in wanted.known.names)
    return named and (not wanted.known.born or any(born.isoformat() in low for born in wanted.known.born))


def _holds_her(row: Quarantine, text: bytes, wanted: Wanted, found: Found) -> bool:
    read = list(FORMS[row.landing.form].read_mended(text, row.landing))
    hers = [one for one in read if is_hers(one, row.landing.source.slug, wanted)]
    found.records |= {one.key for one in hers if isinstance(one, Record)}
    loose = _names_her(text.decode("utf-8", "replace"), wanted) and not any(isinstance(one, Record) for one in read)
    return bool(hers) or loose


def _without(raw: bytes, hers: Sequence[bytes], form: str) -> bytes | None:
    """The landing without her records; None when it can't be taken apart."""
    gone = set(hers)
    if form == "fhir_ndjson":
        kept = [
            b"" if line.strip() in gone else line for line in raw.split(b"\n")
        ]  # the others keep their line numbers
        return b"\n".join(kept)
    try:
        whole = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        entries = msgspec.json.decode(whole.get("entry", msgspec.Raw(b"[]")), type=list[dict[str, msgspec.Raw]])
    except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError):
        return None
    left = [one for one in entries if bytes(one.get("resource", msgspec.Raw(b""))) not in gone]
    if len(entries) - len(left) < len(gone):
        return None
    return msgspec.json.encode({**whole, "entry": left})


def _write_anew(one: Landing, left: bytes) -> None:
    one.key = uuid.uuid4()
    key = sealing.new_keys([one.key])[one.key]
    one.raw = sealing.seal(key, zstandard.compress(left, 3), table=door.TABLE, column="raw", row=one.key)
    one.size = len(left)
    one.save(update_fields=["key", "raw", "size"])


def _destroy(one: Landing, now: datetime) -> None:
    one.raw, one.size = b"", 0
    if one.state == Landing.State.WAITING:
        one.state, one.taken_at = Landing.State.TAKEN, now  # there is nothing left to take in
    one.save(update_fields=["raw", "size", "state", "taken_at"])


def _forget_file_names(known: Known, now: datetime) -> None:
    """People put patients' names into the names of files."""
    words = {family.casefold() for _, family in known.names} | {
        v.casefold() for _, v in known.numbers if len(v) >= SHORTEST
    }
    for batch in _in_chunks(Delivery.objects.all()):
        for number, name in door.file_names(batch).items():
            if any(word in name.casefold() for word in words):
                sealing.destroy(next(one.trace for one in batch if one.pk == number), now=now)
