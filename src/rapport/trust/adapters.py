"""What the accounts library asks us: who may sign up (nobody), and what to do when somebody signs in, fails or signs out.

The library also sends signals; the house uses none. These methods run in the transaction of the request, so an audit line
that can't be written undoes the act. Changes of second factors are watched in `account_urls`.
"""

from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa.adapter import DefaultMFAAdapter
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import HttpRequest

from rapport.kit import clock, logs
from rapport.trust import audit, lockout, sealing, sessions
from rapport.trust.actors import System
from rapport.trust.models import User

SIGN_IN = System("sign-in")
_FACTOR = {"table": "mfa_authenticator", "column": "data", "row": "secret"}
log = logs.get(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by an administrator; every sign-in, failure, sign-out and new password is recorded."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    @transaction.atomic
    def login(self, request: HttpRequest, user: User) -> None:
        how = [record.get("type") or record["method"] for record in get_authentication_records(request, user)]
        super().login(request, user)
        now = clock.now()
        sessions.begin(request, now=now)
        audit.record(by=user, verb="account.login", now=now, details={"how": how, "from": lockout.address(request)})

    @transaction.atomic
    def logout(self, request: HttpRequest) -> None:
        if isinstance(request.user, User):
            audit.record(by=request.user, verb="account.logout", now=clock.now())
        super().logout(request)

    @transaction.atomic
    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Whose account, if it is one. What was typed is not kept: people type passwords into the wrong field."""
        typed = str(credentials.get("email", "")).lower()
        aimed = User.objects.filter(email=typed).first()
        audit.record(
            by=SIGN_IN,
            verb="account.login_failed",
            now=clock.now(),
            thing=f"user:{aimed.pk}" if aimed else f"login:{sealing.digest('login', typed).hex()[:12]}",
            details={"from": lockout.address(request)},
        )

    @transaction.atomic
    def set_password(self, user: User, password: str) -> None:
        asking = getattr(self.request, "user", None) or AnonymousUser()
        super().set_password(user, password)
        audit.record(
            by=asking if isinstance(asking, User) else user,
            verb="account.password",
            now=clock.now(),
            thing=f"user:{user.pk}",
        )

    def send_notification_mail(self, *args: Any, **kwargs: Any) -> None:
        """A notice that can't be sent doesn't undo what it tells of; it happens after the commit."""
        try:
            super().send_notification_mail(*args, **kwargs)
        except (OSError, SMTPException):
            log.warning("notice_not_sent")


class FactorAdapter(DefaultMFAAdapter):
    """Secrets of authenticator apps are sealed like everything else that opens a door."""

    def encrypt(self, text: str) -> str:
        return sealing.seal(sealing.house_key(), text, **_FACTOR).hex()

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.unseal_text(sealing.house_key(), bytes.fromhex(encrypted_text), **_FACTOR)
