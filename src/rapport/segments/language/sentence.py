"""A definition says itself in one sentence, in English or Spanish. What is not named is shown by its code, never hidden."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from rapport.segments.language import phrases
from rapport.segments.language.nodes import (
    Age,
    All,
    Any_,
    AtLocation,
    Between,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasCode,
    Last,
    Leaf,
    LivesIn,
    Next,
    Node,
    None_,
    Sex,
    Speaks,
    TraitIs,
    Window,
)

Language = Literal["en", "es"]
SHOWN = 4  # of a long list, before "and N more"


@dataclass(frozen=True)
class Names:
    """What things are called: codes by (system, code), the rest by id."""

    codes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    locations: Mapping[int, str] = field(default_factory=dict)
    service_lines: Mapping[int, str] = field(default_factory=dict)
    campaigns: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Speaker:
    """One language and the names of this clinic."""

    language: Language
    names: Names

    def word(self, key: str, **values: object) -> str:
        return phrases.PHRASES[self.language][key].format(**values)

    def listed(self, items: list[str], joint: str = "or") -> str:
        shown = items[:SHOWN]
        if len(items) > SHOWN:
            return self.word("and_more", items=", ".join(shown), more=len(items) - SHOWN)
        if len(shown) < 2:
            return "".join(shown)
        return f"{', '.join(shown[:-1])} {self.word(joint)} {shown[-1]}"


def say(node: Node, language: Language = "en", names: Names | None = None) -> str:
    """The whole question as one sentence with a full stop."""
    speaker = Speaker(language, names or Names())
    if node == All():
        return speaker.word("everyone")
    return speaker.word("people_who", clause=_clause(node, speaker, top=True))


def say_part(node: Node, language: Language = "en", names: Names | None = None) -> str:
    """One criterion or group alone, without a full stop: for a line of the builder, or a reason."""
    return _clause(node, Speaker(language, names or Names()), top=True)


def _clause(node: Node, speaker: Speaker, *, top: bool = False) -> str:
    match node:
        case All(of) | Any_(of) if len(of) == 1:
            return _clause(of[0], speaker, top=top)
        case All(of):
            said = _joined(of, "and", speaker) if of else speaker.word("anyone")
        case Any_(of):
            said = _joined(of, "or", speaker) if of else speaker.word("nobody")
        case None_(of):
            said = speaker.word("none_of", items=_joined(of, "or", speaker)) if of else speaker.word("anyone")
        case _:
            return _leaf(node, speaker)
    return said if top or len(node.of) < 2 else f"({said})"


def _joined(parts: tuple[Node, ...], joint: str, speaker: Speaker) -> str:
    said = [_clause(part, speaker) for part in parts]
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} {speaker.word(joint)} {said[-1]}"


def _leaf(leaf: Leaf, speaker: Speaker) -> str:
    match leaf:
        case Age():
            return _age(leaf, speaker)
        case Sex(one_of):
            return speaker.listed([speaker.word(f"sex_{sex}") for sex in one_of])
        case Speaks(one_of):
            return speaker.word("speaks", languages=speaker.listed([_language_name(one, speaker) for one in one_of]))
        case HasCode():
            return _has_code(leaf, speaker)
        case Encountered():
            return _encountered(leaf, speaker)
        case Happened():
            return _happened(leaf, speaker)
        case Consented(channel, topic, status):
            return speaker.word(
                status, channel=speaker.word(f"channel_{channel}"), topic=speaker.word(f"topic_{topic}")
            )
        case AtLocation(one_of):
            return speaker.word("at_location", places=speaker.listed([_place(one, speaker) for one in one_of]))
        case LivesIn(zips, states):
            return speaker.word("lives_in", places=speaker.listed([*(f"ZIP {one}" for one in zips), *states]))
        case TraitIs():
            return _trait(leaf, speaker)


def _age(leaf: Age, speaker: Speaker) -> str:
    on = speaker.word("on_day", day=_day(leaf.on, speaker)) if leaf.on else ""
    if leaf.at_least is None:
        return speaker.word("age_under", age=(leaf.at_most or 0) + 1) + on
    if leaf.at_most is None:
        return speaker.word("age_over", age=leaf.at_least) + on
    return speaker.word("age_between", low=leaf.at_least, high=leaf.at_most) + on


def _has_code(leaf: HasCode, speaker: Speaker) -> str:
    kind = speaker.word(f"kind_{leaf.kind}") if leaf.kind else speaker.word("kind_any")
    codes = speaker.listed([_code(one, speaker) for one in leaf.codes])
    key = "has_active" if leaf.active else "has_code"
    return speaker.word(key, kind=kind, codes=codes) + _window(leaf.within, speaker)


def _encountered(leaf: Encountered, speaker: Speaker) -> str:
    said = _counted(leaf.at_least, leaf.at_most, "visit", speaker)
    if leaf.service_lines:
        said += speaker.word("for_line", lines=speaker.listed([_line(one, speaker) for one in leaf.service_lines]))
    if leaf.locations:
        said += speaker.word("at_place", places=speaker.listed([_place(one, speaker) for one in leaf.locations]))
    return said + _window(leaf.within, speaker)


def _happened(leaf: Happened, speaker: Speaker) -> str:
    said = _counted(leaf.at_least, leaf.at_most, leaf.kind, speaker)
    if leaf.campaigns:
        names = [speaker.names.campaigns.get(one, f"#{one}") for one in leaf.campaigns]
        said += speaker.word("of_campaign", names=speaker.listed([f"“{one}”" for one in names]))
    if leaf.service_lines:
        said += speaker.word("for_line", lines=speaker.listed([_line(one, speaker) for one in leaf.service_lines]))
    return said + _window(leaf.within, speaker)


def _counted(low: int | None, high: int | None, thing: str, speaker: Speaker) -> str:
    one, many = speaker.word(f"one_{thing}"), speaker.word(f"many_{thing}")
    if high == 0:
        return speaker.word("count_none", things=many)
    if high is None:
        least = 1 if low is None else low
        return (
            speaker.word("count_any", thing=one) if least == 1 else speaker.word("count_least", low=least, things=many)
        )
    if low is None:
        return speaker.word("count_most", high=high, things=one if high == 1 else many)
    if low == high:
        return speaker.word("count_exactly", low=low, things=one if low == 1 else many)
    return speaker.word("count_between", low=low, high=high, things=many)


def _trait(leaf: TraitIs, speaker: Speaker) -> str:
    name = leaf.name.replace(".", " ").replace("_", " ")
    if leaf.one_of:
        return speaker.word("trait_words", name=name, words=speaker.listed([f"“{one}”" for one in leaf.one_of]))
    if leaf.at_least is None and leaf.at_most is None:
        return speaker.word("trait_any", name=name)
    low = speaker.word("from_number", number=f"{leaf.at_least:g}") if leaf.at_least is not None else ""
    high = speaker.word("to_number", number=f"{leaf.at_most:g}") if leaf.at_most is not None else ""
    return speaker.word("trait_range", name=name, range=" ".join(filter(None, (low, high))))


def _window(window: Window | None, speaker: Speaker) -> str:
    match window:
        case None:
            return ""
        case Last(0, _) | Next(0, _):
            return speaker.word("today")
        case Last(1, unit) | Next(1, unit):
            return speaker.word(f"{'last' if isinstance(window, Last) else 'next'}_{unit}")
        case Last(count, unit):
            return speaker.word("last", span=speaker.word(f"{unit}s", count=count))
        case Next(count, unit):
            return speaker.word("next", span=speaker.word(f"{unit}s", count=count))
        case Between(None, None):
            return ""
        case Between(None, until):
            return speaker.word("until_day", day=_day(until, speaker))
        case Between(since, None):
            return speaker.word("since_day", day=_day(since, speaker))
        case Between(since, until):
            return speaker.word("between_days", since=_day(since, speaker), until=_day(until, speaker))


def _day(day: date | None, speaker: Speaker) -> str:
    if day is None:
        return ""
    month = phrases.MONTHS[speaker.language][day.month - 1]
    return f"{month} {day.day}, {day.year}" if speaker.language == "en" else f"{day.day} de {month} de {day.year}"


def _code(asked: CodeIs, speaker: Speaker) -> str:
    label = speaker.names.codes.get((asked.system, asked.code))
    written = f"{asked.code}{'…' if asked.prefix else ''}"
    return f"{label} ({written})" if label else f"{asked.system} {written}"


def _line(identity: int, speaker: Speaker) -> str:
    return speaker.names.service_lines.get(identity, speaker.word("line_number", number=identity))


def _place(identity: int, speaker: Speaker) -> str:
    return speaker.names.locations.get(identity, speaker.word("place_number", number=identity))


def _language_name(code: str, speaker: Speaker) -> str:
    return phrases.LANGUAGES[speaker.language].get(code.split("-")[0], code)
