-- How many of these people came in the window before now, as they would without the campaign: the base rate of the forecast.
SELECT count(DISTINCT event.person_id)
FROM people_event AS event
WHERE event.person_id = ANY(%(people)s)
    AND event.kind = 'encounter'
    AND event.detail ->> 'status' = 'finished'
    AND event.at >= %(since)s AND event.at <= %(until)s
    AND (%(line)s::bigint IS NULL OR event.service_line_id = %(line)s::bigint)
