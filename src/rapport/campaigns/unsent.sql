-- The people of the contact arm without a message that left, with the last receipt of the message they were to get.
SELECT
    assignment.person_id,
    assignment.occurrence,
    run.waits_for,
    coalesce(intent.state, '') AS state,
    coalesce(last.gate, '') AS gate,
    coalesce(last.reason, '') AS reason
FROM campaigns_assignment AS assignment
JOIN campaigns_run AS run ON run.id = assignment.run_id
LEFT JOIN messaging_intent AS intent
    ON intent.cause = 'campaign' AND intent.cause_id = assignment.campaign_id
    AND intent.person_id = assignment.person_id AND intent.occurrence = assignment.occurrence
LEFT JOIN LATERAL (
    SELECT receipt.gate, receipt.reason FROM messaging_receipt AS receipt
    WHERE receipt.intent_id = intent.id AND receipt.at >= run.began_at AND intent.state <> 'held'
    ORDER BY receipt.at DESC, receipt.id DESC LIMIT 1
) AS last ON true
WHERE assignment.campaign_id = %(campaign)s AND assignment.arm = 'contact' AND coalesce(intent.state, '') <> 'sent'
ORDER BY assignment.person_id, assignment.occurrence
