"""The workspace's own tables: loads and what they cover, rejects, settings, views. Those of rows are intake's."""

import duckdb

from workbench.errors import WorkspaceUnavailable
from workbench.exports import KINDS
from workbench.intake import schema as rows

SCHEMA_VERSION = 6  # what changes with a new one, and how old workspaces follow, stands in migrations

TABLES = """
create table if not exists settings (key varchar primary key, value varchar);
create table if not exists loads (
    load_id integer primary key, kind varchar, file varchar, loaded_at timestamp, timezone varchar,
    rows_read bigint, rows_loaded bigint, rows_updated bigint, rows_unchanged bigint, rows_rejected bigint,
    period_from date, period_to date, report varchar,
    sha256 varchar, -- of the file's bytes, and what the user chose for it as JSON; null for loads of schema 1
    chosen varchar,
    fingerprint varchar -- equal only for loads that read equal rows (see intake/repeats.py)
);
create table if not exists rejects (load_id integer, row bigint, "column" varchar, value varchar, reason varchar);
-- The fields of each rejected record as a JSON list; the file's header is the one without a row.
create table if not exists rejected_records (load_id integer, row bigint, record varchar);
create table if not exists unchanged_rows (
    load_id integer, table_name varchar, key varchar, row_load_id integer, run varchar[], position bigint
);
-- What a load said nothing of: of the rows that were there before, the earlier ones' values stayed.
create table if not exists kept_columns (load_id integer, table_name varchar, columns varchar[]);
create table if not exists coverage (
    load_id integer, kind varchar, from_utc timestamp, to_utc timestamp, only_values varchar
);
create table if not exists saved_views (
    name varchar, report varchar, query varchar, is_default boolean,
    owner varchar default '', -- the person of a team whose view it is; '' where it is everybody's
    primary key (report, name, owner)
);
create table if not exists recipes (name varchar primary key, recipe varchar);
create table if not exists log_columns (report varchar, log varchar, columns varchar[], primary key (report, log));
create table if not exists mappings (header varchar primary key, kind varchar, columns varchar);
create table if not exists gladly_customer_roots (merged_customer_id varchar, customer_id varchar);
create table if not exists lexer_customer_roots (merged_customer_id varchar, customer_id varchar);
"""


def version(cursor: duckdb.DuckDBPyConnection) -> int:
    """Return the schema version of a workspace, today's for one without tables. Raises WorkspaceUnavailable."""
    if not cursor.execute("select 1 from duckdb_tables() where table_name = 'settings'").fetchone():
        return SCHEMA_VERSION
    row = cursor.execute("select value::integer from settings where key = 'schema_version'").fetchone()
    found = int(row[0]) if row else SCHEMA_VERSION
    if found > SCHEMA_VERSION:
        raise WorkspaceUnavailable(
            f"The workspace was made by a newer workbench (schema {found}; this one reads {SCHEMA_VERSION})"
        )
    return found


def create(cursor: duckdb.DuckDBPyConnection) -> None:
    """Create the tables that are not there yet."""
    cursor.execute(TABLES)
    rows.create_tables(cursor, KINDS.values())
    write_first_settings(cursor)


def write_first_settings(cursor: duckdb.DuckDBPyConnection) -> None:
    """Write the settings that every workspace has, where they are not there."""
    cursor.execute(
        "insert or ignore into settings values ('schema_version', ?), ('version', '0')", [str(SCHEMA_VERSION)]
    )
