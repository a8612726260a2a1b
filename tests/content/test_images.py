"""Pictures: drawn again, without what else was in the file."""

import io

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from rapport.content import images
from rapport.content.models import Picture
from rapport.trust.actors import SYSTEM


def file(kind: str = "JPEG", size: tuple[int, int] = (60, 40), mode: str = "RGB", **more: object) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 80).convert(mode).save(out, kind, **more)
    return out.getvalue()


def test_place_and_camera_are_gone():
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[2] = (IFDRational(42), IFDRational(38), IFDRational(1))
    raw = file(exif=exif) + b"<?php hidden behind the picture ?>"
    assert b"SecretCamera" in raw
    drawn = images.redraw(raw)
    assert b"SecretCamera" not in drawn.content
    assert b"php" not in drawn.content
    assert not Image.open(io.BytesIO(drawn.content)).getexif()


def test_the_longest_side_is_1200_and_an_upright_photo_stands_upright():
    assert max(images.redraw(file(size=(2400, 600))).width, 0) == 1200
    exif = Image.Exif()
    exif[0x0112] = 6
    drawn = images.redraw(file(size=(60, 40), exif=exif))
    assert (drawn.width, drawn.height) == (40, 60)


@pytest.mark.parametrize(
    ("kind", "mode", "becomes"), [("PNG", "RGBA", "png"), ("JPEG", "RGB", "jpg"), ("WEBP", "RGB", "jpg")]
)
def test_each_kind_becomes_what_mail_programs_show(kind, mode, becomes):
    assert images.redraw(file(kind, mode=mode)).kind == becomes


def test_a_moving_picture_keeps_its_frames():
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue", "green")]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=100)
    assert Image.open(io.BytesIO(images.redraw(out.getvalue()).content)).n_frames == 3


def test_what_is_no_picture_or_too_large_is_refused_before_it_is_unpacked():
    bomb = (
        b"\x89PNG\r\n\x1a\n"
        b"\x00\x00\x00\rIHDR" + (60_000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00" + b"\x00" * 40
    )
    for raw in (b"<svg onload=alert(1)>", b"", bomb, file()[:200], file("BMP"), b"x" * (images.MOST_BYTES + 1)):
        with pytest.raises(images.NotAPicture):
            images.redraw(raw)


@pytest.mark.django_db
def test_a_picture_needs_words_or_is_decoration(now):
    with pytest.raises(images.NotAPicture):
        images.add(by=SYSTEM, raw=file(), name="Pat Rivera", alt=" ", is_decoration=False, now=now)
    kept = images.add(by=SYSTEM, raw=file(), name="Pat Rivera", alt="The entrance", is_decoration=False, now=now)
    assert "rivera" not in kept.token.lower()


@pytest.mark.django_db
def test_everybody_sees_a_picture_for_a_year_and_nobody_guesses_one(client, now):
    kept = images.add(by=SYSTEM, raw=file(), name="x", alt="The entrance", is_decoration=False, now=now)
    answer = client.get(f"/picture/{kept.token}")
    assert answer.status_code == 200
    assert answer.content == bytes(Picture.objects.get().content)
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get("/picture/" + "0" * 32 + ".png").status_code == 404
