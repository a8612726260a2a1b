"""Verbs of the designer: arrange a draft, take the last step back, publish, and leave blocks for code.

The draft holds the blocks and the MJML made of them; everything behind (lint, compiling, freezing, sending) reads the MJML.
"""

from datetime import datetime
from functools import partial

import msgspec
from django.db import transaction

from rapport.content import actions, brands, fields, lint, queries, senders, showing, snippets
from rapport.content import compile as compiler
from rapport.content.blocks import arrange, kinds, mjml
from rapport.content.models import Piece, Version
from rapport.content.reviewing import actions as reviewing
from rapport.trust import audit
from rapport.trust.actors import Actor, System


class Words(msgspec.Struct, frozen=True):
    """What stands around the blocks."""

    subject: str = ""
    preheader: str = ""
    text: str = ""


class Looked(msgspec.Struct, frozen=True):
    """A draft as it would be published."""

    mjml: str
    findings: list[lint.Finding]
    compiled: compiler.Compiled | None
    conditions: tuple[showing.Condition, ...]


FIRST = {
    "en": ("Hello {{ person.given }},", "Choose a day and time", "You get this because you said we may write to you."),
    "es": (
        "Hola, {{ person.given }}:",
        "Elegir día y hora",
        "Recibe este mensaje porque nos dijo que podemos escribirle.",
    ),
}


def beginning(language: str) -> kinds.Blocks:
    """The blocks of an empty letter."""
    hello, button, reason = FIRST.get(language[:2], FIRST["en"])
    return arrange.named(
        (
            kinds.Banner(text="", overline=""),
            kinds.Text(html=f"<p>{hello}</p>"),
            kinds.Button(label=button),
            kinds.Footer(reason=reason),
        )
    )


def blocks_of(version: Version | None, language: str) -> kinds.Blocks:
    """What the designer shows: the draft's blocks, or those of the newest wording with its snippets as they are today."""
    if version is None:
        return beginning(language)
    return snippets.thaw(kinds.read(version.blocks))


def words_of(version: Version | None) -> Words:
    if version is None:
        return Words()
    return Words(version.subject, version.preheader, version.text if version.state == Version.State.DRAFT else "")


@transaction.atomic
def keep(
    *,
    by: Actor,
    piece: Piece,
    blocks: kinds.Blocks,
    said: Words,
    now: datetime,
    step: str = "",
    is_machine: bool = False,
) -> Version:
    """Keep the draft. `step` names what was done: the draft remembers how it was before the last step, and typing on in one
    place is one step."""
    draft = Version.objects.select_for_update().filter(piece=piece, state=Version.State.DRAFT).first()
    before = draft or queries.newest(piece.slug)
    blocks = arrange.named(snippets.thaw(blocks))
    whole, _missing = snippets.expand(blocks)
    made = _drawn(piece, whole, said)
    version = actions.draft(
        by=by, piece=piece, subject=said.subject, preheader=said.preheader, mjml=made, text=said.text, now=now,
        is_machine=is_machine,
    )  # fmt: skip
    if before is not None and before.blocks and before.blocks != kinds.write(blocks):
        same = step and before.blocks_before and before.blocks_before.get("step") == step
        version.blocks_before = before.blocks_before if same else {"step": step, "blocks": before.blocks}
    version.blocks = kinds.write(blocks)
    version.conditions = msgspec.to_builtins(kinds.conditions(whole))
    version.save(update_fields=["blocks", "blocks_before", "conditions"])
    return version


def undo(*, by: Actor, piece: Piece, now: datetime) -> Version | None:
    """Take the last step back; a second time, do it again. None where there is nothing to take back."""
    version = queries.newest(piece.slug)
    if version is None or version.state != Version.State.DRAFT or not version.blocks_before:
        return None
    earlier = kinds.read(version.blocks_before["blocks"])
    return keep(by=by, piece=piece, blocks=earlier, said=words_of(version), now=now, step="undo")


@transaction.atomic
def publish(*, by: Actor, piece: Piece, blocks: kinds.Blocks, said: Words, now: datetime) -> Version:
    """Freeze the letter with its snippets; a person's words are handed in to those who approve.

    Raises NotPublishable with every finding, those of the blocks too.
    """
    blocks = arrange.named(snippets.thaw(blocks))
    own = checks(piece, blocks, now)
    if any(one.severity == "error" for one in own):
        raise actions.NotPublishable([*own, *look(piece=piece, blocks=blocks, said=said, now=now).findings])
    draft = keep(by=by, piece=piece, blocks=blocks, said=said, now=now)
    draft.blocks = kinds.write(snippets.freeze(blocks))
    draft.blocks_before = None
    draft.save(update_fields=["blocks", "blocks_before"])
    do = partial(
        actions.publish if isinstance(by, System) else reviewing.hand_in,
        piece=piece,
        subject=said.subject,
        preheader=said.preheader,
        mjml=draft.mjml,
        text=said.text,
        now=now,
    )
    return do(by=by)


