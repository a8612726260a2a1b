"""Every macro of templates/ui/components under one name, so that a page writes `ui.button(...)` and imports nothing."""

import re
from pathlib import Path
from typing import Any

from jinja2 import Environment

FOLDER = Path(__file__).parent / "templates" / "ui" / "components"
_MACRO = re.compile(r"^\{%-? macro (\w+)\(", re.MULTILINE)


def macro_homes() -> dict[str, str]:
    """Which template each public macro lives in; two homes for one name is a mistake."""
    homes: dict[str, str] = {}
    for file in sorted(FOLDER.glob("*.html")):
        for name in _MACRO.findall(file.read_text(encoding="utf-8")):
            if name in homes:
                raise LookupError(f"macro {name} stands in {homes[name]} and in {file.name}")
            homes[name] = f"ui/components/{file.name}"
    return homes


class Components:
    """`ui.<macro>`: found at the first use, reloaded with its template while developing."""

    def __init__(self, environment: Environment) -> None:
        self._environment = environment
        self._homes = macro_homes()

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name not in self._homes and self._environment.auto_reload:
            self._homes = macro_homes()
        if name not in self._homes:
            raise AttributeError(f"there is no component {name!r}; see src/rapport/ui/README.md")
        return getattr(self._environment.get_template(self._homes[name]).module, name)
