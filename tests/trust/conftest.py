"""Signing in, for the tests of this room: with the real login page where it matters, by the session elsewhere."""

from collections.abc import Callable

import pytest
from django.test import Client

from rapport.trust.models import User


@pytest.fixture
def signed_in(db: None) -> Callable[[User], Client]:
    """`signed_in(ana)`: a browser whose session began now."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make
