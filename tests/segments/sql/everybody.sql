SELECT
  pseudonym
FROM profile
WHERE
  NOT deceased AND TRUE;
