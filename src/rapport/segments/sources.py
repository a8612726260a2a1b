"""What enters the warehouse: table by table, column by column, each from one field of a model. Nothing else does.

A field that its model's `class Privacy` does not name in `warehouse` is refused before the first row is read.
"""

from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from rapport.consent.models import ConsentRecord
from rapport.people.models import Event, Fact, Person, Trait
from rapport.segments.membership.models import Membership

How = Literal["plain", "utc", "double", "is set", "person"]


class NotForTheWarehouse(RuntimeError):
    """A column that the warehouse must not know."""

    def __init__(self, model: type[Model], field: str) -> None:
        super().__init__(
            f"{model.__name__}.{field} is not in {model.__name__}.Privacy.warehouse; it stays in PostgreSQL. "
            "Put it there only if it identifies nobody, directly or with what is there already."
        )


@dataclass(frozen=True)
class Column:
    """A column of the warehouse and the field it comes from."""

    name: str
    field: str
    how: How = "plain"


@dataclass(frozen=True)
class Source:
    """A table of the warehouse and the model it comes from."""

    table: str
    model: type[Model]
    columns: tuple[Column, ...]

    def check(self) -> None:
        """Raises NotForTheWarehouse for the first column that must not leave PostgreSQL."""
        allowed = getattr(getattr(self.model, "Privacy", None), "warehouse", [])
        for column in (*self.columns, Column("tx", "tx")):
            try:
                self.model._meta.get_field(column.field)
            except FieldDoesNotExist:
                raise NotForTheWarehouse(self.model, column.field) from None
            if column.field not in allowed:
                raise NotForTheWarehouse(self.model, column.field)

    def column_of(self, field: str) -> str:
        """The column of the PostgreSQL table behind a field."""
        return str(self.model._meta.get_field(field).column)  # type: ignore[union-attr]


def _same(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name) for name in names)


PROFILE = Source(
    "profile",
    Person,
    (
        *_same("pseudonym", "birth_month", "sex", "language", "state", "zip5"),
        Column("location_id", "home_location"),
        Column("deceased", "deceased_at", "is set"),
    ),
)
EVENT = Source(
    "event",
    Event,
    (
        Column("id", "id"),
        Column("pseudonym", "person", "person"),
        Column("kind", "kind"),
        Column("at", "at", "utc"),
        *_same("code_system", "code"),
        Column("value", "value", "double"),
        *_same("service_line_id", "location_id", "campaign_id", "data_class"),
    ),
)
FACT = Source(
    "fact",
    Fact,
    (
        Column("id", "id"),
        Column("pseudonym", "person", "person"),
        *_same("kind", "code_system", "code", "status"),
        Column("starts_at", "starts_at", "utc"),
        Column("ends_at", "ends_at", "utc"),
        *_same("location_id", "service_line_id", "data_class"),
    ),
)
TRAIT = Source(
    "trait",
    Trait,
    (
        Column("id", "id"),
        Column("pseudonym", "person", "person"),
        *_same("name", "text"),
        Column("number", "number", "double"),
        Column("data_class", "data_class"),
        Column("at", "at", "utc"),
    ),
)
CONSENT = Source(
    "consent_now",
    ConsentRecord,
    (
        Column("pseudonym", "person", "person"),
        *_same("channel", "topic", "tier", "status"),
        Column("at", "at", "utc"),
        Column("expires_at", "expires_at", "utc"),
    ),
)
MEMBER = Source(
    "member",
    Membership,
    (
        Column("id", "id"),
        Column("pseudonym", "person", "person"),
        Column("segment_id", "segment"),
        Column("entered_at", "entered_at", "utc"),
        Column("left_at", "left_at", "utc"),
    ),
)
BY_ID = (EVENT, FACT, TRAIT, MEMBER)
SOURCES = (PROFILE, *BY_ID, CONSENT)
