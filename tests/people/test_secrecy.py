"""What the database may never show: names, phones and e-mails in clear; people outside a session's scope."""

import io
import json

import pytest
from django.db import connection, transaction

from rapport.integrations import take_in
from rapport.integrations.models import Landing
from rapport.people import queries
from rapport.people.models import ContactPoint, Event, Fact, FindKeys, Person
from rapport.people.records import NewEvent
from rapport.people.timeline import append
from rapport.trust import access
from rapport.trust.actors import SYSTEM
from rapport.trust.sealing import source_key
from tests.integrations.conftest import feed, take_file  # noqa: F401 - fixtures
from tests.integrations.fhir_samples import bundle, observation, patient
from tests.people_cast import person

pytestmark = pytest.mark.django_db

CANARIES = [
    {
        "family": f"Zzyqx{n}ovich",
        "given": f"Kwyjibo{n}",
        "phone": f"978-45{n // 10}-77{n:02}",
        "mail": f"canary.{n}@zzyqx.example",
        "mrn": f"CNRY-{n:05}",
    }
    for n in range(50)
]


def canary_patient(number: int, canary: dict) -> dict:
    return patient(
        str(number),
        name=[{"family": canary["family"], "given": [canary["given"]]}],
        telecom=[{"system": "phone", "value": canary["phone"]}, {"system": "email", "value": canary["mail"]}],
        identifier=[{"system": "urn:test:mrn", "value": canary["mrn"]}],
        address=[{"line": [f"{canary['family']} Lane 5"], "city": "Lowell", "state": "MA", "postalCode": "01852"}],
        text={"status": "generated", "div": f"<div>{canary['given']} {canary['family']}</div>"},
    )


def everything() -> str:
    """Every row of every table, as a dump would have it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND NOT relispartition"
        )
        tables = [name for (name,) in cursor.fetchall()]
        out = io.BytesIO()
        for table in tables:
            with cursor.copy(f'COPY (SELECT * FROM "{table}") TO STDOUT') as rows:
                for row in rows:
                    out.write(bytes(row))
    return out.getvalue().decode("utf-8", "replace")


def test_no_canary_stands_in_any_row_of_any_table(take_file, dee, now):  # noqa: F811
    told = [canary_patient(n, canary) for n, canary in enumerate(CANARIES)]
    notes = [observation(f"o{n}", str(n), valueString=f"{c['given']} said so") for n, c in enumerate(CANARIES)]
    broken = canary_patient(99, CANARIES[0]) | {"birthDate": "0000-00-00", "id": "x"}
    take_file(
        f"{CANARIES[0]['given']}_{CANARIES[0]['family']}.json", json.dumps(bundle(*told, *notes, broken)).encode()
    )
    queries.search(by=dee, text=CANARIES[1]["family"], now=now)
    dump = everything()
    assert Person.objects.count() == 50
    leaked = [(kind, value) for canary in CANARIES for kind, value in canary.items() if value in dump]
    digits = [c["phone"] for c in CANARIES if c["phone"].replace("-", "") in dump]
    hexed = [c["family"] for c in CANARIES if c["family"].encode().hex() in dump]
    assert leaked == digits == hexed == []
    assert len(dump) > 50_000


def test_without_a_scope_nobody_is_there():
    one = person()
    append(
        events=[
            NewEvent(person_id=one.pk, kind="encounter", at=one.created_at, source="t", source_key=source_key("x"))
        ],
        now=one.created_at,
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('rapport.scope', '', true)")
        assert [model.objects.count() for model in (Person, ContactPoint, Event, Fact)] == [0, 0, 0, 0]
        cursor.execute("SELECT set_config('rapport.scope', 'all', true)")
        assert [model.objects.count() for model in (Person, Event)] == [1, 1]


def test_a_grant_for_one_location_shows_its_people_and_what_hangs_on_them(hire, now):
    from rapport.directory.models import Location, Organization
    from rapport.trust.models import Role

    ours = Organization.objects.create(name="Riverbend")
    here, there = (Location.objects.create(organization=ours, name=name, slug=name) for name in ("here", "there"))
    mine, other = person(home_location_id=here.pk, family="Nearby"), person(home_location_id=there.pk, family="Faraway")
    desk = hire("Desk", Role.FRONT_DESK, location_id=here.pk)
    with access.as_seen_by(desk, "people.search"):
        assert list(Person.objects.values_list("pk", flat=True)) == [mine.pk]
        assert set(ContactPoint.objects.values_list("person_id", flat=True)) == {mine.pk}
        assert [card.id for card in queries.search(by=SYSTEM, text="Testa", now=now)] == [mine.pk]
        with pytest.raises(Person.DoesNotExist):
            queries.card(by=SYSTEM, person_id=other.pk, now=now)


def test_the_search_index_is_used_under_row_security():
    for _ in range(3):
        person()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT person_id FROM people_findkeys WHERE find && ARRAY[1, 2]::bigint[]")
        assert "people_findkeys_find" in str(cursor.fetchall())
        cursor.execute("EXPLAIN SELECT person_id FROM people_identifier WHERE system = 'a' AND digest = '\\x00'::bytea")
        assert "Index Cond" in str(cursor.fetchall())
        cursor.execute("EXPLAIN SELECT id FROM people_event WHERE person_id = 5 ORDER BY at DESC LIMIT 5")
        assert "people_event_" in str(cursor.fetchall())
    assert FindKeys.objects.count() == 3


def test_a_person_whose_key_was_destroyed_has_no_name_any_more(pat, now):
    from rapport.trust import sealing

    sealing.destroy(pat.key, now=now)
    assert queries.names(person_ids=[pat.pk]) == {}
    assert queries.contact_points(person_ids=[pat.pk]) == []
    assert queries.card(by=SYSTEM, person_id=pat.pk, now=now).display == ""


def test_a_landing_whose_key_was_destroyed_is_set_aside(feed, now):  # noqa: F811
    from rapport.integrations import landing
    from rapport.trust import sealing

    one = landing.receive(source=feed, raw=b"{}", form="fhir_bundle", now=now)
    sealing.destroy(one.key, now=now)
    for _ in range(3):
        take_in.take(landings=take_in.claim(limit=1, now=now), now=now)
    assert Landing.objects.get().state == "failed"
