-- People who were invited to a service line lately by any campaign, whose message may still be read, and who have not booked yet.
SELECT count(*)
FROM campaigns_assignment AS assignment
JOIN campaigns_campaign AS campaign ON campaign.id = assignment.campaign_id
LEFT JOIN messaging_intent AS intent
    ON intent.cause = 'campaign' AND intent.cause_id = assignment.campaign_id
    AND intent.person_id = assignment.person_id AND intent.occurrence = assignment.occurrence
WHERE campaign.service_line_id = %(line)s
    AND assignment.arm = 'contact'
    AND assignment.invited_at > %(since)s
    AND coalesce(intent.state, 'queued') NOT IN ('suppressed', 'stopped', 'failed', 'dead')
    AND NOT EXISTS (
        SELECT FROM people_event AS event
        WHERE event.person_id = assignment.person_id AND event.kind = 'booked'
            AND event.campaign_id = assignment.campaign_id AND event.at >= assignment.invited_at
    )
