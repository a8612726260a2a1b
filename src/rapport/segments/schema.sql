-- The tables of the warehouse. No name, address, number of a document or free text enters: see sources.py.
-- Instants are UTC without zone. `event` is kept in the order (kind, at), so that a question about one kind and a
-- window reads a small part of it.
CREATE TABLE profile (
    pseudonym BIGINT NOT NULL, birth_month DATE, sex VARCHAR NOT NULL, language VARCHAR NOT NULL, state VARCHAR NOT NULL,
    zip5 VARCHAR NOT NULL, location_id BIGINT, deceased BOOLEAN NOT NULL, known_since TIMESTAMP
);
CREATE TABLE event (
    id BIGINT NOT NULL, pseudonym BIGINT NOT NULL, kind VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL, code_system VARCHAR NOT NULL,
    code VARCHAR NOT NULL, value DOUBLE, service_line_id BIGINT, location_id BIGINT, campaign_id BIGINT, data_class VARCHAR NOT NULL,
    unit VARCHAR
);
CREATE TABLE fact (
    id BIGINT NOT NULL, pseudonym BIGINT NOT NULL, kind VARCHAR NOT NULL, code_system VARCHAR NOT NULL, code VARCHAR NOT NULL,
    status VARCHAR NOT NULL, starts_at TIMESTAMP, ends_at TIMESTAMP, location_id BIGINT, service_line_id BIGINT,
    data_class VARCHAR NOT NULL
);
CREATE TABLE consent_now (
    pseudonym BIGINT NOT NULL, channel VARCHAR NOT NULL, topic VARCHAR NOT NULL, status VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL,
    expires_at TIMESTAMP
);
CREATE TABLE trait (
    id BIGINT NOT NULL, pseudonym BIGINT NOT NULL, name VARCHAR NOT NULL, text VARCHAR NOT NULL, number DOUBLE,
    data_class VARCHAR NOT NULL, "at" TIMESTAMP NOT NULL
);
-- Who lives together; days are days of the calendar, an end left out is open.
CREATE TABLE household (
    id BIGINT NOT NULL, pseudonym BIGINT NOT NULL, household_id BIGINT NOT NULL, starts_on DATE, ends_on DATE
);
CREATE TABLE preference_now (
    pseudonym BIGINT NOT NULL, at_most BIGINT, pause_until DATE, feeling VARCHAR NOT NULL
);
-- The stays of people in segments; left_at is open while somebody is in.
CREATE TABLE member (
    id BIGINT NOT NULL, pseudonym BIGINT NOT NULL, segment_id BIGINT NOT NULL, entered_at TIMESTAMP NOT NULL, left_at TIMESTAMP
);
-- How far this file got: the snapshot of PostgreSQL that is in it, and by which program it was made.
CREATE TABLE progress (
    lineage UUID NOT NULL, number BIGINT NOT NULL, watermark BIGINT NOT NULL, seen VARCHAR NOT NULL, data_until TIMESTAMP NOT NULL,
    made_by VARCHAR NOT NULL, payers VARCHAR NOT NULL, unsorted BIGINT NOT NULL
);
