"""The clinic's looks: colours with their contrast, typefaces, words of the footer. Every new letter wears them."""

import re
from typing import Literal

import msgspec

Font = Literal["system", "serif", "rounded", "classic"]
FONTS: dict[str, tuple[str, str]] = {
    "system": ("Modern", "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"),
    "rounded": ("Friendly", "'Trebuchet MS', 'Segoe UI', Verdana, sans-serif"),
    "serif": ("Bookish", "Georgia, 'Times New Roman', serif"),
    "classic": ("Plain", "Arial, Helvetica, sans-serif"),
}
HEX = re.compile(r"^#[0-9a-f]{6}$")
ENOUGH, ENOUGH_LARGE = 4.5, 3.0  # WCAG 2.1, 1.4.3


class Look(msgspec.Struct, frozen=True):
    """What a letter is drawn with. `logo` is the public name of a picture."""

    accent: str = "#0f766e"
    ground: str = "#eef2f1"
    ink: str = "#26323a"
    font: Font = "system"
    logo: str = ""
    logo_alt: str = ""
    logo_width: int = 160
    footer: str = ""
    identification: str = ""

    @property
    def stack(self) -> str:
        return FONTS[self.font][1]

    @property
    def on_accent(self) -> str:
        """Black or white, whichever is read better on the accent."""
        return "#ffffff" if contrast("#ffffff", self.accent) >= contrast("#14181b", self.accent) else "#14181b"


class Pair(msgspec.Struct, frozen=True):
    """Two colours that meet, and whether words can be read there."""

    what: str
    front: str
    back: str
    ratio: float
    needed: float

    @property
    def is_enough(self) -> bool:
        return self.ratio >= self.needed


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours by WCAG 2.1: from 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def pairs(look: Look) -> tuple[Pair, ...]:
    """Every pair of colours that carries words in a letter."""
    met = (
        ("Words on a button and in the banner", look.on_accent, look.accent, ENOUGH),
        ("Words on the white card", look.ink, "#ffffff", ENOUGH),
        ("Links on the white card", look.accent, "#ffffff", ENOUGH),
        ("Small print on the ground", quiet(look), look.ground, ENOUGH),
    )
    return tuple(Pair(what, front, back, round(contrast(front, back), 2), least) for what, front, back, least in met)


def quiet(look: Look) -> str:
    """The colour of the small print: the ink, lighter as far as it can still be read on the ground."""
    for share in (0.26, 0.2, 0.14, 0.08):
        made = mixed(look.ink, look.ground, share)
        if contrast(made, look.ground) >= ENOUGH + 0.3:
            return made
    return look.ink


def mixed(one: str, other: str, share: float) -> str:
    """The first colour with a share of the second in it."""
    both = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in both)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
