"""What must be right in words that are no letter: call scripts, texts for the inbox, words to the phone.

- A machine that takes messages, a list of subjects and a push are met by others first: nothing of a person's care, no word about health.
- Whoever rings up says who calls; who sells something, also where one can ring back (47 CFR 64.1200(d)(4)).
"""

from collections.abc import Iterable, Iterator
from datetime import date

import msgspec

from rapport.content import fields, link_check, parts, words
from rapport.content.lint import duties, privacy, reading
from rapport.content.lint.findings import COMMERCIAL_TOPICS, Finding

TITLE, LINE = 50, 150  # letters that most phones show of the head and the words of a message
MACHINE_SECONDS = 25
WORDS_A_MINUTE = 150
NEVER_EMPTY = {
    "opening": ("The call has no opening.", "Say who calls, and ask for the person."),
    "subject": ("There is no subject.", "Write one."),
    "body": ("There are no words.", "Write some."),
    "title": ("There is no title.", "Write one."),
    "line": ("There is no line.", "Write one."),
}
SEEN_BY_OTHERS = {
    "voicemail": "on a machine that others hear",
    "subject": "in the subject",
    "title": "in a title",
    "line": "in a line",
}


class About(msgspec.Struct, frozen=True):
    """What the words are judged by."""

    topic: str
    language: str
    data_classes: tuple[str, ...] = ()
    written_by: str = "people"
    on: date | None = None


def check(said: parts.Parts, about: About) -> list[Finding]:
    """Everything that is wrong, errors first."""
    found = [*_templates(said, about)]
    if not any(one.rule == "liquid" for one in found):
        found += [*_empty(said), *_outside(said, about), *_links(said), *_reading(said, about), *_machine(said, about)]
        if isinstance(said, parts.Script):
            found += _call(said, about)
        if isinstance(said, parts.Push):
            found += _long(said)
    return sorted(found, key=lambda one: one.severity != "error")


def seconds(text: str) -> int:
    """About how long it takes to say."""
    return round(len(text.split()) * 60 / WORDS_A_MINUTE)


def used(said: parts.Parts) -> set[str]:
    """The merge fields that are read; nothing of what can't be read."""
    found: set[str] = set()
    for _place, source in parts.places(said):
        try:
            found |= words.used(source)
        except words.BrokenTemplate:
            continue
    return found & set(fields.FIELDS)


def _templates(said: parts.Parts, about: About) -> Iterator[Finding]:
    for place, source in parts.places(said):
        try:
            names = words.used(source)
            words.render(source, fields.example(about.language), html=False)
        except words.BrokenTemplate as wrong:
            yield Finding("liquid", "error", place, f"The template can't be used: {wrong}", "Mend it.")
            continue
        for name in sorted(names - set(fields.FIELDS)):
            yield Finding("merge-field", "error", place, f"“{name}” is no merge field.", "Choose one from the list.")
        for one in fields.forbidden_for_topic(names, about.topic, on=about.on) if about.on else ():
            remedy = "Take it out, or write it under a topic that may use it, such as the person's own care."
            yield Finding(one.rule, "error", place, one.sentence, remedy)


def _empty(said: parts.Parts) -> Iterator[Finding]:
    for place, source in parts.places(said):
        if place in NEVER_EMPTY and not source.strip():
            message, remedy = NEVER_EMPTY[place]
            yield Finding("empty", "error", place, message, remedy)


def _outside(said: parts.Parts, about: About) -> Iterator[Finding]:
    """E-04 and X-02: what others hear or see before, or instead of, the patient."""
    for place, source in parts.places(said):
        where = SEEN_BY_OTHERS.get(place)
        if where is None:
            continue
        for name in sorted(words.used(source) & set(fields.FIELDS)):
            field = fields.FIELDS[name]
            if field.privacy == "phi" or (field.privacy == "pii" and place != "voicemail"):
                message = f"{field.label} may not stand {where}."
                yield Finding("E-04", "error", place, message, "Take it out; say it when the person is there.")
        for word in privacy.condition_words(source):
            message = f"“{word}” {where} tells others about somebody's health."
            yield Finding("E-04", "error", place, message, "Keep it neutral.")
        for word in privacy.quiet_words(source, about.data_classes):
            message = f"“{word}” {where} gives a delicate matter away."
            yield Finding("X-02", "error", place, message, "Say “a message from your care team” or the like.")


