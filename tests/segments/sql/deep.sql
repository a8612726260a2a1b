WITH step_1_trait AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM trait
  WHERE
    name = 'gap.mammogram' AND text = 'open'
), step_2_trait AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM trait
  WHERE
    name = 's' AND number >= CAST('0.1' AS DOUBLE)
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND NOT (
    NOT (
      sex = 'F' OR pseudonym IN (
        SELECT
          pseudonym
        FROM step_1_trait
      )
    )
    OR (
      (
        NOT birth_month IS NULL
        AND (
          birth_month <= CAST('2026-03-01' AS DATE)
          AND birth_month > CAST('2008-02-01' AS DATE)
        )
      )
      AND pseudonym IN (
        SELECT
          pseudonym
        FROM step_2_trait
      )
    )
  );

SELECT
  pseudonym
FROM profile
WHERE
  sex = 'F';

SELECT DISTINCT
  pseudonym
FROM trait
WHERE
  name = 'gap.mammogram' AND text = 'open';

SELECT
  pseudonym
FROM profile
WHERE
  NOT birth_month IS NULL
  AND (
    birth_month <= CAST('2026-03-01' AS DATE)
    AND birth_month > CAST('2008-02-01' AS DATE)
  );

SELECT DISTINCT
  pseudonym
FROM trait
WHERE
  name = 's' AND number >= CAST('0.1' AS DOUBLE);
