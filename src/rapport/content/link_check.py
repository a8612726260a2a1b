"""Where every link of a letter leads. Our own pages are looked up among our routes; outside addresses are read, never fetched."""

import html
import re
from typing import Literal
from urllib.parse import urlsplit

import msgspec
from django.conf import settings
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

_LINK = re.compile(r'<a\b[^>]*?\shref="([^"]*)"[^>]*>(.*?)</a', re.IGNORECASE | re.DOTALL)
_FIELD = re.compile(r"^\{\{\s*(links\.[a-z]+)\s*\}\}$")
_HOST = re.compile(r"^(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$", re.IGNORECASE)
VAGUE = {"click here", "here", "more", "link", "read more", "haga clic aquí", "aquí", "más"}


class Checked(msgspec.Struct, frozen=True):
    """One link: its words, where it leads, and what is wrong with it, if anything."""

    words: str
    leads: str
    wrong: str = ""
    severity: Literal["", "error", "warning"] = ""


def check(source: str) -> list[Checked]:
    """Every link of the bare HTML, in order."""
    found = []
    for target, inner in _LINK.findall(source):
        words = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", inner)).split())
        if not words and "<img" in inner.lower():
            words = _("(a picture)")
        found.append(judge(words, html.unescape(target).strip()))
    return found


def judge(words: str, target: str) -> Checked:
    """One link: its words, and its address or link field as it stands in the letter."""
    field = _FIELD.match(target)
    names = {
        "links.book": _("the booking page"), "links.unsubscribe": _("stopping these messages"),
        "links.preferences": _("the page of choices"), "links.confirm": _("confirming a sign-up"),
        "links.inbox": _("the patient’s messages"),
    }  # fmt: skip
    leads = names.get(field.group(1), target) if field else target
    if not words:
        return Checked("–", leads, _("It has no words."), "error")
    wrong = "" if field else _wrong_with(target)
    if wrong:
        return Checked(words, leads, wrong, "error")
    if re.sub(r"[^\w\s]", "", words.lower()).strip() in VAGUE:
        return Checked(words, leads, _("Its words don’t say where it leads."), "warning")
    return Checked(words, leads)


def _wrong_with(target: str) -> str:
    if target.startswith(("mailto:", "tel:", "#")):
        return ""
    parts = urlsplit(target)
    if parts.scheme == "http":
        return _("Not encrypted: use https.")
    ours = urlsplit(settings.PUBLIC_URL).netloc
    if parts.scheme != "https":
        return _("It leads nowhere: give the whole address, with https://.")
    if parts.netloc and parts.netloc == ours:
        try:
            resolve(parts.path or "/")
        except Resolver404:
            return _("We have no such page.")
        return ""
    if not _HOST.match(parts.hostname or ""):
        return _("This is no address of a website.")
    return ""
