"""Where everything lands before anything else happens: raw, compressed, sealed under a key of its own."""

import uuid
from collections.abc import Sequence
from datetime import datetime

import zstandard
from django.db import transaction

from rapport.integrations.models import Delivery, Landing, Source
from rapport.trust import sealing

TABLE, DELIVERY = "integrations_landing", "integrations_delivery"
LARGEST_RAW = 1 << 30  # what a landing may unpack to; nothing larger is ever landed


class KeyGone(LookupError):
    """The raw input was erased: its key is destroyed."""


def source(*, slug: str, name: str, kind: str, now: datetime) -> Source:
    """The source with this slug, made when it is new."""
    found, _ = Source.objects.get_or_create(slug=slug, defaults={"name": name, "kind": kind, "created_at": now})
    return found


@transaction.atomic
def open_delivery(*, source: Source, file_name: str, now: datetime) -> Delivery:
    """An arrival begins. Its file name is sealed: people put patients' names there."""
    delivery = Delivery(source=source, received_at=now, trace=uuid.uuid4())
    key = sealing.new_keys([delivery.trace])[delivery.trace]
    delivery.file_name = sealing.seal(key, file_name, table=DELIVERY, column="file_name", row=delivery.trace)
    delivery.save(force_insert=True)
    return delivery


def file_names(deliveries: list[Delivery]) -> dict[int, str]:
    """The names of the files, opened."""
    keys = sealing.keys_of([one.trace for one in deliveries])
    return {
        one.pk: sealing.unseal_text(keys[one.trace], one.file_name, table=DELIVERY, column="file_name", row=one.trace)
        for one in deliveries
        if one.trace in keys
    }


@transaction.atomic
def receive(
    *,
    source: Source,
    raw: bytes,
    form: str,
    now: datetime,
    delivery: Delivery | None = None,
    first_line: int = 1,
    trace: uuid.UUID | None = None,
) -> Landing:
    """Land one batch of raw input. It waits until `take_in` comes for it."""
    landed = Landing(
        source=source, delivery=delivery, form=form, first_line=first_line, size=len(raw), received_at=now,
        trace=trace or (delivery.trace if delivery else uuid.uuid4()),
    )  # fmt: skip
    key = sealing.new_keys([landed.key])[landed.key]
    landed.raw = sealing.seal(key, zstandard.compress(raw, 3), table=TABLE, column="raw", row=landed.key)
    landed.save(force_insert=True)
    return landed


@transaction.atomic
def receive_many(*, source: Source, form: str, raws: Sequence[tuple[bytes, datetime, uuid.UUID]]) -> list[Landing]:
    """Land many small inputs at once, each under a key of its own: (raw, when it came, trace)."""
    landed = [
        Landing(source=source, form=form, first_line=1, size=len(raw), received_at=at, trace=trace)
        for raw, at, trace in raws
    ]
    keys = sealing.new_keys([one.key for one in landed])
    for one, (raw, _, _) in zip(landed, raws, strict=True):
        one.raw = sealing.seal(keys[one.key], zstandard.compress(raw, 3), table=TABLE, column="raw", row=one.key)
    return Landing.objects.bulk_create(landed)


def raw_of(landings: list[Landing]) -> dict[int, bytes]:
    """The raw bytes of landings as they came. Raises KeyGone for one that was erased."""
    keys = sealing.keys_of([one.key for one in landings])
    return {one.pk: _opened(one, keys) for one in landings}


def _opened(landed: Landing, keys: dict[uuid.UUID, sealing.DataKey]) -> bytes:
    if landed.key not in keys:
        raise KeyGone(f"landing {landed.pk}")
    packed = sealing.unseal(keys[landed.key], landed.raw, table=TABLE, column="raw", row=landed.key)
    return zstandard.decompress(packed, max_output_size=LARGEST_RAW)
