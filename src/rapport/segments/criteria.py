"""What each criterion asks of the tables, as SQLGlot expressions: a condition on the profile, or a set of rows.

A set may be the right people or, where those without any row are meant too ("at most two visits"), the wrong ones: `Found.wrong`.
No criterion yields NULL: what is unknown is FALSE before NOT is applied to it.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlglot import exp

from rapport.segments import sqlform as sql
from rapport.segments.days import AsOf, born_by, day_of, days_of, first_instant, months_between, returns, shift
from rapport.segments.language import (
    Age,
    Anniversary,
    AtLocation,
    Bucket,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    Held,
    HouseholdSize,
    InSegment,
    Insured,
    IsKnown,
    KnownSince,
    Leaf,
    LivesIn,
    Money,
    Node,
    Observed,
    Sequence,
    Sex,
    Speaks,
    Step,
    TraitIs,
    Unresolved,
    Window,
    Wishes,
)  # fmt: skip
from rapport.segments.language.random import BUCKETS, PRIME, factors
from rapport.segments.memory import ACTIVE, MEASURES, VOID, in_cents

TIMES = {"event": "at", "fact": "starts_at", "consent_now": "at", "trait": "at", "member": "entered_at"}
KNOWN = {"birth_month": "birth_month", "location": "location_id"}


@dataclass(frozen=True)
class Found:
    """A set of pseudonyms, some perhaps twice, and whether it holds those who are *not* meant."""

    query: exp.Select
    wrong: bool = False


def of_profile(leaf: Node) -> bool:
    """Whether the criterion is a condition on the profile alone."""
    match leaf:
        case Anniversary(of=of):
            return of in ("birth_month", "known_since")
        case IsKnown(what):
            return what != "household"
    return isinstance(leaf, Age | KnownSince | Sex | Speaks | AtLocation | LivesIn | Bucket)


def profile_condition(leaf: Node, as_of: AsOf) -> exp.Expr:
    """A condition on a row of `profile`, TRUE or FALSE."""
    match leaf:
        case Age():
            return sql.sure("birth_month", _age(leaf, day_of(leaf.on, as_of) or as_of.day))
        case Anniversary("birth_month", within):
            months = sorted(months_between(*days_of(within, as_of)))
            month = exp.Month(this=sql.column("birth_month"))
            wanted = exp.In(this=month, expressions=[sql.number(one) for one in months]) if months else exp.false()
            return sql.sure("birth_month", wanted)
        case Anniversary(_, within):
            return sql.sure("known_since", _returning(sql.column("known_since"), within, as_of))
        case KnownSince(within):
            return sql.sure("known_since", sql.all_of(_inside("known_since", within, as_of)))
        case IsKnown("zip" | "state" as what):
            name = "zip5" if what == "zip" else "state"
            return sql.nay(sql.equals(name, ""))
        case IsKnown(what):
            return sql.nay(sql.is_null(sql.column(KNOWN[what])))
        case Sex(one_of):
            return sql.one_of("sex", one_of)
        case Speaks(one_of):
            return sql.any_of([sql.one_of("language", one_of), *(sql.begins("language", f"{one}-") for one in one_of)])
        case AtLocation(one_of):
            return sql.sure("location_id", sql.ids("location_id", one_of)[0])
        case LivesIn():
            return _lives_in(leaf)
        case Bucket(name, first, last):
            bucket = exp.Mod(this=exp.paren(rank(name), copy=False), expression=sql.number(BUCKETS))
            return sql.all_of([sql.at_least(bucket, sql.number(first)), sql.at_most(bucket.copy(), sql.number(last))])
    raise TypeError(f"{type(leaf).__name__} is not about the profile")


def rank(name: str) -> exp.Expr:
    """The place of a pseudonym in the random order of a name (`language.random.rank_of`)."""
    factor, summand = factors(name)
    small = sql.remainder(sql.column("pseudonym"), PRIME)
    scaled = exp.Add(
        this=exp.Mul(this=exp.paren(small, copy=False), expression=sql.number(factor)), expression=sql.number(summand)
    )
    return sql.remainder(scaled, PRIME)


def found(leaf: Node, as_of: AsOf) -> Found:
    """The set of a criterion that reads rows."""
    match leaf:
        case Encountered() | Happened() | HasAppointment():
            return _counted(leaf, as_of)
        case Money():
            return _money(leaf, as_of)
        case Observed():
            return Found(_observed(leaf, as_of))
        case Sequence():
            return Found(_sequence(leaf, as_of))
        case Anniversary(of, within):
            seen = exp.Min(this=sql.column("at")) if of == "first_visit" else exp.Max(this=sql.column("at"))
            visits = sql.people(*rows(leaf, as_of)).group_by(sql.column("pseudonym"), copy=False)
            return Found(visits.having(_returning(seen, within, as_of), copy=False))
        case HouseholdSize():
            return Found(_household_size(leaf, as_of))
    return Found(sql.people(*rows(leaf, as_of)))


def rows(leaf: Node, as_of: AsOf) -> tuple[str, exp.Expr]:
    """The table a criterion reads and the condition on its rows: what stands behind it."""
    match leaf:
        case HasCode(active=False):
            return "event", sql.all_of([*_kind(leaf.kind), _codes(leaf), *_inside("at", leaf.within, as_of)])
        case HasCode():
            return "fact", _active(leaf, as_of)
        case Encountered() | Happened():
            return "event", sql.all_of([_step(leaf.step), *_inside("at", leaf.within, as_of)])
        case Observed():
            parts = [sql.equals("kind", "observation"), sql.nay(sql.is_null(sql.column("value"))), _codes(leaf)]
            parts += [sql.equals("unit", leaf.unit)] if leaf.unit is not None else []
            return "event", sql.all_of([*parts, *_inside("at", leaf.within, as_of)])
        case Sequence():
            return "event", sql.all_of([_step(leaf.first), *_inside("at", leaf.within, as_of)])
        case Anniversary():
            return "event", sql.all_of([sql.equals("kind", "encounter"), *_inside("at", None, as_of)])
        case Money():
            kinds = sql.one_of("kind", MEASURES[leaf.measure])
            parts = [kinds, *sql.ids("service_line_id", leaf.service_lines), *_inside("at", leaf.within, as_of)]
            return "event", sql.all_of([*parts, sql.nay(sql.is_null(sql.column("value")))])
    return _lasting(leaf, as_of)


def _lasting(leaf: Node, as_of: AsOf) -> tuple[str, exp.Expr]:
    """Criteria on what stands now, not on what happened."""
    match leaf:
        case HasAppointment():
            return "fact", _appointment(leaf, as_of)
        case Insured(by):
            parts = [sql.equals("kind", "coverage"), sql.nay(sql.one_of("status", VOID)), _still("ends_at", as_of)]
            begun = sql.below(sql.column("starts_at"), sql.instant(tomorrow(as_of)))
            parts.append(sql.any_of([sql.is_null(sql.column("starts_at")), begun]))
            return "fact", sql.all_of([*parts, *([sql.one_of("code", by)] if by else [])])
        case Consented(channel, topic, status):
            parts = [sql.equals("channel", channel), sql.equals("topic", topic), sql.equals("status", status)]
            parts += [_still("expires_at", as_of)] if status == "granted" else []
            return "consent_now", sql.all_of([*parts, *_held("at", leaf.held, as_of)])
        case Wishes(one_of):
            return "preference_now", sql.any_of(_wish(one, as_of) for one in one_of)
        case TraitIs():
            return "trait", sql.all_of([*_trait(leaf), *_held("at", leaf.held, as_of)])
        case IsKnown() | HouseholdSize():
            return "household", current(as_of)
        case InSegment(one_of):
            parts = [*sql.ids("segment_id", one_of), _still("left_at", as_of)]
            begun = sql.below(sql.column("entered_at"), sql.instant(tomorrow(as_of)))
            return "member", sql.all_of([*parts, begun, *_held("entered_at", leaf.held, as_of)])
    raise TypeError(f"{type(leaf).__name__} reads no rows")


def current(as_of: AsOf, table: str = "") -> exp.Expr:
    """Belongs to the household on the day of the question."""
    today = sql.day(as_of.day)
    begins, ends = sql.column("starts_on", table), sql.column("ends_on", table)
    return sql.all_of([
        sql.any_of([sql.is_null(begins), sql.at_most(begins.copy(), today)]),
        sql.any_of([sql.is_null(ends), sql.above(ends.copy(), today.copy())]),
    ])  # fmt: skip


def is_alive() -> exp.Expr:
    return sql.nay(sql.column("deceased"))


def tomorrow(as_of: AsOf) -> datetime:
    """The first instant after the day of the question."""
    return first_instant(as_of.day + timedelta(days=1), as_of.zone)


def _counted(leaf: Encountered | Happened | HasAppointment, as_of: AsOf) -> Found:
    low = 1 if leaf.at_least is None and leaf.at_most is None else (leaf.at_least or 0)
    chosen = sql.people(*rows(leaf, as_of))
    if low == 0:  # people without any row are in: the wrong ones are those with too many
        if leaf.at_most is None:
            return Found(sql.people("profile", exp.false()), wrong=True)
        return Found(_many(chosen, leaf.at_most + 1, None), wrong=True)
    return Found(_many(chosen, low, leaf.at_most))


def _many(chosen: exp.Select, low: int, high: int | None) -> exp.Select:
    if low <= 1 and high is None:
        return chosen
    count = exp.Count(this=exp.Star())
    wanted = [sql.at_least(count, sql.number(low))]
    wanted += [sql.at_most(count.copy(), sql.number(high))] if high is not None else []
    return chosen.group_by(sql.column("pseudonym"), copy=False).having(sql.all_of(wanted), copy=False)


def _money(leaf: Money, as_of: AsOf) -> Found:
    signs = MEASURES[leaf.measure]
    cents: exp.Expr = exp.cast(exp.Round(this=exp.Mul(this=sql.column("value"), expression=sql.number(100))), "bigint")
    minus = [kind for kind, sign in signs.items() if sign < 0]
    if minus:
        cents = exp.Case(ifs=[exp.If(this=sql.one_of("kind", minus), true=exp.Neg(this=cents))], default=cents.copy())
    total = exp.Sum(this=cents)
    low, high = (None if one is None else in_cents(one) for one in (leaf.at_least, leaf.at_most))
    wanted = [sql.at_least(total, sql.number(low))] if low is not None else []
    wanted += [sql.at_most(total.copy(), sql.number(high))] if high is not None else []
    zero_fits = (low is None or low <= 0) and (high is None or high >= 0)
    fits = sql.all_of(wanted)
    spent = sql.people(*rows(leaf, as_of)).group_by(sql.column("pseudonym"), copy=False)
    return Found(spent.having(sql.nay(fits) if zero_fits else fits, copy=False), wrong=zero_fits)


def _observed(leaf: Observed, as_of: AsOf) -> exp.Select:
    table, condition = rows(leaf, as_of)
    limits = (
        (sql.at_least, leaf.at_least), (sql.at_most, leaf.at_most), (sql.above, leaf.above), (sql.below, leaf.below),
    )  # fmt: skip

    def fits(value: exp.Expr) -> exp.Expr:
        return sql.all_of(compare(value.copy(), sql.double(limit)) for compare, limit in limits if limit is not None)

    if leaf.which == "any" or all(limit is None for _compare, limit in limits):
        return sql.people(table, sql.all_of([condition, fits(sql.column("value"))]))
    measured = sql.people(table, condition).group_by(sql.column("pseudonym"), copy=False)
    if leaf.which == "all":
        one = exp.Case(ifs=[exp.If(this=fits(sql.column("value")), true=sql.number(1))], default=sql.number(0))
        return measured.having(exp.EQ(this=exp.Min(this=one), expression=sql.number(1)), copy=False)
    order = exp.Tuple(expressions=[sql.column("at"), sql.column("id")])
    pick = exp.ArgMax if leaf.which == "latest" else exp.ArgMin
    return measured.having(fits(pick(this=sql.column("value"), expression=order)), copy=False)


def _sequence(leaf: Sequence, as_of: AsOf) -> exp.Select:
    first = [_step(leaf.first), *_inside("at", leaf.within, as_of)]
    if leaf.without and leaf.within_days is not None:
        over = tomorrow(as_of) - timedelta(days=leaf.within_days)
        first.append(sql.below(sql.column("at"), sql.instant(over)))
    then = [_step(leaf.then), *_inside("at", None, as_of)]
    chosen = [sql.column("pseudonym"), sql.column("at")]
    one, two = (
        exp.Select(expressions=[part.copy() for part in chosen])
        .from_(exp.to_table("event"), copy=False)
        .where(sql.all_of(parts), copy=False)
        for parts in (first, then)
    )
    on = [
        exp.EQ(this=sql.column("pseudonym", "one"), expression=sql.column("pseudonym", "two")),
        sql.above(sql.column("at", "two"), sql.column("at", "one")),
    ]
    if leaf.within_days is not None:
        span = exp.Interval(this=exp.Literal.string(str(leaf.within_days)), unit=exp.var("DAY"))
        on.append(sql.at_most(sql.column("at", "two"), exp.Add(this=sql.column("at", "one"), expression=span)))
    asked = exp.Select(expressions=[sql.column("pseudonym", "one")]).from_(one.subquery("one", copy=False), copy=False)
    return asked.join(
        two.subquery("two", copy=False), on=sql.all_of(on), join_type="anti" if leaf.without else "semi", copy=False
    )


def _household_size(leaf: HouseholdSize, as_of: AsOf) -> exp.Select:
    living = sql.people("profile", is_alive())
    count = exp.Count(this=exp.Distinct(expressions=[sql.column("pseudonym")]))
    wanted = [sql.at_least(count, sql.number(leaf.at_least))] if leaf.at_least is not None else []
    wanted += [sql.at_most(count.copy(), sql.number(leaf.at_most))] if leaf.at_most is not None else []
    sized = exp.Select(expressions=[sql.column("household_id")]).from_(exp.to_table("household"))
    sized = sized.where(sql.all_of([current(as_of), sql.inside(living)]), copy=False)
    sized = sized.group_by(sql.column("household_id"), copy=False).having(sql.all_of(wanted), copy=False)
    return sql.people("household", sql.all_of([current(as_of), sql.inside(sized, "household_id")]))


def _step(step: Step) -> exp.Expr:
    """Everything a step asks but its time."""
    parts = [
        sql.equals("kind", step.kind), *sql.ids("campaign_id", step.campaigns), *sql.ids("service_line_id", step.service_lines),
        *sql.ids("location_id", step.locations),
    ]  # fmt: skip
    if step.codes or step.but_not or step.value_sets:
        parts.append(_codes(step))
    if step.value_at_least is not None:
        parts.append(sql.at_least(sql.column("value"), sql.double(step.value_at_least)))
    if step.value_at_most is not None:
        parts.append(sql.at_most(sql.column("value"), sql.double(step.value_at_most)))
    return sql.all_of(parts)


def _active(leaf: HasCode, as_of: AsOf) -> exp.Expr:
    begun = [] if leaf.within is None else _inside("starts_at", leaf.within, as_of)
    running = [sql.one_of("status", ACTIVE), _still("ends_at", as_of)]
    return sql.all_of([*_kind(leaf.kind), _codes(leaf), *running, *begun, *_held("starts_at", leaf.held, as_of)])


def _appointment(leaf: HasAppointment, as_of: AsOf) -> exp.Expr:
    starts = sql.column("starts_at")
    today = sql.instant(first_instant(as_of.day, as_of.zone))
    when = {
        "future": sql.at_least(starts, today),
        "past": sql.below(starts.copy(), today.copy()),
        "any": sql.nay(sql.is_null(starts.copy())),
    }
    parts = [sql.equals("kind", "appointment"), when[leaf.when]]
    parts += _inside("starts_at", leaf.within, as_of) if leaf.within is not None else []
    parts += [sql.one_of("status", leaf.statuses)] if leaf.statuses else []
    return sql.all_of([
        *parts, *sql.ids("service_line_id", leaf.service_lines), *sql.ids("location_id", leaf.locations),
    ])  # fmt: skip


def _trait(leaf: TraitIs) -> list[exp.Expr]:
    parts = [sql.begins("name", leaf.name) if leaf.begins else sql.equals("name", leaf.name)]
    if leaf.one_of:
        return [*parts, sql.one_of("text", leaf.one_of)]
    if leaf.at_least is not None:
        parts.append(sql.at_least(sql.column("number"), sql.double(leaf.at_least)))
    if leaf.at_most is not None:
        parts.append(sql.at_most(sql.column("number"), sql.double(leaf.at_most)))
    return parts


def _wish(wish: str, as_of: AsOf) -> exp.Expr:
    if wish == "paused":
        return sql.sure("pause_until", sql.above(sql.column("pause_until"), sql.day(as_of.day)))
    if wish == "limited":
        return sql.nay(sql.is_null(sql.column("at_most")))
    return sql.equals("feeling", wish)


def _lives_in(leaf: LivesIn) -> exp.Expr:
    if leaf.counties or leaf.near:
        raise Unresolved(leaf)
    whole, parts = tuple(z for z in leaf.zips if len(z) == 5), tuple(z for z in leaf.zips if len(z) < 5)
    found = [sql.one_of("zip5", whole)] if whole else []
    found += [sql.begins("zip5", part) for part in parts]
    return sql.any_of([*found, *([sql.one_of("state", leaf.states)] if leaf.states else [])])


def _age(leaf: Age, day: date) -> exp.Expr:
    latest = born_by(leaf.at_least or 0, day)
    parts = [sql.at_most(sql.column("birth_month"), sql.day(latest))]
    if leaf.at_most is not None:
        parts.append(sql.above(sql.column("birth_month"), sql.day(born_by(leaf.at_most + 1, day))))
    return sql.all_of(parts)


def _returning(at: exp.Expr, within: Window, as_of: AsOf) -> exp.Expr:
    """One of the instant's anniversaries falls into the window."""
    spans = []
    for first, last in returns(*days_of(within, as_of)):
        low, high = (first_instant(one, as_of.zone) for one in (first, shift(last, 1, "day")))
        if low < high:
            spans.append(
                sql.all_of([sql.at_least(at.copy(), sql.instant(low)), sql.below(at.copy(), sql.instant(high))])
            )
    return sql.any_of(spans)


