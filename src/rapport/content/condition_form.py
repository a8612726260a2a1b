"""For whom a block shows: one question of each kind at most, and all that were asked must hold."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.content import offered
from rapport.content.forms import LANGUAGES
from rapport.content.showing import GENERAL, Condition
from rapport.directory.models import Location
from rapport.people.models import Trait

ANY = ("", _("Anybody"))
STAGE = "pathway."
LOOKED_AT = 50_000  # rows of traits from which the choices are taken


class ShowWhen(forms.Form):
    """The conditions of one block."""

    asks_for_all = True
    language = forms.ChoiceField(label=_("Language"), choices=[ANY, *LANGUAGES], required=False)
    age_from = forms.IntegerField(label=_("Age from"), min_value=0, max_value=120, required=False)
    age_to = forms.IntegerField(label=_("Age to"), min_value=0, max_value=120, required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=[ANY, ("F", _("Women")), ("M", _("Men"))], required=False)
    location = forms.ChoiceField(label=_("Own location"), required=False)
    segment = forms.ChoiceField(label=_("In the segment"), required=False)
    segment_not = forms.BooleanField(label=_("Only people who are not in it"), required=False)
    trait = forms.ChoiceField(label=_("Known about the person"), required=False)
    trait_not = forms.BooleanField(label=_("Only people of whom it is not known"), required=False)
    stage = forms.ChoiceField(label=_("Stage of a pathway"), required=False)

    def __init__(self, conditions: tuple[Condition, ...], prefix: str, data: Any = None) -> None:
        super().__init__(data, prefix=f"{prefix}-when", initial=_initial(conditions))
        self._segments = offered.segments()
        self._traits = _known_traits()
        said = {(one.name, one.label): one for one in self._traits}
        places = [(str(pk), name) for pk, name in Location.objects.order_by("name").values_list("pk", "name")]
        self._choose("location", places)
        self._choose("segment", [(str(one.id), one.name) for one in self._segments])
        self._choose("trait", [(key(one), one.label) for one in said.values() if not one.name.startswith(STAGE)])
        self._choose("stage", [(key(one), one.label) for one in said.values() if one.name.startswith(STAGE)])
        self._keep_what_is_there(conditions)

    def made(self) -> tuple[Condition, ...]:
        """The conditions that were asked for. Call it after `is_valid`."""
        said = self.cleaned_data
        found = []
        if said["language"]:
            found.append(Condition("language", (said["language"],), label=dict(LANGUAGES)[said["language"]]))
        if said["age_from"] is not None or said["age_to"] is not None:
            low, high = said["age_from"] or 0, said["age_to"]
            found.append(Condition("age", (f"{low}-{'' if high is None else high}",)))
        if said["sex"]:
            found.append(Condition("sex", (said["sex"],)))
        if said["location"]:
            found.append(Condition("location", (said["location"],), label=self._label("location", said["location"])))
        if said["segment"]:
            chosen = next((one for one in self._segments if str(one.id) == said["segment"]), None)
            read = chosen.data_classes if chosen else (GENERAL,)
            label = self._label("segment", said["segment"])
            found.append(
                Condition("segment", (said["segment"],), is_not=said["segment_not"], data_classes=read, label=label)
            )
        found.extend(
            self._of_trait(kind, said[kind], is_not=kind == "trait" and said["trait_not"])
            for kind in ("trait", "stage")
            if said[kind]
        )
        return tuple(found)

    def _of_trait(self, kind: Any, chosen: str, *, is_not: bool) -> Condition:
        name, _equals, text = chosen.partition("=")
        read = tuple(sorted({one.data_class for one in self._traits if one.name == name})) or (GENERAL,)
        return Condition(kind, (text,) if text else (), name, is_not, read, self._label(kind, chosen))

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [ANY, *choices]

    def _label(self, name: str, value: str) -> str:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]

    def _keep_what_is_there(self, conditions: tuple[Condition, ...]) -> None:
        """A segment or a trait that is gone stays chosen until somebody chooses another."""
        for name, value in _initial(conditions).items():
            field: Any = self.fields[name]
            if not isinstance(field, forms.BooleanField | forms.IntegerField):
                there = list(field.choices)
                field.choices = there if value in dict(there) else [*there, (value, str(value))]


class Known:
    """A trait that people here have, with one of its values."""

    def __init__(self, name: str, text: str, data_class: str) -> None:
        self.name, self.text, self.data_class = name, text, data_class
        self.label = f"{name} = {text}" if text else name


def key(one: Known) -> str:
    return f"{one.name}={one.text}" if one.text else one.name


def in_words(condition: Condition) -> str:
    """One condition as people say it."""
    said = condition.label or ", ".join(condition.values)
    match condition.kind:
        case "language":
            words = _("Speaks %(what)s")
        case "age":
            low, _dash, high = condition.values[0].partition("-")
            said = f"{low or 0}–{high}" if high else f"{low}+"
            words = _("Age %(what)s")
        case "sex":
            return str(_("Women") if condition.values == ("F",) else _("Men"))
        case "location":
            words = _("Goes to %(what)s")
        case "segment":
            words = _("Not in “%(what)s”") if condition.is_not else _("In “%(what)s”")
        case _:
            words = _("Not %(what)s") if condition.is_not else _("%(what)s")
    return str(words) % {"what": said}


def _known_traits() -> list[Known]:
    """Traits with their texts, out of a bounded number of rows: a list to choose from, not a count."""
    rows = Trait.objects.exclude(text="").values_list("name", "text", "data_class")[:LOOKED_AT]
    return [Known(*row) for row in sorted(set(rows))[:200]]


def _initial(conditions: tuple[Condition, ...]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for one in conditions:
        match one.kind:
            case "age":
                low, _dash, high = one.values[0].partition("-")
                said |= {"age_from": int(low or 0), **({"age_to": int(high)} if high else {})}
            case "trait" | "stage":
                said[one.kind] = f"{one.name}={one.values[0]}" if one.values else one.name
                said |= {"trait_not": one.is_not} if one.kind == "trait" else {}
            case _:
                said[one.kind] = one.values[0] if one.values else ""
                said |= {"segment_not": one.is_not} if one.kind == "segment" else {}
    return said
