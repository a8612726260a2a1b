"""Tables for spreadsheets: the one writer of CSV, which lets no cell be taken for a formula.

A text that begins with = + - @ or a control character gets an apostrophe before it (OWASP, CSV injection). Numbers stay numbers.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """A CSV file (RFC 4180, UTF-8 with the mark that spreadsheets look for)."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([cell(one) for one in columns])
    writer.writerows([cell(one) for one in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def cell(value: Any) -> Any:
    """One cell, harmless."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal):
        return value
    text = value.isoformat() if isinstance(value, date | datetime) else str(value).replace("\x00", "")
    return "'" + text if text.lstrip(" ").startswith(DANGEROUS) else text
