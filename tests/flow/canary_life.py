"""A small installation lives through everything once, with people whose names nobody else has. Run as a program of its own.

    python -m tests.flow.canary_life CANARIES.json DUMP.sql

It imports them, asks them, mails them, hears back, searches them, quarantines one, fails on purpose, fills the warehouse,
and leaves a dump. Whatever it prints is looked at as well.

What reads Django's settings is imported inside the functions: the address of the database must be known before the settings
are read, and it is known only when the cluster of `main` runs.
"""

import contextlib
import json
import os
import socket
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import structlog

from rapport.kit import home, postgres


def main() -> None:
    canaries = json.loads(Path(sys.argv[1]).read_text())
    with postgres.start(home.find()) as cluster:
        os.environ["DATABASE_URL"] = cluster.url
        os.environ["DJANGO_SETTINGS_MODULE"] = "rapport.settings"
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        live(canaries)
        with Path(sys.argv[2]).open("wb") as dump:
            # Row security stays on; the scope is said, as for every other process that may see everybody.
            everything = [cluster.program("pg_dump"), "--enable-row-security", "--dbname", cluster.url]
            subprocess.run(everything, stdout=dump, env={**os.environ, "PGOPTIONS": "-c rapport.scope=all"}, check=True)


def live(canaries: list[dict]) -> None:
    from django.conf import settings
    from django.test import Client

    from rapport import flow
    from rapport.demo import answers, clinic, inlet
    from rapport.kit import clock, logs
    from rapport.messaging.mailbox import Mailbox
    from rapport.messaging.models import Intent, MailboxItem
    from rapport.people.models import Person
    from rapport.segments import sync
    from rapport.trust.models import User
    from tests.flow import test_whole_trip as trip

    began = trip.NOW
    log = (home.find().log / "web.log").open("a")  # open as long as the program lives
    logs.configure("web", stream=log)
    clinic.furnish(began)
    arrive(canaries, began - timedelta(days=30))
    assert Person.objects.count() == len(canaries)
    trip.everybody_agrees(began - timedelta(days=20))

    settings.SMTP_PORT = trip_port()
    box = Mailbox("127.0.0.1", settings.SMTP_PORT)
    box.start()
    made = trip.launched("Canaries", began, holdout=0)
    box.stop()
    assert MailboxItem.objects.count() == len(canaries) == Intent.objects.filter(state="sent").count()

    first = Intent.objects.filter(cause_id=made.pk).order_by("person_id").first()
    mail = answers.letters([first.person_id], made.pk)[first.person_id]
    with clock.travel(began + timedelta(hours=1)):
        public = Client(raise_request_exception=False)
        assert public.get(mail.pixel).status_code == 200
        assert public.post(mail.unsubscribe, {"List-Unsubscribe": "One-Click"}).status_code == 200
        bea = Client(raise_request_exception=False)
        bea.force_login(User.objects.get(email__startswith="bea"), backend=settings.AUTHENTICATION_BACKENDS[-1])
        for one in canaries[:5]:
            for asked in (one["family"], one["email"], one["phone"]):
                found = bea.post("/people/", {"q": asked}, headers={"HX-Request": "true"})
                assert one["family"] in found.content.decode(), "the search must really have met the canary"
        for person in Person.objects.all()[:5]:
            assert bea.get(f"/people/{person.pk}/").status_code == 200
        assert bea.get("/outbox/").status_code == 200
        assert bea.get("/people/999999999/").status_code == 404
    with contextlib.suppress(ValueError):
        raise_with(canaries[0])
    inlet.take_all(began + timedelta(hours=2))
    sync.refresh(now=began + timedelta(hours=2))
    flow.learn(now=began + timedelta(hours=2))
    log.flush()


def arrive(canaries: list[dict], at) -> None:
    from rapport import flow
    from rapport.demo import inlet
    from rapport.integrations import landing

    source = inlet.ehr(at)
    lines = [json.dumps(patient(number, one)) for number, one in enumerate(canaries)]
    spoilt = json.dumps(
        {
            "resourceType": "Patient",
            "id": "spoilt",
            "birthDate": "0000-00-00",
            "name": [{"family": canaries[0]["family"]}],
        }
    )
    landing.receive(
        source=source,
        raw="\n".join([*lines, spoilt, '{"broken": "' + canaries[1]["email"]]).encode(),
        form="fhir_ndjson",
        now=at,
    )
    while flow.take_in(now=at):
        pass


def patient(number: int, one: dict) -> dict:
    return {
        "resourceType": "Patient", "id": f"canary{number}", "gender": "female", "birthDate": f"{1950 + number}-05-05",
        "name": [{"given": [one["given"]], "family": one["family"]}],
        "telecom": [{"system": "email", "value": one["email"]}, {"system": "phone", "value": one["phone"], "use": "mobile"}],
        "address": [{"line": [one["street"]], "city": "Lowell", "state": "MA", "postalCode": "01852"}],
    }  # fmt: skip


def raise_with(one: dict) -> None:
    """An error whose text names a patient: the log must not repeat it."""
    try:
        raise ValueError(f"no such person: {one['given']} {one['family']} {one['email']}")
    except ValueError:
        structlog.get_logger("rapport.test").exception("failed", who=one["family"])
        raise


def trip_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


if __name__ == "__main__":
    main()
