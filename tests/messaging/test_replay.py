"""A receipt can be repeated years later: with its own facts, under its own edition of the rules."""

import hashlib
import json
from datetime import date, timedelta

import msgspec
import pytest
from django.db import connection
from typer.testing import CliRunner

from rapport.cli import receipt as command
from rapport.consent import editions, policy
from rapport.consent import rules as rulebook
from rapport.consent.models import RuleEdition
from rapport.messaging import intents, replay, send
from rapport.messaging.models import Receipt
from rapport.trust.actors import SYSTEM
from rapport.trust.models import AuditEntry
from tests.messaging import stage


@pytest.fixture
def sent(transactional_db, now, settings):
    """One message that went and one that was not allowed to."""
    editions.forget()
    people = stage.people(2, now - timedelta(days=9))
    stage.says_no(people[1], now)
    stage.due(people, stage.wording(now), now)
    with stage.mailbox(settings):
        send.send_due(owner="w1", now=now, limit=10)
    yield list(Receipt.objects.order_by("id"))
    editions.forget()


def tamper(receipt, **changes):
    facts = receipt.facts | changes
    with connection.cursor() as cursor:
        cursor.execute("UPDATE messaging_receipt SET facts = %s WHERE id = %s", [json.dumps(facts), receipt.pk])


def keep_an_older_edition(receipt, rule, ended):
    """Make this receipt one of other rules, in which one ended earlier; the database keeps them and the files do not."""
    old = [
        msgspec.structs.replace(one, effective_to=ended if one.id == rule else one.effective_to)
        for one in rulebook.rows()
    ]
    name = rulebook.fingerprint_of(old)
    RuleEdition.objects.create(fingerprint=name, rows=msgspec.to_builtins(old), first_used_at=receipt.at)
    Receipt.objects.filter(pk=receipt.pk).update(rules_version=name)
    return name


def test_every_yes_and_every_no_agrees_when_repeated(sent, now):
    assert {one.outcome for one in sent} == {"sent", "suppressed"}
    for one in sent:
        found = replay.replay(by=SYSTEM, receipt_id=one.pk, now=now + timedelta(days=900))
        assert found.agrees, found
        assert not found.tampered
    assert AuditEntry.objects.filter(verb="receipt.replay").count() == 2


def test_who_writes_receipts_keeps_the_edition_of_the_rules(sent):
    kept = RuleEdition.objects.get()
    assert kept.fingerprint == sent[0].rules_version == rulebook.fingerprint()
    rebuilt = rulebook.build(msgspec.convert(kept.rows, list[rulebook.Rule]), date(2026, 3, 4), kept.fingerprint)
    today = rulebook.in_force(date(2026, 3, 4))
    assert msgspec.structs.replace(rebuilt, chosen={}) == msgspec.structs.replace(today, chosen={})


def test_facts_that_were_changed_afterwards_are_found(sent, now):
    no = next(one for one in sent if not one.allowed)
    tamper(no, consents=[])
    found = replay.replay(by=SYSTEM, receipt_id=no.pk, now=now)
    assert (found.agrees, found.tampered) == (False, True)
    assert "fingerprint does not match" in found.sentence


def test_a_fact_that_decides_nothing_is_still_found_when_changed(sent, now):
    yes = next(one for one in sent if one.allowed)
    tamper(yes, state="NH" if yes.facts["state"] != "NH" else "MA")
    assert replay.replay(by=SYSTEM, receipt_id=yes.pk, now=now).tampered


def test_facts_that_were_taken_out_are_found(sent, now):
    Receipt.objects.filter(pk=sent[0].pk).update(facts={})
    found = replay.replay(by=SYSTEM, receipt_id=sent[0].pk, now=now)
    assert (found.agrees, found.tampered) == (False, True)


def test_an_outcome_that_was_changed_is_found(sent, now):
    no = next(one for one in sent if not one.allowed)
    Receipt.objects.filter(pk=no.pk).update(allowed=True, gate="")
    found = replay.replay(by=SYSTEM, receipt_id=no.pk, now=now)
    assert not found.agrees
    assert found.sentence == "The receipt says another end than its own checks."