@transaction.atomic
def open_as_code(*, by: Actor, piece: Piece, now: datetime) -> Version | None:
    """From now on the draft is MJML written by hand. There is no way back from code to blocks."""
    version = queries.newest(piece.slug)
    if version is None:
        return None
    if version.state != Version.State.DRAFT:
        version = actions.draft(
            by=by, piece=piece, subject=version.subject, preheader=version.preheader, mjml=version.mjml, now=now
        )
    version.blocks, version.blocks_before, version.conditions = [], None, []
    version.save(update_fields=["blocks", "blocks_before", "conditions"])
    audit.record(
        by=by, verb="content.open_as_code", now=now, thing=f"version:{version.pk}", details={"piece": piece.pk}
    )
    return version


def look(*, piece: Piece, blocks: kinds.Blocks, said: Words, now: datetime) -> Looked:
    """What the letter is now and what must be mended; changes nothing."""
    whole, _missing = snippets.expand(blocks)
    made = _drawn(piece, whole, said)
    found, compiled = actions.look(
        topic=piece.topic, subject=said.subject, preheader=said.preheader, mjml=made, text=said.text, now=now,
        language=piece.language, tags=tuple(piece.tags), sender=senders.state(now), channel=piece.channel,
    )  # fmt: skip
    every = [*checks(piece, blocks, now), *found]
    return Looked(made, sorted(every, key=lambda one: one.severity != "error"), compiled, kinds.conditions(whole))


def _drawn(piece: Piece, whole: kinds.Blocks, said: Words) -> str:
    title, on_paper = said.subject or piece.name, piece.channel == "print"
    return mjml.letter(whole, brands.look(), piece.language, title, on_paper=on_paper)


def checks(piece: Piece, blocks: kinds.Blocks, now: datetime) -> list[lint.Finding]:
    """What only the blocks can tell: something left empty, a snippet that is gone, a condition no purpose of the topic permits."""
    whole, missing = snippets.expand(blocks)
    found = [
        lint.Finding("snippet", "error", "body", f"The snippet “{slug}” is not there any more.", "Take its block out.")
        for slug in missing
    ]
    found += [finding for one in whole if (finding := _empty(one)) is not None]
    if sum(isinstance(one, kinds.Footer) for one in whole) == 0:
        message = "There is no footer: who writes, why, and how to stop."
        found.append(lint.Finding("E-01", "error", "body", message, "Add the block “Footer”."))
    asked = showing.marks(kinds.conditions(whole))
    for told in fields.forbidden_for_topic(asked, piece.topic, on=now.date()):
        remedy = "Show the block to everybody, or write it under a topic that may use this."
        found.append(lint.Finding(told.rule, "error", "body", told.sentence, remedy))
    return found


def _empty(block: kinds.Block) -> lint.Finding | None:
    def finding(message: str, remedy: str, severity: str = "error") -> lint.Finding:
        return lint.Finding(
            "empty", "error" if severity == "error" else "warning", f"block:{block.id}", message, remedy
        )

    match block:
        case kinds.Picture(picture=""):
            return finding("A picture was not chosen.", "Choose one, or take the block out.")
        case kinds.Picture(alt="", is_decoration=False):
            return lint.Finding(
                "A-03", "error", f"block:{block.id}", "A picture has no words for those who can't see it.",
                "Say what it shows, or that it is decoration.",
            )  # fmt: skip
        case kinds.Button(label=""):
            return finding("A button has no words.", "Say what happens when it is pressed.")
        case kinds.Button(link=""):
            return finding("A button leads nowhere.", "Choose where it leads.")
        case (
            kinds.Heading(text="")
            | kinds.Text(html="")
            | kinds.Quote(text="")
            | kinds.Steps(items=())
            | kinds.Details(items=())
        ):
            return finding("A block is empty.", "Write something, or take it out.", "warning")
        case kinds.Banner(text=""):
            return finding("The banner has no words.", "Say in one line what the letter is about.", "warning")
    return None
