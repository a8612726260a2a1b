"""The demo's way in: the same door that every feed uses."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from rapport import flow
from rapport.demo import feed
from rapport.integrations import files, importing, landing
from rapport.integrations.fhir import refs
from rapport.integrations.models import Landing, Source
from rapport.kit import clock
from rapport.people import draft
from rapport.people.models import Identifier
from rapport.trust.actors import System
from rapport.trust.sealing import source_key

EHR, CHARTS = "ehr", "charts"
BY = System("demo")


def ehr(now: datetime) -> Source:
    return landing.source(slug=EHR, name="Riverbend EHR", kind="fhir", now=now)


def place_key(place: str) -> uuid.UUID:
    """The key by which the EHR's messages find one of our locations."""
    return source_key(EHR, "Location", place)


def encounter_key(name: str) -> uuid.UUID:
    """The name for ever of a visit that the EHR told us."""
    return source_key(EHR, "Encounter", name)


def tell(load: Any, word: str, resources: Sequence[dict[str, Any]], *, at: datetime) -> None:
    """One delivery of NDJSON, landed and taken in at its simulated hour. Told again, every record is a duplicate."""
    if resources:
        land(word, feed.lines(resources), at=at)


def land(word: str, raw: bytes, *, at: datetime) -> None:
    """A file that the EHR sent, as an upload takes it."""
    name = f"{word}.ndjson"
    with clock.travel(at):
        importing.upload(by=BY, chunks=files.of_bytes(name, raw), source=ehr(at), file_name=name, now=at)
        take_all(at)


def take_all(now: datetime, tell: Callable[[int, int], None] | None = None) -> int:
    """Everything that waits, by the worker's own code."""
    total, taken = Landing.objects.filter(state=Landing.State.WAITING).count(), 0
    while done := flow.take_in(now=now):
        taken += done
        if tell:
            tell(taken, total)
    return taken


def person_of(patient: str) -> int:
    """The person whom the EHR calls by this id."""
    system = refs.own_system(EHR)
    return Identifier.objects.values_list("person_id", flat=True).get(
        system=system, digest=draft.number_digest(system, patient)
    )


def persons_of(patients: Sequence[str]) -> dict[int, str]:
    """Person -> the EHR's id for her, for all of these ids that are known."""
    system = refs.own_system(EHR)
    digests = {draft.number_digest(system, one): one for one in patients}
    rows = Identifier.objects.filter(system=system, digest__in=list(digests)).values_list("person_id", "digest")
    return {person_id: digests[bytes(digest)] for person_id, digest in rows}


def import_archive(path: Path, *, now: datetime, tell: Callable[[int, int], None], total: int) -> importing.Imported:
    """An archive of bundles, by the code of `rapport import fhir`."""
    source = landing.source(slug=CHARTS, name="Chart export", kind="fhir", now=now)
    return importing.fhir(
        by=BY, path=path, source=source, clock=lambda: now, tell=lambda so_far: tell(min(so_far.landings, total), total)
    )
