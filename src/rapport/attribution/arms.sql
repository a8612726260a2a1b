-- The sufficient numbers of each arm in three ways of counting visits: those that meet the objective, all of them, and those
-- of people who were new. A person is one outcome: the margin of all his or her visits together, 0 without one.
WITH person AS (
    SELECT
        assignment.arm,
        count(conversion.id) FILTER (WHERE conversion.meets_objective) AS objective,
        coalesce(sum(conversion.margin_cents) FILTER (WHERE conversion.meets_objective), 0) AS objective_margin,
        count(conversion.id) AS everything,
        coalesce(sum(conversion.margin_cents), 0) AS everything_margin,
        count(conversion.id) FILTER (WHERE conversion.is_new_patient) AS new_patients,
        coalesce(sum(conversion.margin_cents) FILTER (WHERE conversion.is_new_patient), 0) AS new_patients_margin,
        coalesce(sum(conversion.margin_cents) FILTER (WHERE conversion.meets_objective AND conversion.responded), 0)
            AS responded_margin
    FROM campaigns_assignment AS assignment
    LEFT JOIN attribution_conversion AS conversion ON conversion.assignment_id = assignment.id
    WHERE assignment.campaign_id = %(campaign)s AND assignment.arm IN ('contact', 'holdout')
    GROUP BY assignment.id, assignment.arm
)
SELECT
    arm,
    count(*) AS people,
    count(*) FILTER (WHERE objective > 0) AS objective_visitors,
    coalesce(sum(objective), 0) AS objective_visits,
    coalesce(sum(objective_margin), 0) AS objective_total,
    coalesce(sum(objective_margin::numeric ^ 2), 0) AS objective_squares,
    count(*) FILTER (WHERE everything > 0) AS everything_visitors,
    coalesce(sum(everything), 0) AS everything_visits,
    coalesce(sum(everything_margin), 0) AS everything_total,
    coalesce(sum(everything_margin::numeric ^ 2), 0) AS everything_squares,
    count(*) FILTER (WHERE new_patients > 0) AS new_patients_visitors,
    coalesce(sum(new_patients), 0) AS new_patients_visits,
    coalesce(sum(new_patients_margin), 0) AS new_patients_total,
    coalesce(sum(new_patients_margin::numeric ^ 2), 0) AS new_patients_squares,
    sum(responded_margin) AS responded_total
FROM person
GROUP BY arm
