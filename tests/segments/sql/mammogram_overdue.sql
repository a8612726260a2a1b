WITH step_1_coded_procedure AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'procedure'
    AND (
      (
        code_system = 'cpt' AND code = '77067'
      )
      OR (
        code_system = 'icd10cm' AND STARTS_WITH(code, 'Z12.3')
      )
    )
    AND "at" >= CAST('2023-12-04 05:00:00' AS TIMESTAMP)
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
), step_2_consent AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM consent_now
  WHERE
    channel = 'email'
    AND topic = 'health_services'
    AND status = 'granted'
    AND (
      expires_at IS NULL OR expires_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
    )
), step_3_happened_message_opened AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'message_opened'
    AND "at" >= CAST('2025-12-04 05:00:00' AS TIMESTAMP)
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
), step_4_happened_portal_login AS NOT MATERIALIZED (
  SELECT
    pseudonym
  FROM event
  WHERE
    kind = 'portal_login'
    AND "at" >= CAST('2026-02-02 05:00:00' AS TIMESTAMP)
    AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP)
)
SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased
  AND (
    (
      NOT birth_month IS NULL
      AND (
        birth_month <= CAST('1976-02-01' AS DATE)
        AND birth_month > CAST('1951-02-01' AS DATE)
      )
    )
    AND sex = 'F'
    AND (
      zip5 = '01852' OR STARTS_WITH(zip5, '018')
    )
    AND NOT pseudonym IN (
      SELECT
        pseudonym
      FROM step_1_coded_procedure
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM step_2_consent
    )
    AND pseudonym IN (
      SELECT
        pseudonym
      FROM step_3_happened_message_opened
      UNION ALL
      SELECT
        pseudonym
      FROM step_4_happened_portal_login
    )
  );

SELECT
  pseudonym
FROM profile
WHERE
  NOT birth_month IS NULL
  AND (
    birth_month <= CAST('1976-02-01' AS DATE)
    AND birth_month > CAST('1951-02-01' AS DATE)
  );

SELECT
  pseudonym
FROM profile
WHERE
  sex = 'F';

SELECT
  pseudonym
FROM profile
WHERE
  zip5 = '01852' OR STARTS_WITH(zip5, '018');

SELECT DISTINCT
  pseudonym
FROM event
WHERE
  kind = 'procedure'
  AND (
    (
      code_system = 'cpt' AND code = '77067'
    )
    OR (
      code_system = 'icd10cm' AND STARTS_WITH(code, 'Z12.3')
    )
  )
  AND "at" >= CAST('2023-12-04 05:00:00' AS TIMESTAMP)
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP);

SELECT DISTINCT
  pseudonym
FROM consent_now
WHERE
  channel = 'email'
  AND topic = 'health_services'
  AND status = 'granted'
  AND (
    expires_at IS NULL OR expires_at >= CAST('2026-03-05 05:00:00' AS TIMESTAMP)
  );

SELECT DISTINCT
  pseudonym
FROM event
WHERE
  kind = 'message_opened'
  AND "at" >= CAST('2025-12-04 05:00:00' AS TIMESTAMP)
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP);

SELECT DISTINCT
  pseudonym
FROM event
WHERE
  kind = 'portal_login'
  AND "at" >= CAST('2026-02-02 05:00:00' AS TIMESTAMP)
  AND "at" < CAST('2026-03-05 05:00:00' AS TIMESTAMP);
