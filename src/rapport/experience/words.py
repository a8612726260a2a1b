"""What a patient reads while booking, in English and Spanish, for a reading age of eleven; and days and times in that language."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time

NOON = 12
WORDS = {
    "en": {
        "lang": "en",
        "title": "Book a visit",
        "hello": "Hello {given}",
        "hello_you": "Hello",
        "lead": "Choose a place, a day and a time. It takes less than a minute.",
        "where": "1. Where?",
        "which_day": "2. Which day?",
        "what_time": "3. What time on {day}?",
        "chosen": "chosen",
        "morning": "Morning",
        "afternoon": "Afternoon",
        "book": "Book this visit",
        "can_change": "Plans change. Call us and we move your visit.",
        "full_title": "Everything is taken on this day",
        "full_text": "Please choose another day, or call us at {phone}.",
        "no_time": "Please choose a time first.",
        "taken": "This time was just taken. Please choose another one.",
        "booked_title": "Your visit is booked",
        "soon": "See you soon, {given}",
        "soon_you": "See you soon",
        "when": "When",
        "place": "Where",
        "address": "Address",
        "length": "How long",
        "minutes": "about {minutes} minutes",
        "bring": "Please bring",
        "bring_1": "A photo ID and your insurance card",
        "bring_2": "A list of the medicines you take",
        "other_time": "Need another time? Call us at {phone}.",
        "ended_title": "This link does not work any more",
        "ended_text": "It may be old, or a part of it got lost. We are happy to book your visit by phone.",
        "call": "Call {phone}",
        "other": "En español",
        "other_code": "es",
        "emergency": "Is this an emergency? Call 911.",
    },
    "es": {
        "lang": "es",
        "title": "Pedir una cita",
        "hello": "Hola, {given}",
        "hello_you": "Hola",
        "lead": "Elija un lugar, un día y una hora. Tarda menos de un minuto.",
        "where": "1. ¿Dónde?",
        "which_day": "2. ¿Qué día?",
        "what_time": "3. ¿A qué hora el {day}?",
        "chosen": "elegido",
        "morning": "Por la mañana",
        "afternoon": "Por la tarde",
        "book": "Reservar esta cita",
        "can_change": "Los planes cambian. Llámenos y movemos su cita.",
        "full_title": "Este día ya está completo",
        "full_text": "Elija otro día o llámenos al {phone}.",
        "no_time": "Primero elija una hora.",
        "taken": "Alguien acaba de tomar esta hora. Elija otra, por favor.",
        "booked_title": "Su cita está reservada",
        "soon": "Hasta pronto, {given}",
        "soon_you": "Hasta pronto",
        "when": "Cuándo",
        "place": "Dónde",
        "address": "Dirección",
        "length": "Duración",
        "minutes": "unos {minutes} minutos",
        "bring": "Traiga, por favor",
        "bring_1": "Un documento con foto y su tarjeta del seguro",
        "bring_2": "Una lista de las medicinas que toma",
        "other_time": "¿Necesita otra hora? Llámenos al {phone}.",
        "ended_title": "Este enlace ya no funciona",
        "ended_text": "Quizás es antiguo o le falta una parte. Con gusto le damos la cita por teléfono.",
        "call": "Llamar al {phone}",
        "other": "In English",
        "other_code": "en",
        "emergency": "¿Es una emergencia? Llame al 911.",
    },
}


@dataclass(frozen=True)
class DayChip:
    """One day to tap on."""

    day: date
    weekday: str
    number: int
    month: str


@dataclass(frozen=True)
class TimeChip:
    """One time to tap on; `value` is the instant in UTC."""

    value: str
    label: str


def of(language: str, **values: str) -> dict[str, str]:
    """The words of a language, with what stands in braces filled in."""
    words = WORDS["es" if language.startswith("es") else "en"]
    return {key: text.format_map(_Kept(values)) for key, text in words.items()}


class _Kept(dict[str, str]):
    """Leaves a brace alone that nobody fills."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def day_chips(days: list[date], language: str) -> list[DayChip]:
    locale = _locale(language)
    return [
        DayChip(day, format_date(day, "EEE", locale=locale), day.day, format_date(day, "MMM", locale=locale))
        for day in days
    ]


def long_day(day: date, language: str) -> str:
    """Tuesday, March 3"""
    return format_date(
        day, "EEEE d 'de' MMMM" if language.startswith("es") else "EEEE, MMMM d", locale=_locale(language)
    )


def time_of(at: datetime, zone: ZoneInfo, language: str) -> str:
    return format_time(at.astimezone(zone).time(), "short", locale=_locale(language))


def when(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Tuesday, March 3, 9:30 AM"""
    return f"{long_day(at.astimezone(zone).date(), language)}, {time_of(at, zone, language)}"


def parts_of_day(slots: list[datetime], zone: ZoneInfo, language: str) -> list[tuple[str, list[TimeChip]]]:
    """Morning and afternoon with their times; an empty part is left out."""
    chips = [(slot.astimezone(zone).hour, TimeChip(slot.isoformat(), time_of(slot, zone, language))) for slot in slots]
    words = of(language)
    both = [
        (words["morning"], [chip for hour, chip in chips if hour < NOON]),
        (words["afternoon"], [chip for hour, chip in chips if hour >= NOON]),
    ]
    return [(name, times) for name, times in both if times]


def _locale(language: str) -> str:
    return "es_US" if language.startswith("es") else "en_US"
