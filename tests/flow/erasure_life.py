"""A canary lives through an installation, is erased, comes back in an older backup, and is erased again. A program of its own.

    python -m tests.flow.erasure_life CANARY.json FOLDER

It leaves `after.sql` (a dump after the erasure), `restored.sql` (a dump of the older backup after the journal was applied) and
`told.json` (what it saw) in the folder. The test searches all of it, the data directory and the home.
"""

import contextlib
import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg

from rapport.kit import home, postgres
from tests.flow.canary_life import patient, trip_port

EVERYTHING = {"PGOPTIONS": "-c rapport.scope=all"}


def main() -> None:
    canary, folder = json.loads(Path(sys.argv[1]).read_text()), Path(sys.argv[2])
    with postgres.start(home.find()) as cluster:
        os.environ["DATABASE_URL"] = cluster.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        told = live(canary)
        dump(cluster, cluster.url, folder / "older.dump", "--format=custom")
        told |= erase(told)
        dump(cluster, cluster.url, folder / "after.sql")
        told |= come_back(canary)
        told |= restore(cluster, folder, told)
        with psycopg.connect(cluster.boot_url, autocommit=True) as boot:
            boot.execute("CHECKPOINT")
        (folder / "told.json").write_text(json.dumps(told, default=str))


def dump(cluster: postgres.Cluster, url: str, file: Path, *more: str) -> None:
    words = [cluster.program("pg_dump"), "--enable-row-security", *more, "--file", str(file), "--dbname", url]
    subprocess.run(words, env={**os.environ, **EVERYTHING}, check=True)


def live(canary: dict[str, str]) -> dict[str, Any]:
    """Imported, held back once, asked, mailed over SMTP, clicked, searched, copied to the warehouse."""
    from django.conf import settings
    from django.test import Client

    from rapport.demo import answers, clinic, inlet
    from rapport.kit import clock, logs
    from rapport.messaging.mailbox import Mailbox
    from rapport.messaging.models import MailboxItem
    from rapport.people.models import Person
    from rapport.segments import sync
    from rapport.trust.models import SubjectKey, User
    from tests.flow import test_whole_trip as trip

    logs.configure("web", stream=(home.find().log / "web.log").open("a"))
    clinic.furnish(trip.NOW)
    take(
        [
            fhir("can", canary),
            fhir("other", OTHER, year=1961),
            {"resourceType": "Observation", "id": "o", "subject": {"reference": "Patient/can"}, "effectiveDateTime": "nonsense"},
        ],
        trip.NOW - timedelta(days=30),
    )  # fmt: skip
    trip.everybody_agrees(trip.NOW - timedelta(days=20))
    settings.SMTP_PORT = trip_port()
    box = Mailbox("127.0.0.1", settings.SMTP_PORT)
    box.start()
    made = trip.launched("Canaries", trip.NOW, holdout=0)
    box.stop()
    who = Person.objects.get(birth_month="1950-05-01")
    mail = answers.letters([who.pk], made.pk)[who.pk]
    with clock.travel(trip.NOW + timedelta(hours=1)):
        assert Client().get(mail.pixel).status_code == 200
        assert Client().get(mail.clicks[0]).status_code == 302
        bea = Client()
        bea.force_login(User.objects.get(email__startswith="bea"), backend=settings.AUTHENTICATION_BACKENDS[-1])
        found = bea.post("/people/", {"q": canary["family"]}, headers={"HX-Request": "true"})
        assert canary["family"] in found.content.decode(), "the search must really have met the canary"
    inlet.take_all(trip.NOW + timedelta(hours=2))
    sync.refresh(now=trip.NOW + timedelta(hours=2))
    letters = list(MailboxItem.objects.filter(person_id=who.pk).values_list("key", flat=True))
    subjects = [str(one) for one in (who.key, *letters)]
    assert SubjectKey.objects.filter(subject__in=subjects, wrapped__isnull=False).count() == 2
    return {
        "person": who.pk, "pseudonym": who.pseudonym, "subjects": subjects, "campaign": made.pk,
        "sealed": [[who.key, "people_person", name, who.pk, bytes(getattr(who, name)).hex()] for name in ("given", "street")],
    }  # fmt: skip


def erase(told: dict[str, Any]) -> dict[str, Any]:
    """The compliance officer erases; the warehouse follows by itself."""
    from rapport.governance import erasing
    from rapport.segments import store, sync, tables
    from rapport.trust.actors import System
    from rapport.trust.models import SubjectKey
    from tests.flow import test_whole_trip as trip

    now = trip.NOW + timedelta(hours=3)
    opened_before = opened(told)
    done = erasing.erase(by=System("test"), person_id=told["person"], now=now, reason="asked")
    lineage = store.newest().lineage
    version = sync.refresh(now=now)
    cursor = store.folder().reading(version.file_name).cursor()
    left = {
        table: cursor.execute(f"SELECT count(*) FROM {table} WHERE pseudonym = ?", [told["pseudonym"]]).fetchone()[0]
        for table in tables.OF_PEOPLE
    }
    return {
        "removed": done.removed, "opened_before": opened_before, "warehouse": left, "same_lineage": lineage == version.lineage,
        "versions": store.folder().numbers(), "opened": opened(told), "keys": SubjectKey.objects.filter(wrapped__isnull=False).count(),
        "keys_of_hers": SubjectKey.objects.filter(subject__in=told["subjects"], wrapped__isnull=False).count(),
    }  # fmt: skip


