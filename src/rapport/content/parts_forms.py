"""The forms of words that are no letter: what each asks, and how its answers become parts again."""

from collections.abc import Mapping
from typing import Any, ClassVar

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from rapport.content import parts
from rapport.content.block_forms import LINKS, OTHER

MOST_ROWS = 12


class Group(msgspec.Struct, frozen=True):
    """Fields that stand together; each row is one line of them. `more` is the word of the button for another row."""

    title: Any
    rows: list[list[str]]
    lead: Any = ""
    more: Any = ""


def _line(label: Any, most: int, note: Any = "", **attrs: str) -> forms.CharField:
    widget = forms.TextInput(attrs={"data-merge": "", **attrs})
    return forms.CharField(label=label, max_length=most, required=False, help_text=note, widget=widget)


def _words(label: Any, most: int, rows: int, note: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "data-merge": "", "spellcheck": "true"})
    return forms.CharField(label=label, max_length=most, required=False, help_text=note, widget=area, strip=False)


class PartsForm(forms.Form):
    """What all have: rows that repeat, and where the words come from."""

    asks_for_all = True
    row_names: ClassVar[tuple[str, ...]] = ()
    most_rows: ClassVar[int] = MOST_ROWS

    def __init__(self, data: Mapping[str, str] | None, *, said: Any, rows: int, origin: tuple[bool, bool]) -> None:
        names = {"is_machine": origin[0], "is_generated": origin[1]}
        super().__init__(data, initial={**self.initial_of(said), **names})
        self.rows = min(max(rows, self._rows_in(data), self.rows_of(said) if data is None else 1, 1), self.most_rows)
        for number in range(self.rows):
            for name, field in self.row_fields(number).items():
                self.fields[f"{name}-{number}"] = field
        self.fields["is_machine"] = forms.BooleanField(label=_("A machine translated these words"), required=False)
        self.fields["is_generated"] = forms.BooleanField(label=_("A machine wrote these words"), required=False)

    def _rows_in(self, data: Mapping[str, str] | None) -> int:
        return sum(f"{self.row_names[0]}-{number}" in data for number in range(MOST_ROWS)) if data is not None else 0

    def _row(self, number: int) -> dict[str, str]:
        return {name: self.cleaned_data.get(f"{name}-{number}", "").strip() for name in self.row_names}

    @property
    def origin(self) -> list[str]:
        return ["is_machine", "is_generated"]

    @property
    def can_grow(self) -> bool:
        return self.rows < self.most_rows

    def row_fields(self, number: int) -> dict[str, forms.Field]:
        raise NotImplementedError

    def rows_of(self, said: Any) -> int:
        raise NotImplementedError

    def initial_of(self, said: Any) -> dict[str, Any]:
        raise NotImplementedError

    def groups(self) -> list[Group]:
        raise NotImplementedError

    def made(self) -> parts.Parts:
        raise NotImplementedError


class ScriptForm(PartsForm):
    """A call."""

    row_names = ("ask", "answers")
    opening = _words(
        _("Opening"), 1_000, 3, _("Who calls, and for whom. Nothing about health before you know who listens.")
    )
    points = _words(_("Points to make"), 4_000, 5, _("One on each line, in your own words."))
    close = _words(_("Close"), 1_000, 2, _("Thanks, and what comes next."))
    voicemail = _words(
        _("To a machine, only this"), 500, 2, _("Others may hear it: who called and the number, nothing else.")
    )

    def row_fields(self, number: int) -> dict[str, forms.Field]:
        return {
            "ask": _line(_("Question %(number)s") % {"number": number + 1}, 300),
            "answers": _line(_("Answers to note"), 300, placeholder=str(_("Yes, No, Call back later"))),
        }

    def rows_of(self, said: parts.Script) -> int:
        return max(2, len(said.questions))

    def initial_of(self, said: parts.Script) -> dict[str, Any]:
        found: dict[str, Any] = {
            "opening": said.opening, "points": "\n".join(said.points), "close": said.close, "voicemail": said.voicemail,
        }  # fmt: skip
        for number, one in enumerate(said.questions):
            found |= {f"ask-{number}": one.ask, f"answers-{number}": ", ".join(one.answers)}
        return found

    def groups(self) -> list[Group]:
        asked = [[f"ask-{number}", f"answers-{number}"] for number in range(self.rows)]
        return [
            Group("", [["opening"], ["points"]]),
            Group(_("Questions"), asked, _("Parted by commas: the answers there are. An empty line is left out."), _("Another question")),
            Group("", [["close"], ["voicemail"]]),
        ]  # fmt: skip

    def made(self) -> parts.Script:
        said = self.cleaned_data
        asked = [self._row(number) for number in range(self.rows)]
        return parts.Script(
            opening=said["opening"].strip(),
            points=tuple(" ".join(one.split()) for one in said["points"].splitlines() if one.strip())[:30],
            questions=tuple(
                parts.Question(
                    one["ask"], tuple(" ".join(a.split()) for a in one["answers"].split(",") if a.strip())[:8]
                )
                for one in asked
                if one["ask"]
            ),
            close=said["close"].strip(),
            voicemail=said["voicemail"].strip(),
        )


