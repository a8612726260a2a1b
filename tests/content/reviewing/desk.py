"""What the tests of the desk stand on: a letter, and the looks it needs."""

from rapport.content import actions
from rapport.content.models import Version
from rapport.content.reviewing import actions as reviewing

MJML = """<mjml lang="en"><mj-body><mj-section><mj-column>
<mj-text>Hello {{ person.given }}, come and ask us. We have time for you.
The doors open at six. There is tea, and a chair for all.
Our team will stay until the last one of you has gone home. Bring a friend.</mj-text>
<mj-button href="{{ links.book }}" background-color="#0c6b64" color="#ffffff">Choose a time</mj-button>
<mj-text>{{ clinic.name }}, {{ clinic.address }}. <a href="{{ links.unsubscribe }}">Stop these e-mails</a>
<a href="{{ links.preferences }}">Choose what you get</a></mj-text>
</mj-column></mj-section></mj-body></mjml>"""
SAID = {"subject": "An evening with our team", "preheader": "", "mjml": MJML, "text": ""}


def handed_in(by, now, *, topic="newsletter", tags=(), **more) -> Version:
    piece = actions.start(by=by, name="Evening", topic=topic, language="en", now=now)
    piece.tags = list(tags)
    piece.save()
    return reviewing.hand_in(by=by, piece=piece, now=now, **{**SAID, **more})


def approve(version, now, **by_kind) -> Version:
    for kind, by in by_kind.items():
        credential = "MD, MA 204417" if kind == "clinical" else ""
        version = reviewing.approve(
            by=by, version=version, kind=kind, digest_seen=version.digest, credential=credential, now=now
        )
    return version