def _codes(leaf: HasCode | Observed | Step) -> exp.Expr:
    """One of the codes, and none of the excepted."""
    if leaf.value_sets:
        raise Unresolved(leaf)
    parts = [_fits(leaf.codes)] if leaf.codes else []
    but_not = getattr(leaf, "but_not", ())
    return sql.all_of([*parts, *([sql.nay(_fits(but_not))] if but_not else [])])


def _fits(codes: tuple[CodeIs, ...]) -> exp.Expr:
    """Grouped by system: a list of whole codes, and the beginnings."""
    found: list[exp.Expr] = []
    for system in dict.fromkeys(one.system for one in codes):
        mine = [one for one in codes if one.system == system]
        whole = tuple(dict.fromkeys(one.code for one in mine if not one.prefix))
        fits = [sql.one_of("code", whole)] if whole else []
        fits += [sql.begins("code", one.code) for one in mine if one.prefix]
        found.append(sql.all_of([sql.equals("code_system", system), sql.any_of(fits)]))
    return sql.any_of(found)


def _inside(name: str, window: Window | None, as_of: AsOf) -> list[exp.Expr]:
    first, last = days_of(window, as_of)
    parts: list[exp.Expr] = []
    if first is not None:
        parts.append(sql.at_least(sql.column(name), sql.instant(first_instant(first, as_of.zone))))
    if last is not None:
        after = sql.instant(first_instant(last + timedelta(days=1), as_of.zone))
        parts.append(sql.below(sql.column(name), after))
    return parts


def _held(name: str, held: Held | None, as_of: AsOf) -> list[exp.Expr]:
    """Since a day that is so far back."""
    if held is None:
        return []
    latest = shift(as_of.day, 1 - (held.at_least or 0), "day")
    parts = [sql.below(sql.column(name), sql.instant(first_instant(latest, as_of.zone)))]
    if held.at_most is not None:
        earliest = shift(as_of.day, -held.at_most, "day")
        parts.append(sql.at_least(sql.column(name), sql.instant(first_instant(earliest, as_of.zone))))
    return parts


def _still(name: str, as_of: AsOf) -> exp.Expr:
    """Not over by the end of the day of the question."""
    later = sql.at_least(sql.column(name), sql.instant(tomorrow(as_of)))
    return sql.any_of([sql.is_null(sql.column(name)), later])


def _kind(kind: str | None) -> list[exp.Expr]:
    return [sql.equals("kind", kind)] if kind else []


__all__ = [
    "TIMES",
    "Found",
    "Leaf",
    "current",
    "found",
    "is_alive",
    "of_profile",
    "profile_condition",
    "rank",
    "rows",
    "tomorrow",
]
