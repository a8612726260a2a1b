"""What the page of the preference centre shows, and what its form says. No row is written here."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
from babel.dates import format_date, format_time
from django.conf import settings
from django.http import QueryDict

from rapport.consent import choices, preferences, texts
from rapport.consent.choices import CHOICES, Choice, Stand
from rapport.consent.preferences import MONTHLY, WEEKLY, Wish
from rapport.experience import centre, centre_words, permissions_file
from rapport.experience.centre import Asked, Saved, Visit
from rapport.people import queries as people
from rapport.ui.jinja import house_clinic

MONTH, MONTHS = timedelta(days=30), timedelta(days=91)
TOPICS = ("health_services", "newsletter", "survey", "fundraising", "care", "billing")
ICONS = {"email": "mail", "sms": "message-square", "call": "phone", "print": "file-text"}
OFTEN: dict[str, int | None] = {"any": None, "weekly": WEEKLY, "monthly": MONTHLY}


class Broken(msgspec.Struct, frozen=True):
    """A form that could not be saved: what was typed, which choices lack a signature, and what to say."""

    typed: Any
    unsigned: list[str]
    problem: str


class Switch(msgspec.Struct, frozen=True):
    """One choice as it is shown. `sign` is the disclosure that a yes must be signed under."""

    key: str
    label: str
    icon: str
    is_on: bool
    sign: str = ""
    signature: str = ""
    problem: bool = False


class Group(msgspec.Struct, frozen=True):
    """One topic with its switches."""

    topic: str
    title: str
    lead: str
    switches: list[Switch]


class Agreed(msgspec.Struct, frozen=True):
    """A yes that stands, with the words it was said to."""

    what: str
    words: str
    version: str
    day: str


def read(form: QueryDict, now: datetime) -> Asked:
    """What the form says. Raises ValueError for a day or an hour that is none."""
    known = set(choices.BY_KEY)
    return Asked(
        was=frozenset(form.get("was", "").split()) & known,
        on=frozenset(form.getlist("on")) & known,
        wish=_wish(form, now),
        signatures={key: form.get(f"sign.{key}", "") for key in known},
    )


def _wish(form: QueryDict, now: datetime) -> Wish:
    """Only what the form has a field for; what it leaves out stays."""
    told: dict[str, Any] = {}
    if "often" in form and form["often"] != "keep":
        told["at_most"] = OFTEN.get(form.get("often", ""))
    if form.get("pause", "keep") != "keep":
        told["pause_until"] = _pause(form, now.date())
    if form.get("language", "") in preferences.LANGUAGES:
        told["language"] = form["language"]
    if "hours_from" in form and "hours_until" in form:
        told["quiet_from"], told["quiet_until"] = _hour(form.get("hours_from", "")), _hour(form.get("hours_until", ""))
    if "feeling" in form:
        told["feeling"] = form["feeling"]
    return Wish(**told)


def _pause(form: QueryDict, today: date) -> date | None:
    wish = form["pause"]
    if wish == "month":
        return today + MONTH
    if wish == "months":
        return today + MONTHS
    return date.fromisoformat(form.get("pause_day", "")) if wish == "date" else None


def _hour(text: str) -> time | None:
    return time.fromisoformat(text) if text else None


def context(*, visit: Visit, given: str, now: datetime, broken: Broken | None) -> dict[str, Any]:
    """Everything the template needs."""
    stands = choices.standing(visit.person_id, now)
    phones = centre.numbers(visit.person_id)
    wants = preferences.of(visit.person_id)
    typed = broken.typed if broken else {}
    paused = wants.pause_until if wants.pause_until and wants.pause_until > now.date() else None
    words = centre_words.of(visit.language, given=given, day=_day(paused, visit.language) if paused else "")
    return {
        "clinic": house_clinic(),
        "given": given,
        "words": words,
        "groups": _groups(visit, stands, phones, broken),
        "was": typed.get("was") or " ".join(sorted(one.key for one, stand in stands.items() if stand.is_on)),
        "no_mobile": "sms" not in phones,
        "problem": words[broken.problem] if broken else "",
        "often": typed.get("often") or _often(wants.at_most),
        "odd_often": wants.at_most if _often(wants.at_most) == "keep" else None,
        "pause": typed.get("pause") or ("keep" if paused else "no"),
        "pause_day": typed.get("pause_day", ""),
        "first_day": (now.date() + timedelta(days=1)).isoformat(),
        "last_day": (now.date() + timedelta(days=preferences.PAUSE_AT_MOST)).isoformat(),
        "paused": paused,
        "spoken": typed.get("language") or wants.language or visit.language,
        "hours": _hours(visit.language),
        "hours_from": typed.get("hours_from", _value(wants.quiet_from)),
        "hours_until": typed.get("hours_until", _value(wants.quiet_until)),
        "feeling": typed.get("feeling", wants.feeling),
        "agreed": _agreed(visit, stands),
    }


def summary(saved: Saved | None, language: str) -> dict[str, Any] | None:
    """What was saved, in words."""
    if saved is None:
        return None
    return {
        "on": [centre_words.choice(language, one.key) for one in saved.turned if one.is_on],
        "off": [centre_words.choice(language, one.key) for one in saved.turned if not one.is_on],
        "wishes": bool(saved.preference),
        "nothing": saved.nothing,
    }


def file_context(visit: Visit, found: list[permissions_file.Line], now: datetime) -> dict[str, Any]:
    """The readable form of one's permissions."""
    return {
        "clinic": house_clinic(),
        "words": centre_words.of(visit.language),
        "heads": permissions_file.HEADS[centre_words.spoken(visit.language)],
        "columns": permissions_file.COLUMNS,
        "lines": found,
        "day": _day(now.date(), visit.language),
    }


