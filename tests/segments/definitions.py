"""Hypothesis strategies for definitions of the segment language: every node, every field, every kind of window.

Values are those of `worlds`, so that questions and people meet.
"""

from hypothesis import strategies as st

from rapport.segments.language import nodes, windows
from tests.segments.worlds import CODES, DAYS, KINDS, MEASURED, PAYERS, TRAITS, VALUES, WORDS

pick = st.sampled_from
days = pick(DAYS)
units = pick(("day", "week", "month", "quarter", "year"))
periods = pick(("week", "month", "quarter", "year"))
spans = pick((0, 0, 1, 1, 2, 12, 30, 90, 365, 9_999))
relative_days = st.builds(
    windows.RelativeDay, shift=pick((0, 0, 1, -1, -2, 12, -30, -365, 9_999)), unit=units, start=st.none() | periods
)
ends = st.none() | days | relative_days


def _between(since, until):
    if isinstance(since, type(DAYS[0])) and isinstance(until, type(DAYS[0])) and since > until:
        since, until = until, since
    return windows.Between(since, until)


some_window = st.one_of(
    st.builds(windows.Last, count=spans, unit=units),
    st.builds(windows.Next, count=spans, unit=units),
    st.builds(_between, ends, ends),
    st.builds(windows.Calendar, period=periods, offset=pick((0, 0, -1, 1, -4, 12, 1_000, -1_000))),
)
a_window = st.none() | some_window
held = st.none() | pick((
    windows.Held(at_least=0), windows.Held(at_least=1), windows.Held(at_least=30), windows.Held(at_most=0), windows.Held(at_most=1),
    windows.Held(at_most=365), windows.Held(1, 30), windows.Held(0, 0), windows.Held(at_least=9_999),
))  # fmt: skip
counts = pick((
    (None, None), (1, None), (2, None), (3, None), (None, 0), (None, 0), (None, 2), (0, 1), (1, 2), (2, 3), (0, None), (1, 1),
))  # fmt: skip
ages = pick(((0, None), (None, 0), (18, None), (None, 17), (50, 74), (18, 18), (0, 130), (75, None), (1, 1)))
amounts = st.none() | pick([one for one in VALUES if one is not None])
dollars = pick((
    (0.01, None), (None, 0.0), (None, 19.99), (20.0, 20.0), (0.02, 1e6), (-20.0, None), (None, -0.01), (19.985, None), (-1.0, 1.0),
))  # fmt: skip


def some(values, low: int = 0, high: int = 2) -> st.SearchStrategy[tuple]:
    return st.lists(pick(values), min_size=low, max_size=high, unique=True).map(tuple)


def of_code(code) -> st.SearchStrategy[nodes.CodeIs]:
    begins = nodes.CodeIs(code[0], code[1][:2], prefix=True)
    return pick((nodes.CodeIs(*code), nodes.CodeIs(*code, prefix=True), begins))


some_codes = st.lists(pick(CODES).flatmap(of_code), min_size=1, max_size=3).map(tuple)
few_codes = st.one_of(st.just(()), st.just(()), some_codes)
ids = some((1, 2, 3))
steps = st.builds(
    nodes.Step, kind=pick(KINDS), campaigns=st.just(()) | ids, service_lines=st.just(()) | ids, locations=st.just(()) | ids,
    codes=few_codes, but_not=few_codes, value_at_least=st.none() | amounts, value_at_most=st.none() | amounts,
)  # fmt: skip


def _happened(step, ends, within) -> nodes.Happened:
    return nodes.Happened(
        step.kind, *ends, step.campaigns, step.service_lines, within, step.locations, step.codes, (), step.but_not, step.value_at_least,
        step.value_at_most,
    )  # fmt: skip


def _has_code(codes, kind, within, active, but_not, held) -> nodes.HasCode:
    return nodes.HasCode(codes, kind, within, active, (), but_not, held if active else None)


