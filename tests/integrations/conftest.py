"""A feed to import into, and the two ways of importing: bytes as a named file, and bytes through the worker's door."""

from collections.abc import Callable
from pathlib import Path

import pytest

from rapport.integrations import importing, landing
from rapport.integrations.importing import Imported
from rapport.integrations.models import Landing, Source
from rapport.trust.actors import SYSTEM


@pytest.fixture
def feed(db, now) -> Source:
    return landing.source(slug="ehr", name="Test EHR", kind="fhir", now=now)


@pytest.fixture
def take_file(feed, clock, tmp_path: Path) -> Callable[..., Imported]:
    """`take_file("a.ndjson", raw)`: import as the command does."""

    def take(name: str, raw: bytes) -> Imported:
        path = tmp_path / name
        path.write_bytes(raw)
        return importing.fhir(by=SYSTEM, path=path, source=feed, clock=clock.now)

    return take


def adds_up() -> bool:
    """Every landing and every delivery: read = accepted + quarantined + duplicates, and rows held back are as many as counted."""
    for one in Landing.objects.all():
        settled = one.quarantined_rows.exclude(state="replayed").count()
        if one.read != one.accepted + one.quarantined + one.duplicates or one.quarantined != settled:
            return False
    return True
