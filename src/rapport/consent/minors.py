"""Care to which a minor consented alone stays hers: its facts and events are marked confidential (45 CFR 164.502(g)(3)).

Where a standing statement `minor_alone` is on record, what happened before the person's eighteenth birthday and is of a class
that a minor may consent to alone becomes `minor_confidential`. Substance use records keep their own class: its rules
(42 CFR Part 2) are stricter. A withdrawal does not open what was confidential when it happened.
"""

from collections.abc import Collection
from datetime import date

from dateutil.relativedelta import relativedelta
from django.db import connection

from rapport.people import queries as people

OF_AGE = 18
ALONE = ("reproductive", "hiv_sti", "mental_health", "abuse")
_WHO = """
SELECT DISTINCT r.person_id, p.birth_month, coalesce(nullif(r.data_class, ''), '')
FROM consent_consentrecord r JOIN people_person p ON p.id = r.person_id
WHERE r.kind = 'minor_alone' AND r.status = 'granted' AND (%s::bigint[] IS NULL OR r.person_id = ANY(%s::bigint[]))
"""
_MARK = """
UPDATE {table} t SET data_class = 'minor_confidential'
FROM unnest(%s::bigint[], %s::date[], %s::text[]) AS v(person_id, until, narrowed)
WHERE t.person_id = v.person_id AND {at} < v.until AND t.data_class = ANY(%s) AND v.narrowed IN ('', t.data_class)
"""


def keep_confidential(person_ids: Collection[int] | None = None) -> int:
    """Mark what these people (None: everybody) consented to alone as minors. Returns how many rows changed."""
    if person_ids is not None and not person_ids:
        return 0
    ids = None if person_ids is None else list(person_ids)
    with connection.cursor() as cursor:
        cursor.execute(_WHO, [ids, ids])
        said = cursor.fetchall()
        if not said:
            return 0
        born = people.birth_dates(person_ids={row[0] for row in said})
        rows = [
            (person, until, only)
            for person, month, only in said
            if (until := _of_age(born.get(person), month)) is not None
        ]
        if not rows:
            return 0
        columns = [list(column) for column in zip(*rows, strict=True)]
        changed = 0
        for table, at in (("people_event", "t.at"), ("people_fact", "coalesce(t.starts_at, t.changed_at)")):
            cursor.execute(_MARK.format(table=table, at=at), [*columns, list(ALONE)])
            changed += cursor.rowcount
        return changed


def _of_age(born: date | None, month: date | None) -> date | None:
    """The eighteenth birthday; the end of its month where only the month of birth is known; None where nothing is."""
    if born is not None:
        return born + relativedelta(years=OF_AGE)
    return month + relativedelta(years=OF_AGE, months=1) if month is not None else None
