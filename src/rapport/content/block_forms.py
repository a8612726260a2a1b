"""The form of each kind of block: what it asks, and how its answers become the block again."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from rapport.content import fields
from rapport.content.blocks import kinds
from rapport.content.blocks.clean import rich
from rapport.content.models import Picture, Snippet

OTHER = "other"
LINKS = [("links.book", _("Booking a visit")), ("links.preferences", _("Choosing what one gets")),
         ("links.inbox", _("Reading one’s messages")), ("links.confirm", _("Confirming a sign-up")),
         (OTHER, _("Another address"))]  # fmt: skip
TITLES: dict[str, tuple[Any, str, Any]] = {
    "heading": (_("Heading"), "heading", _("Opens a part of the letter")),
    "text": (_("Text"), "type", _("Words, lists, links")),
    "button": (_("Button"), "mouse-pointer-click", _("The one thing to do")),
    "picture": (_("Picture"), "image", _("From your pictures")),
    "columns": (_("Two columns"), "columns-2", _("Side by side; stacked on a phone")),
    "steps": (_("Steps"), "list-ordered", _("What happens, in order")),
    "details": (_("Details"), "table-2", _("Where, when, bring")),
    "quote": (_("Quote"), "quote", _("In somebody’s own words")),
    "appointment": (_("Appointment"), "calendar-check", _("Day and place of the next visit")),
    "location": (_("Location"), "map-pin", _("The person’s own clinic")),
    "signature": (_("Signature"), "signature", _("A provider, or the team")),
    "banner": (_("Banner"), "panel-top", _("The coloured head")),
    "divider": (_("Line"), "minus", _("Between two parts")),
    "spacer": (_("Space"), "move-vertical", _("Room to breathe")),
    "snippet": (_("Snippet"), "puzzle", _("Kept once, used in many letters")),
    "footer": (_("Footer"), "panel-bottom", _("Who writes, and how to stop")),
}


def _line(label: Any, *, required: bool = False, most: int = 200, note: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=required,
        max_length=most,
        help_text=note,
        widget=forms.TextInput(attrs={"data-merge": ""}),
    )


def _words(label: Any, rows: int = 4, note: Any = "", **attrs: str) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows, "data-merge": "", **attrs})
    return forms.CharField(label=label, required=False, max_length=20_000, widget=area, help_text=note, strip=False)


def _rich(label: Any) -> forms.CharField:
    return _words(label, 8, **{"data-rich": ""})


def _link_fields(label: Any, *, may_be_empty: bool = False) -> dict[str, forms.Field]:
    choices = [("", _("Nowhere")), *LINKS] if may_be_empty else LINKS
    address = forms.CharField(
        label=_("Address"), required=False, max_length=500,
        widget=forms.TextInput(attrs={"placeholder": "https://", "inputmode": "url"}),
        help_text=_("Starts with https://. Never with anything about a person in it."),
    )  # fmt: skip
    return {"leads": forms.ChoiceField(label=label, choices=choices, required=False), "address": address}


def _picture_field(label: Any) -> forms.ChoiceField:
    made = [
        ("", pgettext("picture", "None")),
        *((one.token, one.name) for one in Picture.objects.only("token", "name").order_by("-added_at")[:200]),
    ]
    return forms.ChoiceField(label=label, choices=made, required=False)


def _fields(kind: str) -> dict[str, forms.Field]:
    match kind:
        case "banner":
            return {"overline": _line(_("Small line above"), most=60), "text": _line(_("Words"), most=120)}
        case "heading":
            sizes = [("1", _("Large")), ("2", _("Medium")), ("3", _("Small"))]
            return {"text": _line(_("Words"), most=120), "level": forms.ChoiceField(label=_("Size"), choices=sizes)}
        case "text":
            return {"html": _rich(_("Words"))}
        case "button":
            aligned = forms.ChoiceField(
                label=_("Stands"), choices=[("left", pgettext_lazy("side", "Left")), ("center", _("In the middle"))]
            )
            return {"label": _line(_("Words"), most=60), **_link_fields(_("Leads to")), "align": aligned}
        case "picture":
            return {
                "picture": _picture_field(_("Picture")),
                "alt": _line(_("What it shows"), most=300, note=_("Read aloud to those who can’t see it.")),
                "is_decoration": forms.BooleanField(label=_("Mere decoration: nothing to read aloud"), required=False),
                **_link_fields(_("Leads to"), may_be_empty=True),
            }
        case "columns":
            made: dict[str, forms.Field] = {}
            for side, name in (("left", pgettext_lazy("side", "Left")), ("right", pgettext_lazy("side", "Right"))):
                made[f"{side}_heading"] = _line(_("%(side)s: heading") % {"side": name}, most=80)
                made[f"{side}_html"] = _rich(_("%(side)s: words") % {"side": name})
                made[f"{side}_picture"] = _picture_field(_("%(side)s: picture") % {"side": name})
            return made
        case "steps":
            return {"items": _words(_("Steps"), 6, _("One on each line."))}
        case "details":
            return {"items": _words(_("Details"), 6, _("One on each line, as in: Where: the main entrance"))}
        case "quote":
            return {
                "text": _words(_("Words"), 3),
                "who": _line(_("Who says it"), most=80, note=_("A patient only with a signed permission.")),
            }
        case "appointment" | "location":
            return {"heading": _line(_("Small heading"), most=80), "note": _line(_("Note below"), most=200)}
        case "signature":
            return {"closing": _line(_("Closing"), most=60), "name": _line(_("Name"), most=80), "role": _line(_("Role"), most=80),
                    "picture": _picture_field(_("Portrait"))}  # fmt: skip
        case "spacer":
            return {
                "size": forms.ChoiceField(
                    label=_("How much"), choices=[("small", _("Small")), ("medium", _("Medium")), ("large", _("Large"))]
                )
            }
        case "snippet":
            known = [(one.slug, one.name) for one in Snippet.objects.only("slug", "name").order_by("name")]
            return {
                "slug": forms.ChoiceField(label=_("Snippet"), choices=[("", _("Choose one")), *known], required=False)
            }
        case "footer":
            return {"reason": _line(_("Why one gets this"), most=300),
                    "has_choices": forms.BooleanField(label=_("With a link to choose what one gets"), required=False)}  # fmt: skip
    return {}


class BlockForm(forms.Form):
    """The form of one block. The fields have the block's name before them, so that two forms never meet."""

    asks_for_all = True

    def __init__(self, block: kinds.Block, data: Any = None) -> None:
        self.block, self.kind = block, type(block).__struct_config__.tag
        super().__init__(data, prefix=block.id, initial=_initial(block))
        for name, field in _fields(str(self.kind)).items():
            self.fields[name] = field

    def made(self) -> kinds.Block:
        """The block with what was typed. Call it after `is_valid`."""
        said = {name: value for name, value in self.cleaned_data.items() if value is not None}
        said = TO_BLOCK.get(str(self.kind), lambda given: given)(said)
        return msgspec.structs.replace(self.block, **said)


