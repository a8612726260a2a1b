"""What there is to choose from in a draft, asked once a page and only for the criteria that stand in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import get_language

from rapport.directory.models import Location, ServiceLine
from rapport.segments import value_sets, vocabulary
from rapport.segments.builder.draft import Criterion, Group, walk
from rapport.segments.builder.kinds import PRESETS, pickers
from rapport.segments.fields.shapes import Choice
from rapport.segments.models import Segment

AT_PLACES = {"at_location", "encountered", "happened", "sequence", "has_appointment", "lives_in"}
FOR_LINES = {"encountered", "happened", "sequence", "has_appointment", "money"}


@dataclass
class Choices:
    """Lists to choose from. `labels`: (system, code) -> what it is called; `words`: trait -> what it says of somebody."""

    locations: list[Choice] = field(default_factory=list)
    service_lines: list[Choice] = field(default_factory=list)
    campaigns: list[Choice] = field(default_factory=list)
    traits: list[str] = field(default_factory=list)
    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    segments: list[Choice] = field(default_factory=list)
    labels: Mapping[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def ask(cls, draft: Group, *, besides: int | None = None) -> "Choices":
        """`besides`: the segment that is being written, which can't name itself."""
        criteria = [part for _path, part in walk(draft) if isinstance(part, Criterion)]
        wanted = {one.kind for one in criteria}
        found = cls(labels=_labels(criteria))
        if wanted & AT_PLACES:
            ours = Location.objects.filter(is_ours=True).order_by("name")
            found.locations = [(str(pk), name) for pk, name in ours.values_list("pk", "name")]
        if wanted & FOR_LINES:
            lines = ServiceLine.objects.order_by("name").values_list("pk", "name")
            found.service_lines = [(str(pk), name) for pk, name in lines]
        if wanted & {"happened", "sequence"}:
            found.campaigns = [(str(pk), name) for pk, name in vocabulary.campaign_choices()]
        if wanted & {"trait_is", *PRESETS}:
            found.traits, found.words = vocabulary.trait_names(), vocabulary.trait_words()
        if "in_segment" in wanted:
            others = Segment.objects.exclude(pk=besides or 0).order_by("name", "pk").values_list("pk", "name")
            found.segments = [(str(pk), name) for pk, name in others]
        return found

    def written(self, key: str) -> str:
        """What a picker's key is called."""
        system, _sep, rest = key.partition("|")
        code, _sep, flag = rest.partition("|")
        if not system:
            return _set_name(code)
        return vocabulary.written(system, code, self.labels.get((system, code), ""), begins=bool(flag))


def _labels(criteria: list[Criterion]) -> dict[tuple[str, str], str]:
    keys = {key for one in criteria for name in pickers(one.kind) - {"json"} for key in one.values.get(name, ())}
    codes = {(parts[0], parts[1]) for key in keys if len(parts := key.split("|")) > 1 and parts[0]}
    return vocabulary.code_names(codes) if codes else {}


def _set_name(slug: str) -> str:
    try:
        return value_sets.get(slug).name_in(get_language() or "en")
    except KeyError:
        return slug
