"""Who carries messages or data for us, and whether an agreement (BAA) covers it that day (45 CFR 164.504(e), 164.308(b))."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import msgspec
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from rapport.consent.models import Vendor
from rapport.trust import audit
from rapport.trust.actors import Actor, account

SOON = timedelta(days=60)
COVERED = ("ours", "in_force", "expiring")


class NameTaken(ValueError):
    """There is a vendor with this name."""


class WrongDates(ValueError):
    """An agreement ends after it was signed, and has a reference."""


class Ended(ValueError):
    """What has ended is not changed any more."""


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of a vendor."""

    name: str
    channels: tuple[str, ...] = ()
    is_ours: bool = False
    baa_reference: str = ""
    baa_signed_on: date | None = None
    baa_until: date | None = None


class Cover(msgspec.Struct, frozen=True):
    """Whether patient data may go over a channel on a day: every vendor on file for it must be covered."""

    ok: bool
    reason: str
    vendor_ids: tuple[int, ...]


@transaction.atomic
def add(*, by: Actor, terms: Terms, now: datetime) -> Vendor:
    """A vendor comes on file."""
    said = _checked(terms)
    slug = slugify(terms.name)[:50]
    if not slug or Vendor.objects.filter(slug=slug).exists():
        raise NameTaken(_("There is a vendor with this name.") if slug else _("Give the vendor a name."))
    vendor = Vendor.objects.create(slug=slug, noted_by=account(by), changed_at=now, **said)
    audit.record(by=by, verb="vendor.add", now=now, thing=f"vendor:{vendor.pk}", details=_told(terms))
    return vendor


@transaction.atomic
def change(*, by: Actor, vendor: Vendor, terms: Terms, now: datetime) -> Vendor:
    """New terms: another agreement, other channels. What stood before is in the audit trail."""
    said = _checked(terms)
    locked = Vendor.objects.select_for_update().get(pk=vendor.pk)
    if locked.ended_at is not None:
        raise Ended(_("This vendor has ended. Add it anew."))
    before = _told(terms_of(locked))
    for field, value in said.items():
        setattr(locked, field, value)
    locked.noted_by, locked.changed_at = account(by), now
    locked.save()
    audit.record(
        by=by, verb="vendor.change", now=now, thing=f"vendor:{vendor.pk}", details={**_told(terms), "before": before}
    )
    return locked


@transaction.atomic
def end(*, by: Actor, vendor: Vendor, now: datetime) -> Vendor:
    """It carries nothing for us any more. The row stays as proof."""
    locked = Vendor.objects.select_for_update().get(pk=vendor.pk)
    if locked.ended_at is None:
        locked.ended_at, locked.noted_by, locked.changed_at = now, account(by), now
        locked.save()
        audit.record(by=by, verb="vendor.end", now=now, thing=f"vendor:{vendor.pk}")
    return locked


def state(vendor: Vendor, on: date) -> str:
    """ended · ours · missing (no agreement) · coming (signed for a later day) · expired · expiring (within 60 days) · in_force."""
    if vendor.ended_at is not None and vendor.ended_at.date() <= on:
        return "ended"
    if vendor.is_ours:
        return "ours"
    if vendor.baa_signed_on is None:
        return "missing"
    if vendor.baa_signed_on > on:
        return "coming"
    if vendor.baa_until is None:
        return "in_force"
    if vendor.baa_until < on:
        return "expired"
    return "expiring" if vendor.baa_until <= on + SOON else "in_force"


def covers(channel: str, on: date) -> Cover:
    """Which vendors carry this channel, and may patient data go over it on that day?"""
    return cover(channel, carriers_of(channel, on), on)


def carriers_of(channel: str, on: date) -> list[Vendor]:
    """The vendors on file for this channel on that day."""
    return [one for one in Vendor.objects.order_by("name") if channel in one.channels and state(one, on) != "ended"]


def cover(channel: str, carriers: Sequence[Vendor], on: date) -> Cover:
    """The answer for these vendors. Which of several will carry a message is not known, so each one must be covered."""
    ids = tuple(one.pk for one in carriers)
    if not carriers:
        return Cover(False, f"Nobody is on file who carries {channel}.", ids)
    bare = [one for one in carriers if state(one, on) not in COVERED]
    if bare:
        return Cover(False, f"{bare[0].name} carries {channel} and has no agreement (BAA) in force.", ids)
    return Cover(True, f"{', '.join(one.name for one in carriers)}: covered.", ids)


def terms_of(vendor: Vendor) -> Terms:
    """What is known of a vendor now."""
    fields = {field: getattr(vendor, field) for field in Terms.__struct_fields__}
    return Terms(**{**fields, "channels": tuple(vendor.channels)})


def _checked(terms: Terms) -> dict:
    if terms.baa_until and not terms.baa_signed_on:
        raise WrongDates(_("An agreement that ends was signed on some day: enter it."))
    if terms.baa_until and terms.baa_signed_on and terms.baa_until < terms.baa_signed_on:
        raise WrongDates(_("The agreement would end before it was signed."))
    if terms.baa_signed_on and not terms.baa_reference.strip() and not terms.is_ours:
        raise WrongDates(_("Say where the signed agreement is kept."))
    return {
        "name": " ".join(terms.name.split()),
        "channels": sorted(set(terms.channels)),
        "is_ours": terms.is_ours,
        "baa_reference": terms.baa_reference.strip(),
        "baa_signed_on": terms.baa_signed_on,
        "baa_until": terms.baa_until,
    }


def _told(terms: Terms) -> dict:
    dates = {"signed": terms.baa_signed_on, "until": terms.baa_until}
    said = {name: day.isoformat() if day else None for name, day in dates.items()}
    return {"channels": list(terms.channels), "ours": terms.is_ours, **said}