LEAVES: dict[type, st.SearchStrategy] = {
    nodes.Age: st.builds(lambda ends, on: nodes.Age(*ends, on=on), ages, ends),
    nodes.Anniversary: st.builds(
        nodes.Anniversary, of=pick(("birth_month", "known_since", "first_visit", "last_visit")), within=some_window
    ),
    nodes.KnownSince: st.builds(nodes.KnownSince, within=some_window),
    nodes.IsKnown: st.builds(nodes.IsKnown, what=pick(("birth_month", "zip", "state", "location", "household"))),
    nodes.Sex: st.builds(nodes.Sex, one_of=some("FMOU", 1)),
    nodes.Speaks: st.builds(nodes.Speaks, one_of=some(("en", "es", "es-MX"), 1)),
    nodes.AtLocation: st.builds(nodes.AtLocation, one_of=some((1, 2), 1)),
    nodes.LivesIn: st.one_of(
        st.builds(nodes.LivesIn, zips=some(("01852", "018", "0213"), 1, 3)),
        st.builds(nodes.LivesIn, states=some(("MA", "NY"), 1)),
        st.just(nodes.LivesIn(("10001",), ("MA",))),
    ),
    nodes.HasCode: st.builds(
        _has_code, some_codes, st.none() | pick(("condition", "procedure")), a_window, st.booleans(), few_codes, held
    ),
    nodes.Happened: st.builds(_happened, steps, counts, a_window),
    nodes.Encountered: st.builds(
        lambda ends, lines, places, within: nodes.Encountered(*ends, lines, places, within), counts, ids, ids, a_window
    ),
    nodes.Observed: st.builds(
        nodes.Observed, codes=some_codes, which=pick(("latest", "earliest", "any", "all")), at_least=st.none() | amounts,
        at_most=st.none() | amounts, above=st.none() | amounts, below=st.none() | amounts, unit=pick((None, None, *MEASURED)),
        within=st.none() | a_window,
    ),
    nodes.Sequence: st.builds(
        nodes.Sequence, first=steps, then=steps, within_days=st.none() | spans, without=st.booleans(), within=a_window
    ),
    nodes.Money: st.builds(
        lambda measure, ends, lines, within: nodes.Money(measure, *ends, lines, within),
        pick(("charges", "payments", "cost", "margin")), dollars, ids, a_window,
    ),
    nodes.HasAppointment: st.builds(
        lambda when, ends, statuses, lines, places, within: nodes.HasAppointment(when, *ends, statuses, lines, places, within),
        pick(("future", "past", "any")), counts, some(("booked", "cancelled")), st.just(()) | ids, st.just(()) | ids, a_window,
    ),
    nodes.Insured: st.builds(nodes.Insured, by=some((*PAYERS, "medicaid"))),
    nodes.Consented: st.builds(
        nodes.Consented, channel=st.just("email"), topic=pick(("care", "newsletter")), status=pick(("granted", "withdrawn")), held=held
    ),
    nodes.Wishes: st.builds(nodes.Wishes, one_of=some(("too_much", "just_right", "paused", "limited"), 1)),
    nodes.TraitIs: st.one_of(
        st.builds(nodes.TraitIs, name=pick(TRAITS), one_of=some(WORDS), held=held),
        st.builds(
            lambda name, ends, held: nodes.TraitIs(name, (), *ends, held=held), pick(TRAITS),
            pick(((0.3, None), (None, 0.3), (0.3, 0.31), (-1.0, 0.0))), held,
        ),
        st.builds(nodes.TraitIs, name=pick(("gap.", "score", "g")), one_of=some(WORDS), begins=st.just(True)),
    ),
    nodes.HouseholdSize: st.builds(
        lambda ends: nodes.HouseholdSize(*ends), pick(((1, None), (2, None), (None, 1), (2, 3), (0, 0), (3, None)))
    ),
    nodes.InSegment: st.builds(nodes.InSegment, one_of=some((1, 2), 1), held=held),
    nodes.Bucket: st.builds(
        lambda name, ends: nodes.Bucket(name, *ends), pick(("pilot", "O'Hara", "x")),
        pick(((0, 4_999), (5_000, 9_999), (0, 0), (100, 7_500))),
    ),
}  # fmt: skip
leaves = pick(list(LEAVES)).flatmap(LEAVES.__getitem__)
inner_groups = pick((nodes.All, nodes.All, nodes.Any_, nodes.Any_, nodes.None_, nodes.LivesWith))


def nested(depth: int) -> st.SearchStrategy:
    """A group with up to three parts, some of them groups again, as deep as that."""
    part = leaves if depth <= 1 else st.one_of(leaves, nested(depth - 1))
    return st.builds(lambda group, of: group(tuple(of)), inner_groups, st.lists(part, min_size=1, max_size=3))


empty = st.builds(lambda group: group(), inner_groups)
capped = st.builds(
    nodes.Capped,
    most=pick((0, 1, 2, 3, 100)),
    name=pick(("pilot", "x")),
    of=st.lists(st.one_of(leaves, nested(1)), max_size=2).map(tuple),
)
LEVELS = {0: leaves, 1: nested(1), 2: nested(2), 3: nested(3), 5: nested(5), 6: empty, 7: capped}
definitions = pick((0, 1, 1, 1, 2, 2, 2, 2, 3, 3, 5, 6, 7, 7)).flatmap(LEVELS.__getitem__)
