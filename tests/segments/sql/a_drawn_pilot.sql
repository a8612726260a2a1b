WITH step_1_members AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM member
  WHERE
    segment_id IN (4)
    AND (
      left_at IS NULL OR left_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    )
    AND entered_at < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    AND entered_at < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    AND entered_at >= CAST('2026-02-02 05:00:00' AS TIMESTAMP)
), step_2_is_known AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM household
  WHERE
    (
      starts_on IS NULL OR starts_on <= CAST('2026-03-04' AS DATE)
    )
    AND (
      ends_on IS NULL OR ends_on > CAST('2026-03-04' AS DATE)
    )
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND (
    (
      (
        (
          (
            (
              pseudonym
            ) % 2147483647
          ) * 1547253693 + 835328793
        ) % 2147483647
      ) % 10000 >= 0
      AND (
        (
          (
            (
              pseudonym
            ) % 2147483647
          ) * 1547253693 + 835328793
        ) % 2147483647
      ) % 10000 <= 999
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM step_1_members
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM step_2_is_known
    )
  )
ORDER BY
  (
    (
      (
        pseudonym
      ) % 2147483647
    ) * 1547253693 + 835328793
  ) % 2147483647,
  pseudonym
LIMIT 5000;

SELECT
  pseudonym
FROM profile
WHERE
  (
    (
      (
        (
          pseudonym
        ) % 2147483647
      ) * 1547253693 + 835328793
    ) % 2147483647
  ) % 10000 >= 0
  AND (
    (
      (
        (
          pseudonym
        ) % 2147483647
      ) * 1547253693 + 835328793
    ) % 2147483647
  ) % 10000 <= 999;

SELECT DISTINCT
  pseudonym
FROM member
WHERE
  segment_id IN (4)
  AND (
    left_at IS NULL OR left_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  )
  AND entered_at < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  AND entered_at < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  AND entered_at >= CAST('2026-02-02 05:00:00' AS TIMESTAMP);

SELECT DISTINCT
  pseudonym
FROM household
WHERE
  (
    starts_on IS NULL OR starts_on <= CAST('2026-03-04' AS DATE)
  )
  AND (
    ends_on IS NULL OR ends_on > CAST('2026-03-04' AS DATE)
  );
