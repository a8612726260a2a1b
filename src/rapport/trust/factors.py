"""Second factors: who needs one, and who has one."""

from collections.abc import Collection
from typing import Any

from allauth.mfa.models import Authenticator

EVERYBODY = "*"


def needed(*, roles: Collection[str], demanded: Collection[str]) -> bool:
    """Whether holders of these roles need a second factor. `demanded` names roles, or "*" for everybody."""
    return EVERYBODY in demanded or bool(set(roles) & set(demanded))


def missing(user: Any, *, roles: Collection[str], demanded: Collection[str]) -> bool:
    """Needs one and has none. Recovery codes alone are no factor: they belong to one."""
    if not needed(roles=roles, demanded=demanded):
        return False
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return not Authenticator.objects.filter(user=user, type__in=kinds).exists()


def holders() -> set[int]:
    """The accounts that have a second factor."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return set(Authenticator.objects.filter(type__in=kinds).values_list("user_id", flat=True))
