"""Many people with one reason stand in one line."""

from rapport.campaigns import reasons


def test_the_dates_of_single_people_are_left_out() -> None:
    rows = [
        ("", "consent", "Said no to health services by e-mail on Oct 24, 2026.", 2),
        ("", "consent", "Said no to health services by e-mail on Mar 4, 2025.", 3),
        ("", "contact", "No address for e-mail is known.", 4),
    ]
    assert reasons.together(rows) == [
        ("", "consent", "Said no to health services by e-mail.", 5),
        ("", "contact", "No address for e-mail is known.", 4),
    ]


def test_the_hour_somebody_waits_for_is_left_out() -> None:
    waits = "It is too early or too late where the person lives; waits until Mar 4, 08:00."
    assert reasons.general(waits) == "It is too early or too late where the person lives."