def opened(told: dict[str, Any]) -> int:
    """With every key-encryption key at hand: how much of what was hers opens with some data key that still stands."""
    from rapport.trust import keyring, sealing
    from rapport.trust.models import SubjectKey

    found = 0
    standing = SubjectKey.objects.filter(wrapped__isnull=False).values_list("subject", "wrapped", "kek")
    for subject, wrapped, kek in standing:
        key = sealing.DataKey(subject, sealing.unwrap(keyring.wrapping(kek), kek, subject, bytes(wrapped)))
        for _, table, column, row, blob in told["sealed"]:
            with contextlib.suppress(sealing.Tampered):
                sealing.unseal(key, bytes.fromhex(blob), table=table, column=column, row=row)
                found += 1
    return found


def come_back(canary: dict[str, str]) -> dict[str, Any]:
    """The old feed again; then the same address under new numbers, and a campaign to everybody."""
    from rapport.integrations.models import Quarantine
    from rapport.messaging.models import Receipt
    from rapport.people.models import Person
    from tests.flow import test_whole_trip as trip

    now = trip.NOW + timedelta(days=10)
    before = Person.objects.count()
    take([fhir("can", canary)], now)
    held = list(Quarantine.objects.filter(state="open").values_list("reason", flat=True))
    made = Person.objects.count() - before
    stranger = {
        "given": "Nova",
        "family": "Neu",
        "email": canary["email"],
        "phone": "+16175550100",
        "street": "1 Elm",
        "mrn": "NEW-1",
    }
    take([fhir("new", stranger, year=1990)], now)
    who = Person.objects.get(birth_month="1990-05-01")
    from rapport.consent import ledger

    ledger.grant(by=trip.BY, person_id=who.pk, channel="email", topic="health_services", via="test", now=now)
    from rapport.campaigns.models import Assignment

    campaign = trip.launched("Again", now, holdout=0)
    said = Assignment.objects.get(campaign=campaign, person=who)
    sent = Receipt.objects.filter(person_id=who.pk, outcome="sent").count()
    return {"held": held, "made": made, "arm": said.arm, "gate": said.gate, "sent_to_new": sent}


def restore(cluster: postgres.Cluster, folder: Path, told: dict[str, Any]) -> dict[str, Any]:
    """The backup from before the erasure, in a database of its own; `rapport migrate` is what a start does."""
    with psycopg.connect(cluster.boot_url, autocommit=True) as boot:
        boot.execute("CREATE DATABASE restored OWNER rapport TEMPLATE template0")
    url = cluster.url.replace("/rapport?", "/restored?")
    assert url != cluster.url
    words = [
        cluster.program("pg_restore"),
        "--no-owner",
        "--exit-on-error",
        "--dbname",
        url,
        str(folder / "older.dump"),
    ]
    subprocess.run(words, env={**os.environ, **EVERYTHING}, check=True)
    (folder / "older.dump").unlink()
    values = [told["person"], told["person"], told["subjects"]]
    with psycopg.connect(url, options="-c rapport.scope=all") as link:
        before = link.execute(STANDING, values).fetchone()
    start = [sys.executable, "-m", "rapport.cli", "migrate", "--verbosity", "0"]
    subprocess.run(start, env={**os.environ, "DATABASE_URL": url, "RAPPORT_SUPERVISED": "1"}, check=True)
    with psycopg.connect(url, options="-c rapport.scope=all") as link:
        after = link.execute(STANDING, values).fetchone()
    dump(cluster, url, folder / "restored.sql")
    return {"restored_before": list(before), "restored_after": list(after)}


STANDING = """
SELECT (SELECT count(*) FROM people_event WHERE person_id = %s),
       (SELECT count(*) FROM people_contactpoint WHERE person_id = %s),
       (SELECT count(*) FROM trust_subjectkey WHERE subject = ANY(%s::uuid[]) AND wrapped IS NOT NULL),
       (SELECT count(*) FROM consent_suppression WHERE reason = 'erased'),
       (SELECT count(*) FROM people_eraseddigest)
"""
OTHER = {
    "given": "Olga", "family": "Other", "email": "olga@mail.example", "phone": "+16175550123", "street": "2 Oak", "mrn": "OTH-1",
}  # fmt: skip


def fhir(name: str, one: dict[str, str], year: int = 1950) -> dict[str, Any]:
    return patient(0, one) | {
        "id": name,
        "birthDate": f"{year}-05-05",
        "identifier": [{"system": "urn:test:mrn", "value": one["mrn"]}],
    }


def take(resources: list[dict[str, Any]], at: Any) -> None:
    from rapport import flow
    from rapport.demo import inlet
    from rapport.integrations import landing

    raw = "\n".join(json.dumps(one) for one in resources).encode()
    landing.receive(source=inlet.ehr(at), raw=raw, form="fhir_ndjson", now=at)
    while flow.take_in(now=at):
        pass


if __name__ == "__main__":
    main()
