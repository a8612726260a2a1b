"""The fields of each criterion in the order of the screen. Nothing is asked of a database here: see `choices`."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rapport.segments.builder.draft import Criterion
from rapport.segments.builder.kinds import PRESETS
from rapport.segments.fields import words
from rapport.segments.fields.choices import Choices
from rapport.segments.fields.shapes import Field, choice, flag, many, more, named, section, typed
from rapport.segments.language import phrases


def fields_of(part: Criterion, choices: Choices) -> list[Field]:
    """The fields of a criterion, in order. One that is kept as it is has none."""
    return _FIELDS[part.kind](part, choices) if part.kind in _FIELDS else []


def _age(part: Criterion, choices: Choices) -> list[Field]:
    how = choice(part, "on_how", _("Counted"), words.AGE_DAYS, "today")
    return [
        typed(part, "at_least", _("At least (years)"), "number"),
        typed(part, "at_most", _("At most (years)"), "number"),
        how,
        *_shown_for(how, {
            "on": (typed(part, "on", _("On the day"), "date"), ("day",)),
            "on_span": (typed(part, "on_span", _("How long"), "number"), ("later",)),
            "on_unit": (choice(part, "on_unit", _("Unit"), words.UNITS, "day"), ("later",)),
            "on_period": (choice(part, "on_period", _("Period"), words.PERIODS, "month"), ("start",)),
        }),
    ]  # fmt: skip


def _sex(part: Criterion, choices: Choices) -> list[Field]:
    return [many(part, "one_of", _("Sex"), words.SEXES)]


def _speaks(part: Criterion, choices: Choices) -> list[Field]:
    known = phrases.LANGUAGES["es" if (get_language() or "en").startswith("es") else "en"]
    return [many(part, "one_of", _("Language"), known.items())]


def _anniversary(part: Criterion, choices: Choices) -> list[Field]:
    return [choice(part, "of", _("Of"), words.RETURNS, "birth_month"), *_window(part, "calendar")]


def _known_since(part: Criterion, choices: Choices) -> list[Field]:
    return _window(part, "last")


def _household_size(part: Criterion, choices: Choices) -> list[Field]:
    return [
        typed(part, "at_least", _("At least (people)"), "number"),
        typed(part, "at_most", _("At most (people)"), "number"),
    ]


def _is_known(part: Criterion, choices: Choices) -> list[Field]:
    return [choice(part, "what", _("On record is"), words.KNOWABLE, "zip")]


def _lives_in(part: Criterion, choices: Choices) -> list[Field]:
    return [
        typed(part, "zips", _("ZIP codes"), "area", _("Separated by commas or lines; 018 finds all that begin so")),
        typed(part, "states", _("States"), "text", _("For example MA, NH")),
        _counties(part),
        section(_("Or near one of our locations"), [
            typed(part, "miles", _("Within (miles)"), "decimal"),
            many(part, "near", _("Of the location"), choices.locations),
        ]),
    ]  # fmt: skip


def _at_location(part: Criterion, choices: Choices) -> list[Field]:
    return [many(part, "one_of", _("Usually seen at"), choices.locations)]


def _has_code(part: Criterion, choices: Choices) -> list[Field]:
    active = flag(part, "active", _("On the list of current things now"))
    lasting = {one.name: (one, ("on",)) for one in _held(part)}
    return [
        choice(part, "kind", _("Kind"), [("", _("Anything")), *words.CODE_KINDS], ""),
        _codes(part, choices),
        *_window(part),
        more([_exceptions(part, choices), active, *_shown_for(active, lasting)]),
    ]


def _observed(part: Criterion, choices: Choices) -> list[Field]:
    return [
        _codes(part, choices, _("Find what is measured")),
        choice(part, "which", _("Which"), words.MEASURED, "latest"),
        typed(part, "at_least", _("At least"), "decimal"),
        typed(part, "at_most", _("At most"), "decimal"),
        *_window(part),
        more([
            typed(part, "above", _("Above"), "decimal"),
            typed(part, "below", _("Below"), "decimal"),
            typed(part, "measure", _("Only in the unit"), "text", _("As the laboratory writes it, for example mg/dL")),
        ]),
    ]  # fmt: skip


def _visits(part: Criterion, choices: Choices) -> list[Field]:
    return [*_times(part), *_window(part), more(_places(part, choices), _("For what and where"))]


def _appointment(part: Criterion, choices: Choices) -> list[Field]:
    statuses = many(part, "statuses", _("That are"), words.STATUSES, _("None chosen: whatever became of them"))
    return [
        choice(part, "when", _("Appointments"), words.APPOINTED, "future"),
        *_times(part),
        *_window(part),
        more([statuses, *_places(part, choices)], _("Which, for what and where")),
    ]


def _happened(part: Criterion, choices: Choices) -> list[Field]:
    what, *rest = _step(part, choices)
    return [what, *_times(part), *_window(part), *rest]


def _sequence(part: Criterion, choices: Choices) -> list[Field]:
    follows = [("yes", _("was followed by")), ("no", _("was not followed by"))]
    return [
        section(_("First"), [*named(_step(_under(part, "first_"), choices), "first_"), *_window(part)]),
        section(_("Then"), [
            choice(part, "follows", _("It"), follows, "yes"),
            *named(_step(_under(part, "then_"), choices), "then_"),
            typed(part, "days", _("Within (days)"), "number", _("Empty: any time after")),
        ]),
    ]  # fmt: skip


def _money(part: Criterion, choices: Choices) -> list[Field]:
    lines = many(part, "service_lines", _("For"), choices.service_lines, _("None chosen: any service line"))
    return [
        choice(part, "measure", _("They"), words.MONEY, "payments"),
        typed(part, "at_least", _("At least (dollars)"), "decimal"),
        typed(part, "at_most", _("At most (dollars)"), "decimal"),
        *_window(part),
        more([lines], _("For what")),
    ]


def _insured(part: Criterion, choices: Choices) -> list[Field]:
    return [many(part, "by", _("Insured now by"), words.PAYERS, _("None chosen: any insurance"))]


def _consented(part: Criterion, choices: Choices) -> list[Field]:
    answers = [("granted", _("said yes")), ("withdrawn", _("withdrew"))]
    return [
        choice(part, "status", _("They"), answers, "granted"),
        choice(part, "topic", _("To"), words.TOPICS, "health_services"),
        choice(part, "channel", _("By"), words.CHANNELS, "email"),
        more(_held(part), _("For how long")),
    ]


def _wishes(part: Criterion, choices: Choices) -> list[Field]:
    return [many(part, "one_of", _("They"), words.WISHES)]


def _in_segment(part: Criterion, choices: Choices) -> list[Field]:
    return [many(part, "one_of", _("Is in"), choices.segments), more(_held(part), _("For how long"))]


def _trait(part: Criterion, choices: Choices) -> list[Field]:
    known = [(name, _spoken(name)) for name in choices.traits]
    return [
        choice(part, "name", _("Trait"), [("", _("Choose…")), *known], ""),
        typed(part, "one_of", _("Is one of (words)"), "text", _("Separated by commas; empty: any value")),
        typed(part, "at_least", _("From (number)"), "decimal"),
        typed(part, "at_most", _("Up to (number)"), "decimal"),
        more([flag(part, "begins", _("Every trait whose name begins so")), *_held(part)]),
    ]


def _preset(part: Criterion, choices: Choices) -> list[Field]:
    """A trait of one family: which, and what it says; a score is a number."""
    family = PRESETS[part.kind]
    names = [name for name in choices.traits if name.startswith(family)]
    anything = {
        "gap": _("Any care gap"),
        "pathway": _("Any pathway"),
        "journey": _("Any journey"),
        "score": _("Any score"),
    }
    said = sorted({word for name in names for word in choices.words.get(name, ())})
    options = [(name, _spoken(name.removeprefix(family))) for name in names if name != family]
    which = choice(part, "name", _("Which"), [(family, anything.get(part.kind, _("Persona"))), *options], family)
    numbers = [
        typed(part, "at_least", _("From (number)"), "decimal"),
        typed(part, "at_most", _("Up to (number)"), "decimal"),
    ]
    states = many(part, "one_of", _("Is"), [(word, _spoken(word)) for word in said], _("None chosen: whatever it says"))
    if part.kind == "score":
        return [which, *numbers, more([states, *_held(part)])]
    first = [] if part.kind == "persona" and len(which.choices) == 1 else [which]
    return [*first, states, more([*numbers, *_held(part)])]


def _bucket(part: Criterion, choices: Choices) -> list[Field]:
    return [
        typed(part, "share", _("Share (percent)"), "decimal"),
        typed(part, "name", _("Name of the draw"), "text", _("The same name draws the same people")),
        more([typed(part, "start", _("From (percent)"), "decimal", _("For a share beside another one"))]),
    ]


def _step(part: Criterion, choices: Choices) -> list[Field]:
    """A thing on the timeline, and what else must be true of it."""
    default = "message_opened" if part.kind == "happened" else "encounter"
    campaigns = many(part, "campaigns", _("Of the campaign"), choices.campaigns, _("None chosen: any campaign"))
    value_from, value_to = (
        typed(part, name, label, "decimal")
        for name, label in (("value_from", _("Value from")), ("value_to", _("Value up to")))
    )
    return [
        choice(part, "kind", _("What"), words.EVENTS, default),
        more(
            [
                campaigns,
                *_places(part, choices),
                _codes(part, choices),
                _exceptions(part, choices),
                value_from,
                value_to,
            ],
            _("Only with certain details"),
        ),
    ]


def _under(part: Criterion, prefix: str) -> Criterion:
    """A step of a sequence as if it stood alone."""
    mine = {name.removeprefix(prefix): value for name, value in part.values.items() if name.startswith(prefix)}
    return Criterion("sequence", mine)


def _places(part: Criterion, choices: Choices) -> list[Field]:
    return [
        many(part, "service_lines", _("For"), choices.service_lines, _("None chosen: any service line")),
        many(part, "locations", _("At"), choices.locations, _("None chosen: any location")),
    ]


def _codes(part: Criterion, choices: Choices, label: str = "") -> Field:
    help_text = _("For example “knee”, “mammogram” or “M17”")
    return _picker(part, "codes", label or _("Find codes by words"), "codes", choices, help_text)


def _exceptions(part: Criterion, choices: Choices) -> Field:
    return _picker(
        part, "but_not", _("Except these: words or code"), "exceptions", choices, _("Who has only these is not meant")
    )


def _picker(part: Criterion, name: str, label: str, source: str, choices: Choices, help_text: str) -> Field:
    keys = part.values.get(name, ())
    return Field(
        name, label, "picker", keys, tuple((key, choices.written(key)) for key in keys), help_text, source=source
    )


def _counties(part: Criterion) -> Field:
    keys = part.values.get("counties", ())
    chosen = tuple((key, ", ".join(reversed(key.split("|", 1)))) for key in keys)
    return Field(
        "counties",
        _("Find counties by name"),
        "picker",
        keys,
        chosen,
        _("For example “Middlesex MA”"),
        source="counties",
    )


def _times(part: Criterion) -> list[Field]:
    how = choice(part, "how", _("How often"), words.HOW_OFTEN, "once")
    return [how, *_shown_for(how, {
        "times": (typed(part, "times", _("Times"), "number"), ("least", "most", "between")),
        "times_to": (typed(part, "times_to", _("Up to (times)"), "number"), ("between",)),
    })]  # fmt: skip


def _window(part: Criterion, default: str = "ever") -> list[Field]:
    """When. A criterion that can't be at any time has another default."""
    offered = [one for one in words.WINDOWS if default == "ever" or one[0] != "ever"]
    which = choice(part, "window", _("When"), offered, default)
    spans = ("last", "next", "before", "ago", "ahead")
    return [which, *_shown_for(which, {
        "span": (typed(part, "span", _("How many"), "number"), spans),
        "span_to": (typed(part, "span_to", _("Up to how many"), "number"), ("ago", "ahead")),
        "unit": (choice(part, "unit", _("Unit"), words.UNITS, "day"), spans),
        "turn": (choice(part, "turn", _("Which one"), words.TURNS, "this"), ("calendar",)),
        "period": (choice(part, "period", _("Period"), words.PERIODS, "month"), ("calendar",)),
        "since": (typed(part, "since", _("First day"), "date"), ("between",)),
        "until": (typed(part, "until", _("Last day"), "date"), ("between",)),
    })]  # fmt: skip


