WITH step_1_household_size AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM household
  WHERE
    (
      (
        starts_on IS NULL OR starts_on <= CAST('2026-03-04' AS DATE)
      )
      AND (
        ends_on IS NULL OR ends_on > CAST('2026-03-04' AS DATE)
      )
    )
    AND household_id IN (
      SELECT
        household_id
      FROM household
      WHERE
        (
          (
            starts_on IS NULL OR starts_on <= CAST('2026-03-04' AS DATE)
          )
          AND (
            ends_on IS NULL OR ends_on > CAST('2026-03-04' AS DATE)
          )
        )
        AND pseudonym IN (
          SELECT
            pseudonym
          FROM profile
          WHERE
            NOT deceased
        )
      GROUP BY
        household_id
      HAVING
        COUNT(DISTINCT pseudonym) >= 3
    )
), step_2_encountered AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'encounter'
    AND "at" >= CAST('2025-03-04 05:00:00' AS TIMESTAMP)
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
), step_3_housemates AS NOT MATERIALIZED (
  SELECT
    mine.pseudonym
  FROM household AS mine
  JOIN household AS theirs
    ON mine.household_id = theirs.household_id AND mine.pseudonym <> theirs.pseudonym
  WHERE
    (
      (
        mine.starts_on IS NULL OR mine.starts_on <= CAST('2026-03-04' AS DATE)
      )
      AND (
        mine.ends_on IS NULL OR mine.ends_on > CAST('2026-03-04' AS DATE)
      )
    )
    AND (
      (
        theirs.starts_on IS NULL OR theirs.starts_on <= CAST('2026-03-04' AS DATE)
      )
      AND (
        theirs.ends_on IS NULL OR theirs.ends_on > CAST('2026-03-04' AS DATE)
      )
    )
    AND theirs.pseudonym IN (
      SELECT
        pseudonym
      FROM profile
      WHERE
        NOT deceased
        AND (
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
            FROM step_2_encountered
          )
        )
    )
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
      FROM step_1_household_size
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM step_3_housemates
    )
  );

SELECT DISTINCT
  pseudonym
FROM household
WHERE
  (
    (
      starts_on IS NULL OR starts_on <= CAST('2026-03-04' AS DATE)
    )
    AND (
      ends_on IS NULL OR ends_on > CAST('2026-03-04' AS DATE)
    )
  )
  AND household_id IN (
    SELECT
      household_id
    FROM household
    WHERE
      (
        (
          starts_on IS NULL OR starts_on <= CAST('2026-03-04' AS DATE)
        )
        AND (
          ends_on IS NULL OR ends_on > CAST('2026-03-04' AS DATE)
        )
      )
      AND pseudonym IN (
        SELECT
          pseudonym
        FROM profile
        WHERE
          NOT deceased
      )
    GROUP BY
      household_id
    HAVING
      COUNT(DISTINCT pseudonym) >= 3
  );

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
FROM event
WHERE
  kind = 'encounter'
  AND "at" >= CAST('2025-03-04 05:00:00' AS TIMESTAMP)
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP);
