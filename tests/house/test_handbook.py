"""The page of the handbook says what the tables say."""

import subprocess
import sys

from tests.house.tree import ROOT


def test_the_handbook_is_rendered_from_the_tables():
    tool = ROOT / "tools" / "handbook.py"
    done = subprocess.run([sys.executable, tool, "--check"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
