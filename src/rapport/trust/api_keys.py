"""Keys of programs: made by the account they act for, shown once, never readable again.

- A key can do no more than its owner: every question asks the owner's grants of that moment, then the key's own list.
- It ends by a date, by being revoked, and with its owner's account.
- It is kept as a keyed hash; the first part (`prefix`) is no secret and names it in pages and in the audit trail.
"""

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from rapport.trust import audit, sealing
from rapport.trust.models import ApiKey, User
from rapport.trust.permissions import KEY_VERBS
from rapport.trust.sight import decide

MARK = "rapport"
LONGEST = timedelta(days=366)
_COUNT = """
UPDATE trust_apikey SET used_in_minute = CASE WHEN minute_at = %(minute)s THEN used_in_minute + 1 ELSE 1 END,
       minute_at = %(minute)s, last_used_on = %(day)s
WHERE id = %(key)s RETURNING used_in_minute
"""


class MoreThanOwner(ValueError):
    """A key can't have what its owner has not, or what no program may do."""


class EndsWrong(ValueError):
    """A key ends within a year, and not in the past."""


class NotYours(PermissionError):
    """A key is revoked by its owner or by an administrator."""


@dataclass(frozen=True)
class Made:
    """A new key and its secret, which is known only now."""

    key: ApiKey
    secret: str


@transaction.atomic
def make(*, by: User, name: str, verbs: Iterable[str], expires_at: datetime, now: datetime) -> Made:
    """A key for a program that acts as `by`. Raises `MoreThanOwner`, `EndsWrong`."""
    wanted = sorted(set(verbs))
    if not wanted or not set(wanted) <= set(offered(by)):
        raise MoreThanOwner(_("Choose from what you may do yourself."))
    if not now < expires_at <= now + LONGEST:
        raise EndsWrong(_("A key ends within a year."))
    prefix, secret = secrets.token_hex(5), secrets.token_hex(24)
    key = ApiKey.objects.create(
        owner=by,
        name=" ".join(name.split())[:80],
        prefix=prefix,
        digest=_digest(prefix, secret),
        verbs=wanted,
        made_at=now,
        expires_at=expires_at,
    )
    said = {"verbs": wanted, "until": f"{expires_at:%Y-%m-%d}", "prefix": prefix}
    audit.record(by=by, verb="key.make", now=now, thing=f"key:{key.pk}", details=said)
    return Made(key, f"{MARK}_{prefix}_{secret}")


@transaction.atomic
def revoke(*, by: User, key: ApiKey, now: datetime) -> ApiKey:
    """It opens nothing from the next question on. Raises `NotYours`."""
    if key.owner_id != by.pk and decide(by.grants.all(), "access.manage") is None:
        raise NotYours(_("Only its owner or an administrator revokes a key."))
    done = ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now, revoked_by=by)
    key.refresh_from_db()
    if done:
        said = {"owner": key.owner_id, "prefix": key.prefix}
        audit.record(by=by, verb="key.revoke", now=now, thing=f"key:{key.pk}", details=said)
    return key


def offered(user: User) -> list[str]:
    """What this account could give to a key: its own verbs among those that programs have."""
    grants = list(user.grants.all())
    return [verb for verb in KEY_VERBS if decide(grants, verb) is not None]


def find(text: str, *, now: datetime) -> ApiKey | None:
    """The key of this text, if it still holds and its owner is still here."""
    mark, _, rest = text.partition("_")
    prefix, _, secret = rest.partition("_")
    if mark != MARK or not secret or not text.isascii() or len(text) > 200:
        return None
    key = ApiKey.objects.select_related("owner").filter(prefix=prefix).first()
    if key is None or not hmac.compare_digest(bytes(key.digest), _digest(prefix, secret)):
        return None
    return key if key.holds(now) and key.owner.is_active else None


def count(key: ApiKey, *, now: datetime) -> int:
    """One more question; returns how many there were in this minute, over all processes."""
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"minute": minute, "day": now.date(), "key": key.pk})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _digest(prefix: str, secret: str) -> bytes:
    return sealing.digest("api_key", f"{prefix}_{secret}")
