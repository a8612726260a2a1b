"""The questions that `pull` asks PostgreSQL. `r` is the row of the source, `p` its person, `b` the person that one became."""

from datetime import datetime

from psycopg import sql

from rapport.consent.queries import CHANNELS, TOPICS
from rapport.directory.models import Payer
from rapport.segments.sources import CONSENT, PREFERENCE, Column, Source

# Who is left of merged people: everybody gone, with the pseudonym of the one he or she became at last.
_BECAME = sql.SQL(
    "WITH RECURSIVE step AS ("
    "SELECT id, merged_into_id AS next FROM people_person WHERE merged_into_id IS NOT NULL "
    "UNION SELECT step.id, p.merged_into_id FROM step JOIN people_person p ON p.id = step.next WHERE p.merged_into_id IS NOT NULL"
    "), became AS MATERIALIZED ("
    "SELECT step.id, p.id AS kept, p.pseudonym FROM step JOIN people_person p ON p.id = step.next WHERE p.merged_into_id IS NULL)"
)
_JOINED = sql.SQL(" JOIN people_person p ON p.id = r.person_id LEFT JOIN became b ON b.id = r.person_id ")
_PSEUDONYM = sql.SQL("coalesce(b.pseudonym, p.pseudonym)")

# A coverage says who pays by its code, or by the name of a payer we know; only the class of the payer leaves PostgreSQL.
_PAYER = sql.SQL(
    " LEFT JOIN directory_payer pays ON r.kind = 'coverage' AND pays.name = r.label AND pays.payer_class = ANY({})"
).format(sql.Literal(list(Payer.PayerClass.values)))
_PAYER_CLASS = sql.SQL(
    "CASE WHEN r.kind <> 'coverage' OR {0} = ANY({1}) THEN {0} ELSE coalesce(pays.payer_class, {2}) END"
)
# A payer of the class "other" says what an unknown one says.
PAYERS = (
    "SELECT coalesce(md5(string_agg(name || chr(31) || payer_class, chr(30) ORDER BY name)), '') AS payers "
    f"FROM directory_payer WHERE payer_class <> '{Payer.PayerClass.OTHER}'"
)


def unseen(settled: int, snapshot: str) -> sql.Composable:
    """Rows of transactions that this snapshot had not seen. Those of the future are of another life of this database."""
    return sql.SQL(
        "(r.tx >= {} AND NOT pg_visible_in_snapshot(r.tx::text::xid8, {}::pg_snapshot) "
        "AND r.tx < (SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint))"
    ).format(sql.Literal(settled), sql.Literal(snapshot))


def came_or_expired(before: datetime, now: datetime) -> sql.Composable:
    """Statements that count, or count no more, only because time has passed."""
    return sql.SQL("((r.expires_at > {0} AND r.expires_at <= {1}) OR (r.at > {0} AND r.at <= {1}))").format(
        sql.Literal(before), sql.Literal(now)
    )


def among(column: str, ids: list[int]) -> sql.Composable:
    return sql.SQL("{} = ANY({}::bigint[])").format(sql.Identifier("r", column), sql.Literal(ids))


def passes(source: Source) -> sql.Composable:
    """What a row must say to stand in the warehouse."""
    tests = [
        sql.SQL("{} {}").format(sql.Identifier("r", source.column_of(one.field)), sql.SQL(one.test))
        for one in source.only
    ]
    return sql.SQL(" AND ").join(tests) if tests else sql.SQL("true")


def select(source: Source, where: sql.Composable, *, flagged: bool = False, joined: bool = True) -> sql.Composable:
    """The columns of a source. `flagged`: with `gone`, whether the row must not stand in the warehouse.

    Not `joined`: in place of the pseudonym stands the id of the record, for a reader that has `who`.
    """
    chosen = _chosen(source, _PSEUDONYM if joined else sql.Identifier("r", "person_id"))
    if flagged:
        chosen += sql.SQL(", NOT ({}) AS gone").format(passes(source))
    people = joined and of_a_person(source)
    return sql.SQL("{}SELECT {} FROM {} r{}{} WHERE {}").format(
        _BECAME + sql.SQL(" ") if people else sql.SQL(""), chosen, _table(source), _JOINED if people else sql.SQL(""),
        _PAYER if any(column.how == "payer class" for column in source.columns) else sql.SQL(""), where,
    )  # fmt: skip


def who() -> sql.Composable:
    """Every record and the pseudonym it goes by."""
    return _BECAME + sql.SQL(
        " SELECT r.id AS person, coalesce(b.pseudonym, r.pseudonym) AS pseudonym FROM people_person r LEFT JOIN became b USING (id)"
    )


