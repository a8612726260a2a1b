"""The compiler: a frozen tree becomes SQLGlot expressions, never text. One criterion is one set of people.

Three forms of the same criteria:

- `leaf_set`: one criterion alone, the form that is cached as a bitmap for the builder;
- `statement`: the whole question as one statement. Criteria on the profile are asked in one pass over it; every other
  criterion is a set that the profile is semi-joined or anti-joined with; sets side by side in an `any` are united first;
- `evidence`: the rows of one person behind one criterion.

No criterion yields NULL: what is unknown is FALSE before NOT is applied to it.
"""

from datetime import date, datetime, timedelta

from sqlglot import exp

from rapport.segments.days import AsOf, born_by, days_of, first_instant
from rapport.segments.language import (
    Age,
    All,
    Any_,
    AtLocation,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasCode,
    Leaf,
    LivesIn,
    Node,
    None_,
    Sex,
    Speaks,
    TraitIs,
    Window,
)
from rapport.segments.memory import ACTIVE

PROFILE_LEAVES = (Age, Sex, Speaks, AtLocation, LivesIn)
TRUE, FALSE = exp.true(), exp.false()


def compile(node: Node, as_of: AsOf) -> exp.Select:  # noqa: A001 - the word everybody looks for
    """The whole question as one statement that yields every pseudonym once."""
    return _people("profile", exp.and_(_is_alive(), _predicate(node, as_of)))


def leaf_set(leaf: Leaf, as_of: AsOf) -> exp.Select:
    """One criterion alone: the pseudonyms of whom it is true (rows of the dead or gone may be among those of events)."""
    if isinstance(leaf, PROFILE_LEAVES):
        return _people("profile", _profile_condition(leaf, as_of))
    if _is_complement(leaf):
        return _people("profile", _predicate(leaf, as_of))
    return _rows_set(leaf, as_of).distinct()


def evidence(leaf: Leaf, pseudonym: int, as_of: AsOf) -> exp.Select:
    """How many rows of one person a criterion counts, and the first and last instant among them."""
    table, condition = _rows(leaf, as_of)
    at = {"event": "at", "fact": "starts_at", "consent_now": "at", "trait": "at"}[table]
    mine = exp.EQ(this=_column("pseudonym"), expression=_number(pseudonym))
    chosen = [exp.Count(this=exp.Star()), exp.Min(this=_column(at)), exp.Max(this=_column(at))]
    return exp.Select(expressions=chosen).from_(exp.to_table(table)).where(exp.and_(mine, condition))


def living(*, described: bool = False) -> exp.Select:
    """The universe in the order of pseudonyms; described: with what a breakdown needs, as numbers (-1: not known).

    `born` is the month counted from year 0, `sex` the code point of its letter.
    """
    chosen: list[exp.Expr] = [_column("pseudonym")]
    if described:
        year, month = exp.Year(this=_column("birth_month")), exp.Month(this=_column("birth_month"))
        born = exp.Sub(
            this=exp.Add(this=exp.Mul(this=year, expression=_number(12)), expression=month), expression=_number(1)
        )
        letter = exp.Unicode(this=_column("sex"))
        columns = {"born": born, "sex": letter, "location_id": _column("location_id")}
        chosen = [exp.alias_(exp.Coalesce(this=one, expressions=[_number(-1)]), name) for name, one in columns.items()]
    everybody = exp.Select(expressions=chosen).from_(exp.to_table("profile")).where(_is_alive())
    return everybody.order_by(_column("pseudonym"))


def profile_of(pseudonym: int) -> exp.Select:
    """What stands on the profile of one person."""
    columns = [_column(name) for name in ("birth_month", "sex", "language", "state", "zip5", "location_id")]
    mine = exp.EQ(this=_column("pseudonym"), expression=_number(pseudonym))
    return exp.Select(expressions=columns).from_(exp.to_table("profile")).where(mine)


def trait_names() -> exp.Select:
    """The names of all traits that somebody has."""
    return exp.Select(expressions=[_column("name")]).from_(exp.to_table("trait")).distinct().order_by(_column("name"))


def sql(expression: exp.Expr, dialect: str = "duckdb") -> str:
    """The text for an engine."""
    return expression.sql(dialect=dialect)


