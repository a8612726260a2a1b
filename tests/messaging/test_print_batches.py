"""Letters on paper: from the tray onto one sheet, into the post; what was withdrawn meanwhile stays off the sheet."""

import csv
import hashlib
import io

import pytest

from rapport.consent import ledger
from rapport.messaging import erasing, print_batches, send
from rapport.messaging.models import Intent, Letter, PrintBatch, Receipt
from rapport.people.models import Event, Person
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, Role
from tests import people_cast
from tests.messaging import paper_stage

pytestmark = pytest.mark.django_db


def people(count):
    return [people_cast.person(given=f"Given{chr(97 + n)}") for n in range(count)]


def test_accepted_means_on_the_tray_once(now):
    version = paper_stage.wording(now)
    (one,) = paper_stage.placed(people(1), version, now)
    letter = Letter.objects.get()
    assert (one.state, letter.intent_id, letter.state) == ("sent", one.pk, "waiting")
    Intent.objects.filter(pk=one.pk).update(state="queued", attempt=0)
    send.send_due(owner="u", now=now, limit=10)
    assert Letter.objects.count() == 1


def test_who_has_no_postal_address_gets_no_letter(now):
    version = paper_stage.wording(now)
    (one,) = paper_stage.placed([people_cast.person(street="")], version, now)
    assert one.state == "suppressed"
    assert Receipt.objects.get(intent_id=one.pk).gate == "contact"
    assert not Letter.objects.exists()


def test_one_sheet_holds_letters_of_all_wordings_and_the_batch_tells_of_it(now, bea):
    english = paper_stage.wording(now)
    spanish = paper_stage.wording(now, slug="visita-print", language="es")
    paper_stage.placed(people(2), english, now)
    paper_stage.placed([people_cast.person(given="Luz")], spanish, now, cause_id=2)
    batch = print_batches.print_waiting(by=bea, now=now)
    pdf = print_batches.sheet(by=bea, batch=batch, now=now)
    assert pdf.startswith(b"%PDF")
    assert (batch.letters, batch.pages, batch.made_by) == (3, 3, bea)
    assert batch.checksum == hashlib.sha256(pdf).hexdigest()
    assert bytes(PrintBatch.objects.get().sheet)[:4] != b"%PDF", "a sheet is kept sealed"
    assert sorted(Letter.objects.values_list("number", flat=True)) == [1, 2, 3]
    assert AuditEntry.objects.filter(verb="letters.print", actor=bea).get().details["letters"] == 3


def test_what_was_withdrawn_between_tray_and_printer_is_not_printed(now, bea):
    version = paper_stage.wording(now)
    stays, goes = people(2)
    kept, gone = paper_stage.placed([stays, goes], version, now)
    ledger.withdraw(by=SYSTEM, person_id=goes.pk, channel="print", topic="care", via="phone", now=now)
    batch = print_batches.print_waiting(by=bea, now=now)
    assert batch.letters == 1
    gone.refresh_from_db()
    assert gone.state == "suppressed"
    assert Letter.objects.get(intent=gone).state == "held_back"
    assert Receipt.objects.filter(intent_id=gone.pk, outcome="suppressed", gate="consent").exists()
    assert Letter.objects.get(intent=kept).batch == batch


def test_an_address_that_is_gone_holds_the_letter_back_also_when_nothing_is_left_to_print(now, bea):
    version = paper_stage.wording(now)
    (one,) = paper_stage.placed(people(1), version, now)
    Person.objects.update(city="")
    with pytest.raises(print_batches.NothingToPrint) as nothing:
        print_batches.print_waiting(by=bea, now=now)
    assert nothing.value.held_back == 1
    one.refresh_from_db()
    assert one.state == "failed"
    assert Letter.objects.get().reason == print_batches.NOWHERE


def test_the_envelope_file_has_names_and_addresses_and_nothing_else(now, bea):
    version = paper_stage.wording(now)
    paper_stage.placed([people_cast.person(given="=cmd", street="5 Elm Street")], version, now)
    batch = print_batches.print_waiting(by=bea, now=now)
    table = list(csv.reader(io.StringIO(print_batches.merge_file(by=bea, batch=batch, now=now).decode("utf-8-sig"))))
    assert table[0] == list(print_batches.COLUMNS)
    assert table[1][1].startswith("'=cmd")
    assert "visit" not in " ".join(table[1]).lower()
    assert AuditEntry.objects.get(verb="letters.export").details["rows"] == 1


