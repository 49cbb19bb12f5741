"""A user's own SQL reads a snapshot and nothing else, and is stopped by what it would cost (guarantee 20)."""

import hashlib
import json
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.builders import contact, written
from workbench import places
from workbench.ask import console, workspaces
from workbench.ask.relations import statement
from workbench.cli import main
from workbench.errors import BadSelection, QueryStopped, WorkbenchError
from workbench.progress import Progress
from workbench.reports import REPORTS
from workbench.reports.entities import ENTITIES
from workbench.store.workspace import Workspace
from workbench.team import Person

CHANNELS = "select channel, count(*) as n from gladly_contacts group by all order by channel"
COPIES = "copy (select 1) to '{snapshot}' (format csv, use_tmp_file false)"

# What is refused before it runs, or by the locked database; none of it may read or write anything.
REFUSED = {
    "a file's text": "select * from read_text('/etc/passwd')",
    "a file's bytes": "select * from read_blob('{snapshot}')",
    "a CSV": "select * from read_csv('/etc/passwd')",
    "JSON": "select * from read_json('/etc/passwd')",
    "Parquet": "select * from read_parquet('/etc/passwd')",
    "the sniffer": "select * from sniff_csv('/etc/passwd')",
    "a glob": "select * from glob('/etc/*')",
    "a quoted name": "select * from \"read_text\"('/etc/passwd')",
    "a big name": "select * from READ_TEXT('/etc/passwd')",
    "a file as a table": "select * from '/etc/passwd'",
    "a file as a named table": 'select * from "/etc/passwd.csv"',
    "another host": "select * from 'https://example.com/a.parquet'",
    "a copy": "copy (select 1) to '/tmp/none.csv'",
    "a copy over the file": COPIES,
    "a copy in a CTE": f"with w as ({COPIES}) select * from w",
    "a copy deep in a CTE": f"select * from (with w as ({COPIES}) select * from w)",
    "an insert": "insert into settings values ('a', 'b')",
    "an insert in a CTE": "with w as (insert into settings values ('a', 'b') returning key) select * from w",
    "a delete in a CTE": "with w as (delete from settings returning key) select * from w",
    "an update in a CTE": "with w as (update settings set value = '0' returning key) select * from w",
    "an analysed copy": f"explain analyze {COPIES}",
    "an analysed insert": "explain analyze insert into settings values ('a', 'b')",
    "two statements": "select 1; select 2",
    "a drop behind a SELECT": "select 1; drop table settings",
    "an export": "export database '/tmp/none'",
    "another file": "attach '/tmp/none.duckdb'",
    "memory as a file": "attach ':memory:' as m",
    "an extension": "install httpfs",
    "a loaded extension": "load httpfs",
    "a setting": "set memory_limit = '100GB'",
    "a setting that is reset": "reset lock_configuration",
    "a table": "create table t as select 1",
    "a macro": "create macro m() as 1",
    "a secret": "create secret (type s3)",
    "a call": "call pragma_version()",
    "a pragma": "pragma database_list",
    "a checkpoint": "checkpoint",
    "settings": "select * from duckdb_settings()",
    "settings as a view": "select * from duckdb_databases",
    "the catalogue": "select * from pg_catalog.pg_tables",
    "the schema": "select * from information_schema.tables",
    "one setting": "select current_setting('temp_directory')",
    "the environment": "select getenv('HOME')",
    "SQL as a text": "select * from query('select * from duckdb_settings()')",
    "a table as a text": "select * from query_table('duckdb_settings')",
    "a tree as a text": "select * from json_execute_serialized_sql(json_serialize_sql('select 1'))",
    "a frame": "select * from pandas_scan(1)",
    "no SQL": "selct 1",
    "nothing": " ",
    "a comment": "-- nothing",
    "a NUL": "select 1\x00",
    "too much": f"select '{'x' * console.LONGEST}'",
    "a table that is none": "select * from gladly_contcts",
    "a column that is none": "select chanel from gladly_contacts",
    "too deep": f"select {'(' * 2000}1{')' * 2000}",
}  # fmt: skip

