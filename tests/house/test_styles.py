"""Words are never faded: what opacity leaves of a colour no palette has checked, and some only fade at some hours."""

import re

from tests.house.tree import place, static_files

RULE = re.compile(r"([^{}]+)\{[^{}]*?\bopacity:\s*(0?\.\d+)")
# What is out of use for a moment may fade (WCAG 1.4.3 leaves inactive parts out), and so may shapes of charts without words.
MAY_FADE = re.compile(r"disabled|htmx-request|^\s*to\s*$|\.area|\.band")


def test_no_words_are_faded():
    found = [
        f"{place(file)}: {selector.strip()}"
        for file in static_files()
        if file.suffix == ".css"
        for selector, _ in RULE.findall(file.read_text())
        if not MAY_FADE.search(selector)
    ]
    assert not found