def empty(kind: str) -> kinds.Block:
    """A new block with the words that make it understood at once."""
    starts: dict[str, dict[str, Any]] = {
        "heading": {"text": "A heading"},
        "text": {"html": "<p>Write here.</p>"},
        "button": {"label": "Choose a day and time"},
        "steps": {"items": ("Choose a day", "Come ten minutes early", "Ask everything")},
        "details": {"items": (kinds.Detail("Where", "{{ location.name }}"), kinds.Detail("Takes", "About 30 minutes"))},
        "quote": {"text": "They took the time to explain everything."},
        "appointment": {"heading": "Your next visit"},
        "location": {"heading": "Where to find us"},
        "signature": {"closing": "Warm regards,", "name": "Your care team", "role": "{{ clinic.name }}"},
        "banner": {"overline": "", "text": "What this letter is about"},
        "columns": {
            "left": kinds.Side(heading="Left", html="<p>Write here.</p>"),
            "right": kinds.Side(heading="Right", html="<p>And here.</p>"),
        },
        "footer": {"reason": "You get this because you said we may write to you."},
    }  # fmt: skip
    made: Any = kinds.KINDS[kind](**starts.get(kind, {}))
    return made


def summary(block: kinds.Block) -> str:
    """The first words of a block, for the list."""
    match block:
        case kinds.Text(html=source):
            said = re.sub(r"<[^>]+>", " ", source)
        case kinds.Steps(items=items):
            said = " · ".join(items)
        case kinds.Details(items=details):
            said = " · ".join(one.label for one in details)
        case kinds.Columns(left=left, right=right):
            said = f"{left.heading} · {right.heading}"
        case (
            kinds.Button(label=said) | kinds.Snippet(slug=said) | kinds.Footer(reason=said) | kinds.Signature(name=said)
        ):
            pass
        case kinds.Picture(alt=alt, is_decoration=True):
            said = alt or str(_("Decoration"))
        case kinds.Picture(alt=said) | kinds.Banner(text=said) | kinds.Heading(text=said) | kinds.Quote(text=said):
            pass
        case kinds.Appointment(heading=said) | kinds.Place(heading=said):
            pass
        case _:
            said = ""
    for name, field in fields.FIELDS.items():
        said = said.replace(f"{{{{ {name} }}}}", f"[{field.words.lower()}]")
    return " ".join(said.split())[:80]


