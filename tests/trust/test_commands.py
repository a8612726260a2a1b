"""`rapport keys` and `rapport audit`, as an operator calls them."""

import json
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from typer.testing import CliRunner

from rapport.cli import audit as audit_command
from rapport.cli import keys as keys_command
from rapport.trust import audit, keyring, sealing
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry, User
from tests.trust.test_keys import forget_all

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("RAPPORT_HOME", str(tmp_path / "home"))
    forget_all()
    yield
    forget_all()


def run(app, *words):
    return CliRunner().invoke(app, list(words))


def test_keys_are_listed_rotated_verified_and_forgotten():
    sealing.new_keys(uuid.uuid4() for _ in range(5))
    first = keyring.current_id()
    listed = json.loads(run(keys_command.app, "list", "--json").stdout)
    assert listed == [{"id": first, "state": "current", "subjects": 5}]
    assert "5 data keys wrapped anew" in run(keys_command.app, "rotate").stdout
    assert "0 data keys wrapped anew" in run(keys_command.app, "rotate", "--resume").stdout
    assert json.loads(run(keys_command.app, "verify", "--json").stdout) == {
        "sound": True,
        "opened": 5,
        "destroyed": 0,
        "broken": [],
    }
    assert run(keys_command.app, "forget", first).exit_code == 1, "asks first"
    assert "is destroyed" in run(keys_command.app, "forget", first, "--yes").stdout
    assert run(keys_command.app, "forget", keyring.current_id(), "--yes").exit_code == 1
    verbs = list(AuditEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["keys.rotate", "keys.retire", "keys.resume", "keys.forget"]


def test_a_broken_key_gives_exit_code_1_and_names_no_secret():
    subject = uuid.uuid4()
    sealing.new_keys([subject])
    with connection.cursor() as cursor:
        cursor.execute("UPDATE trust_subjectkey SET wrapped = set_byte(wrapped, 20, (get_byte(wrapped, 20) + 1) % 256)")
    done = run(keys_command.app, "verify")
    assert done.exit_code == 1
    assert str(subject) in done.output


def test_a_whole_trail_verifies_and_a_changed_one_gives_exit_code_1():
    for _ in range(3):
        with transaction.atomic():
            audit.record(by=SYSTEM, verb="people.read", now=_now(), person=1)
    assert "Seal 1: 3 lines" in run(audit_command.app, "seal").stdout
    assert "Nothing new" in run(audit_command.app, "seal").stdout
    told = run(audit_command.app, "verify")
    assert told.exit_code == 0
    assert "The trail is whole" in told.stdout
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE trust_auditentry DISABLE TRIGGER USER")
        cursor.execute("UPDATE trust_auditentry SET person_id = 2 WHERE id = (SELECT min(id) FROM trust_auditentry)")
        cursor.execute("ALTER TABLE trust_auditentry ENABLE TRIGGER USER")
    told = run(audit_command.app, "verify", "--json")
    assert told.exit_code == 1
    assert json.loads(told.stdout)["findings"][0]["kind"] == "changed"
    assert "no need" in run(audit_command.app, "adopt").stdout


def _now():
    from rapport.kit import clock

    return clock.now()


def test_the_first_administrator_is_made_on_the_command_line(monkeypatch):
    monkeypatch.setattr("getpass.getpass", lambda prompt: "a-long-enough-passphrase")
    call_command("invite", "Dee@clinic.example", "Dee Novak", "administrator", verbosity=0)
    dee = User.objects.get(email="dee@clinic.example")
    assert dee.check_password("a-long-enough-passphrase")
    assert [grant.role for grant in dee.grants.all()] == ["administrator"]
    assert AuditEntry.objects.filter(actor_label="rapport manage invite").count() == 2
    with pytest.raises(CommandError, match="There is an account"):
        call_command("invite", "dee@clinic.example", "Dee Again", "administrator", verbosity=0)
    monkeypatch.setattr("getpass.getpass", lambda prompt: "short")
    with pytest.raises(CommandError, match="too short"):
        call_command("invite", "new@clinic.example", "New One", "analyst", verbosity=0)
    assert User.objects.count() == 1


def test_the_worker_seals_and_ends_sessions():
    from rapport.trust import audit_heads, tasks

    with transaction.atomic():
        audit.record(by=SYSTEM, verb="people.read", now=_now())
    tasks.seal_audit(timestamp=0)
    tasks.end_sessions(timestamp=0)
    assert len(audit_heads.read(audit_heads.place())) == 1
    assert {task.name for task in (tasks.seal_audit, tasks.end_sessions)} == {"trust.seal_audit", "trust.end_sessions"}
