"""Pictures of letters: taken in, drawn again, kept and served by us.

1. Only PNG, JPEG, GIF and WebP, by what the bytes are and not by the name; at most 10 MB and 40 million pixels, asked before
   anything is unpacked.
2. Drawn again from its pixels: whatever else was in the file (place, camera, comments, a second file behind the first) is gone.
3. The longest side is 1,200 px. What has transparency stays PNG; a photograph becomes JPEG; moving pictures keep their frames.
4. The public name is random and says nothing; a picture never changes under its name.
"""

import io
import secrets
from datetime import datetime
from urllib.parse import urljoin

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

from rapport.content.models import Picture
from rapport.trust import audit
from rapport.trust.actors import Actor, System

TAKEN = ("PNG", "JPEG", "GIF", "WEBP")
MOST_BYTES = 10_000_000
MOST_PIXELS = 40_000_000
MOST_FRAMES = 120
LONGEST = 1_200
HEAVY = 300_000  # bytes from which we say that a picture is slow on a telephone
TYPES = {"png": "image/png", "jpg": "image/jpeg", "gif": "image/gif"}
PATH = "/picture/"


class NotAPicture(ValueError):
    """The file can't be taken; the message says why and what to do."""


class Drawn(msgspec.Struct, frozen=True):
    """A picture as it will be served."""

    kind: str
    width: int
    height: int
    content: bytes


def redraw(raw: bytes) -> Drawn:
    """The picture, drawn again. Raises NotAPicture."""
    if len(raw) > MOST_BYTES:
        raise NotAPicture(_("The file is larger than 10 MB. Save it smaller and try again."))
    try:
        found = Image.open(io.BytesIO(raw), formats=TAKEN)
        if found.width * found.height > MOST_PIXELS:
            raise NotAPicture(_("The picture has too many pixels. Save it at 4,000 pixels or less."))
        frames = getattr(found, "n_frames", 1)
        if frames > 1 and found.format == "GIF":
            return _moving(found, frames)
        found.load()
        upright = ImageOps.exif_transpose(found)
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as wrong:
        if isinstance(wrong, NotAPicture):
            raise
        raise NotAPicture(_("This is no picture that we can read. Take a PNG, JPEG, GIF or WebP file.")) from None
    return _still(upright)


@transaction.atomic
def add(*, by: Actor, raw: bytes, name: str, alt: str, is_decoration: bool, now: datetime) -> Picture:
    """Keep a picture. Raises NotAPicture, also where neither words nor "decoration" were given."""
    words = " ".join(alt.split())[:300]
    if not words and not is_decoration:
        raise NotAPicture(_("Say in a few words what the picture shows, or that it is mere decoration."))
    drawn = redraw(raw)
    picture = Picture.objects.create(
        token=f"{secrets.token_hex(16)}.{drawn.kind}", name=" ".join(name.split())[:120] or "Picture",
        alt="" if is_decoration else words, is_decoration=is_decoration, kind=drawn.kind, width=drawn.width, height=drawn.height,
        size=len(drawn.content), content=drawn.content, added_by=None if isinstance(by, System) else by, added_at=now,
    )  # fmt: skip
    details = {"kind": drawn.kind, "bytes": len(drawn.content)}
    audit.record(by=by, verb="content.add_picture", now=now, thing=f"picture:{picture.pk}", details=details)
    return picture


def address(token: str) -> str:
    """Where everybody can see it."""
    return urljoin(settings.PUBLIC_URL + "/", PATH.lstrip("/") + token)


def library() -> list[Picture]:
    """Every picture, newest first, without its bytes."""
    return list(Picture.objects.defer("content").order_by("-added_at", "-id"))


def _still(found: Image.Image) -> Drawn:
    see_through = found.mode in {"RGBA", "LA", "PA"} or "transparency" in found.info
    pixels = found.convert("RGBA" if see_through else "RGB")
    pixels.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    few = not see_through and found.format == "PNG" and clean.getcolors(256) is not None
    out = io.BytesIO()
    if see_through or few:
        clean.save(out, "PNG", optimize=True)
        return Drawn("png", *clean.size, out.getvalue())
    clean.save(out, "JPEG", quality=84, optimize=True, progressive=True)
    return Drawn("jpg", *clean.size, out.getvalue())


def _moving(found: Image.Image, frames: int) -> Drawn:
    if frames > MOST_FRAMES or frames * found.width * found.height > MOST_PIXELS * 4:
        raise NotAPicture(_("The moving picture is too long. Take at most 120 frames."))
    drawn, pauses = [], []
    for frame in ImageSequence.Iterator(found):
        pauses.append(int(frame.info.get("duration") or 100))
        one = frame.convert("RGBA")
        one.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
        clean = Image.new("RGBA", one.size)
        clean.paste(one)
        drawn.append(clean)
    out = io.BytesIO()
    drawn[0].save(out, "GIF", save_all=True, append_images=drawn[1:], duration=pauses, loop=0, disposal=2)
    return Drawn("gif", *drawn[0].size, out.getvalue())
