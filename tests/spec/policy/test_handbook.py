"""The table of the handbook, row by row. Pages of the handbook are rendered from `handbook.yaml`."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import yaml

from rapport.consent import policy
from rapport.consent.policy import ConsentFact, ContactFact, Facts, SuppressionFact, Verdict

HOME = ZoneInfo("America/New_York")
ROWS = yaml.safe_load((Path(__file__).parent / "handbook.yaml").read_text())
YES = [{"status": "granted", "at": "2026-01-05 09:00"}]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HOME).astimezone(UTC)


def facts(given: dict) -> Facts:
    given = dict(given)
    channel, topic = given.pop("channel", "email"), given.pop("topic", "health_services")
    consents = [
        ConsentFact(
            id=number,
            channel=one.get("channel", "email"),
            topic=one.get("topic", topic if "consents" not in given else "health_services"),
            status=one["status"],
            at=instant(one["at"]),
            expires_at=instant(one["expires"]) if "expires" in one else None,
        )
        for number, one in enumerate(given.pop("consents", YES), 1)
    ]
    signed = given.pop("authorization", None)
    if signed is not None:
        consents.append(
            ConsentFact(
                id=90,
                channel="all",
                topic="all",
                status=signed.get("status", "granted"),
                at=instant("2026-01-10 09:00"),
                tier="authorization",
                expires_at=instant(signed["expires"]) if "expires" in signed else None,
                says_paid=signed["says_paid"],
            )
        )
    bounced = given.pop("bounced", None)
    contact = {
        "good": ContactFact(True, bounced_at=instant(bounced) if bounced else None),
        "invalid": ContactFact(False, "this is not an e-mail address"),
        "none": None,
    }[given.pop("contact", "good")]
    listed = [
        SuppressionFact(one["topic"], one["reason"], instant("2026-02-01 09:00")) for one in given.pop("suppressed", [])
    ]
    deceased = given.pop("deceased", None)
    return Facts(
        person_id=1,
        at=instant(given.pop("at", "2026-03-04 10:00")),
        channel=channel,
        purpose=given.pop("purpose", "P2"),
        topic=topic,
        state=given.pop("state", "MA"),
        timezone=given.pop("timezone", "America/New_York"),
        deceased_at=instant(deceased) if deceased else None,
        contact=contact,
        consents=tuple(consents),
        suppressions=tuple(listed),
        sent_at=tuple(instant(one) for one in given.pop("sent", [])),
        **given,
    )


def said(verdict: Verdict) -> str:
    if verdict.allowed:
        return "yes"
    if verdict.try_again_at is not None:
        return f"waits: {verdict.try_again_at.astimezone(HOME):%Y-%m-%d %H:%M}"
    return f"no: {verdict.gate}"


@pytest.mark.parametrize("row", ROWS, ids=[row["says"] for row in ROWS])
def test_the_handbook(row):
    expected = "yes" if row["expect"] is True else row["expect"]
    verdict = policy.decide(facts(row.get("given", {})))
    assert said(verdict) == expected, [(one.gate, one.passed, one.reason) for one in verdict.gates]
    assert len(verdict.gates) == 7, "every gate leaves its verdict, also after the first no"
    assert verdict.allowed == (not verdict.reasons)
