"""No page asks a third party for anything, and nothing of a third party is committed."""

import re
import subprocess

from tests.house.tree import ROOT, place, static_files, templates

FETCHES = re.compile(r"""(?:src|href|action|data-src|srcset|poster)\s*=\s*["']\s*(?:https?:)?//""", re.IGNORECASE)
CSS_FETCH = re.compile(r"""(?:url\(|@import)\s*["']?\s*(?:https?:)?//""", re.IGNORECASE)
JS_FETCH = re.compile(r"""(?:fetch|import|WebSocket|EventSource|sendBeacon)\s*\(?\s*["'`](?:https?:|wss?:)?//""")


def test_no_template_names_another_host():
    found = [place(p) for p in templates() if FETCHES.search(p.read_text())]
    assert not found


def test_no_stylesheet_or_script_fetches_from_another_host():
    found = [place(p) for p in static_files() if CSS_FETCH.search(p.read_text()) or JS_FETCH.search(p.read_text())]
    assert not found


def test_no_template_carries_inline_script_or_style():
    inline = re.compile(
        r"""<script(?![^>]*\b(?:src|nonce|type="application/json"))|\son[a-z]+\s*=\s*["']|\sstyle\s*=""", re.IGNORECASE
    )
    found = [place(p) for p in templates() if inline.search(p.read_text())]
    assert not found


def tracked() -> list[str]:
    done = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.split("\n") if done.returncode == 0 else []


def test_the_repository_speaks_of_the_project_alone():
    # Spelt in pieces, so that this file does not find itself.
    words = re.compile(
        "|".join(["/wo" + "rk/", "/ro" + "ot/", "files.python" + "hosted", "registry.npm" + "js", "pypi" + r"\.org"])
    )
    found = []
    for name in tracked():
        path = ROOT / name
        if not name or not path.is_file() or path.suffix in {".xz", ".gz", ".png", ".mo", ".zst"}:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
            if words.search(line):
                found.append(f"{name}:{number}")
    assert not found


def test_locks_carry_hashes_and_no_addresses():
    for lock in (ROOT / "requirements").glob("*.lock"):
        text = lock.read_text()
        assert "://" not in text, lock.name
        pins = [line for line in text.splitlines() if re.match(r"^[a-zA-Z0-9_.\[\]-]+==", line)]
        assert pins, lock.name
        assert text.count("--hash=sha256:") >= len(pins), lock.name


def explained() -> set[str]:
    """Names of dependencies that stand under a comment in pyproject.toml."""
    names, comment = set(), ""
    for line in (ROOT / "pyproject.toml").read_text().splitlines():
        if line.strip().startswith("#"):
            comment = line.strip(" #")
        elif line.strip() == "]":
            comment = ""
        elif comment and (found := re.match(r'\s*"([A-Za-z0-9_.-]+)', line)):
            names.add(found[1].lower())
    return names


def test_every_dependency_says_what_it_is_for():
    asked = set()
    for file in ("run.in", "test.in"):
        for line in (ROOT / "requirements" / file).read_text().splitlines():
            name = re.split(r"[\[=~<> ]", line.strip())[0].lower()
            if name and not line.startswith(("#", "-")):
                asked.add(name)
    build_only = {"hatchling", "editables", "uv"}
    assert not asked - explained() - build_only
