"""Migrations are complete, routes are declared, arrows go down."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from rapport.trust import access
from tests.house.tree import ROOT


@pytest.mark.django_db
def test_migrations_say_all_that_the_models_say(capsys):
    call_command("makemigrations", "--check", "--dry-run")


def test_every_route_names_its_verb_or_why_it_is_public():
    undeclared = [route for route in access.routes() if not route.verb and not route.public_because]
    assert not undeclared


def test_arrows_go_down():
    tool = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([tool], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-500:]
