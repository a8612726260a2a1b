-- How many people of the contact arm got how far. Each step counts people, not messages. What came back from a way that the message
-- has left since says nothing about the way it went on.
WITH spoken AS (
    SELECT person_id, state, channel FROM messaging_intent WHERE cause = 'campaign' AND cause_id = %(campaign)s
),
heard AS (
    SELECT DISTINCT event.person_id, event.kind, CASE WHEN event.kind = 'message_bounced' THEN event.code ELSE '' END AS way
    FROM people_event AS event
    WHERE event.campaign_id = %(campaign)s AND event.at >= %(opens)s AND event.at <= %(now)s
        AND event.kind IN ('message_opened', 'message_clicked', 'message_bounced', 'booked')
        AND (event.kind NOT IN ('message_opened', 'message_clicked') OR NOT people_by_machine(event.person_id, event.at, event.detail))
),
counted AS (
    SELECT
        spoken.person_id,
        spoken.state = 'sent' AS sent,
        bool_or(heard.kind = 'message_bounced') AS bounced,
        bool_or(heard.kind = 'message_opened') AS opened,
        bool_or(heard.kind = 'message_clicked') AS clicked,
        bool_or(heard.kind = 'booked') AS booked
    FROM spoken
    LEFT JOIN heard ON heard.person_id = spoken.person_id AND heard.way IN ('', spoken.channel)
    GROUP BY spoken.person_id, spoken.state
)
SELECT
    count(DISTINCT person_id) AS meant,
    count(DISTINCT person_id) FILTER (WHERE sent) AS sent,
    count(DISTINCT person_id) FILTER (WHERE sent AND bounced IS NOT TRUE) AS delivered,
    count(DISTINCT person_id) FILTER (WHERE sent AND opened) AS opened,
    count(DISTINCT person_id) FILTER (WHERE sent AND clicked) AS clicked,
    count(DISTINCT person_id) FILTER (WHERE booked) AS booked
FROM counted
