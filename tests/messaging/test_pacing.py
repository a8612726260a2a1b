"""Rates: shared by all workers, kept over time, and no reason to look at the same message again and again."""

import itertools
import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime

import pytest
from django.db import connection

from rapport.messaging import pacing, send
from rapport.messaging.models import Intent, Throttle
from rapport.trust.models import AuditEntry
from tests import people_cast
from tests.messaging import bad_relay, stage

pytestmark = pytest.mark.django_db(transaction=True)


def limit(name: str, per_second: float, now) -> None:
    Throttle.objects.create(name=name, per_second=per_second, set_at=now)


def people(many: int, domain: str, now) -> list:
    made = [people_cast.person(emails=(f"p{number}@{domain}",)) for number in range(many)]
    for one in made:
        stage.says_yes(one, now)
    return made


def test_slots_lie_evenly_and_are_handed_out_once(now):
    limit("email", 100, now)
    first, second = pacing.take({"email": 50})["email"], pacing.take({"email": 50})["email"]
    assert [round(first.at(number + 1) - first.at(number), 6) for number in range(first.many - 1)] == [0.01] * 49
    assert (first.many, second.many) == (50, 50)
    assert second.first > first.at(49) - first.first - 0.1, "the second begins where the first ended"


def test_only_so_many_slots_are_handed_out_ahead_and_the_others_are_told_one_after_another_when_to_come(now):
    limit("email:mail.example", 10, now)
    given = pacing.take({"email:mail.example": 100})["email:mail.example"]
    assert given.many == 21, "ten a second, two seconds ahead, and the one of this moment"
    again = pacing.take({"email:mail.example": 50})["email:mail.example"]
    assert again.many == 0
    turns = [given.at(number) for number in range(21, 100)]
    assert [round(after - before, 6) for before, after in itertools.pairwise(turns)] == [0.1] * 78
    assert again.at(0) == pytest.approx(turns[-1] + 0.1, abs=0.05), "behind all who wait already"
    assert again.at(49) == pytest.approx(15, abs=0.3), "a hundred and fifty at ten a second"


def test_what_is_not_limited_is_not_held_up(now):
    limit("sms", 1, now)
    assert pacing.take({"email": 5_000}) == {}
    assert pacing.room("email") is None
    assert pacing.room("sms") == 3


def test_a_domain_without_a_rate_of_its_own_is_kept_without_its_name(now):
    limit("email:*", 5, now)
    limit("email:big.example", 50, now)
    names = pacing.domains({1: "a@big.example", 2: "b@Quetzal-family.example", 3: "c@quetzal-family.example"})
    assert names[1] == "email:big.example"
    assert names[2] == names[3]
    assert not any("quetzal" in one.name for one in Throttle.objects.all())
    assert Throttle.objects.get(name=names[2]).per_second == 5
    assert pacing.domains({4: "d@Quetzal-Family.example"})[4] == names[2]
    assert Throttle.objects.count() == 3


def test_a_full_domain_waits_and_the_others_go(now, settings):
    limit("email:slow.example", 1, now)
    version = stage.wording(now)
    stage.due([*people(12, "slow.example", now), *people(5, "free.example", now)], version, now)
    with bad_relay.relay(settings) as relay:
        report = send.send_due(owner="t", now=now, limit=100)
    domains = [address.partition("@")[2] for address, _ in relay.taken]
    assert domains.count("free.example") == 5
    assert set(domains[1:5]) <= {"free.example"}, "whoever need not wait goes first"
    assert domains.count("slow.example") == report.sent - 5 == 3
    assert report.throttled == 9
    waits = list(Intent.objects.filter(state="queued").order_by("due_at").values_list("due_at", "attempt"))
    assert [attempt for _, attempt in waits] == [0] * 9
    seconds = [(due - now).total_seconds() for due, _ in waits]
    assert seconds == sorted(seconds)
    assert seconds[-1] - seconds[0] == pytest.approx(8, abs=0.1), "one a second"


def test_two_workers_together_keep_the_rate(now, settings, tmp_path):
    """Real processes, and a relay that writes down when it took what."""
    rate, many = 60.0, 240
    limit("email", rate, now)
    stage.due(people(many, "mail.example", now), stage.wording(now), now)
    book = tmp_path / "book"
    with subprocess.Popen(
        [sys.executable, "-m", "exam.relay", str(book), "1", "0", "0"], stdout=subprocess.PIPE, text=True
    ) as relay:
        port = int(relay.stdout.readline())
        began = time.monotonic()
        workers = [worker(port, now) for _ in range(2)]
        try:
            while Intent.objects.exclude(state="sent").exists() and time.monotonic() < began + 60:
                time.sleep(0.1)
        finally:
            for one in [*workers, relay]:
                one.kill()
                one.wait()
    moments = sorted(float(line.split()[0]) for line in book.read_text().splitlines())
    assert len(moments) == many
    for window in (0.5, 1.0, 2.0):
        most = max(sum(1 for one in moments if start <= one < start + window) for start in moments)
        assert most <= rate * (window + 3.0) + 1, window
    spread = moments[-1] - moments[0]
    assert spread >= (many - 1) / rate - 3.0, "not faster over the whole than the rate allows"


def worker(port: int, now) -> subprocess.Popen:
    terms = {"chunk": 50, "flight": 25}
    told = {"port": port, "lines": 1, "terms": terms, "begin": now.isoformat(), "began": time.time()}
    told["database"] = connection.settings_dict["NAME"]
    environment = {**os.environ, "PYTHONPATH": "src:."}
    return subprocess.Popen([sys.executable, "-m", "exam.worker", json.dumps(told)], env=environment)


def test_a_rate_is_set_by_somebody_and_that_is_on_record(ana, now):
    pacing.limit(by=ana, name="email:*", per_second=5, now=now)
    pacing.domains({1: "a@small.example"})
    pacing.limit(by=ana, name="email:*", per_second=7, now=now)
    assert set(Throttle.objects.values_list("per_second", flat=True)) == {7.0}
    with pytest.raises(pacing.NotARate):
        pacing.limit(by=ana, name="email", per_second=0, now=now)
    pacing.limit(by=ana, name="email:*", per_second=None, now=now)
    assert not Throttle.objects.exists()
    assert AuditEntry.objects.filter(verb="message.limit").count() == 3


def test_the_clock_of_the_machine_does_not_matter(settings, now):
    """A simulated year does not stop the rates: they are kept by the database's own clock."""
    limit("email", 1_000, datetime(2031, 1, 1, tzinfo=UTC))
    assert pacing.take({"email": 10})["email"].first < 1
