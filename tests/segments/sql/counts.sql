SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND (
    pseudonym IN (
      SELECT
        pseudonym
      FROM event
      WHERE
        kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
      GROUP BY
        pseudonym
      HAVING
        COUNT(*) >= 3
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM event
      WHERE
        kind = 'encounter'
        AND service_line_id IN (1, 2)
        AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
      GROUP BY
        pseudonym
      HAVING
        COUNT(*) >= 2 AND COUNT(*) <= 4
    )
    AND NOT pseudonym IN (
      SELECT
        pseudonym
      FROM event
      WHERE
        kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    )
    AND NOT pseudonym IN (
      SELECT
        pseudonym
      FROM event
      WHERE
        kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
      GROUP BY
        pseudonym
      HAVING
        COUNT(*) >= 3
    )
    AND TRUE
  );

SELECT DISTINCT
  pseudonym
FROM event
WHERE
  kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
GROUP BY
  pseudonym
HAVING
  COUNT(*) >= 3;

SELECT DISTINCT
  pseudonym
FROM event
WHERE
  kind = 'encounter'
  AND service_line_id IN (1, 2)
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
  TRUE;