def test_a_spoiled_letter_is_printed_again_once(now, bea):
    version = paper_stage.wording(now)
    paper_stage.placed(people(1), version, now)
    first = print_batches.print_waiting(by=bea, now=now)
    letter = Letter.objects.get()
    print_batches.spoil(by=bea, letter_id=letter.pk, reason="Paper jam", now=now)
    second = print_batches.print_waiting(by=bea, now=now)
    letter.refresh_from_db()
    assert (letter.batch, letter.spoiled_in) == (second, first)
    with pytest.raises(print_batches.NotPrinted):
        print_batches.spoil(by=bea, letter_id=letter.pk, reason="Torn", now=now)
    assert AuditEntry.objects.get(verb="letters.spoil").reason == "Paper jam"


def test_what_went_wrong_is_chosen_in_spanish_and_kept_in_english(now, bea, client):
    paper_stage.placed(people(1), paper_stage.wording(now), now)
    batch = print_batches.print_waiting(by=bea, now=now)
    client.force_login(bea)
    client.cookies["language"] = "es"
    here = f"/outbox/letters/{batch.pk}/"
    assert 'value="jam"' in (page := client.get(here).content.decode())
    assert "Papel atascado" in page
    client.post(f"{here}spoiled/", {"letter": Letter.objects.get().pk, "reason": "Papel atascado"})
    assert not AuditEntry.objects.filter(verb="letters.spoil").exists()
    client.post(f"{here}spoiled/", {"letter": Letter.objects.get().pk, "reason": "jam"})
    assert AuditEntry.objects.get(verb="letters.spoil").reason == "Paper jam"


def test_posting_destroys_the_sheet_and_is_told_on_the_timeline_once(now, bea):
    version = paper_stage.wording(now)
    (one,) = paper_stage.placed(people(1), version, now)
    batch = print_batches.print_waiting(by=bea, now=now)
    print_batches.post(by=bea, batch_id=batch.pk, now=now)
    batch.refresh_from_db()
    assert print_batches.sheet(by=bea, batch=batch, now=now) == b""
    assert Letter.objects.get().state == "posted"
    assert Event.objects.filter(kind="letter_posted", person_id=one.person_id).count() == 1
    with pytest.raises(print_batches.NotPrinted):
        print_batches.post(by=bea, batch_id=batch.pk, now=now)


def test_a_clerk_prints_posts_and_sees_the_manifest(client, bea, now, clock):
    version = paper_stage.wording(now)
    paper_stage.placed(people(2), version, now)
    client.force_login(bea)
    assert "Print 2 letters" in client.get("/outbox/letters/").content.decode()
    made = client.post("/outbox/letters/print/")
    html = client.get(made.headers["Location"]).content.decode()
    batch = PrintBatch.objects.get()
    assert batch.checksum in html
    assert "Givena" in html
    assert client.get(f"/outbox/letters/{batch.pk}/sheet.pdf").headers["Content-Type"] == "application/pdf"
    assert b"Given" in client.get(f"/outbox/letters/{batch.pk}/addresses.csv").content
    letter = Letter.objects.first()
    client.post(f"/outbox/letters/{batch.pk}/spoiled/", {"letter": letter.pk, "reason": "jam"})
    client.post(f"/outbox/letters/{batch.pk}/post/")
    assert "In the post since" in client.get(f"/outbox/letters/{batch.pk}/").content.decode()
    assert sorted(Letter.objects.values_list("state", flat=True)) == ["posted", "waiting"]


def test_a_batch_with_somebody_out_of_sight_is_not_shown(client, hire, now):
    lowell = hire("Lee Stone", Role.FRONT_DESK, location_id=3)
    version = paper_stage.wording(now)
    paper_stage.placed(people(2), version, now)
    batch = print_batches.print_waiting(by=SYSTEM, now=now)
    client.force_login(lowell)
    assert client.get(f"/outbox/letters/{batch.pk}/").status_code == 404


def test_erasing_somebody_takes_her_out_of_the_tray_and_destroys_the_sheet_she_is_in(now, bea):
    version = paper_stage.wording(now)
    rosa, omar = people(2)
    paper_stage.placed([rosa, omar], version, now)
    batch = print_batches.print_waiting(by=bea, now=now)
    paper_stage.placed([rosa], version, now, cause_id=2)
    assert erasing.stop([rosa.pk], now=now) == 1
    batch.refresh_from_db()
    assert batch.sheet is None
    assert print_batches.sheet(by=bea, batch=batch, now=now) == b""
    assert set(Letter.objects.filter(person=rosa).values_list("state", flat=True)) == {"held_back"}
    left = Letter.objects.get(person=omar)
    print_batches.spoil(by=bea, letter_id=left.pk, reason="Lost", now=now)
    again = print_batches.print_waiting(by=bea, now=now)
    assert (again.letters, print_batches.sheet(by=bea, batch=again, now=now)[:4]) == (1, b"%PDF")
