-- Where the messages of a campaign are: one row for each state, and for what was stopped by a gate, for each gate and reason.
-- "deferred" is a queued message that the policy has looked at and put off.
WITH last AS (
    SELECT DISTINCT ON (receipt.intent_id) receipt.intent_id, receipt.outcome, receipt.gate, receipt.reason
    FROM messaging_receipt AS receipt
    JOIN messaging_intent AS intent ON intent.id = receipt.intent_id
    WHERE intent.cause = 'campaign' AND intent.cause_id = %(campaign)s AND receipt.at >= %(since)s
    ORDER BY receipt.intent_id, receipt.at DESC, receipt.id DESC
)
SELECT
    CASE WHEN intent.state = 'queued' AND last.outcome = 'deferred' THEN 'deferred' ELSE intent.state END AS state,
    CASE WHEN intent.state IN ('suppressed', 'queued', 'failed', 'stopped') THEN coalesce(last.gate, '') ELSE '' END AS gate,
    CASE WHEN intent.state IN ('suppressed', 'queued', 'failed', 'stopped') THEN coalesce(last.reason, '') ELSE '' END AS reason,
    count(*) AS people
FROM messaging_intent AS intent
LEFT JOIN last ON last.intent_id = intent.id
WHERE intent.cause = 'campaign' AND intent.cause_id = %(campaign)s
GROUP BY 1, 2, 3
ORDER BY people DESC, 1, 2, 3
