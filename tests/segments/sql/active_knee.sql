WITH step_1_coded AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM fact
  WHERE
    (
      code_system = 'snomed' AND code = '239873007'
    )
    AND status IN ('active', 'recurrence', 'relapse')
    AND (
      ends_at IS NULL OR ends_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    )
    AND starts_at >= CAST('2025-03-04 05:00:00' AS TIMESTAMP)
    AND starts_at < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased AND pseudonym IN (
    SELECT
      pseudonym
    FROM step_1_coded
  );

SELECT DISTINCT
  pseudonym
FROM fact
WHERE
  (
    code_system = 'snomed' AND code = '239873007'
  )
  AND status IN ('active', 'recurrence', 'relapse')
  AND (
    ends_at IS NULL OR ends_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  )
  AND starts_at >= CAST('2025-03-04 05:00:00' AS TIMESTAMP)
  AND starts_at < CAST('2026-03-05 05:00:00' AS TIMESTAMP);