class LinkedForm(PartsForm):
    """Words with links under them."""

    row_names = ("words", "leads", "address")
    most_rows = 4
    link_words = _("Links")

    def row_fields(self, number: int) -> dict[str, forms.Field]:
        choices = [one for one in LINKS if one[0] != "links.confirm"]
        address = forms.CharField(
            label=_("Address"), required=False, max_length=500,
            widget=forms.TextInput(attrs={"placeholder": "https://", "inputmode": "url"}),
            help_text=_("Never with anything about a person in it."),
        )  # fmt: skip
        return {
            "words": _line(_("Words"), 80, placeholder=str(_("Choose a day and time"))),
            "leads": forms.ChoiceField(label=_("Leads to"), choices=choices, required=False),
            "address": address,
        }

    def rows_of(self, said: parts.Message | parts.Push) -> int:
        return max(1, len(said.links))

    def initial_of(self, said: parts.Message | parts.Push) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for number, one in enumerate(said.links):
            is_ours = one.leads.startswith("links.")
            found |= {
                f"words-{number}": one.words,
                f"leads-{number}": one.leads if is_ours else OTHER,
                f"address-{number}": "" if is_ours else one.leads,
            }
        return found

    def links_group(self, more: Any) -> Group:
        rows = [[f"{name}-{number}" for name in self.row_names] for number in range(self.rows)]
        return Group(
            self.link_words,
            rows,
            _("Under the words, one on each line. A row without words is left out."),
            more,
        )

    def links_made(self) -> tuple[parts.Link, ...]:
        rows = [self._row(number) for number in range(self.rows)]
        return tuple(
            parts.Link(one["words"], one["address"] if one["leads"] == OTHER else one["leads"] or "links.book")
            for one in rows
            if one["words"] or one["address"]
        )


class MessageForm(LinkedForm):
    """A text for the inbox."""

    subject = _line(_("Subject"), 120, _("Stands in the list of messages: no names, nothing about health."))
    body = _words(_("Text"), 8_000, 10, _("Plain words. A blank line begins a new paragraph."))

    def initial_of(self, said: parts.Message) -> dict[str, Any]:  # type: ignore[override]
        return {"subject": said.subject, "body": said.body, **super().initial_of(said)}

    def groups(self) -> list[Group]:
        return [Group("", [["subject"], ["body"]]), self.links_group(_("Another link"))]

    def made(self) -> parts.Message:
        said = self.cleaned_data
        body = said["body"].replace("\r\n", "\n").strip()
        return parts.Message(subject=said["subject"].strip(), body=body, links=self.links_made())


class PushForm(LinkedForm):
    """A word to the phone."""

    most_rows = 1
    link_words = _("Link")
    title = _line(_("Title"), 100, _("The first thing read in the inbox: no names, nothing about health."))
    line = _words(_("Line"), 300, 3, _("One or two short sentences, for everybody’s eyes."))

    def initial_of(self, said: parts.Push) -> dict[str, Any]:  # type: ignore[override]
        return {"title": said.title, "line": said.line, **super().initial_of(said)}

    def groups(self) -> list[Group]:
        return [Group("", [["title"], ["line"]]), self.links_group("")]

    def made(self) -> parts.Push:
        said = self.cleaned_data
        return parts.Push(title=said["title"].strip(), line=" ".join(said["line"].split()), links=self.links_made())


FORMS: dict[str, type[PartsForm]] = {"call": ScriptForm, "portal": MessageForm, "push": PushForm}
