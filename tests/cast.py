"""The cast: always the same people. Staff stand here; Pat and Quinn come from `tests/people_cast.py`."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from rapport.trust.models import Grant, Role, User

SINCE = datetime(2025, 1, 6, 14, 0, tzinfo=UTC)
PASSWORD = "a-long-enough-passphrase"

Hire = Callable[..., User]


@pytest.fixture
def hire(db: None) -> Hire:
    """`hire("Ana Marsh", Role.MARKETER, location_id=3)`: a member of staff with one grant, or none."""

    def make(name: str, role: str | None = None, *, password: str | None = None, **limits: Any) -> User:
        user = User.objects.create_user(f"{name.split()[0].lower()}@riverbend.example", password, name=name)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        if role:
            Grant.objects.create(user=user, role=role, granted_at=SINCE, **limits)
        return user

    return make


@pytest.fixture
def ana(hire: Hire) -> User:
    """Plans campaigns."""
    return hire("Ana Marsh", Role.MARKETER)


@pytest.fixture
def bea(hire: Hire) -> User:
    """Sits at the front desk."""
    return hire("Bea Flores", Role.FRONT_DESK)


@pytest.fixture
def cole(hire: Hire) -> User:
    """Answers for privacy and compliance."""
    return hire("Cole Adeyemi", Role.COMPLIANCE)


@pytest.fixture
def dee(hire: Hire) -> User:
    """Runs the installation."""
    return hire("Dee Novak", Role.ADMINISTRATOR)


@pytest.fixture
def dr_ito(hire: Hire) -> User:
    """A clinician who refers."""
    return hire("Ito Haruka", Role.CLINICIAN)


@pytest.fixture
def zoe(hire: Hire) -> User:
    """Has an account and no right to be here."""
    return hire("Zoe Larsen")


@pytest.fixture
def pat(db: None) -> Any:
    """A patient who consents."""
    return import_module("tests.people_cast").pat()


@pytest.fixture
def quinn(db: None) -> Any:
    """A patient who has withdrawn."""
    return import_module("tests.people_cast").quinn()
