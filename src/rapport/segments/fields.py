"""The fields of the builder's criteria as a page shows them: labels, choices and what was typed."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from rapport.directory.models import Location, ServiceLine
from rapport.segments import vocabulary
from rapport.segments.builder.draft import Criterion
from rapport.segments.language import phrases

Choice = tuple[str, str]
TITLES: dict[str, Promise] = {
    "age": gettext_lazy("Age"),
    "sex": gettext_lazy("Sex"),
    "has_code": gettext_lazy("Condition, procedure or other code"),
    "encountered": gettext_lazy("Visits"),
    "happened": gettext_lazy("Something that happened"),
    "consented": gettext_lazy("Permission to contact"),
    "at_location": gettext_lazy("Usual location"),
    "lives_in": gettext_lazy("Where they live"),
    "speaks": gettext_lazy("Language"),
    "trait_is": gettext_lazy("Trait or score"),
}
ICONS = {
    "age": "cake", "sex": "user", "has_code": "stethoscope", "encountered": "calendar-check", "happened": "activity",
    "consented": "mail-check", "at_location": "building-2", "lives_in": "map-pin", "speaks": "languages", "trait_is": "tag",
}  # fmt: skip


@dataclass(frozen=True)
class Field:
    """One field: number, text, date, choice, many, codes or flag. `when`: only shown while another field has one of these values."""

    name: str
    label: str
    type: str
    values: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    help: str = ""
    when: tuple[str, tuple[str, ...]] | None = None
    shown: bool = True

    @property
    def value(self) -> str:
        return self.values[0] if self.values else ""


@dataclass
class Choices:
    """What there is to choose from, asked once a page."""

    locations: list[Choice] = field(default_factory=list)
    service_lines: list[Choice] = field(default_factory=list)
    campaigns: list[Choice] = field(default_factory=list)
    traits: list[Choice] = field(default_factory=list)

    @classmethod
    def ask(cls, kinds: Iterable[str]) -> "Choices":
        wanted = set(kinds)
        found = cls()
        if wanted & {"at_location", "encountered"}:
            found.locations = [
                (str(pk), name)
                for pk, name in Location.objects.filter(is_ours=True).order_by("name").values_list("pk", "name")
            ]
        if wanted & {"encountered", "happened"}:
            found.service_lines = [
                (str(pk), name) for pk, name in ServiceLine.objects.order_by("name").values_list("pk", "name")
            ]
        if "happened" in wanted:
            found.campaigns = [(str(pk), name) for pk, name in vocabulary.campaign_choices()]
        if "trait_is" in wanted:
            found.traits = [(name, name.replace(".", ": ", 1).replace("_", " ")) for name in vocabulary.trait_names()]
        return found


def fields_of(part: Criterion, choices: Choices) -> list[Field]:
    """The fields of a criterion, in order."""
    return _FIELDS[part.kind](part, choices)


def _age(part: Criterion, choices: Choices) -> list[Field]:
    return [
        _typed(part, "at_least", _("At least (years)"), "number"),
        _typed(part, "at_most", _("At most (years)"), "number"),
        _typed(part, "on", _("On the day (empty: today)"), "date"),
    ]


def _sex(part: Criterion, choices: Choices) -> list[Field]:
    sexes = [("F", _("Women")), ("M", _("Men")), ("O", _("Other")), ("U", _("Not known"))]
    return [_many(part, "one_of", _("Sex"), sexes)]


def _visits(part: Criterion, choices: Choices) -> list[Field]:
    return [
        *_times(part),
        _many(part, "service_lines", _("For"), choices.service_lines, _("None chosen: any service line")),
        _many(part, "locations", _("At"), choices.locations, _("None chosen: any location")),
        *_window(part),
    ]


def _happened(part: Criterion, choices: Choices) -> list[Field]:
    return [
        _choice(part, "kind", _("What"), EVENT_CHOICES, "message_opened"),
        *_times(part),
        _many(part, "campaigns", _("Of the campaign"), choices.campaigns, _("None chosen: any campaign")),
        _many(part, "service_lines", _("For"), choices.service_lines, _("None chosen: any service line")),
        *_window(part),
    ]


def _consented(part: Criterion, choices: Choices) -> list[Field]:
    answers = [("granted", _("said yes")), ("withdrawn", _("withdrew"))]
    return [
        _choice(part, "status", _("They"), answers, "granted"),
        _choice(part, "topic", _("To"), TOPIC_CHOICES, "health_services"),
        _choice(part, "channel", _("By"), CHANNEL_CHOICES, "email"),
    ]


def _at_location(part: Criterion, choices: Choices) -> list[Field]:
    return [_many(part, "one_of", _("Usually seen at"), choices.locations)]


def _lives_in(part: Criterion, choices: Choices) -> list[Field]:
    return [
        _typed(part, "zips", _("ZIP codes"), "text", _("Separated by commas; 018 finds all that begin so")),
        _typed(part, "states", _("States"), "text", _("For example MA, NH")),
    ]


def _speaks(part: Criterion, choices: Choices) -> list[Field]:
    known = phrases.LANGUAGES["es" if (get_language() or "en").startswith("es") else "en"]
    return [_many(part, "one_of", _("Language"), list(known.items()))]


def _trait(part: Criterion, choices: Choices) -> list[Field]:
    return [
        _choice(part, "name", _("Trait"), [("", _("Choose…")), *choices.traits], ""),
        _typed(part, "one_of", _("Is one of (words)"), "text", _("Separated by commas; empty: any value")),
        _typed(part, "at_least", _("From (number)"), "text"),
        _typed(part, "at_most", _("Up to (number)"), "text"),
    ]


def _code_fields(part: Criterion, choices: Choices) -> list[Field]:
    kinds = [
        ("", _("Anything")), ("condition", _("Condition")), ("procedure", _("Procedure")), ("medication", _("Medication")),
        ("immunization", _("Vaccine")), ("observation", _("Observation")), ("claim", _("Claim")),
    ]  # fmt: skip
    wanted = {tuple(code.split("|")[:2]) for code in part.values.get("codes", ())}
    labels = vocabulary.code_names({(one[0], one[1]) for one in wanted if len(one) == 2}) if wanted else {}
    chosen = [(code, _written(code, labels)) for code in part.values.get("codes", ())]
    return [
        _choice(part, "kind", _("Kind"), kinds, ""),
        Field("codes", _("Find codes by words"), "codes", part.values.get("codes", ()), tuple(chosen)),
        Field("active", _("On the list of current things now"), "flag", part.values.get("active", ())),
        *_window(part),
    ]


def _written(code: str, labels: dict[tuple[str, str], str]) -> str:
    system, _sep, rest = code.partition("|")
    plain, _sep, prefix = rest.partition("|")
    name = vocabulary.SYSTEMS.get(system, system)
    label = labels.get((system, plain))
    if prefix and label:
        return _("%(label)s (%(system)s %(code)s and all below it)") % {"label": label, "system": name, "code": plain}
    if prefix:
        return _("%(system)s codes that begin with %(code)s") % {"system": name, "code": plain}
    return f"{label} ({name} {plain})" if label else f"{name} {plain}"


def _times(part: Criterion) -> list[Field]:
    how = part.first("how") or "least"
    hows = [("least", _("at least")), ("most", _("at most")), ("between", _("between")), ("none", _("not once"))]
    typed = part.values.get("times", ()) or (("1",) if how == "least" and "how" not in part.values else ())
    counted, ranged = ("least", "most", "between"), ("between",)
    return [
        Field("how", _("How often"), "choice", (how,), tuple(hows)),
        Field("times", _("Times"), "number", typed, when=("how", counted), shown=how in counted),
        Field(
            "times_to",
            _("Up to (times)"),
            "number",
            part.values.get("times_to", ()),
            when=("how", ranged),
            shown=how in ranged,
        ),
    ]


def _window(part: Criterion) -> list[Field]:
    window = part.first("window") or "ever"
    windows = [
        ("ever", _("at any time")),
        ("last", _("in the last")),
        ("next", _("in the next")),
        ("between", _("between days")),
    ]
    units = (("day", _("days")), ("month", _("months")), ("year", _("years")))
    span, ends = ("window", ("last", "next")), ("window", ("between",))
    spanned, ended = window in span[1], window in ends[1]
    return [
        Field("window", _("When"), "choice", (window,), tuple(windows)),
        Field("span", _("How many"), "number", part.values.get("span", ()), when=span, shown=spanned),
        Field("unit", _("Unit"), "choice", (part.first("unit") or "day",), units, when=span, shown=spanned),
        Field("since", _("First day"), "date", part.values.get("since", ()), when=ends, shown=ended),
        Field("until", _("Last day"), "date", part.values.get("until", ()), when=ends, shown=ended),
    ]


def _typed(part: Criterion, name: str, label: str, kind: str, help_text: str = "") -> Field:
    return Field(name, label, kind, part.values.get(name, ()), help=help_text)


def _choice(part: Criterion, name: str, label: str, choices: Iterable[tuple[str, object]], default: str) -> Field:
    options = tuple((key, str(text)) for key, text in choices)
    return Field(name, label, "choice", (part.first(name) or default,), options)


def _many(part: Criterion, name: str, label: str, choices: Iterable[Choice], help_text: str = "") -> Field:
    """Several of a list. A choice that is no longer on the list is kept and shown by its number."""
    options = list(choices)
    known = {key for key, _text in options}
    options += [(value, f"#{value}") for value in part.values.get(name, ()) if value not in known]
    return Field(name, label, "many", part.values.get(name, ()), tuple(options), help_text)


EVENT_CHOICES: list[tuple[str, Promise]] = [
    ("message_opened", gettext_lazy("opened a message")),
    ("message_clicked", gettext_lazy("clicked in a message")),
    ("message_sent", gettext_lazy("was sent a message")),
    ("message_bounced", gettext_lazy("a message bounced")),
    ("unsubscribed", gettext_lazy("unsubscribed")),
    ("booked", gettext_lazy("booked")),
    ("appointment", gettext_lazy("has an appointment")),
    ("form_submitted", gettext_lazy("sent in a form")),
    ("portal_login", gettext_lazy("logged in to the portal")),
    ("encounter", gettext_lazy("visited")),
    ("payment", gettext_lazy("paid")),
    ("claim", gettext_lazy("was charged")),
    ("condition", gettext_lazy("got a condition noted")),
    ("procedure", gettext_lazy("had a procedure")),
    ("observation", gettext_lazy("had something measured")),
    ("medication", gettext_lazy("got a medication")),
    ("immunization", gettext_lazy("got a vaccine")),
    ("consent", gettext_lazy("recorded a permission")),
    ("visit_cost", gettext_lazy("had a costed visit")),
]
TOPIC_CHOICES: list[tuple[str, Promise]] = [
    ("health_services", gettext_lazy("news of health services")),
    ("care", gettext_lazy("messages about their care")),
    ("newsletter", gettext_lazy("the newsletter")),
    ("survey", gettext_lazy("surveys")),
    ("billing", gettext_lazy("billing messages")),
    ("fundraising", gettext_lazy("fundraising")),
]
CHANNEL_CHOICES: list[tuple[str, Promise]] = [
    ("email", gettext_lazy("e-mail")),
    ("sms", gettext_lazy("text message")),
    ("print", gettext_lazy("letter")),
    ("call", gettext_lazy("phone call")),
    ("portal", gettext_lazy("portal")),
    ("push", gettext_lazy("push notice")),
]
_FIELDS: dict[str, Callable[[Criterion, Choices], list[Field]]] = {
    "age": _age, "sex": _sex, "has_code": _code_fields, "encountered": _visits, "happened": _happened, "consented": _consented,
    "at_location": _at_location, "lives_in": _lives_in, "speaks": _speaks, "trait_is": _trait,
}  # fmt: skip
