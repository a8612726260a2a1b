"""The person page is a wall of sockets: each room serves its own fragment, and is one line here.

A socket is a part of the page with its own address (`?part=`), its own permission and its own template. `fill` gets an `Ask`
and returns what its template needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rapport.home import appointments, clinical, family, messages, money, overview, segments, standing, timeline
from rapport.home.ask import Ask


@dataclass(frozen=True)
class Socket:
    key: str
    label: str | Promise
    template: str
    fill: Callable[[Ask], dict[str, Any]]
    verb: str = "people.read"


SOCKETS = (
    Socket("overview", _("Overview"), "home/parts/overview.html", overview.fill),
    Socket("permission", _("Permission"), "home/parts/permission.html", standing.fill),
    Socket("timeline", _("Timeline"), "home/parts/timeline.html", timeline.fill),
    Socket("clinical", _("Clinical"), "home/parts/clinical.html", clinical.fill),
    Socket("appointments", _("Appointments"), "home/parts/appointments.html", appointments.fill),
    Socket("money", _("Money"), "home/parts/money.html", money.fill),
    Socket("messages", _("Messages"), "home/parts/messages.html", messages.fill),
    Socket("segments", _("Segments"), "home/parts/segments.html", segments.fill, "segments.read"),
    Socket("family", _("Family"), "home/parts/family.html", family.fill),
)


def open_to(may: Callable[[str], bool]) -> list[Socket]:
    """The parts this member of staff may see."""
    return [socket for socket in SOCKETS if may(socket.verb)]
