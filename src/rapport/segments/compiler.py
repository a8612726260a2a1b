"""The compiler: a frozen tree becomes SQLGlot expressions, never text. One criterion is one set of people.

Three forms of the same criteria (`criteria`):

- `leaf_set`: one criterion alone, the form that is cached as a bitmap for the builder;
- `compile`: the whole question as one statement, a pipeline of named steps. Criteria on the profile are asked in one pass over it;
  every other criterion is a step that the profile is semi-joined or anti-joined with; sets side by side in an `any` are united first;
- `evidence`: the rows of one person behind one criterion.
"""

from dataclasses import dataclass, field

from sqlglot import exp

from rapport.segments import criteria
from rapport.segments import sqlform as sql_
from rapport.segments.criteria import current, is_alive
from rapport.segments.days import AsOf
from rapport.segments.language import All, Any_, Capped, Leaf, LivesWith, Node, None_, leaf_key

TAGS = {"in_segment": "members", "trait_is": "trait", "has_code": "coded", "consented": "consent"}


@dataclass
class Pipeline:
    """The steps of one statement, in order: name and query. A criterion asked twice is one step."""

    as_of: AsOf
    steps: dict[str, exp.Query] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)

    def step(self, key: str, title: str, query: exp.Query) -> exp.Select:
        """The people of a step. `title` comes from the language, never from a user."""
        if key not in self.named:
            self.named[key] = f"step_{len(self.steps) + 1}_{title}"
            self.steps[self.named[key]] = query
        return exp.Select(expressions=[sql_.column("pseudonym")]).from_(exp.to_table(self.named[key]), copy=False)

    def finished(self, last: exp.Select) -> exp.Select:
        if self.steps:
            # Inlined: an engine that keeps a step as a table can't skip blocks for it.
            last.set("with_", exp.With(expressions=[_cte(name, query) for name, query in self.steps.items()]))
        return last


def compile(node: Node, as_of: AsOf) -> exp.Select:  # noqa: A001 - the word everybody looks for
    """The whole question as one statement that yields every pseudonym once."""
    pipeline = Pipeline(as_of)
    asked = All(node.of) if isinstance(node, Capped) else node
    last = sql_.people("profile", sql_.all_of([is_alive(), _predicate(asked, pipeline)]))
    if isinstance(node, Capped):
        last = last.order_by(criteria.rank(node.name), sql_.column("pseudonym")).limit(node.most)
    return pipeline.finished(last)


def leaf_set(leaf: Leaf, as_of: AsOf) -> exp.Select:
    """One criterion alone: the pseudonyms of whom it is true (rows of the dead or gone may be among those of events)."""
    if criteria.of_profile(leaf):
        return sql_.people("profile", criteria.profile_condition(leaf, as_of))
    found = criteria.found(leaf, as_of)
    if found.wrong:
        return sql_.people("profile", sql_.nay(sql_.inside(found.query)))
    return found.query if found.query.args.get("group") else found.query.distinct(copy=False)


def evidence(leaf: Leaf, pseudonym: int, as_of: AsOf) -> exp.Select:
    """How many rows of one person a criterion counts, and the first and last instant among them."""
    table, condition = criteria.rows(leaf, as_of)
    mine = exp.EQ(this=sql_.column("pseudonym"), expression=sql_.number(pseudonym))
    at = sql_.column(criteria.TIMES[table]) if table in criteria.TIMES else exp.null()
    chosen = [exp.Count(this=exp.Star()), exp.Min(this=at), exp.Max(this=at.copy())]
    return exp.Select(expressions=chosen).from_(exp.to_table(table)).where(sql_.all_of([mine, condition]), copy=False)


def living(*, described: bool = False) -> exp.Select:
    """The universe in the order of pseudonyms; described: with what a breakdown needs, as numbers (-1: not known).

    `born` is the month counted from year 0, `sex` the code point of its letter.
    """
    chosen: list[exp.Expr] = [sql_.column("pseudonym")]
    if described:
        year, month = exp.Year(this=sql_.column("birth_month")), exp.Month(this=sql_.column("birth_month"))
        months = exp.Add(this=exp.Mul(this=year, expression=sql_.number(12)), expression=month)
        born = exp.Sub(this=months, expression=sql_.number(1))
        letter = exp.Unicode(this=sql_.column("sex"))
        columns = {"born": born, "sex": letter, "location_id": sql_.column("location_id")}
        chosen = [
            exp.alias_(exp.Coalesce(this=one, expressions=[sql_.number(-1)]), name) for name, one in columns.items()
        ]
    everybody = exp.Select(expressions=chosen).from_(exp.to_table("profile")).where(is_alive())
    return everybody.order_by(sql_.column("pseudonym"))


