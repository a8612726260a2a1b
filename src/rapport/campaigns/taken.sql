-- Visits of a service line that are booked, week by week (by its Monday in the clinic's zone), without those that were called off.
SELECT date_trunc('week', fact.starts_at AT TIME ZONE %(zone)s)::date AS week_on, count(*)
FROM people_fact AS fact
WHERE fact.kind = 'appointment'
    AND fact.service_line_id = %(line)s
    AND fact.status NOT IN ('cancelled', 'noshow', 'entered-in-error')
    AND fact.starts_at >= %(first)s::timestamp AT TIME ZONE %(zone)s
    AND fact.starts_at < %(until)s::timestamp AT TIME ZONE %(zone)s
GROUP BY 1
