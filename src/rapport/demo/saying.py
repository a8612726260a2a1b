"""How things are said in the demo: people chosen, words handed in and looked at, messages sent. Each by its own verb; told twice,
what stands already stays."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.conf import settings

from rapport import flow
from rapport.campaigns import actions
from rapport.campaigns.models import Campaign
from rapport.content import actions as content
from rapport.content import telling
from rapport.content.models import Piece, Version
from rapport.content.reviewing import actions as reviewing
from rapport.content.reviewing import standing
from rapport.demo import clinic, life
from rapport.demo.told import TOLD
from rapport.kit import clock
from rapport.messaging.mailbox import Mailbox
from rapport.messaging.models import Intent
from rapport.segments import actions as segments
from rapport.segments import language
from rapport.segments.models import Segment

LETTERS = Path(__file__).parent / "letters"
LOOKS = (("clinical", "ito", "MD, licence MA 204417"), ("marketing", "cole", ""), ("compliance", "cole", ""))
TUESDAY, WEDNESDAY, THURSDAY = 1, 2, 3
_SATURDAY = 5


def weekday_before(today: datetime, *, days: int, weekday: int, at: time = time(10)) -> datetime:
    """The last such day of the week that lies at least so many days back."""
    day = (today - timedelta(days=days)).astimezone(life.ZONE).date()
    return datetime.combine(day - timedelta(days=(day.weekday() - weekday) % 7), at, life.ZONE)


def working_day_before(today: datetime, at: time) -> datetime:
    """The last working day that lies two days back or more: what went out then is no news of today."""
    day = (today - timedelta(days=2)).astimezone(life.ZONE).date()
    while day.weekday() >= _SATURDAY:
        day -= timedelta(days=1)
    return datetime.combine(day, at, life.ZONE)


def segment(name: str, who: dict[str, Any], now: datetime, purpose: str = "P2") -> Segment:
    found = Segment.objects.filter(name=name).first()
    if found:
        return found
    node = language.parse({"version": 1, "who": who})
    return segments.save(by=clinic.staff("ana"), name=name, node=node, purpose=purpose, now=now)


def words(name: str, topic: str, letter: str, subject: str, now: datetime, channel: str = "email") -> Version:
    """Words of Ana's, looked at by all who must."""
    found = Version.objects.filter(piece__name=name, state="published").first()
    return found or looked_at(handed_in(name, topic, letter, subject, now, channel), now)


def handed_in(name: str, topic: str, letter: str, subject: str, now: datetime, channel: str = "email") -> Version:
    """Words of Ana's on the desk of reviews."""
    ana = clinic.staff("ana")
    piece = Piece.objects.filter(name=name).first() or content.start(
        by=ana, name=name, topic=topic, language="en", now=now, channel=channel
    )
    if letter in TOLD:
        return telling.hand_in(by=ana, piece=piece, said=TOLD[letter], now=now)
    source = (LETTERS / f"{letter}.mjml").read_text()
    return reviewing.hand_in(
        by=ana, piece=piece, subject=subject, preheader="It takes less than a minute.", mjml=source, text="", now=now
    )


def looked_at(version: Version, now: datetime, but: tuple[str, ...] = ()) -> Version:
    """Every look that is needed, except these."""
    wanted = {one.kind for one in standing.needed(version, now.date())} - set(but)
    for kind, login, credential in LOOKS:
        if kind in wanted:
            version = reviewing.approve(
                by=clinic.staff(login),
                version=version,
                kind=kind,
                digest_seen=version.digest,
                credential=credential,
                now=now,
            )
    return version


def draft(load: Any, name: str, planned: dict[str, Any], now: datetime) -> Campaign:
    """A draft of Ana's, or the campaign of this name as it stands."""
    found = Campaign.objects.filter(name=name).first()
    if found:
        return found
    made = actions.draft(by=clinic.staff("ana"), name=name, now=now, planned={"remunerated": False, **planned})
    # A world of a seed must come out the same each time; outside the demo the salt is drawn and never chosen.
    Campaign.objects.filter(pk=made.pk).update(salt=f"demo-{load.world.seed}-{made.slug}"[:32])
    return Campaign.objects.get(pk=made.pk)


def launch(campaign: Campaign, now: datetime) -> Campaign:
    """Ana launches it, once."""
    if campaign.state != Campaign.State.DRAFT:
        return campaign
    with clock.travel(now):
        return actions.launch(by=clinic.staff("ana"), campaign=campaign, now=now)


def send(at: datetime) -> int:
    """The worker's own step until nothing is due; what must wait for a better hour goes an hour later."""
    total = 0
    for hour in range(30):
        moment = at + timedelta(hours=hour, minutes=1)
        with clock.travel(moment):
            while done := flow.send_out(owner="demo", now=moment):
                total += done
        if not Intent.objects.filter(state="queued", due_at__lt=at + timedelta(days=2)).exists():
            break
    return total


@contextmanager
def post_office() -> Iterator[None]:
    """The mailbox that the supervisor runs; when nobody listens on its port, one of our own for as long as this lasts."""
    if _answers():
        yield
        return
    box = Mailbox(settings.SMTP_HOST, settings.SMTP_PORT)
    box.start()
    try:
        yield
    finally:
        box.stop()


def _answers() -> bool:
    with socket.socket() as line:
        line.settimeout(1)
        return line.connect_ex((settings.SMTP_HOST, settings.SMTP_PORT)) == 0
