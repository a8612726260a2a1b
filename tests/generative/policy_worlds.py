"""Random people, messages and moments for the policy: by the hundred thousand, so by plain `random` with a seed.

Values are drawn so that they meet: few channels, topics, purposes and days, so that statements often speak about the message.
"""

import random
from datetime import UTC, date, datetime, time, timedelta

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
)

START = datetime(2026, 1, 1, tzinfo=UTC)
PURPOSES = [f"P{n}" for n in range(1, 15)]
TOPICS = ["care", "health_services", "newsletter", "survey", "billing", "fundraising"]
CHANNELS = ["email", "sms", "call", "print", "portal", "in_person"]
CLASSES = [
    "general",
    "sud_part2",
    "mental_health",
    "genetic",
    "minor_confidential",
    "consumer_health",
    "psychotherapy_notes",
]
FITTING = {"P1": "care", "P4": "care", "P10": "fundraising", "P11": "survey", "P12": "billing", "P13": "newsletter"}
PAPERS = [
    "authorization", "part2", "permission", "collection", "sharing", "data_use", "minor_alone", "confidential", "restriction",
    "objection", "do_not_contact", "legal_hold",
]  # fmt: skip
ZONES = [
    "America/New_York",
    "America/Chicago",
    "America/Los_Angeles",
    "Pacific/Honolulu",
    "Australia/Lord_Howe",
    "",
    "No/Where",
]
STATES = ["MA", "TX", "FL", "CA", "WA", "NV", "OK", ""]


def moment(r: random.Random) -> datetime:
    return START + timedelta(minutes=r.randrange(300 * 24 * 60))


def some(r: random.Random, most: int, make) -> tuple:
    return tuple(make(r, n) for n in range(r.choice([0, 0, 1, 1, 2, most])))


def maybe(r: random.Random, share: float, value):
    return value if r.random() < share else None


def message(r: random.Random) -> Message:
    purpose = r.choice(PURPOSES)
    return Message(
        channel=r.choice(CHANNELS),
        purpose=purpose,
        topic=FITTING.get(purpose, "health_services") if r.random() < 0.9 else r.choice(TOPICS),
        cause="campaign:1",
        answers=r.choice(["", "", "", "", "stop"]),
        remunerated=r.random() < 0.2,
        covers_cost_only=r.random() < 0.5,
        says_paid=r.random() < 0.5,
        has_toll_free=r.random() < 0.5,
        uses_patient_data=r.random() < 0.9,
        data_classes=tuple(r.sample(CLASSES, r.choice([0, 0, 0, 1, 2]))),
        clinician_approved=r.random() < 0.5,
        promotional=r.random() < 0.5,
        urgent=r.random() < 0.1,
        recipient=r.choice(["", "", "", "Lab"]),
        drug=r.choice(["", "197361"]),
        programme=r.choice(["", "", "mammogram", "colon", "maternity"]),
        exemption=r.choice(["", "", "", "T1"]),
        is_free_to_end_user=r.random() < 0.8,
        characters=r.choice([100, 170]),
        gift_cents=r.choice([0, 0, 0, 1000, 1600]),
        gift_is_cash=r.random() < 0.03,
        content=ContentFact(
            approved=r.random() < 0.95,
            expires_at=maybe(r, 0.1, moment(r)),
            problems=r.choice([(), (), (), (), ("the subject names a condition",)]),
            translation=r.choice(["original", "original", "reviewed", "machine"]),
            written_by=r.choice(["people", "people", "machine"]),
            has_ai_notice=r.random() < 0.5,
        ),
        carrier=CarrierFact(
            name="Carrier",
            is_ours=r.random() < 0.7,
            has_baa=r.random() < 0.7,
            baa_until=maybe(r, 0.5, moment(r).date()),
        ),
        health=HealthFact(
            complaint_rate=maybe(r, 0.5, r.choice([0.0, 0.0024, 0.0025, 0.0031])), delivered=r.choice([50, 5000])
        ),
    )


