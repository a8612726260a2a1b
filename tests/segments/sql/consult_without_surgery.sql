WITH step_1_sequence_encounter AS NOT MATERIALIZED (
  SELECT
    one.pseudonym
  FROM (
    SELECT
      pseudonym,
      "at"
    FROM event
    WHERE
      (
        kind = 'encounter' AND service_line_id IN (2)
      )
      AND "at" >= CAST('2025-03-04 05:00:00' AS TIMESTAMP)
      AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
      AND "at" < CAST('2025-12-05 05:00:00' AS TIMESTAMP)
  ) AS one
  ANTI JOIN (
    SELECT
      pseudonym,
      "at"
    FROM event
    WHERE
      (
        kind = 'procedure' AND (
          code_system = 'cpt' AND STARTS_WITH(code, '2744')
        )
      )
      AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  ) AS two
    ON one.pseudonym = two.pseudonym
    AND "two"."at" > "one"."at"
    AND "two"."at" <= "one"."at" + INTERVAL '90' DAY
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND pseudonym IN (
    SELECT
      pseudonym
    FROM step_1_sequence_encounter
  );

SELECT DISTINCT
  one.pseudonym
FROM (
  SELECT
    pseudonym,
    "at"
  FROM event
  WHERE
    (
      kind = 'encounter' AND service_line_id IN (2)
    )
    AND "at" >= CAST('2025-03-04 05:00:00' AS TIMESTAMP)
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    AND "at" < CAST('2025-12-05 05:00:00' AS TIMESTAMP)
) AS one
ANTI JOIN (
  SELECT
    pseudonym,
    "at"
  FROM event
  WHERE
    (
      kind = 'procedure' AND (
        code_system = 'cpt' AND STARTS_WITH(code, '2744')
      )
    )
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
) AS two
  ON one.pseudonym = two.pseudonym
  AND "two"."at" > "one"."at"
  AND "two"."at" <= "one"."at" + INTERVAL '90' DAY;
