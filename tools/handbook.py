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
WORDS = ROOT / "tests" / "spec" / "content"
PAGES = ROOT / "docs" / "handbook"
ON = date(2026, 11, 26)
ANSWERS = {True: "yes", "yes": "yes"}


def main() -> int:
    stale = 0
    for name, text in {"permission.md": permission(), "words.md": words()}.items():
        page = PAGES / name
        if "--check" not in sys.argv:
            page.write_text(text)
        elif not page.exists() or page.read_text() != text:
            print(
                f"{page.relative_to(ROOT)} is not what the tables say. Run: python tools/handbook.py", file=sys.stderr
            )
            stale = 1
    return stale


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


def words() -> str:
    """The page about words: each rule of the lint by what passes and what does not."""
    return "\n".join(
        [
            "# What is looked at before words go out",
            "",
            "Rendered from `tests/spec/content/*.yaml`; every row is a test that runs. An error forbids handing in, approving and",
            "sending; a warning is advice. Not legal advice.",
            "",
            "## Letters",
            "A newsletter of one sentence with the clinic's name and address, a way to stop and a way to choose, unless said otherwise.",
            "",
            *_table(("Rule", "Given", "Then"), _letters()),
            "",
            "## Text messages",
            "A telephone shows all of a text on its locked screen.",
            "",
            *_table(("Given", "Then"), _texts()),
            "",
        ]
    )


def _letters() -> list[tuple[str, ...]]:
    rows, found, last = yaml.safe_load((WORDS / "lint.yaml").read_text()), [], ""
    for row in rows:
        found.append((row["rule"] if row["rule"] != last else "", row["says"], ", ".join(row["finds"]) or "good"))
        last = row["rule"]
    return found


def _texts() -> list[tuple[str, ...]]:
    rows = yaml.safe_load((WORDS / "texts.yaml").read_text())
    return [(row["says"], f"error {', '.join(row['finds'])}" if row["finds"] else "good") for row in rows]


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
