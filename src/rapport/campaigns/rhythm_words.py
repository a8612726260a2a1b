"""A rule that repeats, as a page says it: “every 2 weeks on Tuesday and Friday”."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from rapport.campaigns import rhythm

DAYS: dict[str, str | Promise] = {
    "MO": gettext_lazy("Monday"),
    "TU": gettext_lazy("Tuesday"),
    "WE": gettext_lazy("Wednesday"),
    "TH": gettext_lazy("Thursday"),
    "FR": gettext_lazy("Friday"),
    "SA": gettext_lazy("Saturday"),
    "SU": gettext_lazy("Sunday"),
}


def in_words(rule: str) -> str:
    """A rule with rarer parts is added as it stands."""
    parts = rhythm.read_parts(rule)
    told = _every(parts["FREQ"], int(parts.get("INTERVAL", "1")))
    days = [str(DAYS[day]) for day in parts.get("BYDAY", "").split(",") if day in DAYS]
    if days and len(days) == len(parts.get("BYDAY", "").split(",")):
        told = _("%(every)s on %(days)s") % {"every": told, "days": _and(days)}
    elif parts.get("BYMONTHDAY") == "-1":
        told = _("%(every)s on the last day") % {"every": told}
    elif "BYMONTHDAY" in parts:
        told = _("%(every)s on day %(day)s") % {"every": told, "day": parts["BYMONTHDAY"]}
    if "COUNT" in parts:
        times = ngettext("%(count)s time", "%(count)s times", int(parts["COUNT"])) % {"count": parts["COUNT"]}
        told = f"{told}, {times}"
    rare = set(parts) & {"BYMONTH", "BYSETPOS", "UNTIL"} or ("BYDAY" in parts and not days)
    return f"{told} ({rule})" if rare else told


def _every(frequency: str, every: int) -> str:
    words = {
        "DAILY": ngettext("every day", "every %(n)s days", every),
        "WEEKLY": ngettext("every week", "every %(n)s weeks", every),
        "MONTHLY": ngettext("every month", "every %(n)s months", every),
        "YEARLY": ngettext("every year", "every %(n)s years", every),
    }
    return words[frequency] % {"n": every}


def _and(words: list[str]) -> str:
    if len(words) == 1:
        return words[0]
    return _("%(some)s and %(last)s") % {"some": ", ".join(words[:-1]), "last": words[-1]}
