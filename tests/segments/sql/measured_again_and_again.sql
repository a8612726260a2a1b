WITH step_1_observed AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'observation'
    AND NOT value IS NULL
    AND (
      code_system = 'loinc' AND code = '8480-6'
    )
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  GROUP BY
    pseudonym
  HAVING
    MIN(CASE WHEN value >= CAST('140.0' AS DOUBLE) THEN 1 ELSE 0 END) = 1
), step_2_observed AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    (
      kind = 'observation'
      AND NOT value IS NULL
      AND (
        code_system = 'loinc' AND code = '8480-6'
      )
      AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    )
    AND value <= CAST('90.0' AS DOUBLE)
), step_3_observed AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'observation'
    AND NOT value IS NULL
    AND (
      code_system = 'loinc' AND code = '8480-6'
    )
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  GROUP BY
    pseudonym
  HAVING
    ARG_MIN(value, ("at", id)) < CAST('120.5' AS DOUBLE)
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND pseudonym IN (
    SELECT
      pseudonym
    FROM step_1_observed
    UNION ALL
    SELECT
      pseudonym
    FROM step_2_observed
    UNION ALL
    SELECT
      pseudonym
    FROM step_3_observed
  );

SELECT
  pseudonym
FROM event
WHERE
  kind = 'observation'
  AND NOT value IS NULL
  AND (
    code_system = 'loinc' AND code = '8480-6'
  )
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
GROUP BY
  pseudonym
HAVING
  MIN(CASE WHEN value >= CAST('140.0' AS DOUBLE) THEN 1 ELSE 0 END) = 1;

SELECT DISTINCT
  pseudonym
FROM event
WHERE
  (
    kind = 'observation'
    AND NOT value IS NULL
    AND (
      code_system = 'loinc' AND code = '8480-6'
    )
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  )
  AND value <= CAST('90.0' AS DOUBLE);

SELECT
  pseudonym
FROM event
WHERE
  kind = 'observation'
  AND NOT value IS NULL
  AND (
    code_system = 'loinc' AND code = '8480-6'
  )
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
GROUP BY
  pseudonym
HAVING
  ARG_MIN(value, ("at", id)) < CAST('120.5' AS DOUBLE);
