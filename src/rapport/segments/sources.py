"""What enters the warehouse: table by table, column by column, each from one field of a model. Nothing else does.

A field that its model's `class Privacy` does not name in `warehouse` is refused before the first row is read.

To add a table: its columns in schema.sql, its name in tables.OF_PEOPLE, a Source here, and the Source in BY_ID. The model needs an
`id`, a `person` and a `tx` field classed for the warehouse, an index on `tx`, and the triggers of migration people.0006 (stamp_tx,
note_gone); tests hold each of these. A work file without the table is built anew by itself.
"""

from dataclasses import dataclass
from typing import Literal, LiteralString

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model

from rapport.consent.models import ConsentRecord, Preference
from rapport.people.models import Event, Fact, Person, Relationship, Trait
from rapport.segments.membership.models import Membership

# A click or an opening counts unless a machine made it (`people.touches`).
OF_A_PERSON = (
    "<> CASE WHEN r.kind IN ('message_opened', 'message_clicked') AND people_by_machine(r.person_id, r.at, r.detail) "
    "THEN r.kind ELSE '' END"
)
How = Literal["plain", "utc", "double", "is set", "person", "payer class"]


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
class Only:
    """What a field must say for its row to enter; a row that no longer says so leaves."""

    field: str
    test: LiteralString


@dataclass(frozen=True)
class Source:
    """A table of the warehouse and the model it comes from. `key` is the column by which a changed row finds the old one."""

    table: str
    model: type[Model]
    columns: tuple[Column, ...]
    key: str = "id"
    only: tuple[Only, ...] = ()

    def check(self) -> None:
        """Raises NotForTheWarehouse for the first column that must not leave PostgreSQL."""
        allowed = getattr(getattr(self.model, "Privacy", None), "warehouse", [])
        for field in (*(column.field for column in self.columns), *(one.field for one in self.only), "tx"):
            try:
                self.model._meta.get_field(field)
            except FieldDoesNotExist:
                raise NotForTheWarehouse(self.model, field) from None
            if field not in allowed:
                raise NotForTheWarehouse(self.model, field)

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
        Column("known_since", "created_at", "utc"),
    ),
    key="pseudonym",
    only=(Only("merged_into", "IS NULL"), Only("erased_at", "IS NULL")),
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
        *_same("service_line_id", "location_id", "campaign_id", "data_class", "unit"),
    ),
    only=(Only("kind", OF_A_PERSON),),
)
FACT = Source(
    "fact",
    Fact,
    (
        Column("id", "id"),
        Column("pseudonym", "person", "person"),
        *_same("kind", "code_system"),
        Column("code", "code", "payer class"),
        Column("status", "status"),
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
        *_same("channel", "topic", "status"),
        Column("at", "at", "utc"),
        Column("expires_at", "expires_at", "utc"),
    ),
)
PREFERENCE = Source(
    "preference_now",
    Preference,
    (Column("pseudonym", "person", "person"), *_same("at_most", "pause_until", "feeling")),
)
HOUSEHOLD = Source(
    "household",
    Relationship,
    (
        Column("id", "id"),
        Column("pseudonym", "person", "person"),
        Column("household_id", "household"),
        *_same("starts_on", "ends_on"),
    ),
    only=(Only("kind", "= 'member'"), Only("household", "IS NOT NULL")),
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
BY_ID = (EVENT, FACT, TRAIT, HOUSEHOLD, MEMBER)
DERIVED = (CONSENT, PREFERENCE)  # one row or few for each human being, made of everything that was said
SOURCES = (PROFILE, *BY_ID, *DERIVED)
