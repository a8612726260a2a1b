"""All checks that read the code without running the program; every one runs, and the answer is red when one was."""

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
CHECKS = {
    "lint": [str(BIN / "ruff"), "check", "."],
    "format": [str(BIN / "ruff"), "format", "--check", "."],
    "floors": [str(BIN / "lint-imports")],
    "types": [str(BIN / "mypy")],
    "house": [sys.executable, "-m", "pytest", "tests/house", "-q", "-p", "no:cacheprovider"],
}


def main() -> int:
    chosen = sys.argv[1:] or list(CHECKS)
    unknown = [name for name in chosen if name not in CHECKS]
    if unknown:
        print(f"Unknown: {', '.join(unknown)}. There are: {', '.join(CHECKS)}.", file=sys.stderr)
        return 2
    failed = [name for name in chosen if not passes(name)]
    print("all green" if not failed else f"red: {', '.join(failed)}")
    return 1 if failed else 0


def passes(name: str) -> bool:
    started = time.monotonic()
    print(f"== {name}", flush=True)
    code = subprocess.run(CHECKS[name], cwd=ROOT, check=False).returncode
    print(f"== {name}: {'ok' if code == 0 else 'FAILED'} ({time.monotonic() - started:.1f} s)\n", flush=True)
    return code == 0


if __name__ == "__main__":
    sys.exit(main())
