"""Gates 12 and 13: not too much, and not at a bad hour. Both say until when to wait."""

from datetime import UTC, datetime, time, timedelta

from rapport.consent.gates.saying import PHONE, is_commercial, no, yes
from rapport.consent.policy_facts import Facts, GateVerdict, SaidFact
from rapport.consent.policy_hours import after_quiet, next_open, zone
from rapport.consent.rule_kinds import Cap
from rapport.consent.rules import Rules

TRY_AGAIN_SOON = timedelta(minutes=5)
PERSONAL_SPAN = timedelta(days=30)
PERSONAL_WAIT = timedelta(days=7)
ROUNDS = 40


def frequency(facts: Facts, rules: Rules) -> GateVerdict:
    """The person's own pause and measure first, then the caps of house and state. The longest wait counts."""
    row = rules.gates["frequency"]
    if facts.message.answers:
        return yes("frequency", "An answer is not counted.", row)
    if not is_commercial(facts.message, rules):
        return _paused(facts, rules, survey_only=True) or yes(
            "frequency",
            "Messages about care, bills and surveys are not counted.",
            rules.purposes[facts.message.purpose],
        )
    hits = [_paused(facts, rules), _own_measure(facts, rules)]
    caps = rules.caps_for(facts.message.channel, (facts.state, facts.area_state))
    hits += [_over(cap, facts, rules) for cap in caps]
    found = [hit for hit in hits if hit is not None]
    if found:
        return max(found, key=_severity)
    if not caps:
        return yes("frequency", "No cap applies to this channel.", row)
    counted = min(caps, key=lambda one: one.hours)
    span = _span_words(counted.hours)
    reason = f"Fewer than {counted.messages} in {span}." if counted.messages > 1 else f"None in the last {span}."
    return yes("frequency", reason, counted)


def _paused(facts: Facts, rules: Rules, *, survey_only: bool = False) -> GateVerdict | None:
    """The person asked for a pause: it stops what sells and what asks, never care and bills."""
    wish = facts.preference
    if wish is None or wish.pause_until is None or (survey_only and facts.message.topic != "survey"):
        return None
    ends_at = datetime.combine(wish.pause_until, time.min, tzinfo=zone(facts.timezone)).astimezone(UTC)
    if facts.at >= ends_at:
        return None
    reason = f"The person asked for a pause until {wish.pause_until:%b} {wish.pause_until.day}."
    waits = ends_at if ends_at - facts.at <= PERSONAL_WAIT else None
    return no("frequency", reason, rules.gates["frequency"], (), waits)


def _own_measure(facts: Facts, rules: Rules) -> GateVerdict | None:
    wish = facts.preference
    if wish is None or wish.at_most is None:
        return None
    counted = _counted(facts, rules, PERSONAL_SPAN, facts.said)
    if len(counted) + facts.on_their_way < wish.at_most:
        return None
    reason = f"The person wants at most {wish.at_most} such messages in 30 days."
    if wish.at_most == 0 or len(counted) < wish.at_most:
        waits = facts.at + TRY_AGAIN_SOON if wish.at_most else None
    else:
        free_at = counted[len(counted) - wish.at_most] + PERSONAL_SPAN
        waits = free_at if free_at - facts.at <= PERSONAL_WAIT else None
    return no("frequency", reason, rules.gates["frequency"], (), waits)


def _over(cap: Cap, facts: Facts, rules: Rules) -> GateVerdict | None:
    """The cap's no, or None. It ends when enough of the counted messages have left the span."""
    span = timedelta(hours=cap.hours)
    channels = {facts.message.channel} if not cap.same_topic else set(cap.channels)
    alike = tuple(
        one
        for one in facts.said
        if one.channel in channels and (not cap.same_topic or one.topic == facts.message.topic)
    )
    counted = _counted(facts, rules, span, alike)
    if len(counted) >= cap.messages:
        free_at = counted[len(counted) - cap.messages] + span
        waits = free_at if free_at - facts.at <= timedelta(hours=cap.wait_at_most_hours) else None
        words = _span_words(cap.hours)
        reason = f"Already had {len(counted)} of at most {cap.messages} messages in {words}."
        return no("frequency", reason, cap, (), waits)
    if len(counted) + facts.on_their_way >= cap.messages:
        reason = "Another message to this person is going out right now."
        return no("frequency", reason, cap, (), facts.at + TRY_AGAIN_SOON)
    return None


def _counted(facts: Facts, rules: Rules, span: timedelta, said: tuple[SaidFact, ...]) -> list[datetime]:
    commercial = rules.purposes
    return sorted(
        one.at
        for one in said
        if facts.at - span < one.at <= facts.at
        and (one.purpose not in commercial or commercial[one.purpose].commercial)
    )


def _span_words(hours: int) -> str:
    return f"{hours // 24} days" if hours > 24 else f"{hours} hours"


def _severity(verdict: GateVerdict) -> tuple[bool, datetime]:
    """A no for good outweighs a wait, a longer wait a shorter one."""
    return (verdict.try_again_at is None, verdict.try_again_at or datetime.max.replace(tzinfo=UTC))


def quiet_hours(facts: Facts, rules: Rules) -> GateVerdict:
    """In the person's local time, by telephone also in that of the area code; what a state says and what the person wants."""
    message, row = facts.message, rules.gates["quiet_hours"]
    if message.answers:
        return yes("quiet_hours", "An answer may come at any hour.", row)
    if message.urgent and not is_commercial(message, rules):
        return yes("quiet_hours", "Urgent care may not wait.", row)
    windows = rules.windows_for(message.channel, facts.state, commercial=is_commercial(message, rules))
    mark = windows[0] if windows else row
    opens_at = later_opening(facts, rules, facts.at)
    if opens_at == facts.at:
        return yes("quiet_hours", "It is a good hour where the person lives.", mark)
    if opens_at is None:
        return no("quiet_hours", "There is no hour at which this may go out.", mark)
    local = opens_at.astimezone(zone(facts.timezone))
    reason = f"It is too early or too late where the person lives; waits until {local:%b} {local.day}, {local:%H:%M}."
    return no("quiet_hours", reason, mark, (), opens_at)


def later_opening(facts: Facts, rules: Rules, at: datetime) -> datetime | None:
    """The first instant from `at` on at which every clock and wish agrees; None when there is none in sight."""
    message = facts.message
    commercial = is_commercial(message, rules)
    if message.answers or (message.urgent and not commercial):
        return at
    windows = rules.windows_for(message.channel, facts.state, commercial=commercial)
    by_area = message.channel in PHONE and bool(facts.area_timezone)
    there = rules.windows_for(message.channel, facts.area_state, commercial=commercial) if by_area else ()
    wish = facts.preference
    for _ in range(ROUNDS):
        found = next_open(windows, facts.timezone, at)
        if found is not None and there:
            found = next_open(there, facts.area_timezone, found)
        if found is not None and wish is not None and wish.quiet_from is not None and wish.quiet_until is not None:
            found = after_quiet(wish.quiet_from, wish.quiet_until, facts.timezone, found)
        if found is None or found == at:
            return found
        at = found
    return None
