"""Small pieces of SQL as SQLGlot expressions. Words from outside only ever become literals, never names and never text.

What is passed in is built into the result, not copied (copies were most of the time of compiling): a piece that is used twice is
copied by whoever uses it twice.
"""

from collections.abc import Iterable
from datetime import date, datetime

from sqlglot import exp

Table = str
QUOTED = {"at"}  # words that an engine might take for its own


def column(name: str, table: str = "") -> exp.Column:
    return exp.column(name, table=table or None, quoted=name in QUOTED)


def number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def double(value: float) -> exp.Expr:
    return exp.cast(exp.Literal.string(repr(float(value))), "double")


def day(value: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(value.isoformat()), "date")


def instant(at: datetime) -> exp.Expr:
    return exp.cast(exp.Literal.string(at.isoformat(sep=" ")), "timestamp")


def word(value: str) -> exp.Expr:
    return exp.Literal.string(value)


def equals(name: str, value: str) -> exp.Expr:
    return exp.EQ(this=column(name), expression=word(value))


def at_least(this: exp.Expr, limit: exp.Expr) -> exp.Expr:
    return exp.GTE(this=this, expression=limit)


def at_most(this: exp.Expr, limit: exp.Expr) -> exp.Expr:
    return exp.LTE(this=this, expression=limit)


def below(this: exp.Expr, limit: exp.Expr) -> exp.Expr:
    return exp.LT(this=this, expression=limit)


def above(this: exp.Expr, limit: exp.Expr) -> exp.Expr:
    return exp.GT(this=this, expression=limit)


def is_null(this: exp.Expr) -> exp.Expr:
    return exp.Is(this=this, expression=exp.null())


def sure(name: str, condition: exp.Expr) -> exp.Expr:
    """Unknown is false, also under NOT. (COALESCE would say the same, but keeps the engine from skipping blocks.)"""
    return all_of([nay(is_null(column(name))), condition])


def nay(condition: exp.Expr) -> exp.Expr:
    """NOT of it."""
    return exp.not_(condition, copy=False)


def one_of(name: str, words: Iterable[str]) -> exp.Expr:
    listed = list(words)
    if len(listed) == 1:
        return equals(name, listed[0])
    return exp.In(this=column(name), expressions=[word(one) for one in listed])


def ids(name: str, wanted: Iterable[int]) -> list[exp.Expr]:
    """Nothing asked, no condition."""
    listed = [number(one) for one in wanted]
    return [exp.In(this=column(name), expressions=listed)] if listed else []


def begins(name: str, start: str) -> exp.Expr:
    return exp.StartsWith(this=column(name), expression=word(start))


def people(table: str, condition: exp.Expr) -> exp.Select:
    """SELECT pseudonym FROM table WHERE condition."""
    chosen = exp.Select(expressions=[column("pseudonym")]).from_(exp.to_table(table), copy=False)
    return chosen.where(condition, copy=False)


def inside(query: exp.Query, name: str = "pseudonym", table: str = "") -> exp.In:
    return exp.In(this=column(name, table), query=exp.Subquery(this=query))


def remainder(this: exp.Expr, by: int) -> exp.Expr:
    return exp.Mod(this=exp.paren(this, copy=False), expression=number(by))


def all_of(parts: Iterable[exp.Expr]) -> exp.Expr:
    listed = list(parts)
    return exp.and_(*listed, copy=False) if listed else exp.true()


def any_of(parts: Iterable[exp.Expr]) -> exp.Expr:
    listed = list(parts)
    return exp.or_(*listed, copy=False) if listed else exp.false()