def _initial(block: kinds.Block) -> dict[str, Any]:
    said = {name: getattr(block, name) for name in block.__struct_fields__}
    match block:
        case kinds.Steps(items=items):
            return {"items": "\n".join(items)}
        case kinds.Details(items=details):
            return {"items": "\n".join(f"{one.label}: {one.text}" for one in details)}
        case kinds.Columns():
            return {
                f"{side}_{name}": getattr(getattr(block, side), name) for side in ("left", "right")
                for name in ("heading", "html", "picture")
            }  # fmt: skip
        case kinds.Button(link=link) | kinds.Picture(link=link):
            ours = {str(key) for key, _label in LINKS}
            return said | {
                "leads": link if link in ours or not link else OTHER,
                "address": "" if link in ours else link,
            }
    return said


def _linked(said: dict[str, Any]) -> dict[str, Any]:
    address, leads = said.pop("address", "").strip(), said.pop("leads", "")
    return said | {"link": address if leads == OTHER else leads}


def _pictured(said: dict[str, Any]) -> dict[str, Any]:
    """A picture brings its own words along where none were typed."""
    said = _linked(said)
    found = Picture.objects.filter(token=said["picture"]).first() if said["picture"] and not said["alt"] else None
    if found is not None:
        said |= {"alt": found.alt, "is_decoration": said["is_decoration"] or found.is_decoration}
    return said


def _in_columns(said: dict[str, Any]) -> dict[str, Any]:
    words_of = dict(
        Picture.objects.filter(token__in=[said["left_picture"], said["right_picture"]]).values_list("token", "alt")
    )
    return {
        side: kinds.Side(
            picture=said[f"{side}_picture"], alt=words_of.get(said[f"{side}_picture"], ""), heading=said[f"{side}_heading"],
            html=rich(said[f"{side}_html"]),
        )
        for side in ("left", "right")
    }  # fmt: skip


def _lines(said: str) -> list[str]:
    return [" ".join(line.split()) for line in said.splitlines() if line.strip()][:30]


def _detail(line: str) -> kinds.Detail:
    label, _colon, text = line.partition(":")
    return kinds.Detail(label.strip(), text.strip())


TO_BLOCK: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "text": lambda said: {"html": rich(said["html"])},
    "heading": lambda said: said | {"level": int(said["level"])},
    "button": _linked,
    "picture": _pictured,
    "columns": _in_columns,
    "steps": lambda said: {"items": tuple(_lines(said["items"]))},
    "details": lambda said: {"items": tuple(map(_detail, _lines(said["items"])))},
}
