"""The few letters that the house itself writes: which wording, in which language. Published from the starters when first needed."""

from datetime import datetime

from rapport.content import starters
from rapport.content.models import Version
from rapport.trust.actors import Actor

CONFIRM, CHOICES = "confirm-newsletter", "your-choices"


def wording(slug: str, language: str, *, by: Actor, now: datetime) -> Version:
    """The newest published wording of a letter of ours."""
    name = f"{slug}-es" if language.startswith("es") else slug
    newest = (
        Version.objects.select_related("piece")
        .filter(piece__slug=name, state=Version.State.PUBLISHED)
        .order_by("-number")
        .first()
    )
    return newest or starters.load(by=by, now=now)[name]
