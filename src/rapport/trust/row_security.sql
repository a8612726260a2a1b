-- What a session may see of people. Rooms that hold rows of persons use these in their policies, with FORCE ROW LEVEL SECURITY
-- (the application owns its tables, and an owner is bound by a policy only when it is forced):
--
--     CREATE POLICY seen ON people_person
--         USING ((SELECT trust_sees_all()) OR trust_sees(home_location_id, id))
--         WITH CHECK (true);
--
-- (SELECT ...) is answered once a query and not once a row. Nothing set, or anything but 'all' and 'some': no row. Values are
-- compared as text, so that no setting, however broken, can raise.
--
--     rapport.scope      'all' | 'some'
--     rapport.locations  ids with commas between: people whose home is one of these
--     rapport.person     ids with commas between: people the glass was broken for
CREATE OR REPLACE FUNCTION trust_sees_all() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('rapport.scope', true) = 'all', false)
$$;

CREATE OR REPLACE FUNCTION trust_sees(location_id bigint, person_id bigint) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE current_setting('rapport.scope', true)
        WHEN 'all' THEN true
        WHEN 'some' THEN
            coalesce(location_id::text = ANY (string_to_array(current_setting('rapport.locations', true), ',')), false)
            OR coalesce(person_id::text = ANY (string_to_array(current_setting('rapport.person', true), ',')), false)
        ELSE false
    END
$$;
