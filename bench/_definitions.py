"""Twelve definitions for the made-up network of `_warehouse`, each with the statement that a good analyst would write by hand."""

from datetime import date

from rapport.segments.days import AsOf
from rapport.segments.language import (
    Age,
    All,
    Any_,
    CodeIs,
    Consented,
    Encountered,
    Happened,
    HasAppointment,
    HasCode,
    Insured,
    Last,
    LivesIn,
    LivesWith,
    Money,
    Node,
    None_,
    Observed,
    Sequence,
    Sex,
    Step,
    TraitIs,
)  # fmt: skip

TODAY = AsOf(date(2026, 11, 23), "UTC")
ZIPS = tuple(f"{10000 + 3 * number:05}" for number in range(300))
ZIP_LIST = ", ".join(f"'{one}'" for one in ZIPS)
TOMORROW = "TIMESTAMP '2026-11-24'"
MAMMOGRAM = (CodeIs("cpt", "77067"),)
GLUCOSE = (CodeIs("loinc", "4548-4"),)


def last(since: str) -> str:
    """The condition of a window that ends today."""
    return f'"at" >= TIMESTAMP \'{since}\' AND "at" < {TOMORROW}'


NAMED = All((
    Age(50, 74), Sex(("F",)), LivesIn(zips=ZIPS),
    None_((HasCode(MAMMOGRAM, kind="procedure", within=Last(27, "month")),)),
    Consented("email", "health_services"),
    Any_((Happened("message_opened", within=Last(90)), Happened("portal_login", within=Last(30)))),
    None_((TraitIs("journey.x", one_of=("in",)), Happened("message_sent", campaigns=(7,), within=Last(60)))),
))  # fmt: skip
BY_HAND_NAMED = f"""
SELECT pseudonym FROM profile p WHERE NOT deceased AND sex = 'F' AND birth_month > DATE '1951-10-01'
AND birth_month <= DATE '1976-10-01' AND zip5 IN ({ZIP_LIST})
AND NOT EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym AND kind = 'procedure' AND code_system = 'cpt'
    AND code = '77067' AND {last("2024-08-23")})
AND EXISTS (SELECT 1 FROM consent_now c WHERE c.pseudonym = p.pseudonym AND channel = 'email' AND topic = 'health_services'
    AND status = 'granted')
AND pseudonym IN (
    SELECT pseudonym FROM event WHERE kind = 'message_opened' AND {last("2026-08-25")}
    UNION ALL
    SELECT pseudonym FROM event WHERE kind = 'portal_login' AND {last("2026-10-24")})
AND NOT EXISTS (SELECT 1 FROM trait t WHERE t.pseudonym = p.pseudonym AND name = 'journey.x' AND text = 'in')
AND NOT EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym AND kind = 'message_sent' AND campaign_id = 7
    AND {last("2026-09-24")})
"""
AGE_AND_SEX = "SELECT pseudonym FROM profile WHERE NOT deceased AND sex = 'F' AND birth_month <= DATE '1961-10-01'"
CODE_PREFIX = f"""
SELECT pseudonym FROM profile p WHERE NOT deceased AND EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym
    AND kind = 'condition' AND code_system = 'icd10cm' AND code LIKE 'M17%' AND "at" < {TOMORROW})
"""
THREE_VISITS = f"""
SELECT p.pseudonym FROM profile p JOIN (SELECT pseudonym FROM event WHERE kind = 'encounter' AND {last("2025-11-23")}
    GROUP BY 1 HAVING count(*) >= 3) v USING (pseudonym) WHERE NOT deceased
"""
LAPSED = f"""
SELECT pseudonym FROM profile p WHERE NOT deceased AND pseudonym IN (SELECT pseudonym FROM event WHERE kind = 'encounter'
    AND {last("2023-11-23")})
AND NOT EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym AND kind = 'encounter' AND {last("2025-05-23")})
"""
ANY_OF_FIVE = f"""
SELECT pseudonym FROM profile WHERE NOT deceased AND (sex = 'O' OR pseudonym IN (
    SELECT pseudonym FROM trait WHERE name = 'score.no_show' AND number >= 0.9
    UNION ALL SELECT pseudonym FROM event WHERE kind = 'payment' AND {last("2026-11-16")}
    UNION ALL SELECT pseudonym FROM event WHERE kind = 'message_opened' AND {last("2026-08-25")} GROUP BY 1 HAVING count(*) >= 4
    UNION ALL SELECT pseudonym FROM event WHERE code_system = 'cpt' AND code = '77067' AND {last("2026-10-24")}))
"""
LAST_VALUE = f"""
SELECT p.pseudonym FROM profile p JOIN (SELECT pseudonym FROM event WHERE kind = 'observation' AND value IS NOT NULL
    AND code_system = 'loinc' AND code = '4548-4' AND {last("2024-11-23")}
    GROUP BY 1 HAVING arg_max(value, ("at", id)) > 120) v USING (pseudonym) WHERE NOT deceased
"""
SEQUENCE = f"""
SELECT p.pseudonym FROM profile p SEMI JOIN (
    SELECT a.pseudonym FROM (SELECT pseudonym, "at" FROM event WHERE kind = 'encounter' AND service_line_id = 2 AND {last("2025-11-23")}) a
    JOIN (SELECT pseudonym, "at" FROM event WHERE kind = 'procedure' AND code_system = 'cpt' AND code = '77067' AND "at" < {TOMORROW}) b
    ON a.pseudonym = b.pseudonym AND b."at" > a."at" AND b."at" <= a."at" + INTERVAL 90 DAY) s USING (pseudonym) WHERE NOT deceased
"""
WITHOUT = f"""
SELECT p.pseudonym FROM profile p SEMI JOIN (
    SELECT a.pseudonym FROM (SELECT pseudonym, "at" FROM event WHERE kind = 'message_opened' AND {last("2025-11-23")}
        AND "at" < TIMESTAMP '2026-10-25') a
    ANTI JOIN (SELECT pseudonym, "at" FROM event WHERE kind = 'portal_login' AND "at" < {TOMORROW}) b
    ON a.pseudonym = b.pseudonym AND b."at" > a."at" AND b."at" <= a."at" + INTERVAL 30 DAY) s USING (pseudonym) WHERE NOT deceased
"""
PAID_AND_INSURED = f"""
SELECT p.pseudonym FROM profile p JOIN (SELECT pseudonym FROM event WHERE kind = 'payment' AND {last("2024-11-23")}
    GROUP BY 1 HAVING sum(round(value * 100)::BIGINT) >= 50000) v USING (pseudonym)
WHERE NOT deceased AND pseudonym IN (SELECT pseudonym FROM fact WHERE kind = 'coverage' AND code = 'commercial'
    AND status NOT IN ('cancelled', 'draft', 'entered-in-error') AND (starts_at IS NULL OR starts_at < {TOMORROW})
    AND (ends_at IS NULL OR ends_at >= {TOMORROW}))
"""
FAMILY = f"""
SELECT p.pseudonym FROM profile p SEMI JOIN (
    SELECT m.pseudonym FROM household m JOIN household o ON m.household_id = o.household_id AND m.pseudonym <> o.pseudonym
    SEMI JOIN (SELECT pseudonym FROM profile SEMI JOIN (SELECT pseudonym FROM event WHERE kind = 'encounter' AND {last("2025-11-23")}) v
        USING (pseudonym) WHERE NOT deceased AND birth_month <= DATE '2026-11-01' AND birth_month > DATE '2008-10-01') c
        ON c.pseudonym = o.pseudonym
    WHERE (m.starts_on IS NULL OR m.starts_on <= DATE '2026-11-23') AND (m.ends_on IS NULL OR m.ends_on > DATE '2026-11-23')
    AND (o.starts_on IS NULL OR o.starts_on <= DATE '2026-11-23') AND (o.ends_on IS NULL OR o.ends_on > DATE '2026-11-23')
) s USING (pseudonym) WHERE NOT deceased AND birth_month <= DATE '2005-10-01'
"""
FIVE_DEEP = f"""
SELECT pseudonym FROM profile p WHERE NOT deceased AND birth_month <= DATE '1986-10-01'
AND (
    (pseudonym IN (SELECT pseudonym FROM event WHERE kind = 'encounter' AND {last("2024-11-23")} GROUP BY 1 HAVING count(*) >= 2)
     AND NOT EXISTS (SELECT 1 FROM event e WHERE e.pseudonym = p.pseudonym AND kind = 'portal_login' AND {last("2026-05-23")}))
    OR pseudonym IN (
    SELECT a.pseudonym FROM (SELECT pseudonym, "at" FROM event WHERE kind = 'encounter' AND service_line_id = 3 AND {last("2025-11-23")}) a
    JOIN (SELECT pseudonym, "at" FROM event WHERE kind = 'procedure' AND "at" < {TOMORROW}) b
    ON a.pseudonym = b.pseudonym AND b."at" > a."at" AND b."at" <= a."at" + INTERVAL 60 DAY)
)
AND NOT (pseudonym IN (SELECT pseudonym FROM event WHERE kind = 'message_sent' AND {last("2026-10-24")} GROUP BY 1 HAVING count(*) >= 2)
    OR pseudonym IN (SELECT pseudonym FROM fact WHERE kind = 'appointment' AND status = 'booked' AND starts_at >= TIMESTAMP '2026-11-23'))
"""

