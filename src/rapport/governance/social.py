"""Audiences for advertising platforms (K-03): off until the installation and compliance say otherwise, and then only

1. of people whose signed HIPAA authorization names the platform, is whole and stands: each one is a disclosure, judged and written down
   like any other (`disclosures`), before the file exists;
2. chosen by who they are and where they live, never by anything about their health: `CHOOSES` is the whole list of criteria;
3. adults, alive, whom nothing says to leave alone; by addresses that work and are on no do-not-contact list;
4. as hashes: SHA-256 of the address in the form the platform asks for. The file is not kept; its checksum and counts are.
"""

import hashlib
from collections import Counter
from datetime import date, datetime

import msgspec
from django.conf import settings
from django.db import transaction

from rapport.consent import queries as consents
from rapport.consent import restrictions
from rapport.consent.models import ConsentRecord
from rapport.governance import disclosures
from rapport.governance.disclosures import Basis, To, What
from rapport.governance.models import AudienceExport, AudienceSwitch
from rapport.kit import export as tables
from rapport.people import queries as people
from rapport.people.models import Person
from rapport.segments import queries as segments
from rapport.segments.language import (
    Age,
    All,
    Any_,
    Bucket,
    Capped,
    HouseholdSize,
    LivesIn,
    Node,
    None_,
    Sex,
    Speaks,
    parse,
    walk,
)
from rapport.segments.models import Segment
from rapport.trust import audit
from rapport.trust.actors import Actor, System

CHOOSES = (Age, Sex, Speaks, LivesIn, HouseholdSize, Bucket, All, Any_, None_, Capped)
DESCRIPTION = "E-mail address and telephone number, as hashes, for an advertising audience"
OF_AGE = 18


class Platform(msgspec.Struct, frozen=True):
    """One advertising platform, and how it wants addresses before they are hashed."""

    name: str
    phone_plus: bool
    gmail_without_dots: bool
    columns: tuple[str, str]


PLATFORMS = {
    "meta": Platform("Meta", False, False, ("email", "phone")),
    "google": Platform("Google Ads", True, True, ("Email", "Phone")),
}


class Off(PermissionError):
    """Audiences are off, here or for this platform."""


class NotGeneral(ValueError):
    """The segment chooses by more than who people are and where they live."""


class Incomplete(ValueError):
    """To turn it on one says why, and under which agreement."""


class Made(msgspec.Struct, frozen=True):
    """The receipt, and the file that is handed over once."""

    receipt: AudienceExport
    file: bytes


def hashed(kind: str, value: str, platform: Platform) -> str:
    """SHA-256 of an address as the platform wants it. Pure."""
    said = value.strip().lower()
    if kind == "phone":
        digits = "".join(one for one in said if one.isdigit())
        said = f"+{digits}" if platform.phone_plus else digits
    elif platform.gmail_without_dots:
        name, _at, domain = said.partition("@")
        said = f"{name.replace('.', '')}@{domain}" if domain in {"gmail.com", "googlemail.com"} else said
    return hashlib.sha256(said.encode()).hexdigest()


def is_general(node: Node) -> bool:
    """Whether nothing in it has to do with health. Pure."""
    return all(isinstance(one, CHOOSES) for _path, one in walk(node))


def standing(platform: str, today: date) -> AudienceSwitch | None:
    """The switch of a platform, where it is on today."""
    if not settings.SOCIAL_AUDIENCES:
        return None
    found = AudienceSwitch.objects.filter(platform=platform, turned_off_at=None).first()
    return found if found is not None and found.until >= today else None


@transaction.atomic
def turn_on(*, by: Actor, platform: str, purpose: str, agreement: str, until: date, now: datetime) -> AudienceSwitch:
    """Compliance says that audiences may be made for a platform. Raises `Off` where the installation says no, and `Incomplete`."""
    if not settings.SOCIAL_AUDIENCES or platform not in PLATFORMS:
        raise Off(platform)
    if not purpose.strip() or not agreement.strip() or until <= now.date():
        raise Incomplete("purpose, agreement and a day to come")
    AudienceSwitch.objects.filter(platform=platform, turned_off_at=None).update(turned_off_at=now)
    switch = AudienceSwitch.objects.create(
        platform=platform, purpose=purpose.strip()[:300], agreement=agreement.strip()[:120], until=until, turned_on_at=now,
        turned_on_by=None if isinstance(by, System) else by,
    )  # fmt: skip
    said = {"platform": platform, "agreement": switch.agreement, "until": until.isoformat()}
    audit.record(
        by=by, verb="audience.turn_on", now=now, thing=f"switch:{switch.pk}", details=said, reason=switch.purpose
    )
    return switch


