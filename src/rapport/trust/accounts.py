"""Accounts and grants. Staff are invited by an administrator; every change of what somebody may do is one audited verb.

- The installation always keeps one administrator who can still sign in.
- Nobody changes what they may do themselves.
- An account is closed, never deleted: the audit trail points at it.
"""

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from rapport.trust import audit
from rapport.trust.actors import Actor
from rapport.trust.models import Grant, Role, User


class EmailTaken(ValueError):
    """There is an account with this address."""


class AlreadyGranted(ValueError):
    """This role is granted already, with the same limits."""


class LastAdministrator(ValueError):
    """Without this one nobody could manage accounts any more."""


class OwnAccount(ValueError):
    """Somebody else has to do this to your account."""


@transaction.atomic
def create(*, by: Actor, email: str, name: str, now: datetime, password: str | None = None) -> User:
    """A new account, its address verified by whoever invites. Without a password the first sign-in goes through a reset mail."""
    address = email.strip().lower()
    if User.objects.filter(email=address).exists():
        raise EmailTaken(_("There is an account with this address."))
    user = User.objects.create_user(address, password, name=" ".join(name.split()))
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    audit.record(by=by, verb="account.create", now=now, thing=f"user:{user.pk}")
    return user


@transaction.atomic
def grant(
    *,
    by: Actor,
    user: User,
    role: str,
    now: datetime,
    location_id: int | None = None,
    service_line_id: int | None = None,
) -> Grant:
    """Give a role, everywhere or for one location or one service line."""
    _not_own(by, user)
    given, new = Grant.objects.get_or_create(
        user=user,
        role=Role(role),
        location_id=location_id,
        service_line_id=service_line_id,
        defaults={"granted_at": now},
    )
    if not new:
        raise AlreadyGranted(_("This role is granted already."))
    audit.record(by=by, verb="access.grant", now=now, thing=f"user:{user.pk}", details=_told(given))
    return given


@transaction.atomic
def revoke(*, by: Actor, grant: Grant, now: datetime) -> User:
    """Take a role away. It holds from the next click of whoever had it."""
    user = grant.user
    _not_own(by, user)
    if grant.role == Role.ADMINISTRATOR:
        _keep_one_administrator(without_grant=grant.pk)
    told = _told(grant)
    grant.delete()
    audit.record(by=by, verb="access.revoke", now=now, thing=f"user:{user.pk}", details=told)
    return user


@transaction.atomic
def close(*, by: Actor, user: User, now: datetime) -> User:
    """The account can't sign in any more, and open sessions of it end with their next request."""
    _not_own(by, user)
    _keep_one_administrator(without_user=user.pk)
    user.is_active = False
    user.save(update_fields=["is_active"])
    audit.record(by=by, verb="account.close", now=now, thing=f"user:{user.pk}")
    return user


@transaction.atomic
def reopen(*, by: Actor, user: User, now: datetime) -> User:
    _not_own(by, user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    audit.record(by=by, verb="account.reopen", now=now, thing=f"user:{user.pk}")
    return user


@transaction.atomic
def forget_factors(*, by: Actor, user: User, now: datetime) -> int:
    """For somebody who lost phone and key: all second factors go, and the next sign-in asks for new ones."""
    _not_own(by, user)
    gone = sorted(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    Authenticator.objects.filter(user=user).delete()
    audit.record(
        by=by, verb="account.factors", now=now, thing=f"user:{user.pk}", details={"added": [], "removed": gone}
    )
    return len(gone)


def _not_own(by: Actor, user: User) -> None:
    if isinstance(by, User) and by.pk == user.pk:
        raise OwnAccount(_("Another administrator has to do this to your account."))


def _keep_one_administrator(*, without_grant: int = 0, without_user: int = 0) -> None:
    """Two administrators who remove each other at the same moment must not both succeed, so all of them are locked."""
    everywhere = Grant.objects.filter(
        role=Role.ADMINISTRATOR, location_id=None, service_line_id=None, user__is_active=True
    ).select_for_update()
    now = list(everywhere.order_by("pk"))
    left = [one for one in now if one.pk != without_grant and one.user_id != without_user]
    if now and not left:
        raise LastAdministrator(_("This is the last administrator. Make another one first."))


def _told(given: Grant) -> dict[str, object]:
    return {"role": str(given.role), "location": given.location_id, "service_line": given.service_line_id}
