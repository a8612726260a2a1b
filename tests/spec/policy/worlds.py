"""From a row of a table to the facts of the policy. Times are New York unless said."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import msgspec

from rapport.consent.policy import (
    CarrierFact,
    CodeFact,
    ConsentFact,
    ContactFact,
    ContentFact,
    DrugFact,
    Facts,
    HealthFact,
    LifeFact,
    Message,
    PaperFact,
    PreferenceFact,
    SaidFact,
    SuppressionFact,
    Verdict,
)

HOME = ZoneInfo("America/New_York")
YES = [{"status": "granted", "at": "2026-01-05 09:00"}]


def instant(text: str) -> datetime:
    return datetime.fromisoformat(str(text)).replace(tzinfo=HOME).astimezone(UTC)


def message(given: dict) -> Message:
    """Takes what is about the message out of the row."""
    said = {name: given.pop(name) for name in Message.__struct_fields__ if name in given and name not in {"content"}}
    said.setdefault("channel", "email")
    said.setdefault("purpose", "P2")
    said.setdefault("topic", "health_services")
    words = given.pop("content", {})
    if "expires_at" in words:
        words["expires_at"] = instant(words["expires_at"])
    said["data_classes"] = tuple(said.get("data_classes", ()))
    said["content"] = msgspec.convert({**words, "problems": tuple(words.get("problems", ()))}, ContentFact)
    said["carrier"] = msgspec.convert(said.get("carrier", {}), CarrierFact)
    said["health"] = msgspec.convert(said.get("health", {}), HealthFact)
    return Message(**said)


def facts(row: dict) -> Facts:
    given = dict(row)
    said = message(given)
    contact = _contact(given.pop("contact", "good"), given.pop("bounced", None), given.pop("contact_owner", "self"))
    drug = given.pop("drug_on_record", None)
    wish = given.pop("preference", None)
    deceased = given.pop("deceased", None)
    asked = given.pop("asked", None)
    return Facts(
        person_id=1,
        at=instant(given.pop("at", "2026-03-04 10:00")),
        message=said,
        state=given.pop("state", "MA"),
        timezone=given.pop("timezone", "America/New_York"),
        deceased_at=instant(deceased) if deceased else None,
        contact=contact,
        consents=_consents(given.pop("consents", YES), said, "consents" in row),
        papers=_papers(given.pop("papers", []), given.pop("authorization", None)),
        suppressions=tuple(
            SuppressionFact(one["topic"], one["reason"], instant("2026-02-01 09:00"))
            for one in given.pop("suppressed", [])
        ),
        said=tuple(_said(one, said) for one in given.pop("sent", [])),
        life_events=tuple(
            LifeFact(one["kind"], instant(one["at"]), instant(one["ended"]) if "ended" in one else None)
            for one in given.pop("life_events", [])
        ),
        codes=tuple(CodeFact(one["system"], one["code"], instant(one["at"])) for one in given.pop("codes", [])),
        drug=DrugFact(drug.get("active", False), instant(drug["ended"]) if "ended" in drug else None) if drug else None,
        preference=_preference(wish) if wish else None,
        asked_at=instant(asked) if asked else None,
        **given,
    )


def answer(verdict: Verdict) -> str:
    """yes · no: gate · waits: instant (New York)."""
    if verdict.allowed:
        return "yes"
    if verdict.try_again_at is not None:
        return f"waits: {verdict.try_again_at.astimezone(HOME):%Y-%m-%d %H:%M}"
    return f"no: {verdict.gate}"


def _contact(kind: str, bounced: str | None, owner: str) -> ContactFact | None:
    return {
        "good": ContactFact(True, bounced_at=instant(bounced) if bounced else None, point_id=7, owner=owner),
        "invalid": ContactFact(False, "this is not an e-mail address"),
        "none": None,
    }[kind]


def _consents(rows: list[dict], said: Message, own: bool) -> tuple[ConsentFact, ...]:
    return tuple(
        ConsentFact(
            id=number,
            channel=one.get("channel", said.channel if not own else "email"),
            topic=one.get("topic", said.topic if not own else "health_services"),
            status=one["status"],
            at=instant(one["at"]),
            tier=one.get("tier", "express"),
            expires_at=instant(one["expires"]) if "expires" in one else None,
            contact_point_id=one.get("number"),
        )
        for number, one in enumerate(rows, 1)
    )


def _papers(rows: list[dict], signed: dict | None) -> tuple[PaperFact, ...]:
    given = [*rows, *([{"kind": "authorization", **signed}] if signed is not None else [])]
    return tuple(
        PaperFact(
            id=90 + number,
            kind=one["kind"],
            status=one.get("status", "granted"),
            at=instant(one.get("at", "2026-01-10 09:00")),
            channel=one.get("channel", "all"),
            topic=one.get("topic", "all"),
            data_class=one.get("data_class", ""),
            recipient=one.get("recipient", ""),
            purposes=tuple(one.get("purposes", ())),
            expires_at=instant(one["expires"]) if "expires" in one else None,
            ended_at=instant(one["ended"]) if "ended" in one else None,
            defects=tuple(one.get("defects", ())),
            says_paid=one.get("says_paid", False),
            contact_point_id=one.get("address"),
        )
        for number, one in enumerate(given)
    )


def _said(one: str | dict, said: Message) -> SaidFact:
    told = {"at": one} if isinstance(one, str) else one
    return SaidFact(
        instant(told["at"]), told.get("channel", said.channel), told.get("purpose", "P2"), told.get("topic", said.topic)
    )


def _preference(wish: dict) -> PreferenceFact:
    pause = wish.get("pause_until")
    return PreferenceFact(
        at_most=wish.get("at_most"),
        pause_until=date.fromisoformat(str(pause)) if pause else None,
        quiet_from=time.fromisoformat(wish["quiet_from"]) if "quiet_from" in wish else None,
        quiet_until=time.fromisoformat(wish["quiet_until"]) if "quiet_until" in wish else None,
    )
