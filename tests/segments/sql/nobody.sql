SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased AND FALSE;
