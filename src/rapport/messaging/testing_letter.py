"""A test of a wording, to oneself and to nobody else: the example person's letter, marked as a test, to the address one signs in with.

It is no message of ours to a person: there is no intent, no receipt, nothing is counted, and its links lead nowhere.
"""

import hmac
from datetime import datetime

import msgspec
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from rapport.content import compile as compiler
from rapport.content.models import Version
from rapport.content.render import Rendered, preview
from rapport.content.words import BrokenTemplate
from rapport.kit import home
from rapport.messaging import deliver
from rapport.messaging.carried import Outgoing
from rapport.messaging.leases import HOUSE, Lease, Terms
from rapport.trust import audit
from rapport.trust.models import User


class CanNotTest(ValueError):
    """There is nothing that could be sent, or nowhere to send it."""


def send(*, by: User, version: Version, now: datetime, terms: Terms = HOUSE) -> None:
    """Send it, and say so in the trail. Raises CanNotTest with a sentence."""
    if version.piece.channel != "email":
        raise CanNotTest(_("Only letters can be sent as a test."))
    if not by.email:
        raise CanNotTest(_("Your account has no e-mail address."))
    try:
        rendered = preview(compiled(version))
    except (compiler.BrokenLayout, BrokenTemplate) as wrong:
        raise CanNotTest(_("The letter can't be made: %(why)s") % {"why": str(wrong).splitlines()[0]}) from None
    with transaction.atomic():
        details = {"version": version.pk, "state": version.state}
        audit.record(by=by, verb="content.test", now=now, thing=f"version:{version.pk}", details=details)
    answers = deliver.deliver("email", [_outgoing(by, version, rendered, now)], Lease(terms), terms.socket_seconds)
    if [one.kind for one in answers] != ["accepted"]:
        raise CanNotTest(answers[0].words if answers else _("The mail relay said nothing."))


def compiled(version: Version) -> Version:
    """The version with its HTML; of a draft a copy that is made for the occasion and never kept."""
    if version.html:
        return version
    made = compiler.layout(mjml=version.mjml, preheader=version.preheader, text=version.text)
    return Version(
        piece=version.piece,
        subject=version.subject,
        html=made.html,
        text=made.text,
        links=msgspec.to_builtins(made.links),
    )


def _outgoing(by: User, version: Version, rendered: Rendered, now: datetime) -> Outgoing:
    note = "This is a test. No patient got it, and its links lead nowhere."
    marked = Rendered(
        f"[Test] {rendered.subject}",
        rendered.html.replace("<body", f"<!-- {note} --><body", 1),
        f"{note}\n\n{rendered.text}",
    )
    return Outgoing(
        intent_id=0,
        message_id=_message_id(by, version, now),
        address=by.email,
        rendered=marked,
        unsubscribe_url=f"{settings.PUBLIC_URL}/content/version/{version.pk}/",
        at=now,
        language=version.piece.language,
    )


def _message_id(by: User, version: Version, now: datetime) -> str:
    """Never that of an intent."""
    key = home.secret("tracking").encode()
    said = f"test {by.pk} {version.pk} {now.isoformat()}".encode()
    return f"<test-{hmac.digest(key, said, 'sha256')[:8].hex()}@{settings.MAIL_FROM.rpartition('@')[2]}>"
