"""The pieces every new clinic starts with: `pieces/<slug>.yaml` says what it is, `pieces/<slug>.mjml` what it looks like."""

from datetime import datetime
from pathlib import Path

import yaml

from rapport.content import actions
from rapport.content.models import Piece, Version
from rapport.directory.models import ServiceLine
from rapport.trust.actors import Actor, System

SHIPPED = System("starters")  # who answers for words that come with the product, whoever was the first to need them
FOLDER = Path(__file__).parent / "pieces"


def load(*, by: Actor, now: datetime) -> dict[str, Version]:
    """Publish the starter pieces that are not there yet. Returns the newest published version of each by slug."""
    lines = dict(ServiceLine.objects.values_list("slug", "id"))
    found: dict[str, Version] = {}
    for file in sorted(FOLDER.glob("*.yaml")):
        told = yaml.safe_load(file.read_text())
        slug = file.stem
        piece = Piece.objects.filter(slug=slug).first() or actions.start(
            by=by,
            name=told["name"],
            topic=told["topic"],
            language=told["language"],
            now=now,
            slug=slug,
            service_line_id=lines.get(told.get("service_line", "")),
        )
        version = piece.versions.filter(state=Version.State.PUBLISHED).order_by("-number").first()
        found[slug] = version or actions.publish(
            by=SHIPPED,
            piece=piece,
            subject=told["subject"],
            preheader=told["preheader"],
            mjml=file.with_suffix(".mjml").read_text(),
            text="",
            now=now,
        )
    return found
