"""The distributed engine: full answers from a Spark cluster over an exported version, by the statements of the same compiler.

    answers = Distributed(connect("spark://head:7077"), "file:///lake/version-12-...", tables=("profile", "event", ...))
    answers.people(node, as_of)

It gives full answers only (`people`, `count`, and `answers` for many questions in one job); counts while somebody types are
the columnar engine's. What differs from the columnar engine stands in this file:

- the text: SQLGlot writes it in Spark's dialect;
- the session: UTC, ANSI errors instead of silent NULLs, dates before 1582 as written (`SESSION`);
- Parquet knows no NOT NULL: without it `NOT IN` would have to broadcast the set to every executor, so the views say it.

PySpark is an extra (`rapport[spark]`, or `rapport[spark-connect]` for an address that starts with sc://).
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from sqlglot import exp

from rapport.segments import compiler
from rapport.segments.days import AsOf
from rapport.segments.language import Node

DIALECT = "spark"
SESSION = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
}
PERSON = "pseudonym"
Question = tuple[Node, AsOf]


class NoSpark(RuntimeError):
    """A cluster is set, but PySpark is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "RAPPORT_ANALYTICS names a cluster; install rapport[spark], or rapport[spark-connect] for sc://."
        )


def connect(address: str) -> Any:
    """A new session, with views of its own, on the cluster at this address: spark://, yarn, k8s://, or sc:// for Spark Connect."""
    try:
        from pyspark.sql import SparkSession
    except ImportError:
        raise NoSpark from None
    builder = SparkSession.builder.appName("rapport")
    if address.startswith("sc://"):
        return builder.remote(address).create()
    return builder.master(address).getOrCreate().newSession()  # one process has one connection to its cluster


class Distributed:
    """One exported version, opened in a session that nobody else uses: two versions have views of the same names."""

    def __init__(self, session: Any, place: str, tables: Iterable[str], version: int = 0) -> None:
        self.version = version
        self.session = session
        for name, value in SESSION.items():
            self.session.conf.set(name, value)
        for table in tables:
            self._view(f"{place.rstrip('/')}/{table}", table)

    def people(self, node: Node, as_of: AsOf) -> list[int]:
        """All pseudonyms of the answer, in order."""
        return self.answers([(node, as_of)])[0]

    def count(self, node: Node, as_of: AsOf) -> int:
        """How many people the answer holds."""
        answer = compiler.compile(node, as_of).subquery("answer")
        return int(self._ask(exp.Select(expressions=[exp.Count(this=exp.Star())]).from_(answer)).collect()[0][0])

    def answers(self, questions: Sequence[Question]) -> list[list[int]]:
        """The people of many questions by one job, each list in order."""
        if not questions:
            return []
        found = self._ask(together(questions)).toArrow()
        numbers, people = (found[name].to_numpy() for name in ("question", PERSON))
        order = np.lexsort((people, numbers))
        bounds = np.searchsorted(numbers[order], np.arange(len(questions) + 1))
        return [people[order[low:high]].tolist() for low, high in pairwise(bounds)]

    def _ask(self, statement: exp.Expr) -> Any:
        return self.session.sql(compiler.sql(statement, DIALECT))

    def _view(self, place: str, table: str) -> None:
        rows = self.session.read.parquet(place)
        known = exp.Coalesce(this=exp.column(PERSON), expressions=[exp.Literal.number(0)])
        columns = [exp.alias_(known, PERSON) if one == PERSON else exp.column(one, quoted=True) for one in rows.columns]
        rows.selectExpr(*(compiler.sql(one, DIALECT) for one in columns)).createOrReplaceTempView(table)


def together(questions: Sequence[Question]) -> exp.Query:
    """One statement for many questions: every pseudonym with the number of the question that it answers."""
    parts: list[exp.Select] = []
    for number, (node, as_of) in enumerate(questions):
        chosen = [exp.alias_(exp.Literal.number(number), "question"), exp.column(PERSON)]
        parts.append(exp.Select(expressions=chosen).from_(compiler.compile(node, as_of).subquery("answer")))
    return exp.union(*parts, distinct=False) if len(parts) > 1 else parts[0]
