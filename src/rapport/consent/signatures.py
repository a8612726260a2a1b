"""A name typed as a signature (15 U.S.C. 7001): sealed under the signer's own key, bound to the one statement it was typed for.

A statement's evidence stands open in the ledger, so the name in it must not.
"""

import base64
import uuid

from rapport.consent.models import ConsentRecord
from rapport.people.models import Person
from rapport.trust import sealing

TABLE, COLUMN = "consent_consentrecord", "signature"


def seal(*, person_id: int, typed: str, source_key: uuid.UUID) -> str:
    """The typed name as it stands in the evidence."""
    subject = Person.objects.values_list("key", flat=True).get(pk=person_id)
    blob = sealing.seal(sealing.keys_of([subject])[subject], typed, table=TABLE, column=COLUMN, row=source_key)
    return base64.b64encode(blob).decode()


def read(record: ConsentRecord) -> str:
    """The name as it was typed; empty for an unsigned statement or an erased person. The caller writes the audit line."""
    sealed = record.evidence.get(COLUMN, "")
    subject = Person.objects.values_list("key", flat=True).get(pk=record.person_id)
    key = sealing.keys_of([subject]).get(subject)
    if not sealed or key is None:
        return ""
    return sealing.unseal_text(key, base64.b64decode(sealed), table=TABLE, column=COLUMN, row=record.source_key)
