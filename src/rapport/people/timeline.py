"""The timeline: what happened, written once and never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dateutil.relativedelta import relativedelta
from django.db import connection, transaction

from rapport.kit import partitions
from rapport.people import bulk
from rapport.people.records import NewEvent

COLUMNS = (
    "person_id", "kind", "at", "source", "source_key", "code_system", "code", "label", "value", "unit", "data_class",
    "service_line_id", "location_id", "campaign_id", "detail", "trace", "recorded_at",
)  # fmt: skip
_STAGE = (
    "person_id bigint, kind text, at timestamptz, source text, source_key uuid, code_system text, code text, label text, "
    "value numeric(14,4), unit text, data_class text, service_line_id bigint, location_id bigint, campaign_id bigint, "
    "detail jsonb, trace uuid, recorded_at timestamptz"
)
_NO_DETAIL = bulk.as_json({})


@dataclass(frozen=True)
class Appended:
    """How many events were new and how many stood there already."""

    inserted: int
    duplicates: int


@transaction.atomic
def append(*, events: Sequence[NewEvent], now: datetime) -> Appended:
    """Write events. One that stands already (same source key, same instant) is left as it is: every replay is a no-op."""
    if not events:
        return Appended(0, 0)
    bulk.stage("new_event", _STAGE, COLUMNS, (_row(event, now) for event in events))
    columns = ", ".join(COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO people_event ({columns}, tx) SELECT {columns}, 0 FROM pg_temp.new_event "
            "ORDER BY at ON CONFLICT (source_key, at) DO NOTHING"
        )
        inserted = cursor.rowcount
    return Appended(inserted, len(events) - inserted)


@transaction.atomic
def make_months(*, now: datetime) -> int:
    """Have the partitions of this month and the two after ready. For the worker, once a day. Returns how many are new."""
    first = date(now.year, now.month, 1)
    return partitions.ensure(table="people_event", first=first, last=first + relativedelta(months=2))


def _row(event: NewEvent, now: datetime) -> tuple:
    return (
        event.person_id, event.kind, event.at, event.source[:60], event.source_key, event.code_system[:60], event.code[:40],
        event.label[:200], event.value, event.unit[:30], event.data_class, event.service_line_id, event.location_id,
        event.campaign_id, bulk.as_json(event.detail) if event.detail else _NO_DETAIL, event.trace, now,
    )  # fmt: skip
