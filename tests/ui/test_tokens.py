"""Every colour of words can be read on every ground that it may come to stand on, also on the row under the pointer."""

import re

import pytest

from tests.house.tree import SOURCE

TOKENS = (SOURCE / "ui/static/ui/css/tokens.css").read_text()
WORDS = ("text", "text-2", "text-3", "accent-text", "good", "warn", "bad", "info")
GROUNDS = ("bg", "surface", "inset", "hover")
READABLE = 4.5  # WCAG 2.2, 1.4.3


def colours(theme: str) -> dict[str, str]:
    """Token -> #rrggbb. The first block is light, the second dark."""
    block = TOKENS.split("}")[("light", "dark").index(theme)]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_can_be_read_on_every_ground(theme):
    known = colours(theme)
    found = {(word, ground): contrast(known[word], known[ground]) for word in WORDS for ground in GROUNDS}
    assert not {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < READABLE}


def test_contrast_is_reckoned_as_wcag_does():
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48
