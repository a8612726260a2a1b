"""The directory learns from what arrives: organisations, their places, and who works there. By source key, so it learns once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from rapport.directory import zones
from rapport.directory.models import Location, Organization, Practitioner

DEFAULT_ZONE = "America/New_York"


@dataclass(frozen=True, slots=True)
class OrganizationTold:
    key: uuid.UUID
    name: str
    npi: str | None = None


@dataclass(frozen=True, slots=True)
class LocationTold:
    """`organization` is the key of the organisation it belongs to, when the source says so."""

    key: uuid.UUID
    organization: uuid.UUID | None
    name: str
    street: str = ""
    city: str = ""
    state: str = ""
    zip5: str = ""
    phone: str = ""
    latitude: float | None = None
    longitude: float | None = None

    def at(self, latitude: float, longitude: float) -> "LocationTold":
        return replace(self, latitude=latitude, longitude=longitude)


@dataclass(frozen=True, slots=True)
class PractitionerTold:
    key: uuid.UUID
    given: str
    family: str
    npi: str | None = None


@transaction.atomic
def learn(*, told: Sequence[OrganizationTold | LocationTold | PractitionerTold]) -> int:
    """Write what was told; what stood before under the same key is brought up to date. Returns how many were told."""
    organizations = _last(told, OrganizationTold)
    locations = _last(told, LocationTold)
    practitioners = _last(told, PractitionerTold)
    _organizations(organizations)
    _locations(locations)
    _practitioners(practitioners)
    return len(organizations) + len(locations) + len(practitioners)


def places(keys: Sequence[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Location ids by source key; unknown ones are left out."""
    rows = Location.objects.filter(source_key__in=keys).values_list("source_key", "pk") if keys else ()
    return {key: place for key, place in rows if key}


def _last(told: Sequence[Any], kind: Any) -> list[Any]:
    """The last word on each key, in the order of the keys: two writers lock the rows in one order."""
    last = {one.key: one for one in told if isinstance(one, kind)}
    return [last[key] for key in sorted(last)]


def _organizations(told: list[OrganizationTold]) -> None:
    taken = _taken(Organization, told)
    rows = [Organization(name=one.name[:200], npi=_free(one, taken), source_key=one.key) for one in told]
    Organization.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["source_key"], update_fields=["name", "npi"]
    )


def _practitioners(told: list[PractitionerTold]) -> None:
    taken = _taken(Practitioner, told)
    rows = [
        Practitioner(given=one.given[:100], family=one.family[:100], npi=_free(one, taken), source_key=one.key)
        for one in told
    ]
    Practitioner.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["source_key"], update_fields=["given", "family", "npi"]
    )


def _locations(told: list[LocationTold]) -> None:
    """A place whose organisation nobody told us of gets one of its own name."""
    if not told:
        return
    owners = {one.organization or one.key for one in told}
    known = dict(Organization.objects.filter(source_key__in=owners).values_list("source_key", "pk"))
    missing = {one.organization or one.key: one.name for one in told if (one.organization or one.key) not in known}
    if missing:
        _organizations([OrganizationTold(key, name) for key, name in sorted(missing.items())])
        known |= dict(Organization.objects.filter(source_key__in=missing).values_list("source_key", "pk"))
    fields = ["organization", "name", "street", "city", "state", "zip5", "phone", "timezone", "latitude", "longitude"]
    rows = [_location(one, known[one.organization or one.key]) for one in told]
    Location.objects.bulk_create(rows, update_conflicts=True, unique_fields=["source_key"], update_fields=fields)


def _location(one: LocationTold, organization_id: int) -> Location:
    return Location(
        organization_id=organization_id, name=one.name[:200], slug=f"{slugify(one.name)[:40]}-{one.key.hex[:8]}".strip("-"),
        street=one.street[:200], city=one.city[:100], state=one.state[:2], zip5=one.zip5[:5], phone=one.phone[:20],
        latitude=one.latitude, longitude=one.longitude, timezone=zones.zone_of(one.zip5, one.state) or DEFAULT_ZONE,
        source_key=one.key,
    )  # fmt: skip


def _taken(model: type[Organization] | type[Practitioner], told: Sequence[Any]) -> dict[str, uuid.UUID | None]:
    """NPIs that stand already, with whose they are: one number names one party, the second claimant goes without."""
    numbers = [one.npi for one in told if one.npi]
    rows = model.objects.filter(npi__in=numbers).values_list("npi", "source_key") if numbers else ()
    return {npi: key for npi, key in rows if npi}


def _free(one: OrganizationTold | PractitionerTold, taken: dict[str, uuid.UUID | None]) -> str | None:
    if one.npi is None or taken.setdefault(one.npi, one.key) != one.key:
        return None
    return one.npi
