WITH step_1_money AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind IN ('payment', 'visit_cost')
    AND "at" >= CAST('2023-03-04 05:00:00' AS TIMESTAMP)
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    AND NOT value IS NULL
  GROUP BY
    pseudonym
  HAVING
    SUM(
      CASE
        WHEN kind = 'visit_cost'
        THEN -CAST(ROUND(value * 100) AS BIGINT)
        ELSE CAST(ROUND(value * 100) AS BIGINT)
      END
    ) >= 50000
), step_2_insured AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM fact
  WHERE
    kind = 'coverage'
    AND NOT status IN ('cancelled', 'draft', 'entered-in-error')
    AND (
      ends_at IS NULL OR ends_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    )
    AND (
      starts_at IS NULL OR starts_at < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    )
    AND code = 'commercial'
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
      FROM step_1_money
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM step_2_insured
    )
  );

SELECT
  pseudonym
FROM event
WHERE
  kind IN ('payment', 'visit_cost')
  AND "at" >= CAST('2023-03-04 05:00:00' AS TIMESTAMP)
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  AND NOT value IS NULL
GROUP BY
  pseudonym
HAVING
  SUM(
    CASE
      WHEN kind = 'visit_cost'
      THEN -CAST(ROUND(value * 100) AS BIGINT)
      ELSE CAST(ROUND(value * 100) AS BIGINT)
    END
  ) >= 50000;

SELECT DISTINCT
  pseudonym
FROM fact
WHERE
  kind = 'coverage'
  AND NOT status IN ('cancelled', 'draft', 'entered-in-error')
  AND (
    ends_at IS NULL OR ends_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  )
  AND (
    starts_at IS NULL OR starts_at < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  )
  AND code = 'commercial';