def _predicate(node: Node, as_of: AsOf) -> exp.Expr:
    """A condition on a row of `profile` that is TRUE or FALSE, never NULL."""
    match node:
        case All(of):
            return exp.and_(*(_predicate(part, as_of) for part in of)) if of else TRUE.copy()
        case Any_(of):
            return _any(of, as_of)
        case None_(of):
            return exp.not_(_any(of, as_of)) if of else TRUE.copy()
        case Age() | Sex() | Speaks() | AtLocation() | LivesIn():
            return _profile_condition(node, as_of)
    if isinstance(node, Encountered | Happened) and _is_complement(node):
        if node.at_most is None:
            return TRUE.copy()
        return exp.not_(_in(_counted(node, node.at_most + 1, None, as_of)))
    return _in(_rows_set(node, as_of))


def _any(of: tuple[Node, ...], as_of: AsOf) -> exp.Expr:
    """Sets side by side are united into one, so that the profile is joined once with all of them."""
    sets = [_rows_set(part, as_of) for part in of if _is_row_set(part)]
    rest = [_predicate(part, as_of) for part in of if not _is_row_set(part)]
    if sets:
        united: exp.Query = sets[0]
        for one in sets[1:]:
            united = exp.union(united, one, distinct=False)
        rest.append(_in(united))
    return exp.or_(*rest) if rest else FALSE.copy()


def _is_row_set(node: Node) -> bool:
    return isinstance(node, HasCode | Consented | TraitIs | Encountered | Happened) and not _is_complement(node)


def _is_complement(node: Node) -> bool:
    """Whether people without any row are in: "at most N", or "0 or more"."""
    return isinstance(node, Encountered | Happened) and not _least(node)


def _least(leaf: Encountered | Happened) -> int:
    return 1 if leaf.at_least is None and leaf.at_most is None else (leaf.at_least or 0)


def _rows_set(leaf: Node, as_of: AsOf) -> exp.Select:
    if isinstance(leaf, Encountered | Happened):
        return _counted(leaf, _least(leaf), leaf.at_most, as_of)
    table, condition = _rows(leaf, as_of)
    return _people(table, condition)


def _counted(leaf: Encountered | Happened, low: int, high: int | None, as_of: AsOf) -> exp.Select:
    chosen = _people(*_rows(leaf, as_of))
    if low <= 1 and high is None:
        return chosen
    count = exp.Count(this=exp.Star())
    wanted: list[exp.Expr] = [exp.GTE(this=count, expression=_number(low))]
    if high is not None:
        wanted.append(exp.LTE(this=count.copy(), expression=_number(high)))
    return chosen.group_by(_column("pseudonym")).having(exp.and_(*wanted))


def _rows(leaf: Node, as_of: AsOf) -> tuple[str, exp.Expr]:
    """The table a criterion reads and the condition on its rows."""
    match leaf:
        case HasCode(codes, kind, within, False):
            return "event", _all([*_kind(kind), _codes(codes), *_inside("at", within, as_of)])
        case HasCode(codes, kind, within, True):
            begun = [] if within is None else _inside("starts_at", within, as_of)
            ended = exp.GTE(this=_column("ends_at"), expression=_instant(_tomorrow(as_of)))
            running = exp.or_(exp.Is(this=_column("ends_at"), expression=exp.null()), ended)
            return "fact", _all([*_kind(kind), _codes(codes), _one_of("status", ACTIVE), running, *begun])
        case Encountered():
            parts = [*_ids("service_line_id", leaf.service_lines), *_ids("location_id", leaf.locations)]
            return "event", _all([*_kind("encounter"), *parts, *_inside("at", leaf.within, as_of)])
        case Happened():
            parts = [*_ids("campaign_id", leaf.campaigns), *_ids("service_line_id", leaf.service_lines)]
            return "event", _all([*_kind(leaf.kind), *parts, *_inside("at", leaf.within, as_of)])
        case Consented(channel, topic, status):
            parts = [_is("channel", channel), _is("topic", topic), _is("status", status)]
            if status == "granted":
                valid = exp.GTE(this=_column("expires_at"), expression=_instant(_tomorrow(as_of)))
                parts.append(exp.or_(exp.Is(this=_column("expires_at"), expression=exp.null()), valid))
            return "consent_now", _all(parts)
        case TraitIs():
            return "trait", _all([_is("name", leaf.name), *_trait(leaf)])
    raise TypeError(f"{type(leaf).__name__} reads no rows")


def _trait(leaf: TraitIs) -> list[exp.Expr]:
    if leaf.one_of:
        return [_one_of("text", leaf.one_of)]
    found: list[exp.Expr] = []
    if leaf.at_least is not None:
        found.append(exp.GTE(this=_column("number"), expression=_double(leaf.at_least)))
    if leaf.at_most is not None:
        found.append(exp.LTE(this=_column("number"), expression=_double(leaf.at_most)))
    return found


