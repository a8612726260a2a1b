WITH step_1_encountered AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  GROUP BY
    pseudonym
  HAVING
    COUNT(*) >= 3
), step_2_encountered AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    (
      kind = 'encounter' AND service_line_id IN (1, 2)
    )
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  GROUP BY
    pseudonym
  HAVING
    COUNT(*) >= 2 AND COUNT(*) <= 4
), step_3_encountered AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
), step_4_encountered AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  GROUP BY
    pseudonym
  HAVING
    COUNT(*) >= 3
), step_5_encountered AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM profile
  WHERE
    FALSE
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
      FROM step_1_encountered
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM step_2_encountered
    )
    AND NOT pseudonym IN (
      SELECT
        pseudonym
      FROM step_3_encountered
    )
    AND NOT pseudonym IN (
      SELECT
        pseudonym
      FROM step_4_encountered
    )
    AND NOT pseudonym IN (
      SELECT
        pseudonym
      FROM step_5_encountered
    )
  );

SELECT
  pseudonym
FROM event
WHERE
  kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
GROUP BY
  pseudonym
HAVING
  COUNT(*) >= 3;

SELECT
  pseudonym
FROM event
WHERE
  (
    kind = 'encounter' AND service_line_id IN (1, 2)
  )
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
GROUP BY
  pseudonym
HAVING
  COUNT(*) >= 2 AND COUNT(*) <= 4;

SELECT
  pseudonym
FROM profile
WHERE
  NOT pseudonym IN (
    SELECT
      pseudonym
    FROM event
    WHERE
      kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
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
      kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    GROUP BY
      pseudonym
    HAVING
      COUNT(*) >= 3
  );

SELECT
  pseudonym
FROM profile
WHERE
  NOT pseudonym IN (
    SELECT
      pseudonym
    FROM profile
    WHERE
      FALSE
  );
