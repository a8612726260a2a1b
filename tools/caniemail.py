"""Make the compact table of what mail programs know: `python tools/caniemail.py FOLDER`, with a checkout of caniemail (MIT).

Of each feature and each of the four big clients it takes the newest test on every platform; what is told is where the answer is no.
"""

import json
import re
import sys
from pathlib import Path
from typing import Any

import yaml

OUT = Path(__file__).resolve().parents[1] / "src" / "rapport" / "content" / "lint" / "caniemail.json"
CLIENTS = ("gmail", "outlook", "apple-mail", "yahoo")
PLATFORMS = {
    "windows": "Windows", "windows-mail": "Windows Mail", "macos": "macOS", "outlook-com": "web", "desktop-webmail": "web",
    "mobile-webmail": "mobile web", "ios": "iOS", "android": "Android", "desktop-app": "desktop",
}  # fmt: skip
MANY = {"css-left-right-top-bottom": ["left", "right", "top", "bottom"], "html-h1-h6": [f"h{n}" for n in range(1, 7)]}
LEFT_OUT = ("css-unit-", "css-pseudo-", "css-selector-", "css-function-", "html-input-", "html-button-")


def main() -> int:
    made: dict[str, dict[str, Any]] = {"properties": {}, "elements": {}}
    for file in sorted((Path(sys.argv[1]) / "_features").glob("*.md")):
        front = re.split(r"^---\s*$", file.read_text(), flags=re.MULTILINE)[1]
        told = yaml.safe_load(front.replace("\t", "  "))
        if told["category"] not in {"css", "html"} or file.stem.startswith((*LEFT_OUT, "_")):
            continue
        without = _without(told["stats"])
        for kind, name in _names(file.stem, told["title"]):
            if without:
                made[kind][name] = without
    OUT.write_text(json.dumps(made, indent=0, sort_keys=True, ensure_ascii=False) + "\n")
    print(f"{len(made['properties'])} properties, {len(made['elements'])} elements")
    return 0


def _names(stem: str, title: str) -> list[tuple[str, str]]:
    """What the feature is called in a style sheet or a page; nothing for units, selectors and attributes."""
    if stem in MANY:
        return [("elements" if stem.startswith("html") else "properties", one) for one in MANY[stem]]
    if stem.startswith("html-"):
        return [("elements", one) for one in re.findall(r"<([a-z0-9]+)>", title)]
    words = [one.strip() for one in re.split(r",|&", re.sub(r"\s+(?:CSS )?property$|\s+shorthand$", "", title))]
    fits = re.compile(r"@[a-z-]+|[a-z-]+(?:: ?[a-z-]+)?")
    return [("properties", one.replace(": ", ":")) for one in words if fits.fullmatch(one)]


def _without(stats: dict[str, Any]) -> dict[str, list[str]]:
    found = {}
    for client in CLIENTS:
        newest = {name: str(list(tests.values())[-1]) for name, tests in (stats.get(client) or {}).items() if tests}
        no = [PLATFORMS.get(name, name) for name, answer in newest.items() if answer.startswith("n")]
        if no:
            found[client] = [] if len(no) == len(newest) else sorted(set(no))
    return found


if __name__ == "__main__":
    raise SystemExit(main())
