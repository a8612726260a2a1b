"""What the walls look at: our own source files, parsed once."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "rapport"


@cache
def modules() -> dict[Path, ast.Module]:
    """Every Python file of the program but the migrations, with its syntax tree."""
    files = sorted(p for p in SOURCE.rglob("*.py") if "migrations" not in p.parts)
    return {path: ast.parse(path.read_text(), filename=str(path)) for path in files}


@cache
def templates() -> list[Path]:
    return sorted(p for p in SOURCE.rglob("*.html"))


@cache
def static_files() -> list[Path]:
    return sorted(p for p in SOURCE.rglob("static/**/*") if p.suffix in {".css", ".js", ".svg"})


def place(path: Path, line: int | None = None) -> str:
    """`src/rapport/people/models.py:12`, as an editor understands it."""
    name = str(path.relative_to(ROOT))
    return f"{name}:{line}" if line else name


def imports(tree: ast.Module) -> set[str]:
    """Full dotted names of everything a module imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found
