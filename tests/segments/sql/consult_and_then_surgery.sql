WITH step_1_sequence_encounter AS NOT MATERIALIZED (
  SELECT
    one.pseudonym
  FROM (
    SELECT
      pseudonym,
      "at"
    FROM event
    WHERE
      kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  ) AS one
  SEMI JOIN (
    SELECT
      pseudonym,
      "at"
    FROM event
    WHERE
      kind = 'procedure' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  ) AS two
    ON one.pseudonym = two.pseudonym AND "two"."at" > "one"."at"
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND pseudonym IN (
    SELECT
      pseudonym
    FROM step_1_sequence_encounter
  );

SELECT DISTINCT
  one.pseudonym
FROM (
  SELECT
    pseudonym,
    "at"
  FROM event
  WHERE
    kind = 'encounter' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
) AS one
SEMI JOIN (
  SELECT
    pseudonym,
    "at"
  FROM event
  WHERE
    kind = 'procedure' AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
) AS two
  ON one.pseudonym = two.pseudonym AND "two"."at" > "one"."at";
