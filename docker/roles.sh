#!/bin/sh
# Runs once, when the database is made: the application's role, which row-level security binds, and its database.
set -eu
psql --set=ON_ERROR_STOP=1 --username="$POSTGRES_USER" --dbname=postgres --set=secret="$RAPPORT_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE rapport LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'secret';
CREATE DATABASE rapport OWNER rapport;
SQL
