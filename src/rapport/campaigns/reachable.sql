-- How many of these people have a working address of each kind, whatever they consented to.
SELECT
    count(DISTINCT person_id) FILTER (WHERE kind = 'email') AS email,
    count(DISTINCT person_id) FILTER (WHERE kind = 'phone') AS phone,
    count(DISTINCT person_id) FILTER (WHERE kind = 'phone' AND no_texts_at IS NULL) AS texts
FROM people_contactpoint
WHERE person_id = ANY(%(people)s) AND is_valid
