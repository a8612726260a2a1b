-- The people of a run by variant: how many were invited in the test, and how many of them clicked, booked, came.
-- Who was invited counts, reached or not. An answer counts from the moment of the invitation; opens are not asked.
SELECT
    assignment.variant_id,
    count(*) AS people,
    count(*) FILTER (WHERE clicked.yes) AS clicked,
    count(*) FILTER (WHERE booked.yes) AS booked,
    count(*) FILTER (WHERE came.yes) AS came
FROM campaigns_assignment AS assignment
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM people_event AS event
        WHERE event.person_id = assignment.person_id AND event.kind = 'message_clicked' AND event.campaign_id = %(campaign)s
            AND event.at >= assignment.invited_at AND event.at <= %(now)s
            AND NOT people_by_machine(event.person_id, event.at, event.detail)
    ) AS yes
) AS clicked
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM people_event AS event
        WHERE event.person_id = assignment.person_id AND event.kind = 'booked' AND event.campaign_id = %(campaign)s
            AND event.at >= assignment.invited_at AND event.at <= %(now)s
    ) AS yes
) AS booked
CROSS JOIN LATERAL (
    SELECT EXISTS (
        SELECT FROM people_event AS event
        WHERE event.person_id = assignment.person_id AND event.kind = 'encounter' AND event.detail ->> 'status' = 'finished'
            AND event.at >= assignment.invited_at AND event.at < assignment.invited_at + %(window)s::interval AND event.at <= %(now)s
            AND (%(line)s::bigint IS NULL OR event.service_line_id = %(line)s::bigint)
    ) AS yes
) AS came
WHERE assignment.run_id = %(run)s AND assignment.arm = 'contact' AND assignment.is_test
    AND assignment.invited_at IS NOT NULL AND assignment.variant_id IS NOT NULL
GROUP BY assignment.variant_id
