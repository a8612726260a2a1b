"""A definition says itself in one sentence, in English or Spanish. What is not named is shown by its code, never hidden."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from rapport.segments.language import phrases
from rapport.segments.language.nodes import (
    Age,
    All,
    Anniversary,
    Any_,
    AtLocation,
    Bucket,
    Capped,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    HouseholdSize,
    InSegment,
    Insured,
    IsKnown,
    KnownSince,
    Leaf,
    LivesIn,
    LivesWith,
    Money,
    Near,
    Node,
    None_,
    Observed,
    Sequence,
    Sex,
    Speaks,
    Step,
    TraitIs,
    Wishes,
)  # fmt: skip
from rapport.segments.language.windows import Between, Calendar, Day, Held, Last, Next, RelativeDay, Window

Language = Literal["en", "es"]
SHOWN = 4  # of a long list, before "and N more"


@dataclass(frozen=True)
class Names:
    """What things are called: codes by (system, code), the rest by id."""

    codes: Mapping[tuple[str, str], str] = field(default_factory=dict)
    locations: Mapping[int, str] = field(default_factory=dict)
    service_lines: Mapping[int, str] = field(default_factory=dict)
    campaigns: Mapping[int, str] = field(default_factory=dict)
    segments: Mapping[int, str] = field(default_factory=dict)
    value_sets: Mapping[str, str] = field(default_factory=dict)


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
        case LivesWith(of):
            return (
                speaker.word("lives_with", items=_joined(of, "and", speaker)) if of else speaker.word("lives_with_any")
            )
        case Capped(most, _, of):
            clause = _clause(All(of), speaker, top=True)
            return speaker.word("capped", clause=clause, most=most)
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
            by, about = speaker.word(f"channel_{channel}"), speaker.word(f"topic_{topic}")
            return speaker.word(status, channel=by, topic=about) + _held(leaf.held, speaker)
        case AtLocation(one_of):
            return speaker.word("at_location", places=speaker.listed([_place(one, speaker) for one in one_of]))
        case LivesIn():
            return speaker.word("lives_in", places=speaker.listed(_where(leaf, speaker)))
        case TraitIs():
            return _trait(leaf, speaker) + _held(leaf.held, speaker)
    return _rest(leaf, speaker)


def _rest(leaf: Leaf, speaker: Speaker) -> str:
    match leaf:
        case Anniversary(of, within):
            return speaker.word(f"anniversary_{of}", window=_window(within, speaker))
        case KnownSince(within):
            return speaker.word("known_since", window=_window(within, speaker))
        case IsKnown(what):
            return speaker.word(f"known_{what}")
        case Observed():
            return _observed(leaf, speaker)
        case Sequence():
            return _sequence(leaf, speaker)
        case Money():
            return _money(leaf, speaker)
        case HasAppointment():
            return _appointment(leaf, speaker)
        case Insured(by):
            payers = speaker.listed([speaker.word(f"payer_{one}") for one in by])
            return speaker.word("insured_by", payers=payers) if by else speaker.word("insured_any")
        case Wishes(one_of):
            return speaker.listed([speaker.word(f"wish_{one}") for one in one_of])
        case HouseholdSize(at_least, at_most):
            return speaker.word("household_size", range=_ranged("size", at_least, at_most, speaker))
        case InSegment(one_of, held):
            named = [f"“{speaker.names.segments[one]}”" if one in speaker.names.segments
                     else speaker.word("segment_number", number=one) for one in one_of]  # fmt: skip
            return speaker.word("in_segment", names=speaker.listed(named)) + _held(held, speaker)
        case Bucket():
            return _bucket(leaf, speaker)
    raise TypeError(f"{type(leaf).__name__} has no sentence")


def _age(leaf: Age, speaker: Speaker) -> str:
    on = speaker.word("on_day", day=_day(leaf.on, speaker)) if leaf.on is not None else ""
    if leaf.at_least is None:
        return speaker.word("age_under", age=(leaf.at_most or 0) + 1) + on
    if leaf.at_most is None:
        return speaker.word("age_over", age=leaf.at_least) + on
    return speaker.word("age_between", low=leaf.at_least, high=leaf.at_most) + on


def _where(leaf: LivesIn, speaker: Speaker) -> list[str]:
    counties = [speaker.word("county", name=one.name, state=one.state) for one in leaf.counties]
    return [*(_near(one, speaker) for one in leaf.near), *counties, *(f"ZIP {one}" for one in leaf.zips), *leaf.states]


def _near(near: Near, speaker: Speaker) -> str:
    miles = speaker.word("mile" if near.miles == 1 else "miles", count=f"{near.miles:g}")
    return speaker.word("near", miles=miles, place=_place(near.location, speaker))


def _has_code(leaf: HasCode, speaker: Speaker) -> str:
    kind = speaker.word(f"kind_{leaf.kind}") if leaf.kind else speaker.word("kind_any")
    key = "has_active" if leaf.active else "has_code"
    said = speaker.word(key, kind=kind, codes=_codes(leaf, speaker)) + _except(leaf, speaker)
    return said + _window(leaf.within, speaker) + _held(leaf.held, speaker)


def _codes(leaf: HasCode | Observed | Step | Happened, speaker: Speaker) -> str:
    sets = [speaker.names.value_sets.get(one, one) for one in leaf.value_sets]
    return speaker.listed([*sets, *(_code(one, speaker) for one in leaf.codes)])


def _except(leaf: HasCode | Step | Happened, speaker: Speaker) -> str:
    listed = speaker.listed([_code(one, speaker) for one in leaf.but_not])
    return speaker.word("except_codes", codes=listed) if listed else ""


def _encountered(leaf: Encountered, speaker: Speaker) -> str:
    said = _counted(leaf.at_least, leaf.at_most, "visit", speaker)
    return said + _lines(leaf.service_lines, speaker) + _places(leaf.locations, speaker) + _window(leaf.within, speaker)


def _happened(leaf: Happened, speaker: Speaker) -> str:
    said = _counted(leaf.at_least, leaf.at_most, leaf.kind, speaker)
    return said + _details(leaf.step, speaker) + _window(leaf.within, speaker)


def _details(step: Step, speaker: Speaker) -> str:
    """Everything a step asks beyond its kind."""
    said = speaker.word("with_codes", codes=_codes(step, speaker)) if step.codes or step.value_sets else ""
    said += _except(step, speaker) + _ranged("value", step.value_at_least, step.value_at_most, speaker)
    if step.campaigns:
        names = [speaker.names.campaigns.get(one, f"#{one}") for one in step.campaigns]
        said += speaker.word("of_campaign", names=speaker.listed([f"“{one}”" for one in names]))
    return said + _lines(step.service_lines, speaker) + _places(step.locations, speaker)


def _lines(lines: tuple[int, ...], speaker: Speaker) -> str:
    return speaker.word("for_line", lines=speaker.listed([_line(one, speaker) for one in lines])) if lines else ""


def _places(places: tuple[int, ...], speaker: Speaker) -> str:
    return speaker.word("at_place", places=speaker.listed([_place(one, speaker) for one in places])) if places else ""


def _observed(leaf: Observed, speaker: Speaker) -> str:
    limits = [
        speaker.word(f"limit_{name}", number=f"{limit:g}")
        for name in ("at_least", "at_most", "above", "below")
        if (limit := getattr(leaf, name)) is not None
    ]
    said = speaker.listed(limits, "and") or speaker.word("measured")
    said += speaker.word("limit_unit", unit=leaf.unit) if leaf.unit else ""
    window = _window(leaf.within, speaker)
    return speaker.word(f"observed_{leaf.which}", codes=_codes(leaf, speaker), range=said, window=window)


def _sequence(leaf: Sequence, speaker: Speaker) -> str:
    first, then = (
        speaker.word("anything_of", thing=speaker.word(f"one_{one.kind}"), details=_details(one, speaker))
        for one in (leaf.first, leaf.then)
    )
    if leaf.without:
        then = speaker.word(
            "anything_of", thing=speaker.word(f"many_{leaf.then.kind}"), details=_details(leaf.then, speaker)
        )
    days = leaf.within_days
    span = "" if days is None else speaker.word("sequence_days", span=_days(days, speaker))
    key = "sequence_without" if leaf.without else "sequence"
    return speaker.word(key, first=first, then=then, span=span, window=_window(leaf.within, speaker))


def _money(leaf: Money, speaker: Speaker) -> str:
    said = _ranged("dollars", leaf.at_least, leaf.at_most, speaker)
    lines, window = _lines(leaf.service_lines, speaker), _window(leaf.within, speaker)
    return speaker.word(f"money_{leaf.measure}", range=said, lines=lines, window=window)


def _appointment(leaf: HasAppointment, speaker: Speaker) -> str:
    said = _counted(leaf.at_least, leaf.at_most, f"appointment_{leaf.when}", speaker)
    if leaf.statuses:
        said += speaker.word("status_is", statuses=speaker.listed([speaker.word(f"status_{s}") for s in leaf.statuses]))
    return said + _lines(leaf.service_lines, speaker) + _places(leaf.locations, speaker) + _window(leaf.within, speaker)


def _bucket(leaf: Bucket, speaker: Speaker) -> str:
    if leaf.first == 0:
        share = speaker.word("share_size", percent=f"{(leaf.last + 1) / 100:g}")
    else:
        share = speaker.word("share_range", first=f"{leaf.first / 100:g}", last=f"{(leaf.last + 1) / 100:g}")
    return speaker.word("bucket", share=share, name=leaf.name)


def _ranged(key: str, low: float | None, high: float | None, speaker: Speaker) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return speaker.word(f"{key}_from", number=_plain(low))
    if low is None:
        return speaker.word(f"{key}_to", number=_plain(high))
    if low == high and key == "size":
        return speaker.word("size_is", number=_plain(low))
    is_range = f"{key}_range" if key == "value" else f"{key}_between"
    return speaker.word(is_range, low=_plain(low), high=_plain(high))


def _plain(number: float | None) -> str:
    """A number as people write it: no exponent, no needless zeros."""
    return f"{number or 0:,.4f}".rstrip("0").rstrip(".")


def _held(held: Held | None, speaker: Speaker) -> str:
    match held:
        case None:
            return ""
        case Held(low, None):
            return speaker.word("held_from", span=_days(low or 0, speaker))
        case Held(None, high):
            return speaker.word("held_to", span=_days(high or 0, speaker))
        case Held(low, high):
            return speaker.word("held_between", low=low, high=_days(high or 0, speaker))


def _days(count: int, speaker: Speaker) -> str:
    return _span(count, "day", speaker)


def _span(count: int, unit: str, speaker: Speaker) -> str:
    return speaker.word(unit if count == 1 else f"{unit}s", count=count)


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
    name = leaf.name.replace(".", " ").replace("_", " ").strip()
    name = speaker.word("trait_begins", name=name) if leaf.begins else name
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
        case Calendar():
            return _calendar(window, speaker)
        case Between(None, None):
            return ""
        case Between(None, until):
            return speaker.word("until_day", day=_day(until, speaker))
        case Between(since, None):
            return speaker.word("since_day", day=_day(since, speaker))
        case Between(since, until):
            return speaker.word("between_days", since=_day(since, speaker), until=_day(until, speaker))


def _calendar(window: Calendar, speaker: Speaker) -> str:
    if window.offset in (-1, 0, 1):
        return speaker.word(f"{('this', 'after', 'before')[window.offset]}_{window.period}")
    period = speaker.word(f"period_{window.period}")
    span = _span(abs(window.offset), window.period, speaker)
    return speaker.word("calendar_back" if window.offset < 0 else "calendar_on", period=period, span=span)


def _day(day: Day | None, speaker: Speaker) -> str:
    if day is None:
        return ""
    if isinstance(day, RelativeDay):
        return _relative(day, speaker)
    month = phrases.MONTHS[speaker.language][day.month - 1]
    return f"{month} {day.day}, {day.year}" if speaker.language == "en" else f"{day.day} de {month} de {day.year}"


def _relative(day: RelativeDay, speaker: Speaker) -> str:
    if day.shift:
        span = _span(abs(day.shift), day.unit, speaker)
        said = speaker.word("day_back" if day.shift < 0 else "day_on", span=span)
    else:
        said = speaker.word("day_today")
    if day.start is None:
        return said
    period = speaker.word(f"period_{day.start}")
    return (
        speaker.word("day_start", period=period, day=said)
        if day.shift
        else speaker.word("day_start_now", period=period)
    )


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