def _profile_condition(leaf: Node, as_of: AsOf) -> exp.Expr:
    match leaf:
        case Age():
            return _sure("birth_month", _age(leaf, leaf.on or as_of.day))
        case Sex(one_of):
            return _one_of("sex", one_of)
        case Speaks(one_of):
            return exp.or_(_one_of("language", one_of), *(_begins("language", f"{one}-") for one in one_of))
        case AtLocation(one_of):
            return _sure("location_id", _ids("location_id", one_of)[0])
        case LivesIn(zips, states):
            whole, parts = tuple(z for z in zips if len(z) == 5), tuple(z for z in zips if len(z) < 5)
            found = [_one_of("zip5", whole)] if whole else []
            found += [_begins("zip5", part) for part in parts]
            return exp.or_(*found, *([_one_of("state", states)] if states else []))
    raise TypeError(f"{type(leaf).__name__} is not about the profile")


def _age(leaf: Age, day: date) -> exp.Expr:
    latest = born_by(leaf.at_least or 0, day)
    parts: list[exp.Expr] = [exp.LTE(this=_column("birth_month"), expression=_date(latest))]
    if leaf.at_most is not None:
        parts.append(exp.GT(this=_column("birth_month"), expression=_date(born_by(leaf.at_most + 1, day))))
    return exp.and_(*parts)


def _codes(codes: tuple[CodeIs, ...]) -> exp.Expr:
    """Grouped by system: a list of whole codes, and the beginnings."""
    found: list[exp.Expr] = []
    for system in dict.fromkeys(one.system for one in codes):
        mine = [one for one in codes if one.system == system]
        whole = tuple(dict.fromkeys(one.code for one in mine if not one.prefix))
        fits = [_one_of("code", whole)] if whole else []
        fits += [_begins("code", one.code) for one in mine if one.prefix]
        found.append(exp.and_(_is("code_system", system), exp.or_(*fits)))
    return exp.or_(*found)


def _inside(column: str, window: Window | None, as_of: AsOf) -> list[exp.Expr]:
    first, last = days_of(window, as_of)
    parts: list[exp.Expr] = []
    if first is not None:
        parts.append(exp.GTE(this=_column(column), expression=_instant(first_instant(first, as_of.zone))))
    if last is not None:
        parts.append(
            exp.LT(this=_column(column), expression=_instant(first_instant(last + timedelta(days=1), as_of.zone)))
        )
    return parts


def _tomorrow(as_of: AsOf) -> datetime:
    return first_instant(as_of.day + timedelta(days=1), as_of.zone)


def _people(table: str, condition: exp.Expr) -> exp.Select:
    return exp.Select(expressions=[_column("pseudonym")]).from_(exp.to_table(table)).where(condition)


def _in(query: exp.Query) -> exp.In:
    return exp.In(this=_column("pseudonym"), query=exp.Subquery(this=query))


def _is_alive() -> exp.Expr:
    return exp.not_(_column("deceased"))


def _sure(column: str, condition: exp.Expr) -> exp.Expr:
    """Unknown is false, also under NOT. (COALESCE would say the same, but keeps the engine from skipping blocks.)"""
    return exp.and_(exp.not_(exp.Is(this=_column(column), expression=exp.null())), condition)


def _all(parts: list[exp.Expr]) -> exp.Expr:
    return exp.and_(*parts)


def _kind(kind: str | None) -> list[exp.Expr]:
    return [_is("kind", kind)] if kind else []


def _ids(column: str, ids: tuple[int, ...]) -> list[exp.Expr]:
    return [exp.In(this=_column(column), expressions=[_number(one) for one in ids])] if ids else []


def _one_of(column: str, words: tuple[str, ...]) -> exp.Expr:
    if len(words) == 1:
        return _is(column, words[0])
    return exp.In(this=_column(column), expressions=[exp.Literal.string(word) for word in words])


def _is(column: str, word: str) -> exp.Expr:
    return exp.EQ(this=_column(column), expression=exp.Literal.string(word))


def _begins(column: str, start: str) -> exp.Expr:
    return exp.StartsWith(this=_column(column), expression=exp.Literal.string(start))


def _column(name: str) -> exp.Column:
    return exp.column(name, quoted=True) if name == "at" else exp.column(name)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)


def _double(value: float) -> exp.Expr:
    return exp.cast(exp.Literal.string(repr(float(value))), "double")


def _date(day: date) -> exp.Expr:
    return exp.cast(exp.Literal.string(day.isoformat()), "date")


def _instant(at: datetime) -> exp.Expr:
    return exp.cast(exp.Literal.string(at.isoformat(sep=" ")), "timestamp")