def consent(r: random.Random, number: int, status: str = "") -> ConsentFact:
    return ConsentFact(
        id=number + 1,
        channel=r.choice([*CHANNELS[:3], "all"]),
        topic=r.choice(["care", "health_services", "newsletter", "all"]),
        status=status or r.choice(["granted", "granted", "withdrawn"]),
        at=moment(r),
        tier=r.choice(["express", "written"]),
        expires_at=maybe(r, 0.2, moment(r)),
        contact_point_id=maybe(r, 0.2, r.choice([7, 8])),
    )


def paper(r: random.Random, number: int, kind: str = "", status: str = "") -> PaperFact:
    return PaperFact(
        id=100 + number,
        kind=kind or r.choice(PAPERS),
        status=status or r.choice(["granted", "granted", "granted", "withdrawn"]),
        at=moment(r),
        channel=r.choice(["all", "all", "email", "print"]),
        topic=r.choice(["all", "all", "care", "health_services"]),
        data_class=r.choice(["", "", "sud_part2", "genetic"]),
        recipient=r.choice(["", "", "Lab"]),
        purposes=r.choice([(), ("P6", "P7"), ("P2",)]),
        expires_at=maybe(r, 0.2, moment(r)),
        ended_at=maybe(r, 0.1, moment(r)),
        defects=r.choice([(), (), (), ("no_signature",)]),
        says_paid=r.random() < 0.5,
        contact_point_id=maybe(r, 0.2, r.choice([7, 8])),
    )


def world(r: random.Random, said: Message | None = None, at: datetime | None = None) -> Facts:
    return Facts(
        person_id=r.randrange(1, 1000),
        at=at or moment(r),
        message=said or message(r),
        deceased_at=maybe(r, 0.03, moment(r)),
        age=r.choice([None, 9, 16, 40, 70, 70]),
        state=r.choice(STATES),
        timezone=r.choice(ZONES),
        area_state=r.choice(["", *STATES]),
        area_timezone=r.choice(["", "America/New_York", "America/Denver"]),
        in_eu=r.random() < 0.05,
        payer_class=r.choice(["", "medicare", "commercial"]),
        contact=maybe(
            r,
            0.95,
            ContactFact(
                r.random() < 0.95,
                "",
                maybe(r, 0.1, moment(r)),
                r.choice([None, 7, 8]),
                r.choice(["self", "self", "representative"]),
            ),
        ),
        consents=some(r, 5, consent),
        papers=some(r, 4, paper),
        suppressions=some(
            r,
            2,
            lambda r, _: SuppressionFact(r.choice(["all", *TOPICS]), r.choice(["staff", "unsubscribed"]), moment(r)),
        )
        if r.random() < 0.2
        else (),
        said=some(
            r, 5, lambda r, _: SaidFact(moment(r), r.choice(CHANNELS[:3]), r.choice(PURPOSES), r.choice(TOPICS[:3]))
        ),
        on_their_way=r.choice([0, 0, 0, 0, 1]),
        life_events=some(
            r,
            2,
            lambda r, _: LifeFact(
                r.choice(["hospice", "pregnancy_loss", "new_cancer", "complaint"]), moment(r), maybe(r, 0.3, moment(r))
            ),
        )
        if r.random() < 0.2
        else (),
        codes=some(
            r,
            2,
            lambda r, _: CodeFact(*r.choice([("icd10cm", "Z90.13"), ("cpt", "77067"), ("cpt", "45378")]), moment(r)),
        ),
        drug=maybe(r, 0.6, DrugFact(r.random() < 0.5, maybe(r, 0.8, moment(r)))),
        rewards_cents=r.choice([0, 7000]),
        preference=maybe(
            r,
            0.2,
            PreferenceFact(
                maybe(r, 0.4, r.choice([0, 1, 4])),
                maybe(r, 0.3, date(2026, 1, 1) + timedelta(days=r.randrange(300))),
                *r.choice([(None, None), (time(20), time(8)), (time(12), time(14))]),
            ),
        ),
        asked_at=maybe(r, 0.5, moment(r)),
    )