def _links(said: parts.Parts) -> Iterator[Finding]:
    for one in () if isinstance(said, parts.Script) else said.links:
        judged = link_check.judge(one.words, parts.address(one.leads))
        if judged.severity:
            words_of = one.words or "A link"
            yield Finding("links", judged.severity, "links", f"“{words_of}”: {judged.wrong}", "Mend the link.")
        for word in privacy.condition_words(privacy.spaced(one.leads)):
            message = f"“{word}” in the address of a link tells others about somebody's health."
            yield Finding("E-04", "error", "links", message, "Use an address without it.")


def _reading(said: parts.Parts, about: About) -> Iterator[Finding]:
    grade = reading.grade(parts.text(said, about.language), about.language)
    if grade is not None and grade > reading.PATIENTS:
        message = f"It reads like grade {grade:.0f}; words for patients aim at grade {reading.PATIENTS:.0f}."
        yield Finding("reading", "warning", "body", message, "Shorter sentences, everyday words.")


def _machine(said: parts.Parts, about: About) -> Iterator[Finding]:
    if about.written_by == "machine" and not duties.has_ai_notice(parts.text(said, about.language)):
        message = "A machine wrote these words, and they do not say so or how to reach a human (CA AB 3030)."
        remedy = "Add “Written by artificial intelligence. To reach a human, call {{ clinic.phone }}.”, or let a clinician approve it."
        yield Finding("I-01", "error", "body", message, remedy)


def _call(said: parts.Script, about: About) -> Iterator[Finding]:
    sells = about.topic in COMMERCIAL_TOPICS
    spoken = used(msgspec.structs.replace(said, voicemail=""))
    if "clinic.name" not in words.used(said.opening):
        message = (
            "The opening does not say who calls (47 CFR 64.1200(d)(4))."
            if sells
            else "The opening does not say who calls."
        )
        yield Finding("T-08", "error" if sells else "warning", "opening", message, "Say {{ clinic.name }}.")
    if sells and "clinic.phone" not in spoken:
        message = "Nothing says where one can ring back (47 CFR 64.1200(d)(4))."
        yield Finding("T-08", "error", "close", message, "Say {{ clinic.phone }} at the close.")
    if not said.points and not said.questions:
        message = "There is nothing to tell and nothing to ask."
        yield Finding("empty", "warning", "points", message, "Add a point or a question.")
    if not said.close.strip():
        yield Finding(
            "empty", "warning", "close", "The call has no close.", "Thank the person, and say what comes next."
        )
    yield from _voicemail(said.voicemail)


def _voicemail(said: str) -> Iterator[Finding]:
    if not said.strip():
        message = "Nothing says what a machine may be told; somebody will make it up."
        yield Finding("empty", "warning", "voicemail", message, "Write it: who called, and the number. Nothing else.")
        return
    names = words.used(said)
    if "clinic.name" not in names:
        yield Finding("T-08", "error", "voicemail", "It does not say who called.", "Say {{ clinic.name }}.")
    if "clinic.phone" not in names:
        yield Finding("T-08", "warning", "voicemail", "It says no number to call back.", "Say {{ clinic.phone }}.")
    if seconds(said) > MACHINE_SECONDS:
        message = f"It takes about {seconds(said)} seconds to say; machines cut off."
        yield Finding("size", "warning", "voicemail", message, "Who called, and the number.")


def _long(said: parts.Push) -> Iterable[Finding]:
    for place, source, most in (("title", said.title, TITLE), ("line", said.line, LINE)):
        if len(source) > most:
            message = f"{len(source)} letters; most phones show {most}."
            yield Finding("size", "warning", place, message, "Make it shorter.")
