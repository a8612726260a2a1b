"""Today has a face for each kind of work: the front desk, the marketer, compliance, the administrator. One line each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.home import compliance, desk, marketing, plumbing
from rapport.trust.models import User


@dataclass(frozen=True)
class Look:
    """Who looks, what they may, and when."""

    by: User
    may: Callable[[str], bool]
    now: datetime


@dataclass(frozen=True)
class Face:
    key: str
    label: str | Promise
    template: str
    fill: Callable[[Any], dict[str, Any]]
    verbs: tuple[str, ...]


FACES = (
    Face("marketing", _("Campaigns"), "home/faces/marketing.html", marketing.fill, ("campaigns.write",)),
    Face("compliance", _("Compliance"), "home/faces/compliance.html", compliance.fill, ("breakglass.review",)),
    Face("desk", _("Front desk"), "home/faces/desk.html", desk.fill, ("people.search", "consent.write")),
    Face("results", _("Results"), "home/faces/marketing.html", marketing.fill, ("results.read",)),
    Face("plumbing", _("Feeds and safety"), "home/faces/plumbing.html", plumbing.fill, ("sources.read",)),
)


def open_to(may: Callable[[str], bool]) -> list[Face]:
    """The faces this member of staff may see, the most fitting first. `results` is for those who don't plan campaigns."""
    shown = [face for face in FACES if all(may(verb) for verb in face.verbs)]
    if any(face.key == "marketing" for face in shown):
        shown = [face for face in shown if face.key != "results"]
    return shown or [FACES[-1]]