def _groups(
    visit: Visit, stands: Mapping[Choice, Stand], phones: Mapping[str, people.Address], broken: Broken | None
) -> list[Group]:
    spoken = centre_words.spoken(visit.language)
    found = []
    for topic in TOPICS:
        title, lead = centre_words.TOPICS[spoken][topic]
        mine = [one for one in CHOICES if one.topic == topic and _is_shown(one, stands[one], phones)]
        switches = [_switch(one, stands[one], visit, phones, broken) for one in mine]
        found.append(Group(topic, title, lead, switches))
    return found


def _is_shown(one: Choice, stand: Stand, phones: Mapping[str, people.Address]) -> bool:
    """What could never reach the person is left out, unless it is on and must be possible to switch off."""
    return stand.is_on or one.channel not in {"sms", "call"} or one.channel in phones


def _switch(
    one: Choice, stand: Stand, visit: Visit, phones: Mapping[str, people.Address], broken: Broken | None
) -> Switch:
    is_on = one.key in broken.typed.getlist("on") if broken else stand.is_on
    sign = ""
    if one.tier == "written" and not stand.is_on:
        text = texts.find(centre.FORM, one.channel, one.topic, visit.language)
        sign = text.said(clinic=settings.CLINIC_NAME, number=centre.ending(phones.get(one.channel)))
    return Switch(
        key=one.key,
        label=centre_words.CHANNELS[centre_words.spoken(visit.language)][one.channel],
        icon=ICONS[one.channel],
        is_on=is_on,
        sign=sign,
        signature=broken.typed.get(f"sign.{one.key}", "") if broken else "",
        problem=broken is not None and one.key in broken.unsigned,
    )


def _agreed(visit: Visit, stands: Mapping[Choice, Stand]) -> list[Agreed]:
    found = []
    for one, stand in stands.items():
        record = stand.record
        if record is None or not stand.is_on:
            continue
        text = texts.of(record.text_version)
        words = str(record.evidence.get("text") or record.evidence.get("asked") or (text.words if text else ""))
        found.append(
            Agreed(
                what=centre_words.choice(visit.language, one.key),
                words=words.replace("{clinic}", settings.CLINIC_NAME),
                version=record.text_version,
                day=_day(record.at.date(), visit.language),
            )
        )
    return found


def _often(at_most: int | None) -> str:
    """The choice that stands for a number; `keep` for a number that no choice stands for."""
    return next((key for key, count in OFTEN.items() if count == at_most), "keep")


def _hours(language: str) -> list[tuple[str, str]]:
    locale = _locale(language)
    return [(f"{hour:02}:00", format_time(time(hour), "short", locale=locale)) for hour in range(24)]


def _value(at: time | None) -> str:
    return f"{at:%H:%M}" if at else ""


def _day(day: date, language: str) -> str:
    return format_date(day, "long", locale=_locale(language))


def _locale(language: str) -> str:
    return {"en": "en_US", "es": "es_US"}[centre_words.spoken(language)]