def moved(some: sql.Composable, *, anybody: bool) -> sql.Composable:
    """People in merges, undone ones too, who changed (`anybody`: all who changed); and everybody who had become one of them."""
    merged = sql.SQL(
        "(r.merged_into_id IS NOT NULL OR EXISTS (SELECT FROM people_merge m WHERE m.gone_id = r.id) "
        "OR EXISTS (SELECT FROM people_merge m WHERE m.kept_id = r.id))"
    )
    return sql.SQL(
        "WITH RECURSIVE touched AS (SELECT r.id FROM people_person r WHERE {} AND {} "
        "UNION SELECT p.id FROM touched JOIN people_person p ON p.merged_into_id = touched.id) SELECT id FROM touched"
    ).format(some, sql.SQL("true") if anybody else merged)


def humans(source: Source, some: sql.Composable, also: list[int]) -> sql.Composable:
    """Every record, with its pseudonym, of the human beings who have such a row, or are among `also`."""
    return _BECAME + sql.SQL(
        ", spoken AS (SELECT coalesce(b.kept, r.person_id) AS kept FROM {} r LEFT JOIN became b ON b.id = r.person_id WHERE {} "
        "UNION SELECT coalesce(b.kept, one) FROM unnest({}::bigint[]) AS one LEFT JOIN became b ON b.id = one), "
        "records AS (SELECT kept AS id FROM spoken UNION SELECT b.id FROM became b JOIN spoken USING (kept)) "
        "SELECT p.id, p.pseudonym FROM people_person p JOIN records USING (id)"
    ).format(_table(source), some, sql.Literal(also))


def consents(whose: sql.Composable, now: datetime) -> sql.Composable:
    """What people allow now: the latest statement counts, an expired one is absent (`consent.queries.current`)."""
    return (
        _BECAME
        + sql.SQL(", said AS (SELECT r.id AS record, {} FROM {} r").format(_chosen(CONSENT), _table(CONSENT))
        + _JOINED
        + sql.SQL(
            "WHERE {} AND r.kind = 'consent' AND (r.expires_at IS NULL OR r.expires_at > {}) "
            "AND (r.at <= {} OR r.status = 'withdrawn')), "
            "spread AS (SELECT said.*, c AS one_channel, t AS one_topic FROM said "
            "CROSS JOIN LATERAL unnest(CASE channel WHEN 'all' THEN {} ELSE ARRAY[channel]::text[] END) AS c "
            "CROSS JOIN LATERAL unnest(CASE topic WHEN 'all' THEN {} ELSE ARRAY[topic]::text[] END) AS t) "
            "SELECT DISTINCT ON (pseudonym, one_channel, one_topic) pseudonym, one_channel AS channel, one_topic AS topic, status, at, "
            "expires_at FROM spread ORDER BY pseudonym, one_channel, one_topic, at DESC, record DESC"
        ).format(whose, sql.Literal(now), sql.Literal(now), sql.Literal(list(CHANNELS)), sql.Literal(list(TOPICS)))
    )


def preferences(whose: sql.Composable, now: datetime) -> sql.Composable:
    """How people want to be spoken to: the newest row counts, whole, of all records of a human being (`consent.preferences`)."""
    return (
        _BECAME
        + sql.SQL(" SELECT DISTINCT ON ({0}) {1} FROM {2} r").format(
            _PSEUDONYM, _chosen(PREFERENCE), _table(PREFERENCE)
        )
        + _JOINED
        + sql.SQL("WHERE {} ORDER BY {}, r.at DESC, r.id DESC").format(whose, _PSEUDONYM)
    )


def of_a_person(source: Source) -> bool:
    return any(column.how == "person" for column in source.columns)


def _chosen(source: Source, pseudonym: sql.Composable = _PSEUDONYM) -> sql.Composable:
    return sql.SQL(", ").join(_expression(source, column, pseudonym) for column in source.columns)


def _expression(source: Source, column: Column, pseudonym: sql.Composable) -> sql.Composable:
    field = sql.Identifier("r", source.column_of(column.field))
    forms = {
        "plain": sql.SQL("{}").format(field),
        "utc": sql.SQL("{} AT TIME ZONE 'UTC'").format(field),
        "double": sql.SQL("NULLIF({}::float8, 'NaN'::float8)").format(field),
        "is set": sql.SQL("({} IS NOT NULL)").format(field),
        "person": pseudonym,
        "payer class": _PAYER_CLASS.format(
            field, sql.Literal(list(Payer.PayerClass.values)), sql.Literal(str(Payer.PayerClass.OTHER))
        ),
    }
    return sql.SQL("{} AS {}").format(forms[column.how], sql.Identifier(column.name))


def _table(source: Source) -> sql.Identifier:
    return sql.Identifier(source.model._meta.db_table)
