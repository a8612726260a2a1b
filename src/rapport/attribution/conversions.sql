-- Every finished visit of the randomised people inside the response window, with the margin that came of it.
--
-- Parameters: campaign, line (service line or null), opens, closes, many (whether it runs more than once), days (of a window),
-- now, lookback (an interval).
-- - A campaign that runs more than once has a window for each run. Where two of a person overlap, the visit belongs to the later
--   lot: everybody was drawn afresh then, so the arms stay comparable.
-- - A person who was merged away is followed to the person who was kept. If both stood in the campaign, the visit counts
--   once, for the assignment made first.
-- - Margin = payments - direct costs of that encounter, in cents, as far as they are known at `now`. Money may arrive
--   after the window: it belongs to the visit, not to the day on which it was paid.
-- - New patient: no encounter in the look-back before the window opened.
-- - Responded: a click or a booking of this campaign before the visit (the "active" rule; not causal).
WITH arm AS (
    SELECT
        assignment.id AS assignment_id,
        coalesce(person.merged_into_id, person.id) AS person_id,
        CASE WHEN %(many)s THEN greatest(run.due_at, run.began_at) ELSE %(opens)s END AS opens,
        CASE WHEN %(many)s THEN greatest(run.due_at, run.began_at) + %(days)s::interval ELSE %(closes)s END AS closes
    FROM campaigns_assignment AS assignment
    JOIN campaigns_run AS run ON run.id = assignment.run_id
    JOIN people_person AS person ON person.id = assignment.person_id
    WHERE assignment.campaign_id = %(campaign)s AND assignment.arm IN ('contact', 'holdout')
),
visit AS (
    SELECT DISTINCT ON (event.id)
        event.id AS event_id, arm.assignment_id, arm.person_id, event.at, event.service_line_id,
        event.source_key::text AS encounter
    FROM arm
    JOIN people_event AS event ON event.person_id = arm.person_id
    WHERE event.kind = 'encounter'
        AND event.detail ->> 'status' = 'finished'
        AND event.at >= arm.opens AND event.at < arm.closes AND event.at <= %(now)s
    ORDER BY event.id, arm.opens DESC, arm.assignment_id
),
money AS (
    SELECT visit.event_id, sum(CASE WHEN event.kind = 'payment' THEN event.value ELSE -event.value END) AS margin
    FROM visit
    JOIN people_event AS event ON event.person_id = visit.person_id
    WHERE event.kind IN ('payment', 'visit_cost')
        AND event.detail ->> 'encounter' = visit.encounter
        AND event.at >= %(opens)s AND event.at <= %(now)s
    GROUP BY visit.event_id
),
known AS (
    SELECT DISTINCT event.person_id
    FROM people_event AS event
    WHERE event.kind = 'encounter'
        AND event.at >= %(opens)s - %(lookback)s::interval AND event.at < %(opens)s
        AND event.person_id IN (SELECT visit.person_id FROM visit)
),
answer AS (
    SELECT event.person_id, min(event.at) AS at
    FROM people_event AS event
    WHERE event.campaign_id = %(campaign)s AND event.kind IN ('message_clicked', 'booked')
        AND (event.kind <> 'message_clicked' OR NOT people_by_machine(event.person_id, event.at, event.detail))
        AND event.at >= %(opens)s AND event.at <= %(now)s
    GROUP BY event.person_id
),
found AS (
    SELECT visit.*,
        %(line)s::bigint IS NULL OR visit.service_line_id = %(line)s::bigint AS meets_objective,
        coalesce(answer.at <= visit.at, false) AS responded,
        known.person_id IS NULL AS is_new_patient,
        coalesce(round(money.margin * 100), 0)::bigint AS margin_cents
    FROM visit
    LEFT JOIN money USING (event_id)
    LEFT JOIN known USING (person_id)
    LEFT JOIN answer USING (person_id)
),
gone AS (
    DELETE FROM attribution_conversion AS old
    WHERE old.campaign_id = %(campaign)s AND old.event_id NOT IN (SELECT found.event_id FROM found)
)
INSERT INTO attribution_conversion AS old (
    campaign_id, assignment_id, person_id, event_id, at, meets_objective, responded, is_new_patient, margin_cents, found_at
)
SELECT
    %(campaign)s, assignment_id, person_id, event_id, at, coalesce(meets_objective, false), responded, is_new_patient,
    margin_cents, %(now)s
FROM found
ON CONFLICT (campaign_id, event_id) DO UPDATE SET
    assignment_id = excluded.assignment_id,
    person_id = excluded.person_id,
    meets_objective = excluded.meets_objective,
    responded = excluded.responded,
    is_new_patient = excluded.is_new_patient,
    margin_cents = excluded.margin_cents
WHERE (old.assignment_id, old.person_id, old.meets_objective, old.responded, old.is_new_patient, old.margin_cents)
    IS DISTINCT FROM
    (excluded.assignment_id, excluded.person_id, excluded.meets_objective, excluded.responded, excluded.is_new_patient, excluded.margin_cents)
