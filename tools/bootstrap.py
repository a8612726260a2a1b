"""From a bare machine (Python 3.11, nothing else) to an environment in which the program or its tests run.

    python3.11 tools/bootstrap.py run     what the program needs
    python3.11 tools/bootstrap.py test    that, the tools of the tests and checks, and a Chromium

Standard library only. Every package is checked against the hashes in requirements/*.lock. A repeat that has nothing
to do takes a few hundredths of a second.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = Path(os.environ.get("RAPPORT_VENV") or ROOT / ".venv")
PYTHON = VENV / "bin" / "python"
LOCKS = {kind: ROOT / "requirements" / f"{kind}.lock" for kind in ("run", "test")}
UV_LOCK = ROOT / "requirements" / "uv.txt"
BUILD_LOCK = ROOT / "requirements" / "build.txt"
# Chromium without a window of its own does the same pages for two thirds of the processor time.
WINDOWLESS = "chromium-headless-shell"
BROWSERS = (WINDOWLESS, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


class SetupFailed(SystemExit):
    """Ends the program with a message for the person at the keyboard."""


def main() -> None:
    kind = sys.argv[1] if len(sys.argv) > 1 else "run"
    if kind not in LOCKS:
        raise SetupFailed(f"Say `run` or `test`, not `{kind}`.")
    if sys.version_info[:2] != (3, 11):
        raise SetupFailed(
            f"Python 3.11 is needed; this is {platform.python_version()}. Use: make PYTHON=/path/to/python3.11"
        )
    make_environment()
    install(kind)
    compile_words()
    if kind == "test":
        see_to_chromium()


def make_environment() -> None:
    """A virtual environment of this very Python; rebuilt when its Python has gone."""
    if _works(PYTHON):
        return
    say(f"making the environment in {VENV.name}")
    if VENV.exists():
        shutil.rmtree(VENV)
    made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(VENV)], capture_output=True, text=True)
    if made.returncode != 0:
        raise SetupFailed(
            "Python can't make a virtual environment here (on Debian and Ubuntu: `apt install python3.11-venv`):\n"
            + (made.stderr or made.stdout)
        )


def install(kind: str) -> None:
    """Bring the environment to the lock, unless its stamp says it is there. The test set contains the run set."""
    wanted = fingerprint(kind)
    if _stamped(kind) == wanted or (kind == "run" and _stamped("test") == fingerprint("test")):
        return
    started = time.monotonic()
    say(f"installing the packages of requirements/{kind}.lock")
    uv = find_uv()
    if uv is not None:
        _with_uv(uv, kind)
    else:
        say("uv can't be had; using pip, which takes a minute longer")
        _with_pip(kind)
    stamp_file(kind).write_text(wanted)
    say(f"packages are there ({time.monotonic() - started:.0f} s)")


def _with_uv(uv: Path, kind: str) -> None:
    base = [str(uv), "pip", "install", "--python", str(PYTHON), "--quiet"]
    hashed = ["--require-hashes", "--build-constraints", str(BUILD_LOCK)]
    # PySpark comes as source of 430 MB: a wheel of it is only unpacked again, so nothing is won by squeezing it (20 s).
    plain = ["--config-settings-package", "pyspark:--build-option=--compression=stored"]
    run([*base, *hashed, *plain, "--compile-bytecode", "-r", str(LOCKS[kind])], "The packages could not be installed.")
    run([*base, "--no-build-isolation", "--no-deps", "-e", str(ROOT)], "The project itself could not be installed.")


def _with_pip(kind: str) -> None:
    _see_to_pip()
    base = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # What builds a package that comes as source is asked for first and by hash; then nothing unasked is fetched to build it.
    run([*base, "--require-hashes", "-r", str(BUILD_LOCK)], "The packages could not be installed.")
    hashed = ["--require-hashes", "--no-build-isolation", "--use-pep517"]
    run([*base, *hashed, "-r", str(LOCKS[kind])], "The packages could not be installed.")
    run([*base, "--no-build-isolation", "--no-deps", "-e", str(ROOT)], "The project itself could not be installed.")


def find_uv() -> Path | None:
    """uv in our environment, installed from its own hashed lock; None when that fails."""
    own = VENV / "bin" / "uv"
    if own.exists() and _answers([str(own), "--version"]):
        return own
    try:
        _see_to_pip()
    except SetupFailed:
        return None
    got = subprocess.run(
        [
            str(PYTHON),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--require-hashes",
            "-r",
            str(UV_LOCK),
        ],
        capture_output=True,
        text=True,
    )
    return own if got.returncode == 0 and own.exists() else None


def _see_to_pip() -> None:
    if _answers([str(PYTHON), "-m", "pip", "--version"]):
        return
    made = subprocess.run([str(PYTHON), "-m", "ensurepip", "--default-pip"], capture_output=True, text=True)
    if made.returncode != 0:
        raise SetupFailed(
            "This Python has no pip and no ensurepip (on Debian and Ubuntu: `apt install python3.11-venv`)."
        )


def fingerprint(kind: str) -> str:
    """Changes when anything changes that decides what is installed."""
    digest = hashlib.sha256()
    for part in (LOCKS[kind], UV_LOCK, BUILD_LOCK, ROOT / "pyproject.toml"):
        digest.update(part.read_bytes())
    digest.update(f"{sys.version} {platform.machine()} {ROOT}".encode())
    return digest.hexdigest()


def stamp_file(kind: str) -> Path:
    return VENV / f".{kind}.stamp"


def compile_words() -> None:
    """The Spanish of the staff pages, in the form in which a program reads it."""
    for words in ROOT.glob("src/rapport/*/locale/*/LC_MESSAGES/*.po"):
        compiled = words.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < words.stat().st_mtime:
            tool = [str(VENV / "bin" / "pybabel"), "-q", "compile", "-l", words.parents[1].name]
            run([*tool, "-i", str(words), "-o", str(compiled)], f"{words.relative_to(ROOT)} can't be compiled.")


def _stamped(kind: str) -> str | None:
    try:
        return stamp_file(kind).read_text()
    except FileNotFoundError:
        return None


def see_to_chromium() -> None:
    """The browser of the browser tests: found, or installed by apt when we may; else said aloud, and those tests skip.

    Where only a browser with a window is found, the one without is asked for once.
    """
    found, asked = find_chromium(), VENV / "asked-for-chromium"
    if found is not None and (os.environ.get("RAPPORT_CHROMIUM") or found.endswith(WINDOWLESS) or asked.exists()):
        return
    command = _apt_prefix()
    if command is not None:
        said = _install_chromium(command)
        asked.touch()
        if find_chromium() is None:
            shout("Chromium could not be installed. The browser tests will be SKIPPED.", said)
    elif found is None:
        shout(
            "No Chromium was found and it can't be installed from here. The browser tests will be SKIPPED.",
            "Install it (Debian: `apt install chromium`) or set RAPPORT_CHROMIUM=/path/to/chromium.",
        )


def _install_chromium(command: list[str]) -> str:
    """Try the windowless one, then the other if there is none yet; returns what apt said last."""
    say("installing Chromium for the browser tests")
    quietly = [*command, "-o", "DPkg::Lock::Timeout=300", "-qq"]
    subprocess.run([*quietly, "update"], capture_output=True)
    said = ""
    for package in (WINDOWLESS, "chromium"):
        if find_chromium() is None or package == WINDOWLESS:
            step = [*quietly, "install", "-y", "--no-install-recommends", "--no-remove", package, "fonts-liberation"]
            said = subprocess.run(step, capture_output=True, text=True).stderr.strip()[-600:]
    return said


def find_chromium() -> str | None:
    """`RAPPORT_CHROMIUM`, or the first of those we know that is there."""
    given = os.environ.get("RAPPORT_CHROMIUM")
    return given or next((path for name in BROWSERS if (path := shutil.which(name))), None)


def _apt_prefix() -> list[str] | None:
    if shutil.which("apt-get") is None:
        return None
    plain = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]
    if os.geteuid() == 0:
        return plain
    if shutil.which("sudo") and _answers(["sudo", "-n", "true"]):
        return ["sudo", "-n", *plain]
    return None


def run(command: list[str], complaint: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise SetupFailed(f"{complaint}\n{(done.stderr or done.stdout).strip()[-3000:]}")


def _works(python: Path) -> bool:
    return python.exists() and _answers([str(python), "-c", "import sys; sys.exit(sys.version_info[:2] != (3, 11))"])


def _answers(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def say(words: str) -> None:
    print(f"· {words}", file=sys.stderr, flush=True)


def shout(*lines: str) -> None:
    bar = "!" * 78
    print("\n".join(["", bar, *lines, bar, ""]), file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
