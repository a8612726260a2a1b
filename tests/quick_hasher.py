"""Argon2 with a thousandth of the work: most tests sign people in, they do not defend their passwords.

What the house really uses is looked at in tests/trust/test_sign_in.py; child processes and the whole product use it.
"""

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

STRONG = settings.PASSWORD_HASHERS


class QuickArgon2(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 64
    parallelism = 1


def quicken() -> None:
    settings.PASSWORD_HASHERS = ["tests.quick_hasher.QuickArgon2"]
