"""The clinic's looks as they are kept, and the verb that changes them."""

import re
from datetime import datetime

from django.db import transaction

from rapport.content import brand
from rapport.content.models import Brand, Picture
from rapport.trust import audit
from rapport.trust.actors import Actor, System


class CanNotBeRead(ValueError):
    """Two colours that meet can't be told apart well enough."""


def current() -> Brand:
    """The row; a fresh installation has the looks of the house."""
    return Brand.objects.select_related("logo").defer("logo__content").filter(pk=1).first() or Brand()


def look() -> brand.Look:
    """What letters are drawn with today."""
    row = current()
    return look_of(row, row.logo)


def look_of(row: Brand, logo: Picture | None) -> brand.Look:
    wide = min(200, logo.width, round(64 * logo.width / max(1, logo.height))) if logo else 160
    return brand.Look(
        accent=row.accent, ground=row.ground, ink=row.ink, font=row.font if row.font in brand.FONTS else "system",  # type: ignore[arg-type]
        logo=logo.token if logo else "", logo_alt=logo.alt if logo else "", logo_width=max(48, wide),
        footer=row.footer, identification=row.identification,
    )  # fmt: skip


@transaction.atomic
def change(*, by: Actor, said: dict[str, str], logo: Picture | None, now: datetime) -> Brand:
    """New looks, for letters that are written or published from now on. Raises CanNotBeRead."""
    row = Brand(
        pk=1, logo=logo, accent=said["accent"].lower(), ground=said["ground"].lower(), ink=said["ink"].lower(), font=said["font"],
        footer=said["footer"], identification=said["identification"], changed_by=None if isinstance(by, System) else by,
        changed_at=now,
    )  # fmt: skip
    wrong = [one for one in (row.accent, row.ground, row.ink) if not re.match(brand.HEX, one)]
    if wrong:
        raise CanNotBeRead(f"{wrong[0]} is no colour; write it as #0f766e.")
    for pair in brand.pairs(look_of(row, logo)):
        if not pair.is_enough:
            raise CanNotBeRead(
                f"{pair.what}: contrast {pair.ratio} to 1, and {pair.needed} is needed. Take a darker colour."
            )
    row.save()
    audit.record(by=by, verb="content.change_brand", now=now, thing="brand:1", details={"accent": row.accent})
    return row
