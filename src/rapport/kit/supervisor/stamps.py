"""Are the collected static files those of this version?"""

import hashlib
import sys
from pathlib import Path

from rapport.kit.home import Home

SOURCE = Path(__file__).resolve().parents[2]


def are_collected(home: Home) -> bool:
    try:
        return _stamp(home).read_text() == _fingerprint() and (home.root / "static").is_dir()
    except FileNotFoundError:
        return False


def remember(home: Home) -> None:
    _stamp(home).write_text(_fingerprint())


def _stamp(home: Home) -> Path:
    return home.root / "static.stamp"


def _fingerprint() -> str:
    """Changes when a static file of ours or the set of packages does."""
    digest = hashlib.sha256()
    for path in sorted(SOURCE.glob("*/static/**/*")):
        if path.is_file():
            seen = path.stat()
            digest.update(f"{path} {seen.st_size} {seen.st_mtime_ns}".encode())
    packages = Path(sys.prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    digest.update("\n".join(sorted(one.name for one in packages.glob("*.dist-info"))).encode())
    return digest.hexdigest()
