"""Lucide icons as inline SVG, so that no page asks anyone else for a picture."""

from functools import lru_cache

from lucide import IconDoesNotExist
from lucide.jinja import lucide
from markupsafe import Markup

__all__ = ["IconDoesNotExist", "icon"]


@lru_cache(maxsize=1024)
def icon(name: str, *, size: int = 18, label: str = "", css: str = "") -> Markup:
    """The Lucide icon called `name`; decoration unless a `label` says what it means."""
    classes = f"icon {css}".strip()
    # One weight at every size: thin strokes at 24 px, not heavier than text at 16 px.
    attributes: dict[str, object] = {"class": classes, "stroke_width": "1.75", "focusable": "false"}
    if label:
        attributes |= {"role": "img", "aria_label": label}
    else:
        attributes["aria_hidden"] = "true"
    return lucide(name, size=size, **attributes)  # type: ignore[return-value]  # it is Markup already