# What takes more memory than there is, found at once.
TOO_LARGE = {
    "a long text": "select repeat('x', 3000000000)",
    "a long list": "select list(range) from range(1000000000)",
}  # fmt: skip
TOO_LONG = {
    "a sleep": "select sleep_ms(60000)",
    "a product": "select count(*) from range(1000000) a, range(1000000) b",
    "a sum": "select sum(range) from range(1000000000000)",
    "an endless recursion": "with recursive r(n) as (select 1 union all select n + 1 from r) select count(*) from r",
    "distances": "select max(levenshtein(a.range::varchar || repeat('x', 500), b.range::varchar || repeat('y', 500)))"
    " from range(200000) a, range(200000) b",
    "unions": " union all ".join(["select 1"] * 9_000),
    "a big sort": "select * from range(2000000000000) order by hash(range) limit 1",
    "lists in lists": "select max(list_sum(list_transform(range(30000), lambda x: x * a.range))) from range(1000000) a",
    "a wide text": "select format('{:>2000000000}', 'x')",
    "a long IN": "select 1 where 1 in (select range from range(100000000000))",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("console")


@pytest.fixture(scope="module")
def workspace(folder: Path) -> Iterator[Workspace]:
    workspace = workspaces.ready(Workspace(folder / "workspace.duckdb"))
    rows = [contact(contact_id=f"c{n}", channel="CHAT" if n else "SMS", customer_id=f"=c{n}") for n in range(4)]
    workspace.load(written(folder / "ContactExport-20240301-20240331.csv", rows))
    workspace.publish()
    yield workspace
    workspace.close()


def answer(workspace: Workspace, sql: str) -> list[tuple[object, ...]]:
    return list(console.run(workspace, sql).rows.itertuples(index=False, name=None))


def test_a_select_over_the_entities_is_answered_with_what_was_loaded_last(workspace: Workspace, folder: Path) -> None:
    assert answer(workspace, CHANNELS) == [("CHAT", 3), ("SMS", 1)]
    file = written(folder / "ContactExport-20240401-20240401.csv", [contact(contact_id="new", channel="EMAIL")])
    load = workspace.load(file)
    assert answer(workspace, CHANNELS) == [("CHAT", 3), ("EMAIL", 1), ("SMS", 1)]
    workspace.unload(load.load_id)
    assert answer(workspace, CHANNELS + ";") == [("CHAT", 3), ("SMS", 1)]


def test_values_keep_their_digits_and_their_types(workspace: Workspace) -> None:
    found = console.run(
        workspace,
        "select 9007199254740993 as whole, 123456789012345678901234567890 as large, 1.5::decimal(9, 2) as part,"
        " 'infinity'::double as endless, 'nan'::double as none, null::int as empty, true as yes,"
        " interval 90 minutes as span,"
        " timestamp '2024-03-05 10:00:00.25' as at, date '2024-02-29' as day, date '12024-01-01' as far,"
        " [1, 2] as list, 1 as whole",
    )  # fmt: skip
    (row,) = found.rows.to_dict("records")
    assert row["whole"] == 9007199254740993
    assert (row["large"], row["part"], row["endless"]) == ("123456789012345678901234567890", 1.5, float("inf"))
    assert pd.isna(row["none"])
    assert (row["empty"], row["yes"], row["span"], row["list"]) == (None, True, 5400, "[1, 2]")
    assert (str(row["at"]), str(row["day"])) == ("2024-03-05 10:00:00.250000", "2024-02-29")
    assert row["far"] == "12024-01-01"
    assert list(found.rows)[-1] == "whole_1"
    assert found.numbers == ["whole", "large", "part", "endless", "none", "empty", "span", "whole_1"]


@pytest.mark.parametrize(("rows", "is_cut"), [(console.MOST_ROWS, False), (console.MOST_ROWS + 1, True)])
def test_of_too_many_rows_the_first_ones_are_given(workspace: Workspace, rows: int, is_cut: bool) -> None:
    found = console.run(workspace, f"select range from range({rows})")
    assert (len(found.rows), found.is_cut) == (console.MOST_ROWS, is_cut)
    assert found.rows["range"].iloc[-1] == console.MOST_ROWS - 1


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_what_is_no_select_over_the_tables_is_refused_in_a_line(workspace: Workspace, folder: Path, sql: str) -> None:
    before, files = hashlib.sha256(workspace.snapshot.read_bytes()).hexdigest(), set(folder.rglob("*"))
    with pytest.raises(WorkbenchError) as raised:
        console.run(workspace, sql.replace("{snapshot}", str(workspace.snapshot)))
    assert isinstance(raised.value, BadSelection | QueryStopped)
    assert "\n" not in str(raised.value)
    assert str(workspace.snapshot) not in str(raised.value)
    assert hashlib.sha256(workspace.snapshot.read_bytes()).hexdigest() == before
    assert set(folder.rglob("*")) == files
    assert not Path("/tmp/none.csv").exists()


def stopped(workspace: Workspace, sql: str) -> None:
    before, began = hashlib.sha256(workspace.snapshot.read_bytes()).hexdigest(), time.monotonic()
    with pytest.raises((QueryStopped, BadSelection)):
        console.run(workspace, sql)
    assert time.monotonic() - began < 2 * console.SECONDS
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < 3 << 20  # KiB
    assert hashlib.sha256(workspace.snapshot.read_bytes()).hexdigest() == before


@pytest.mark.parametrize("sql", TOO_LARGE.values(), ids=TOO_LARGE)
def test_what_needs_too_much_memory_is_stopped(workspace: Workspace, sql: str) -> None:
    stopped(workspace, sql)


@pytest.mark.long
@pytest.mark.parametrize("sql", TOO_LONG.values(), ids=TOO_LONG)
def test_what_takes_too_long_is_stopped(workspace: Workspace, sql: str) -> None:
    stopped(workspace, sql)


def test_what_sleeps_is_killed_and_what_is_cancelled_ends_at_once(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console, "SECONDS", 1)
    with pytest.raises(QueryStopped, match="took longer than 1 seconds"):
        console.run(workspace, TOO_LONG["a sleep"])
    progress = Progress()
    progress.cancel()
    with pytest.raises(QueryStopped):
        console.run(workspace, CHANNELS, progress)


def test_an_error_quotes_no_value(workspace: Workspace) -> None:
    with pytest.raises(BadSelection, match="try_cast") as raised:
        console.run(workspace, "select customer_id::int from gladly_contacts")
    assert "=c" not in str(raised.value)


def test_the_tables_are_those_of_which_something_is_loaded(workspace: Workspace) -> None:
    found = console.tables(workspace)
    assert ("channel", "VARCHAR") in found["gladly_contacts"]
    assert "respondio_activities" not in found


# Ways to name a table, of which the last ones shadow it.
NAMING = (
    "from {}", "select * from {}_before", "select * from workspace.main.{}", 'select * from "{}"', "table {}",
    "from (describe {})", "from (summarize {})", "from (show {})", "show {}", "select (select count(*) from {})",
    "select exists(from {})", "with a as (from {}) from a", "from unnest((select list(1) from {}))",
    "from range((select count(*) from {}))", "select 1 from (values (1)) v, lateral (from {})", "from {} tablesample 1",
    "with {} as (select 1) from {}", "from (with {} as (select 1) from {}), {}",
)  # fmt: skip


@pytest.fixture(scope="module")
def shown(workspace: Workspace) -> Workspace:
    """The workspace as a person sees it for whom the reports over Lexer's files are not."""
    lexer = frozenset(name for name, report in REPORTS.items() if report.system == "Lexer")
    assert lexer
    return workspace.seen_by(Person("eve@example.org", hidden=lexer, is_recorded=False))


@pytest.mark.parametrize("naming", NAMING)
def test_sql_of_a_person_names_no_table_of_a_report_that_is_not_for_them(shown: Workspace, naming: str) -> None:
    for table in ("lexer_messages", "LEXER_ORDERS_CREDITED"):
        with pytest.raises(BadSelection, match=r"cannot be (read|used) here"):
            console.run(shown, naming.replace("{}", table))


def test_sql_of_a_person_reads_what_their_reports_rest_on_and_none_of_the_workspaces_own_tables(
    workspace: Workspace, shown: Workspace
) -> None:
    assert answer(shown, CHANNELS) == [("CHAT", 3), ("SMS", 1)]
    assert answer(shown, "with own as (from gladly_contacts_inbound) select count(*) >= 0 from own, periods")
    assert answer(shown, "select count(*) >= 0 from quarter_hours, whole_days") == [(True,)]  # of a tile's SQL
    for table in ("saved_views", "recipes", "settings", "rejects", "loads", "gladly_contact_export", "lexer_messages"):
        with pytest.raises(BadSelection, match="cannot be read here"):
            console.run(shown, f"from {table}")
        console.run(workspace, f"from {table}")
    seen = {entity.name.partition("_")[0] for entity in console.entities(shown)}
    assert seen == {"gladly", "respondio"}
    assert console.entities(workspace) == ENTITIES


@pytest.mark.long
def test_the_sql_of_every_tile_can_be_begun_from(tmp_path: Path) -> None:
    workspace = workspaces.ready(Workspace(tmp_path / "workspace.duckdb"))
    for file in sorted(places.SAMPLES.glob("*/*.csv")):
        workspace.load(file)
    for report in REPORTS.values():
        for tile in report.tiles:
            if not tile.log:
                assert list(console.run(workspace, statement(report, tile)).rows), f"{report.name} {tile.name}"
    workspace.close()


def test_the_command_prints_tables_csv_and_json(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "backup.duckdb"
    workspace.backup(path)

    def said(*arguments: str) -> tuple[int, str, str]:
        return main(["sql", *arguments, "--workspace", str(path)]), *capsys.readouterr()

    status, out, err = said(CHANNELS)
    assert (status, out.splitlines(), err) == (0, ["channel  n", "CHAT     3", "SMS      1"], "")
    assert said(CHANNELS, "--format", "csv")[1] == "channel,n\nCHAT,3\nSMS,1\n"
    times = "select timestamp '2024-03-05' as period, date '2024-03-05' as day, null::double as n"
    assert json.loads(said(times, "--format", "json")[1]) == [
        {"period": "2024-03-05T00:00:00", "day": "2024-03-05", "n": None}
    ]
    assert said("drop table loads")[::2] == (1, f"{console_said()}\n")
    assert said("select range from range(20000)", "--format", "csv")[2].startswith("The first 10,000 rows.")


def console_said() -> str:
    return "Write one SELECT: a statement that changes or sets something, PIVOT and EXPLAIN cannot be run here"