def _held(part: Criterion) -> list[Field]:
    return [
        typed(part, "held_from", _("For at least (days)"), "number"),
        typed(part, "held_to", _("For at most (days)"), "number"),
    ]


def _shown_for(asked: Field, fields: Mapping[str, tuple[Field, tuple[str, ...]]]) -> list[Field]:
    """Fields that only mean something while `asked` has one of their values."""
    return [replace(one, when=(asked.name, values), shown=asked.value in values) for one, values in fields.values()]


def _spoken(name: str) -> str:
    """A name of the program as people say it."""
    return name.replace(".", ": ", 1).replace("_", " ")


_FIELDS: dict[str, Callable[[Criterion, Choices], list[Field]]] = {
    "age": _age, "sex": _sex, "speaks": _speaks, "anniversary": _anniversary, "known_since": _known_since,
    "household_size": _household_size, "is_known": _is_known, "lives_in": _lives_in, "at_location": _at_location,
    "has_code": _has_code, "observed": _observed, "encountered": _visits, "has_appointment": _appointment, "happened": _happened,
    "sequence": _sequence, "money": _money, "insured": _insured, "consented": _consented, "wishes": _wishes, "in_segment": _in_segment,
    "trait_is": _trait, "bucket": _bucket, **dict.fromkeys(PRESETS, _preset),
}  # fmt: skip