@transaction.atomic
def turn_off(*, by: Actor, platform: str, now: datetime) -> int:
    """No audience for this platform any more."""
    off = AudienceSwitch.objects.filter(platform=platform, turned_off_at=None).update(turned_off_at=now)
    audit.record(by=by, verb="audience.turn_off", now=now, details={"platform": platform, "was_on": off})
    return off


@transaction.atomic
def export(*, by: Actor, segment: Segment, platform: str, now: datetime) -> Made:
    """The file, its receipt, and a disclosure for each person in it. Raises `Off` and `NotGeneral`."""
    switch = standing(platform, now.date())
    if switch is None:
        raise Off(platform)
    node = parse(segment.definition)
    if segment.kind == Segment.Kind.LIST or not is_general(node):
        raise NotGeneral(segment.slug)
    asked = segments.person_ids(node, now, purpose=segment.purpose)
    left_out: Counter[str] = Counter()
    found = _addresses(_may(asked, left_out, now), PLATFORMS[platform], left_out)
    papers = _papers(list(found), PLATFORMS[platform].name)
    rows: list[tuple[str, str]] = []
    told = What(DESCRIPTION, switch.purpose, Basis.AUTHORIZATION)
    to = To(PLATFORMS[platform].name)
    for person_id, row in found.items():
        try:
            with transaction.atomic():
                disclosures.record(
                    by=by, person_id=person_id, to=to, what=told, now=now, consent_record_id=papers.get(person_id)
                )
        except disclosures.Refused:
            left_out["no_authorization"] += 1
            continue
        rows.append(row)
    file = tables.table(PLATFORMS[platform].columns, sorted(rows))  # by hash: the order tells nothing
    receipt = AudienceExport.objects.create(
        switch=switch, segment_id=segment.pk, segment_version=segment.version, made_at=now, people=len(rows),
        asked=len(asked), left_out=dict(left_out), checksum=hashlib.sha256(file).hexdigest(),
        made_by=None if isinstance(by, System) else by,
    )  # fmt: skip
    said = {"platform": platform, "people": len(rows), "asked": len(asked), "left_out": dict(left_out)}
    audit.record(by=by, verb="audience.export", now=now, thing=f"audience:{receipt.pk}", details=said)
    return Made(receipt, file)


def _may(asked: list[int], left_out: Counter[str], now: datetime) -> list[int]:
    """Adults whom nothing says to leave alone."""
    silent = {one.person_id for one in restrictions.standing(asked, now=now)}
    latest_birth = date(now.year - OF_AGE, now.month, 1)
    adults = set(
        Person.objects.filter(pk__in=asked, birth_month__lt=latest_birth, deceased_at=None).values_list("pk", flat=True)
    )
    left_out["not_of_age"] += len(set(asked) - adults)
    left_out["asked_to_be_left_alone"] += len(adults & silent)
    return sorted(adults - silent)


def _addresses(may: list[int], platform: Platform, left_out: Counter[str]) -> dict[int, tuple[str, str]]:
    """Person -> hash of e-mail, hash of phone; empty where there is none that works and is on no list."""
    found: dict[int, dict[str, str]] = {}
    for kind in ("email", "phone"):
        listed = consents.suppressed(person_ids=may, kind=kind)
        for point in people.contact_points(person_ids=may, kind=kind):
            if point.is_valid and not listed.get(point.person_id):
                found.setdefault(point.person_id, {}).setdefault(kind, hashed(kind, point.value, platform))
    left_out["no_address"] += len(set(may) - found.keys())
    return {person: (one.get("email", ""), one.get("phone", "")) for person, one in sorted(found.items())}


def _papers(person_ids: list[int], recipient: str) -> dict[int, int]:
    """The newest authorization of each that names the platform; whether it stands is judged by `disclosures`."""
    rows = ConsentRecord.objects.filter(
        person_id__in=person_ids, kind=ConsentRecord.Kind.AUTHORIZATION, status="granted", recipient__iexact=recipient
    )
    return dict(rows.order_by("at", "pk").values_list("person_id", "pk"))
