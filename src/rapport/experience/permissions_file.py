"""“Download my permissions”: every statement a person made about messages, to read, as a table and as data.

Left out on purpose, because the link in an e-mail opens it: sealed values (signatures, addresses, numbers), and papers whose
kind alone tells about somebody's health. Those are given in person, as a request for one's record.
"""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from babel.dates import format_datetime
from django.conf import settings

from rapport.consent import choices, texts
from rapport.consent.models import ConsentRecord, Preference
from rapport.experience import centre_words
from rapport.kit import export

KINDS = ("consent", "objection", "do_not_contact", "confidential", "permission")
COLUMNS = ("date", "answer", "what", "way", "words", "text_version", "signed", "until")
HEADS = {
    "en": ("Date", "Answer", "About", "How you said it", "The words", "Text", "Signed", "Until"),
    "es": ("Fecha", "Respuesta", "Sobre", "Cómo lo dijo", "Las palabras", "Texto", "Firmado", "Hasta"),
}
ANSWERS = {"en": {"granted": "Yes", "withdrawn": "No"}, "es": {"granted": "Sí", "withdrawn": "No"}}
KIND_WORDS = {
    "en": {
        "objection": "Objection to marketing",
        "do_not_contact": "Do not contact me",
        "confidential": "Only by the way I named",
        "permission": "Permission for marketing",
        "all": "Everything",
        "all_channels": "by any way",
    },
    "es": {
        "objection": "Oposición a la publicidad",
        "do_not_contact": "No contactarme",
        "confidential": "Solo por el medio que indiqué",
        "permission": "Permiso para publicidad",
        "all": "Todo",
        "all_channels": "por cualquier medio",
    },
}
WAYS = {
    "en": {
        "preference_centre": "On our page for your choices",
        "undo": "Undone on our page",
        "unsubscribe": "By the link in an e-mail",
        "join": "On our newsletter page, confirmed by e-mail",
        "front_desk_in_person": "Said at our desk",
        "front_desk_phone": "Said on the phone",
        "front_desk_paper": "Signed on paper",
        "registration_form": "On the registration form",
        "patient_portal": "In the patient portal",
        "hospital": "In your record at the hospital",
    },
    "es": {
        "preference_centre": "En nuestra página de preferencias",
        "undo": "Deshecho en nuestra página",
        "unsubscribe": "Con el enlace de un correo",
        "join": "En la página del boletín, confirmado por correo",
        "front_desk_in_person": "Dicho en la recepción",
        "front_desk_phone": "Dicho por teléfono",
        "front_desk_paper": "Firmado en papel",
        "registration_form": "En el formulario de registro",
        "patient_portal": "En el portal del paciente",
        "hospital": "En su expediente del hospital",
    },
}


class Line(msgspec.Struct, frozen=True):
    """One statement, in words."""

    date: str
    answer: str
    what: str
    way: str
    words: str
    text_version: str
    signed: str
    until: str


def lines(person_id: int, *, language: str, timezone: str) -> list[Line]:
    """Every statement, the newest first."""
    spoken, zone = centre_words.spoken(language), ZoneInfo(timezone or settings.TIME_ZONE)
    ids = choices.records_of(person_id)
    said = ConsentRecord.objects.filter(person_id__in=ids, kind__in=KINDS).order_by("-at", "-id")
    return [_line(one, spoken, zone) for one in said]


def as_csv(found: list[Line], language: str) -> bytes:
    """A table for a spreadsheet; nothing in it is taken for a formula."""
    rows = ([getattr(one, column) for column in COLUMNS] for one in found)
    return export.table(HEADS[centre_words.spoken(language)], rows)


def as_json(person_id: int, now: datetime) -> bytes:
    """The statements and wishes as data, with the codes of the ledger."""
    ids = choices.records_of(person_id)
    said = ConsentRecord.objects.filter(person_id__in=ids, kind__in=KINDS).order_by("-at", "-id")
    wishes = Preference.objects.filter(person_id__in=ids).order_by("-at", "-id")
    told: dict[str, Any] = {
        "clinic": settings.CLINIC_NAME,
        "made_at": now,
        "statements": [_coded(one) for one in said],
        "preferences": [
            {
                name: getattr(one, name)
                for name in ("at", "via", "language", "at_most", "pause_until", "quiet_from", "quiet_until", "feeling")
            }
            for one in wishes
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=2)


def _line(one: ConsentRecord, spoken: str, zone: ZoneInfo) -> Line:
    text = texts.of(one.text_version)
    return Line(
        date=_day(one.at, zone, spoken),
        answer=ANSWERS[spoken][one.status],
        what=_what(one, spoken),
        way=WAYS[spoken].get(one.via, one.via.replace("_", " ")),
        words=str(one.evidence.get("text") or one.evidence.get("asked") or (text.words if text else "")).replace(
            "{clinic}", settings.CLINIC_NAME
        ),
        text_version=one.text_version,
        signed={"en": "Yes", "es": "Sí"}[spoken] if one.tier == "written" and one.status == "granted" else "",
        until=_day(one.expires_at, zone, spoken) if one.expires_at else "",
    )


def _what(one: ConsentRecord, spoken: str) -> str:
    words = KIND_WORDS[spoken]
    if one.kind != "consent":
        return words[one.kind]
    topic = words["all"] if one.topic == "all" else centre_words.TOPICS[spoken].get(one.topic, (one.topic, ""))[0]
    channel = (
        words["all_channels"] if one.channel == "all" else centre_words.CHANNELS[spoken].get(one.channel, one.channel)
    )
    return f"{topic}, {channel.lower()}"


def _coded(one: ConsentRecord) -> dict[str, Any]:
    text = texts.of(one.text_version)
    return {
        "at": one.at,
        "kind": one.kind,
        "channel": one.channel,
        "topic": one.topic,
        "status": one.status,
        "tier": one.tier,
        "expires_at": one.expires_at,
        "via": one.via,
        "locale": one.locale,
        "text_version": one.text_version,
        "text": one.evidence.get("text") or one.evidence.get("asked") or (text.words if text else ""),
        "evidence": sorted(one.evidence),
    }


def _day(at: datetime, zone: ZoneInfo, spoken: str) -> str:
    return format_datetime(at.astimezone(zone), "medium", locale={"en": "en_US", "es": "es_US"}[spoken])
