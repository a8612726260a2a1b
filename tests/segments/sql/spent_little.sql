WITH step_1_money AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'payment'
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    AND NOT value IS NULL
  GROUP BY
    pseudonym
  HAVING
    NOT SUM(CAST(ROUND(value * 100) AS BIGINT)) <= 2000
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased AND NOT pseudonym IN (
    SELECT
      pseudonym
    FROM step_1_money
  );

SELECT
  pseudonym
FROM profile
WHERE
  NOT pseudonym IN (
    SELECT
      pseudonym
    FROM event
    WHERE
      kind = 'payment'
      AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
      AND NOT value IS NULL
    GROUP BY
      pseudonym
    HAVING
      NOT SUM(CAST(ROUND(value * 100) AS BIGINT)) <= 2000
  );
