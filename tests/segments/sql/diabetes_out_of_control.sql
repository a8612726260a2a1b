WITH step_1_coded AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM fact
  WHERE
    (
      (
        code_system = 'icd10cm' AND STARTS_WITH(code, 'E11')
      )
      AND NOT (
        code_system = 'icd10cm' AND code = 'E11.9'
      )
    )
    AND status IN ('active', 'recurrence', 'relapse')
    AND (
      ends_at IS NULL OR ends_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    )
    AND starts_at < CAST('2025-12-05 05:00:00' AS TIMESTAMP)
), step_2_observed AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'observation'
    AND NOT value IS NULL
    AND (
      code_system = 'loinc' AND code = '4548-4'
    )
    AND unit = '%'
    AND "at" >= CAST('2025-03-04 05:00:00' AS TIMESTAMP)
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  GROUP BY
    pseudonym
  HAVING
    ARG_MAX(value, ("at", id)) > CAST('9.0' AS DOUBLE)
), step_3_has_appointment AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM fact
  WHERE
    kind = 'appointment' AND starts_at >= CAST('2026-03-04 05:00:00' AS TIMESTAMP)
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND (
    pseudonym IN (
      SELECT
        pseudonym
      FROM step_1_coded
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM step_2_observed
    )
    AND NOT pseudonym IN (
      SELECT
        pseudonym
      FROM step_3_has_appointment
    )
  );

SELECT DISTINCT
  pseudonym
FROM fact
WHERE
  (
    (
      code_system = 'icd10cm' AND STARTS_WITH(code, 'E11')
    )
    AND NOT (
      code_system = 'icd10cm' AND code = 'E11.9'
    )
  )
  AND status IN ('active', 'recurrence', 'relapse')
  AND (
    ends_at IS NULL OR ends_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  )
  AND starts_at < CAST('2025-12-05 05:00:00' AS TIMESTAMP);

SELECT
  pseudonym
FROM event
WHERE
  kind = 'observation'
  AND NOT value IS NULL
  AND (
    code_system = 'loinc' AND code = '4548-4'
  )
  AND unit = '%'
  AND "at" >= CAST('2025-03-04 05:00:00' AS TIMESTAMP)
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
GROUP BY
  pseudonym
HAVING
  ARG_MAX(value, ("at", id)) > CAST('9.0' AS DOUBLE);

SELECT DISTINCT
  pseudonym
FROM fact
WHERE
  kind = 'appointment' AND starts_at >= CAST('2026-03-04 05:00:00' AS TIMESTAMP);
