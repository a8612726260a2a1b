"""What a public page may keep about a visit as proof that a form was sent: enough to show it, too little to follow anybody."""

import ipaddress
from typing import Any

from django.http import HttpRequest

from rapport.trust import lockout

LONGEST_AGENT = 200


def proof(request: HttpRequest) -> dict[str, Any]:
    """The network the form came from, not the machine, and the browser's own name for itself."""
    return {
        "ip": truncated(lockout.address(request)),
        "user_agent": request.headers.get("User-Agent", "")[:LONGEST_AGENT],
    }


def truncated(address: str) -> str:
    """The last part of an address is cut off: 203.0.113.0 for everybody in 203.0.113; a /48 of IPv6."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return ""
    length = 24 if known.version == 4 else 48
    return str(ipaddress.ip_network(f"{known}/{length}", strict=False).network_address)
