-- At which hours of their own day people answered. With `people` null: everybody together, as person 0.
SELECT
    CASE WHEN %(people)s::bigint[] IS NULL THEN 0 ELSE event.person_id END AS person_id,
    extract(hour FROM event.at AT TIME ZONE coalesce(nullif(person.timezone, ''), %(zone)s))::int AS hour,
    event.kind,
    count(*)
FROM people_event AS event
JOIN people_person AS person ON person.id = event.person_id
WHERE event.kind = ANY(%(kinds)s)
    AND (event.kind NOT IN ('message_opened', 'message_clicked') OR NOT people_by_machine(event.person_id, event.at, event.detail))
    AND event.at > %(since)s AND event.at <= %(now)s
    AND (%(people)s::bigint[] IS NULL OR event.person_id = ANY(%(people)s))
GROUP BY 1, 2, 3