def roofs(as_of: AsOf) -> exp.Select:
    """Who lives in which household on the day of the question."""
    chosen = [sql_.column("pseudonym"), sql_.column("household_id")]
    return exp.Select(expressions=chosen).from_(exp.to_table("household")).where(current(as_of))


def profile_of(pseudonym: int) -> exp.Select:
    """What stands on the profile of one person."""
    names = ("birth_month", "sex", "language", "state", "zip5", "location_id", "known_since")
    mine = exp.EQ(this=sql_.column("pseudonym"), expression=sql_.number(pseudonym))
    return exp.Select(expressions=[sql_.column(one) for one in names]).from_(exp.to_table("profile")).where(mine)


def trait_names() -> exp.Select:
    """The names of all traits that somebody has."""
    name = sql_.column("name")
    return exp.Select(expressions=[name]).from_(exp.to_table("trait")).distinct().order_by(name.copy())


def sql(expression: exp.Expr, dialect: str = "duckdb") -> str:
    """The text for an engine."""
    if dialect != "duckdb":  # a hint that others don't know
        expression = expression.copy()
        for step in expression.find_all(exp.CTE):
            step.set("materialized", None)
    return expression.sql(dialect=dialect)


def _predicate(node: Node, pipeline: Pipeline) -> exp.Expr:
    """A condition on a row of `profile` that is TRUE or FALSE, never NULL."""
    match node:
        case All(of):
            return sql_.all_of(_predicate(part, pipeline) for part in of)
        case Any_(of):
            return _any(of, pipeline)
        case None_(of):
            return sql_.nay(_any(of, pipeline)) if of else exp.true()
        case LivesWith(of):
            return sql_.inside(pipeline.step(leaf_key(node), "housemates", _housemates(of, pipeline)))
        case Capped():
            raise TypeError("Only a whole definition can be capped")
    if criteria.of_profile(node):
        return criteria.profile_condition(node, pipeline.as_of)
    found = criteria.found(node, pipeline.as_of)
    chosen = sql_.inside(pipeline.step(leaf_key(node), _title(node), found.query))
    return sql_.nay(chosen) if found.wrong else chosen


def _any(of: tuple[Node, ...], pipeline: Pipeline) -> exp.Expr:
    """Sets side by side are united into one, so that the profile is joined once with all of them."""
    united: exp.Query | None = None
    rest: list[exp.Expr] = []
    for part in of:
        if isinstance(part, All | Any_ | None_ | LivesWith | Capped) or criteria.of_profile(part):
            rest.append(_predicate(part, pipeline))
            continue
        found = criteria.found(part, pipeline.as_of)
        step = pipeline.step(leaf_key(part), _title(part), found.query)
        if found.wrong:
            rest.append(sql_.nay(sql_.inside(step)))
        else:
            united = step if united is None else exp.union(united, step, distinct=False, copy=False)
    return sql_.any_of([*rest, *([sql_.inside(united)] if united is not None else [])])


def _housemates(of: tuple[Node, ...], pipeline: Pipeline) -> exp.Select:
    """Who shares a household today with another living person of whom every part is true."""
    others = sql_.people("profile", sql_.all_of([is_alive(), _predicate(All(of), pipeline)]))
    on = [
        exp.EQ(this=sql_.column("household_id", "mine"), expression=sql_.column("household_id", "theirs")),
        exp.NEQ(this=sql_.column("pseudonym", "mine"), expression=sql_.column("pseudonym", "theirs")),
    ]
    home = exp.to_table("household")
    asked = exp.Select(expressions=[sql_.column("pseudonym", "mine")]).from_(exp.alias_(home, "mine", table=True))
    asked = asked.join(exp.alias_(home.copy(), "theirs", table=True), on=sql_.all_of(on), copy=False)
    who = sql_.inside(others, "pseudonym", "theirs")
    return asked.where(
        sql_.all_of([current(pipeline.as_of, "mine"), current(pipeline.as_of, "theirs"), who]), copy=False
    )


def _title(leaf: Node) -> str:
    tag = str(leaf.__struct_config__.tag)
    kind = getattr(leaf, "kind", None) or getattr(getattr(leaf, "first", None), "kind", None)
    return f"{TAGS.get(tag, tag)}_{kind}" if kind else TAGS.get(tag, tag)


def _cte(name: str, query: exp.Query) -> exp.CTE:
    return exp.CTE(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)), materialized=False)
