"""The variants of a comparison as rows of one form: what differs is chosen, what is left empty is the campaign's own."""

from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any

from django.http import QueryDict

from rapport.campaigns import plan_words
from rapport.campaigns.models import Campaign, Variant
from rapport.content.models import Version

CHANNELS = ("email", "sms", "call", "print", "portal")


class Unreadable(ValueError):
    """Something typed in a row can't be read."""


def wordings(campaign: Campaign) -> list[Version]:
    """What a variant may say: everything published."""
    found = Version.objects.filter(state=Version.State.PUBLISHED).select_related("piece")
    return list(found.order_by("piece__name", "-number"))


def read(data: QueryDict, campaign: Campaign) -> list[dict[str, Any]]:
    """The rows as `actions.vary` takes them. Raises `Unreadable`."""
    versions = {str(one.pk): one for one in wordings(campaign)}
    rows = zip(
        data.getlist("version"),
        data.getlist("sender_name"),
        data.getlist("channel"),
        data.getlist("later_hours"),
        data.getlist("percent"),
        strict=False,
    )
    return [
        {
            "version": versions.get(version),
            "sender_name": " ".join(sender.split())[:60],
            "channel": channel if channel in CHANNELS and channel != campaign.channel else "",
            "later_minutes": round(_number(later or "0", 0, 24 * 7) * 60),
            "percent": _number(percent, 1, 99),
        }
        for version, sender, channel, later, percent in rows
    ]


def one_more(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With another row, and the shares made equal; the first time it makes the two that a comparison needs."""
    if len(rows) >= plan_words.MOST:
        return rows
    empty = {"version": None, "sender_name": "", "channel": "", "later_minutes": 0, "percent": Decimal(0)}
    return evened([*rows, empty] if rows else [dict(empty), dict(empty)])


def one_less(rows: list[dict[str, Any]], at: int) -> list[dict[str, Any]]:
    """Without this row; a comparison of one is none."""
    left = rows[:at] + rows[at + 1 :]
    return evened(left) if len(left) >= plan_words.LEAST else []


def evened(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Equal shares that add up to 100: what is left over goes to the first."""
    each = (Decimal(100) / len(rows)).quantize(Decimal("0.1"), rounding=ROUND_DOWN)
    rest = Decimal(100) - each * (len(rows) - 1)
    return [{**row, "percent": each if at else rest} for at, row in enumerate(rows)]


def rows_of(variants: list[Variant]) -> list[dict[str, Any]]:
    """The rows as they stand."""
    names = ("version", "sender_name", "channel", "later_minutes", "percent")
    return [{name: getattr(one, name) for name in names} for one in variants]


def _number(typed: str, least: int, most: int) -> Decimal:
    try:
        found = Decimal(typed.strip()).quantize(Decimal("0.1"))
    except InvalidOperation:
        raise Unreadable(f"“{typed}” is no number.") from None
    if not least <= found <= most:
        raise Unreadable(f"{found} is not between {least} and {most}.")
    return found