def test_an_older_edition_decides_as_it_did_though_the_files_have_changed(sent, now):
    """Under rules that ended before that day the purpose is not known: the replay must ask those rules and say so."""
    yes = next(one for one in sent if one.allowed)
    keep_an_older_edition(yes, "US-HIPAA-P2", date(2026, 3, 3))
    found = replay.replay(by=SYSTEM, receipt_id=yes.pk, now=now)
    assert not found.agrees
    assert found.edition_known
    assert "hipaa_purpose" in {one.gate for one in found.differences}
    keep_an_older_edition(yes, "US-HIPAA-P2", date(2026, 3, 4))
    assert replay.replay(by=SYSTEM, receipt_id=yes.pk, now=now).agrees


def test_an_edition_that_is_not_what_it_says_does_not_answer(sent, now):
    """Rows put under a name that is not their fingerprint: nobody may slip other rules under an old receipt."""
    RuleEdition.objects.create(fingerprint="rules-forged", rows=msgspec.to_builtins(rulebook.rows()), first_used_at=now)
    Receipt.objects.filter(pk=sent[0].pk).update(rules_version="rules-forged")
    assert not replay.replay(by=SYSTEM, receipt_id=sent[0].pk, now=now).edition_known


def test_facts_of_another_program_are_said_and_not_called_forged(sent, now):
    Receipt.objects.filter(pk=sent[0].pk).update(facts={"channel": "email"})
    found = replay.replay(by=SYSTEM, receipt_id=sent[0].pk, now=now)
    assert (found.agrees, found.tampered) == (False, False)


def test_an_edition_that_nobody_kept_is_said(sent, now):
    Receipt.objects.filter(pk=sent[0].pk).update(rules_version="rules-lost")
    found = replay.replay(by=SYSTEM, receipt_id=sent[0].pk, now=now)
    assert not found.edition_known


def test_facts_written_before_a_field_existed_still_prove_themselves(sent, now):
    """As a receipt of an older program: a key less, and the hash of the text without it."""
    yes = next(one for one in sent if one.allowed)
    facts = policy.facts_from_json(msgspec.json.encode(yes.facts))
    text = msgspec.json.decode(policy.facts_json(facts))
    assert text.pop("in_eu") is False
    Receipt.objects.filter(pk=yes.pk).update(
        facts=text, facts_hash=hashlib.sha256(msgspec.json.encode(text)).hexdigest()
    )
    assert replay.replay(by=SYSTEM, receipt_id=yes.pk, now=now).agrees


def test_a_message_that_staff_stopped_has_nothing_to_repeat(transactional_db, now):
    stage.due(stage.people(1, now), stage.wording(now), now)
    intents.stop(cause="campaign", cause_id=1, now=now)
    found = replay.replay(by=SYSTEM, receipt_id=Receipt.objects.get().pk, now=now)
    assert (found.agrees, found.replayable) == (True, False)


def test_a_number_that_is_no_receipt_is_said(transactional_db, now):
    with pytest.raises(replay.NoSuchReceipt):
        replay.replay(by=SYSTEM, receipt_id=10**9, now=now)


def test_the_command_repeats_one_and_all_and_fails_when_one_does_not_agree(sent, now):
    run = CliRunner().invoke
    good = run(command.app, ["replay", str(sent[0].pk)])
    assert (good.exit_code, "agrees" in good.output) == (0, True)
    everything = ["replay", "--all", "--since", "2026-03-01"]
    assert run(command.app, everything).exit_code == 0
    tamper(sent[1], state="ZZ")
    bad = run(command.app, [*everything, "--json"])
    assert bad.exit_code == 1
    first, last = (json.loads(line) for line in bad.output.splitlines())
    assert (first["receipt_id"], first["tampered"]) == (sent[1].pk, True)
    assert (last["receipts"], last["disagree"]) == (2, 1)
    assert run(command.app, ["replay", "--all"]).exit_code == 2


def test_a_receipt_of_somebody_erased_says_so_and_is_no_disagreement(sent, now):
    receipt = Receipt.objects.filter(outcome="sent").get()
    receipt.facts = {"erased_at": now.isoformat()}
    found = replay.compare([receipt])[0]
    assert (found.agrees, found.replayable, found.tampered) == (True, False, False)
    assert "erased" in found.sentence
