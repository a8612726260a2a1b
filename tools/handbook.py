"""Render the pages of the handbook from the tables that the tests run: `python tools/handbook.py` writes, `--check` compares.

What stands in docs/handbook is never written by hand: a row that fails is a failing test, so a page can't promise what the program
does not do.
"""

import sys
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from rapport.consent import rules

ROOT = Path(__file__).resolve().parents[1]
TABLES = ROOT / "tests" / "spec" / "policy"
PAGE = ROOT / "docs" / "handbook" / "permission.md"
ON = date(2026, 11, 26)
ANSWERS = {True: "yes", "yes": "yes"}


def main() -> int:
    text = permission()
    if "--check" in sys.argv:
        if PAGE.exists() and PAGE.read_text() == text:
            return 0
        print(f"{PAGE.relative_to(ROOT)} is not what the tables say. Run: python tools/handbook.py", file=sys.stderr)
        return 1
    PAGE.write_text(text)
    return 0


def permission() -> str:
    """The page about permission: the gates, the golden tests, the requirements, the house's own table."""
    return "\n".join(
        [
            "# May this be said to this person, now?",
            "",
            "Rendered from `tests/spec/policy/*.yaml` and `src/rapport/consent/rules/`; every row is a test that runs.",
            "Not legal advice.",
            "",
            "## The fifteen gates",
            "The first that says no decides; every gate is asked, and its answer is kept on the receipt.",
            "",
            *_table(("", "Gate", "Asks", "Authority"), _gates()),
            "",
            "## Golden cases",
            "",
            *_table(("", "Given", "Then"), _golden()),
            "",
            "## Requirements that concern a message",
            "",
            *_table(("Requirement", "Says", "Answer"), _rows("requirements.yaml")),
            "",
            "## The house's table",
            "A working address, lives in Massachusetts, Wednesday 4 March 2026 at ten, e-mail about our own service, a recorded yes,",
            "nothing sent lately, unless said otherwise.",
            "",
            *_table(("", "Says", "Answer"), _rows("handbook.yaml")),
            "",
        ]
    )


def _gates() -> list[tuple[str, ...]]:
    found = sorted(rules.in_force(ON).gates.values(), key=lambda one: one.place)
    return [(str(one.place), one.title, one.asks, one.authority) for one in found]


def _golden() -> list[tuple[str, ...]]:
    return [(str(row["golden"]), row["given_in_words"], row["then"]) for row in _load("golden.yaml")]


def _rows(name: str) -> list[tuple[str, ...]]:
    return [(row.get("id", ""), row["says"], _answer(row["expect"])) for row in _load(name)]


def _answer(expect: Any) -> str:
    return ANSWERS.get(expect, str(expect))


def _load(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((TABLES / name).read_text())


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return lines + [f"| {' | '.join(cell.replace('|', '/') for cell in row)} |" for row in rows]


if __name__ == "__main__":
    sys.exit(main())
