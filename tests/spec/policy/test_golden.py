"""The thirty golden cases of the reference, each asked of the part of the program that answers it in real life."""

from datetime import date, timedelta
from pathlib import Path

import pytest
import yaml

from rapport.consent import inducements, policy, reviews, suppressions, wishes
from rapport.consent import queries as consents
from rapport.content import actions, starters
from rapport.content.reviewing import actions as reviewing
from rapport.governance.deidentify import safe_harbor
from rapport.messaging import tracking
from rapport.segments import permission
from rapport.segments.language import CodeIs, HasCode
from rapport.trust.actors import SYSTEM
from tests.messaging import stage
from tests.spec.policy import worlds

ROWS = yaml.safe_load((Path(__file__).parent / "golden.yaml").read_text())
DAY = date(2026, 3, 4)


def of(*asks: str):
    chosen = [row for row in ROWS if row["asks"] in asks]
    assert chosen
    return pytest.mark.parametrize("row", chosen, ids=[f"{row['golden']} {row['given_in_words']}" for row in chosen])


def test_all_thirty_stand_here():
    assert {row["golden"] for row in ROWS} == set(range(1, 31))
    assert {row["asks"] for row in ROWS} == {
        "policy", "wish", "segment", "reward", "review", "publish", "unsubscribe", "deidentify",
    }  # fmt: skip


@of("policy")
def test_the_policy(row):
    verdict = policy.decide(worlds.facts(row["given"]))
    assert worlds.answer(verdict) == ("yes" if row["expect"] is True else row["expect"])
    by_name = {one.gate: one for one in verdict.gates}
    assert "passes" not in row or by_name[row["passes"]].passed
    assert row.get("because", "") in by_name.get(verdict.gate, verdict.gates[0]).reason
    if row["golden"] == 30:
        assert [one.gate for one in verdict.gates].index(verdict.gate) == 6, "the seventh gate"


@of("wish")
def test_words_that_are_a_wish(row):
    assert wishes.read(row["given"]).kind == row["expect"]


@of("segment")
@pytest.mark.django_db
def test_a_segment_that_its_purpose_forbids(row):
    node = HasCode((CodeIs("icd10cm", row["given"]["code"], False),))
    refusals = permission.judge(node, row["given"]["purpose"], on=DAY).refusals
    assert ("refused" if refusals else "allowed") == row["expect"]


@of("reward")
def test_a_gift(row):
    given = dict(row["given"])
    before = [inducements.Given(DAY - timedelta(days=30 * n + 1), 1500) for n in range(given.pop("before", 0))]
    answer = inducements.may_give(inducements.Gift(**given), before=before, cap=inducements.cap_on(DAY), on=DAY)
    assert ("allowed" if answer.allowed else "refused") == row["expect"]


@of("review")
def test_an_invitation_to_review(row):
    assert ("refused" if reviews.refusal(row["given"]) else "allowed") == row["expect"]


@of("deidentify")
def test_a_safe_harbor_export(row):
    assert safe_harbor([row["given"]], [row["column"]], on=DAY).rows == ((row["expect"],),)


@of("publish")
@pytest.mark.django_db
def test_a_translation(row, ana, cole, now):
    english = starters.load(by=SYSTEM, now=now)["newsletter"]
    words = {"subject": "Noticias", "preheader": "", "mjml": english.mjml, "text": ""}
    piece = actions.start(by=ana, name="Boletín", topic="newsletter", language="es", now=now)
    draft = actions.draft(by=ana, piece=piece, now=now, is_machine=True, **words)
    if row["given"] == "reviewed":
        actions.review(by=cole, version=draft, credential="CCHI 20145", now=now)
    version = reviewing.hand_in(by=ana, piece=piece, now=now, **words)
    for kind in ("marketing", "compliance"):
        version = reviewing.approve(by=cole, version=version, kind=kind, digest_seen=version.digest, now=now)
    outcome = "published" if version.state == "published" else "refused"
    assert outcome == {"allowed": "published"}.get(row["expect"], row["expect"])


@of("unsubscribe")
@pytest.mark.django_db
def test_the_link_that_stops_mail(row, client, now):
    (pat,) = stage.people(1, now)
    (intent,) = stage.due([pat], stage.wording(now), now)
    url = tracking.Links(intent.pk, intent.version_id).unsubscribe()
    path = "/" + url.split("/", 3)[3]
    said = {"List-Unsubscribe": "One-Click"}
    response = client.get(path) if row["given"] == "get" else client.post(path, said)
    assert 200 <= response.status_code < 300, "without a login and without a redirect"
    standing = consents.current([pat.pk], now=now + timedelta(days=4000))[pat.pk]["email", "health_services"].status
    listed = suppressions.Suppression.objects.exists()
    assert (standing, listed) == {"unchanged": ("granted", False), "unsubscribed": ("withdrawn", True)}[row["expect"]]