VISITED_LATELY = Happened("encounter", within=Last(12, "month"))
CASES: dict[str, tuple[Node, str]] = {
    "named": (NAMED, BY_HAND_NAMED),
    "age and sex": (All((Age(at_least=65), Sex(("F",)))), AGE_AND_SEX),
    "code prefix": (HasCode((CodeIs("icd10cm", "M17", True),), kind="condition"), CODE_PREFIX),
    "three visits": (Encountered(at_least=3, within=Last(12, "month")), THREE_VISITS),
    "lapsed": (All((Encountered(1, within=Last(36, "month")), Encountered(at_most=0, within=Last(18, "month")))), LAPSED),
    "any of five": (
        Any_((
            TraitIs("score.no_show", at_least=0.9), Happened("payment", at_least=1, within=Last(7)), Sex(("O",)),
            Happened("message_opened", at_least=4, within=Last(90)), HasCode(MAMMOGRAM, within=Last(30)),
        )),
        ANY_OF_FIVE,
    ),
    "last value": (Observed(GLUCOSE, above=120, within=Last(2, "year")), LAST_VALUE),
    "sequence": (
        Sequence(Step("encounter", service_lines=(2,)), Step("procedure", codes=MAMMOGRAM), 90, within=Last(12, "month")), SEQUENCE
    ),
    "one without the other": (
        Sequence(Step("message_opened"), Step("portal_login"), 30, without=True, within=Last(12, "month")), WITHOUT
    ),
    "paid and insured": (All((Money("payments", 500, within=Last(24, "month")), Insured(("commercial",)))), PAID_AND_INSURED),
    "family": (All((Age(at_least=21), LivesWith((Age(at_most=17), VISITED_LATELY)))), FAMILY),
    "five deep": (
        All((
            Age(at_least=40),
            Any_((
                All((Encountered(2, within=Last(24, "month")), None_((Happened("portal_login", within=Last(6, "month")),)))),
                Sequence(Step("encounter", service_lines=(3,)), Step("procedure"), 60, within=Last(12, "month")),
            )),
            None_((Happened("message_sent", at_least=2, within=Last(30)), HasAppointment(statuses=("booked",)))),
        )),
        FIVE_DEEP,
    ),
}  # fmt: skip
