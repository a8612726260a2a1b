WITH step_1_wishes AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM preference_now
  WHERE
    feeling = 'too_much'
    OR (
      NOT pause_until IS NULL AND pause_until > CAST('2026-03-04' AS DATE)
    )
    OR NOT at_most IS NULL
), step_2_consent AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM consent_now
  WHERE
    channel = 'email'
    AND topic = 'care'
    AND status = 'withdrawn'
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    AND "at" >= CAST('2026-02-02 05:00:00' AS TIMESTAMP)
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND pseudonym IN (
    SELECT
      pseudonym
    FROM step_1_wishes
    UNION ALL
    SELECT
      pseudonym
    FROM step_2_consent
  );

SELECT DISTINCT
  pseudonym
FROM preference_now
WHERE
  feeling = 'too_much'
  OR (
    NOT pause_until IS NULL AND pause_until > CAST('2026-03-04' AS DATE)
  )
  OR NOT at_most IS NULL;

SELECT DISTINCT
  pseudonym
FROM consent_now
WHERE
  channel = 'email'
  AND topic = 'care'
  AND status = 'withdrawn'
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  AND "at" >= CAST('2026-02-02 05:00:00' AS TIMESTAMP);
