"""Fifty people with names that nobody has live in an installation; then everything it left behind is searched for them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rapport.kit import home, postgres
from tests.house.tree import ROOT

MARK = "wqzk"  # in every name and street: one look for it is a look for all of them
SYLLABLES = ["zor", "quix", "vant", "plym", "drex", "waff", "jund", "kreb", "snyf", "glom"]


def canaries() -> list[dict[str, str]]:
    found = []
    for number in range(50):
        one, two = SYLLABLES[number % 10], SYLLABLES[number // 10]
        found.append(
            {
                "given": f"{one}{MARK}{two}a".capitalize(),
                "family": f"{two}{MARK}{one}wick".capitalize(),
                "email": f"{one}.{two}{number}@canary-mail.example",
                "phone": f"+1978453{6100 + number}",
                "street": f"{number + 7} {two.capitalize()}{MARK}{one} Crescent",
            }
        )
    return found


def needles(people: list[dict[str, str]]) -> list[bytes]:
    """What must not be found, as it could be written: names, mail, street, and the number in its usual forms."""
    words: set[str] = set()
    for one in people:
        digits = one["phone"].removeprefix("+1")
        words |= {one["given"], one["family"], one["email"], one["street"], digits}
        words |= {f"{digits[:3]}-{digits[3:6]}-{digits[6:]}", f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"}
    return sorted(form.encode() for word in words for form in {word, word.lower(), word.upper()})


def found_in(texts: dict[str, bytes], people: list[dict[str, str]]) -> list[tuple[str, str]]:
    """(where, what). A text without any of the few marks that all of them share holds none of them."""
    numbers = {one["phone"].removeprefix("+1")[:6] for one in people}
    marks = {MARK, MARK.capitalize(), MARK.upper(), "canary-mail", "CANARY-MAIL", *numbers}
    marks |= {f"{one[:3]}-{one[3:]}-" for one in numbers} | {f"({one[:3]}) {one[3:]}-" for one in numbers}
    suspects = {name: text for name, text in texts.items() if any(one.encode() in text for one in marks)}
    return [(name, word.decode()) for name, text in suspects.items() for word in needles(people) if word in text]


def test_the_search_finds_what_there_is():
    people = canaries()
    for word in needles(people):
        assert found_in({"a log": b"x" * 50 + word + b"y" * 50, "another": b"nothing"}, people), word


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_no_name_phone_or_mail_lies_in_dump_files_or_logs(tmp_path):
    people, place = canaries(), home.find(tmp_path / "home")
    listed, dump = tmp_path / "canaries.json", tmp_path / "dump.sql"
    listed.write_text(json.dumps(people))
    kept = {
        k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "RAPPORT_PROCESS", "DJANGO_SETTINGS_MODULE"}
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "tests.flow.canary_life", str(listed), str(dump)],
            cwd=ROOT,
            env={**kept, "RAPPORT_HOME": str(place.root), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()[-3000:]
        looked_at = [dump, *files_below(place.root), *files_below(place.database)]
        assert dump.stat().st_size > 100_000
        assert sum(path.stat().st_size for path in looked_at) > 5_000_000, "the search must have something to search"
        assert any("warehouse" in path.name for path in looked_at)
        texts = {str(path): path.read_bytes() for path in looked_at} | {"printed": done.stdout + done.stderr}
        found = found_in(texts, people)
        assert not found, found[:20]
    finally:
        postgres.destroy(place)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
