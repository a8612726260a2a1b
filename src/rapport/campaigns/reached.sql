-- People whom these campaigns drew, and how many of them answered in the time of an objective, after they were drawn; by arm.
SELECT one.arm, count(*) AS people, count(*) FILTER (WHERE one.answered) AS came
FROM (
    SELECT assignment.person_id, min(assignment.arm) AS arm, bool_or(EXISTS (
        SELECT FROM people_event AS event
        WHERE event.person_id = assignment.person_id AND event.kind = %(kind)s
            AND (event.kind <> 'encounter' OR event.detail ->> 'status' = 'finished')
            AND (%(line)s::bigint IS NULL OR event.service_line_id = %(line)s::bigint)
            AND event.at >= greatest(assignment.assigned_at, %(opens)s) AND event.at < %(closes)s
    )) AS answered
    FROM campaigns_assignment AS assignment
    WHERE assignment.campaign_id = ANY(%(campaigns)s) AND assignment.arm IN ('contact', 'holdout')
    GROUP BY assignment.person_id
) AS one
GROUP BY one.arm
