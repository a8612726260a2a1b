"""A small clinic for the tests of campaigns, results and traces: a line, a wording, a segment, people, and what they do."""

import itertools
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from rapport.campaigns import actions
from rapport.campaigns.models import Assignment, Campaign, Run
from rapport.consent import ledger
from rapport.content import actions as content
from rapport.content.models import Version
from rapport.directory.models import ServiceLine
from rapport.people import timeline
from rapport.people.models import Person
from rapport.people.records import NewEvent
from rapport.segments import language
from rapport.segments.models import Segment
from rapport.trust.actors import SYSTEM
from rapport.trust.sealing import source_key
from tests import people_cast

_numbers = itertools.count(1)
MJML = """<mjml><mj-body><mj-section><mj-column>
<mj-text>Dear {{ person.salutation }}, come and see us.</mj-text>
<mj-button href="{{ links.book }}">Book a visit</mj-button>
<mj-text>{{ clinic.name }}, {{ clinic.address }} <a href="{{ links.unsubscribe }}">Unsubscribe</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""


def line(slug: str = "orthopedics") -> ServiceLine:
    return ServiceLine.objects.get_or_create(slug=slug, defaults={"name": slug.title()})[0]


def wording(now: datetime) -> Version:
    number = next(_numbers)
    piece = content.start(by=SYSTEM, name=f"Invitation {number}", topic="health_services", language="en", now=now)
    return content.publish(by=SYSTEM, piece=piece, subject="Come and see us", preheader="", mjml=MJML, text="", now=now)


def segment(now: datetime, node: language.Node | None = None) -> Segment:
    """Everybody, unless told otherwise."""
    number = next(_numbers)
    return Segment.objects.create(
        slug=f"segment-{number}",
        name=f"Segment {number}",
        definition=language.to_dict(node if node is not None else language.All(of=())),
        created_at=now,
        changed_at=now,
    )


def planned(now: datetime, **changes: Any) -> dict[str, Any]:
    """A complete plan."""
    return {
        "purpose": "P2",
        "remunerated": False,
        "segment": segment(now),
        "version": wording(now),
        "service_line": line(),
        "holdout_percent": Decimal(10),
        "window_days": 90,
        "fixed_cost_cents": 50_000,
        "message_cost_cents": Decimal("1.5"),
    } | changes


def campaign(by: Any, now: datetime, **changes: Any) -> Campaign:
    """A complete draft."""
    return actions.draft(by=by, name="Knee seminar", now=now, planned=planned(now, **changes))


def patients(count: int, now: datetime, *, consenting: bool = True) -> list[Person]:
    """So many people, each with a working address, most with a yes."""
    made = [people_cast.person() for _ in range(count)]
    if consenting:
        for person in made:
            agree(person, now)
    return made


def agree(person: Person, now: datetime) -> None:
    ledger.grant(
        by=SYSTEM,
        person_id=person.pk,
        channel="email",
        topic="health_services",
        via="desk",
        now=now - timedelta(days=30),
        text_version="v1",
        evidence={},
        locale="en",
        tier="express",
    )


def assign(campaign: Campaign, now: datetime, **arms: list[Person]) -> dict[int, Assignment]:
    """Put people into arms by hand: `assign(campaign, now, contact=[...], holdout=[...])`."""
    run = Run.objects.get_or_create(
        campaign=campaign, occurrence="1", defaults={"due_at": campaign.send_at or now, "began_at": now}
    )[0]
    rows = [
        Assignment(campaign=campaign, run=run, person=person, arm=arm, assigned_at=now)
        for arm, many in arms.items()
        for person in many
    ]
    return {row.person_id: row for row in Assignment.objects.bulk_create(rows)}


def visit(
    person: Person,
    at: datetime,
    *,
    paid: int = 200,
    cost: int = 80,
    line_id: int | None = None,
    status: str = "finished",
) -> None:
    """A visit with its payment a month later and its direct cost."""
    key = source_key("test", "encounter", str(next(_numbers)))

    def event(kind: str, when: datetime, **more: Any) -> NewEvent:
        own = key if kind == "encounter" else source_key("test", kind, str(key))
        return NewEvent(
            person_id=person.pk, kind=kind, at=when, source="test", source_key=own, service_line_id=line_id, **more
        )

    timeline.append(
        events=[
            event("encounter", at, label="Office visit", detail={"class": "AMB", "status": status}),
            event("payment", at + timedelta(days=30), value=Decimal(paid), unit="USD", detail={"encounter": str(key)}),
            event("visit_cost", at, value=Decimal(cost), unit="USD", detail={"encounter": str(key)}),
        ],
        now=at,
    )


def heard(person: Person, campaign: Campaign, kind: str, at: datetime, **detail: Any) -> None:
    """Something the person did with the message of this campaign."""
    key = source_key("test", kind, str(next(_numbers)))
    timeline.append(
        events=[
            NewEvent(
                person_id=person.pk,
                kind=kind,
                at=at,
                source="web",
                source_key=key,
                campaign_id=campaign.pk,
                detail=detail,
            )
        ],
        now=at,
    )


def agree_to_news(person: Person, now: datetime) -> None:
    ledger.grant(
        by=SYSTEM,
        person_id=person.pk,
        channel="email",
        topic="newsletter",
        via="desk",
        now=now - timedelta(days=30),
        text_version="v1",
        evidence={},
        locale="en",
        tier="express",
    )
