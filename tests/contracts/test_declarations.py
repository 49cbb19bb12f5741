"""What is declared and what exists agree, in both directions."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from itertools import chain, permutations, product
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.builders import Desk, contact
from workbench import Workbench
from workbench.ask import answers, logs
from workbench.ask.logs import Page
from workbench.ask.question import Question
from workbench.ask.relations import entity_sql, names, query, statement
from workbench.ask.selection import Selection
from workbench.errors import UnknownName
from workbench.exports import KINDS, THEMES
from workbench.exports.gladly import CONTACT_EXPORT
from workbench.exports.model import ExportKind
from workbench.intake.encoding import Encoding
from workbench.intake.headers import mapped, missing
from workbench.intake.meanings import MEANINGS, Meaning, explained
from workbench.intake.merges import ROOTS
from workbench.places import PAGES, QUERIES
from workbench.reports import REPORTS, Entity, Report, Tile
from workbench.reports.entities import ENTITIES
from workbench.reports.labels import (
    DESCRIPTIONS,
    LABELS,
    OF_THE_FILE,
    SUFFIX_DESCRIPTIONS,
    SUFFIXES,
    column_description,
)

ROOT = Path(__file__).parents[2]
TILES = [(report, tile) for report in REPORTS.values() for tile in report.tiles]
TILE_FILES = sorted(file for file in QUERIES.rglob("*.sql") if file.parent not in (QUERIES, QUERIES / "entities"))
ENTITY_FILES = sorted((QUERIES / "entities").glob("*.sql"))
each_tile = pytest.mark.parametrize(("report", "tile"), TILES, ids=[f"{r.name}-{t.name}" for r, t in TILES])
each_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
each_select = pytest.mark.parametrize(
    "file", [*TILE_FILES, *ENTITY_FILES], ids=lambda file: f"{file.parent.name}-{file.stem}"
)


@pytest.fixture(scope="module")
def workbench(sample: Workbench) -> Workbench:
    return sample


# Tiles and their SQL -------------------------------------------------------------------------------------------------


def test_every_tile_has_its_file_and_every_file_its_tile() -> None:
    named = {tile.sql or f"{report.name}/{tile.name}" for report, tile in TILES if not tile.log}
    assert {QUERIES / f"{name}.sql" for name in named} == set(TILE_FILES)


NAMED_BY_TILES = frozenset().union(*(names(statement(report, tile)) for report, tile in TILES))


def test_every_entity_is_declared_once_has_its_file_and_is_used() -> None:
    used = {base for report in REPORTS.values() for entity in report.entities for base in (entity, *entity.bases)}
    used |= {entity for entity in ENTITIES if entity.rests_on in used and entity.name in NAMED_BY_TILES}
    widening = [entity for entity in ENTITIES if entity.widens and entity.widens[0] in used]
    used |= {each for entity in widening for each in (entity, *entity.bases) if entity.widens[1] in NAMED_BY_TILES}
    for entity in used:
        assert entity in ENTITIES, f"{entity.name} is declared outside of reports/entities.py"
    assert used == set(ENTITIES)
    assert sorted(entity.name for entity in ENTITIES) == [file.stem for file in ENTITY_FILES]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_an_entity_declares_every_other_that_its_select_names(entity: Entity) -> None:
    """And each of those names only what stands before it."""
    known = {entity.rests_on.name} if entity.rests_on else set[str]()
    for declared in (*entity.bases, entity):
        named = {other.name for other in ENTITIES if {other.name, f"{other.name}_dated"} & names(entity_sql(declared))}
        assert named <= known
        known.add(declared.name)


BESIDES = {"coverage", "loads"}  # what the program itself keeps of its loads


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_every_table_that_a_report_reads_is_of_a_kind_among_its_sources(report: Report) -> None:
    table_of = {kind: ROOTS.get(KINDS[kind].table, KINDS[kind].table) for kind in KINDS}
    for as_exported in (False, True):
        read = {
            table
            for entity in dict.fromkeys(chain.from_iterable((*each.bases, each) for each in report.entities))
            for table in re.findall(r"\bmain\.(\w+)", entity_sql(entity))
        }
        merged = {*ROOTS.values()} if as_exported else set()
        named = {table_of[kind] for kind in report.sources(as_exported)}
        assert named == read - BESIDES - merged


def columns_of(workbench: Workbench, sql: str) -> list[str]:
    return [str(name) for name, *_ in workbench.workspace.rows(f"describe {sql}")]


@each_tile
def test_a_tiles_own_select_runs_as_it_is_and_has_the_declared_columns(
    workbench: Workbench, report: Report, tile: Tile
) -> None:
    sql = statement(report, tile)
    found = columns_of(workbench, sql)
    assert workbench.workspace.rows(sql)
    if tile.log:
        assert found[0] == "row_id"
        assert set(found[1:]) == {*tile.offered, *tile.log.search_only, "extra", tile.entity.anchor_utc}
    else:
        assert sorted(found) == sorted(tile.columns)


@each_tile
def test_the_runners_answer_has_the_declared_columns(workbench: Workbench, report: Report, tile: Tile) -> None:
    found = workbench.report(report.name).tile(tile.name)
    assert sorted(found.columns) == sorted(tile.columns)
    if tile.shape == "log":
        assert tuple(found.columns) == tile.columns


@pytest.fixture(scope="module")
def shell(workbench: Workbench, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of no settings but its own on a copy of the sample, as an analyst's shell is."""
    copy = tmp_path_factory.mktemp("shell") / "copy.duckdb"
    workbench.workspace.backup(copy)
    with duckdb.connect(copy, read_only=True) as connection:
        yield connection


@each_tile
def test_the_sql_shown_gives_the_same_rows_in_a_shell(
    workbench: Workbench, shell: duckdb.DuckDBPyConnection, report: Report, tile: Tile
) -> None:
    asked = Question(workbench.workspace, report, Selection(preset="last_30_days", compare="preceding"))
    ran = query(asked, tile)
    with workbench.workspace.cursor() as cursor:
        found = cursor.execute(ran.sql, dict(ran.parameters)).df()
    assert len(found)
    shown = shell.execute(ran.filled_in()).df()
    if tile.log:  # its order is that of a page
        found, shown = (rows.sort_values("row_id", ignore_index=True) for rows in (found, shown))
    pd.testing.assert_frame_equal(shown, found)


@pytest.mark.parametrize(("report", "tile"), [("contact_export", "by_status"), ("team_engagement", "sent_by_period")])
def test_customers_are_not_joined_where_nothing_asks_for_them(workbench: Workbench, report: str, tile: str) -> None:
    asked = Question(workbench.workspace, REPORTS[report], Selection(preset="last_30_days"))
    ran = query(asked, REPORTS[report].tile(tile))
    ((_, plan),) = workbench.workspace.rows(f"explain {ran.filled_in()}")
    assert "customer_roots" not in plan


@each_tile
def test_the_views_give_the_figures_of_everything(workbench: Workbench, report: Report, tile: Tile) -> None:
    with workbench.workspace.cursor() as cursor:
        found = cursor.execute(statement(report, tile)).df()
    expected = workbench.report(report.name).tile(tile.name)
    if tile.shape == "log":  # its order is that of a page
        assert len(found) == len(expected)
    else:
        pd.testing.assert_frame_equal(found, expected[list(found.columns)])


@each_tile
def test_a_tile_uses_only_declared_metrics_and_dimensions(report: Report, tile: Tile) -> None:
    declared = {metric.name for metric in report.metrics}
    assert set(tile.metrics) <= declared
    assert set(tile.metrics) <= set(tile.columns)
    assert {name for _, drawn in tile.drawings for name in drawn} <= set(tile.metrics)
    assert not tile.drawings or tile.drawn in dict(tile.drawings).values()
    assert set(tile.dimensions) <= tile.entity.dimensions | {"period"}
    assert set(tile.dimensions) <= set(tile.columns)
    assert (tile.shape == "log") == (tile.log is not None)
    if tile.log:
        assert set(tile.log.search) <= set(tile.offered)
        assert tile.log.sort.partition(":")[0] in tile.offered
        assert len(set(tile.offered)) == len(tile.offered)


@each_tile
def test_every_column_of_a_tile_a_log_and_a_record_is_described(report: Report, tile: Tile) -> None:
    """And so is what a comparison appends."""
    compared = [f"{name}{suffix}" for name in tile.metrics for suffix in ("_before", "_change", "_change_rate")]
    described = {name: column_description(report, name) for name in (*tile.offered, *compared)}
    assert not [name for name, meaning in described.items() if meaning == OF_THE_FILE]
    assert not [name for name, meaning in described.items() if not meaning.endswith((".", "?")) or len(meaning) < 15]


def test_what_is_called_by_labels_is_described_too_and_nothing_else_that_a_kind_describes() -> None:
    assert SUFFIX_DESCRIPTIONS.keys() == SUFFIXES.keys()
    assert LABELS.keys() <= DESCRIPTIONS.keys()
    named = {name for report, tile in TILES for name in tile.offered}
    assert DESCRIPTIONS.keys() <= named


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_everything_that_is_declared_is_used(report: Report) -> None:
    assert {metric for tile in report.tiles for metric in tile.metrics} == {metric.name for metric in report.metrics}
    assert set(report.entities) == {tile.entity for tile in report.tiles}
    assert set(report.kinds) <= set(KINDS)
    assert {kind for entity in report.entities for kind in entity.kinds} <= set(KINDS)
    assert {tile.optional_kind for tile in report.tiles} - {None} <= set(KINDS)
    assert {dimension.key for dimension in report.filters} <= report.main.dimensions | report.main.settled
    for tile in report.tiles:
        for key in set(tile.dimensions) - {"period"}:
            assert report.dimension(key).key == key


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_names_and_labels_of_metrics_are_unique_and_say_something(report: Report) -> None:
    for attribute in ("name", "label", "definition", "formula"):
        values = [getattr(metric, attribute) for metric in report.metrics]
        assert len(set(values)) == len(values)
        assert all(values)
    assert len({tile.title for tile in report.tiles}) == len(report.tiles)
    assert len({dimension.label for dimension in report.filters}) == len(report.filters)


# What several reports call alike: contacts are rows of a log in one, different contacts in another.
BY_REPORT = ("contacts", "conversations")


def test_volume_is_good_in_no_direction() -> None:
    counts = [metric for report in REPORTS.values() for metric in report.metrics if metric.format == "count"]
    assert [metric.name for metric in counts if metric.good] == []


def test_a_metric_that_two_reports_share_is_the_same_in_both() -> None:
    by_name: dict[str, tuple[object, ...]] = {}
    for report in REPORTS.values():
        for metric in report.metrics:
            if metric.name in BY_REPORT:
                continue
            found = tuple(getattr(metric, field.name) for field in fields(metric))
            assert by_name.setdefault(metric.name, found) == found


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_the_rows_of_every_metric_are_sql_over_its_entity(workbench: Workbench, report: Report) -> None:
    tiles = {name: tile for tile in report.tiles for name in tile.metrics if tile.optional_kind is None}
    for metric in report.metrics:
        entity = report.entity_of(metric, tiles[metric.name])
        ((rows, of),) = workbench.workspace.rows(f"select count(*) filter ({metric.rows}), count(*) from {entity.name}")
        assert 0 < rows <= of


def test_the_rows_of_a_metric_say_how_many_it_rests_on(desk: Desk) -> None:
    desk.load(contact(), contact(), contact(customer_id=None))
    report = desk.workbench.report("inbound_contacts")
    found = answers.counts(report.question, REPORTS["inbound_contacts"].tile("totals"))
    average = "avg_inbound_contacts_per_customer"
    assert found == {
        "rows": 3, "inbound_contacts": 3, "customers": 2, average: 3, f"{average}:without_customer": 1,
        f"{average}:without": 1.0,
    }  # fmt: skip


# Style of SQL --------------------------------------------------------------------------------------------------------

KEYWORDS = "select|from|where|group|order|by|with|as|and|or|on|left|join|case|when|then|end|count|distinct|filter|is|not|null|over|union|coalesce|limit"  # noqa: E501


@each_select
def test_a_select_says_what_it_answers_and_its_grain(file: Path) -> None:
    first, second = file.read_text().splitlines()[:2]
    assert re.match(r"-- [A-Z].*[.?]$", first), first
    assert re.match(r"-- Grain: one row(\.| per .*\.?)", second), second


@each_select
def test_a_select_is_in_style(file: Path) -> None:
    text = file.read_text()
    code = re.sub(r"'[^']*'", "''", re.sub(r"--.*", "", text))
    assert not text.rstrip().endswith(";")
    assert ";" not in code
    assert text.endswith("\n")
    assert all(len(line) <= 100 for line in text.splitlines())
    assert all(line == line.rstrip() and "\t" not in line for line in text.splitlines())
    assert not re.search(rf"\b({KEYWORDS.upper()})\b", code)
    assert all((len(line) - len(line.lstrip())) % 4 == 0 for line in text.splitlines())
    assert not re.search(r"\b(final|tmp|temp|cte\d*)\b", code)
    assert "$" not in code


@each_tile
def test_a_tile_names_its_columns_filters_once_and_is_in_order(report: Report, tile: Tile) -> None:
    code = re.sub(r"--.*", "", statement(report, tile))
    assert not re.search(r"^select\s+\*", code, re.MULTILINE)
    assert not re.search(r"/ (?!nullif)", code), "a ratio without nullif"
    for word in ("queued_at_local", "read_csv", "main.", "current_date", "now()"):
        assert word not in code
    if tile.shape not in ("log", "metrics"):
        assert re.search(r"^order by\s.*\w$", code, re.MULTILINE)
        assert "group by all" in code or tile.needs  # a history is no aggregate


def test_macros_are_commented_and_every_one_is_used() -> None:
    text = (QUERIES / "macros.sql").read_text()
    macros = re.findall(r"create or replace macro (\w+)", text)
    used = text + "".join(file.read_text() for file in [*TILE_FILES, *ENTITY_FILES])
    used += " ".join(sql for entity in ENTITIES for _, sql in (*entity.from_anchor, *entity.from_settings))
    assert macros
    for macro in macros:
        assert len(re.findall(rf"\b{macro}\(", used)) > 1, macro
    for macro in text.strip().split(";\n"):
        assert macro.strip().startswith("--")


# Export kinds --------------------------------------------------------------------------------------------------------

API_COLUMNS = """
Timezone Filter · Channel Filter · Inboxes Filter · Queued At · Customer ID · Conversation ID · Contact ID · Conversation Link · Channel ·
Direction · Contact Initiator · Entry Point · Final IVR Selection · Fulfilled Type · Status · Inbox when Queued · Inbox when Ended ·
Agent when Ended · Offered At · Accepted At · Fulfilled At · Due At · Ended At · Answered At (Outbound) · SLA Target (sec) ·
Queued-to-Fulfilled (sec) · Queued-to-Fulfilled within Business Hours (sec) · Queued-to-Accepted (sec) · Queued-to-Ended (sec) ·
Accepted-to-Fulfilled (sec) · Seconds within (-) or over (+) SLA · Fulfilled-to-Ended (sec) · Fulfilled by Contact ID ·
Contact Handle Time (sec) · After Contact Time (sec) · Total Contact Handle Time (sec) · Total Talk Time · Hold Time Total (sec) ·
Hold Time - Manual (sec) · Hold Time - Warm Transfer (sec) · Hold Time - Cold Transfer (sec) · Hold Time - Conference (sec) ·
Messages Total · Messages from Customer · Messages from Agent · Messages from Rules · Messages from API · Avg. Agent Reply Time (sec) ·
Avg. Customer Reply Time (sec) · Times Offered · Times Accepted · Times Missed · Times Declined · Times Transferred ·
Times On Hold Total · Times On Hold - Manual · Times On Hold - Warm Transfer · Times On Hold - Cold Transfer ·
Times On Hold - Conference · Payment Requests - Completed · Payment Requests - Declined · Payment Amount - Completed (USD) ·
Payment Amount - Declined (USD)
"""  # noqa: E501
HELP_PAGE_NAMES = (
    "Link", "Inbox when First Queued", "Answered At", "SLA Target", "Queued-to-Fulfilled Time",
    "Queued-to-First Accepted Time",
    "Queued-to-Ended Time", "First Accepted-to-Fulfilled Time", "Fulfilled-to-Ended Time", "Contact Handle Time",
    "After Contact Time", "Talk Time", "Hold Time – Total", "Hold Time – Manual",
    "Hold Time – Warm", "Hold Time – Cold Transfer",
    "Hold Time – Conference", "Avg. Agent Reply Time", "Avg. Customer Reply Time", "Offered",
    "Accepted", "Missed", "Declined",
    "Transferred", "Payment Amount – Completed USD", "Payment Amount – Declined USD",
)  # fmt: skip


def test_the_contact_export_has_its_63_columns_in_the_documented_order() -> None:
    assert [column.headers[0] for column in CONTACT_EXPORT.columns] == " ".join(API_COLUMNS.split()).split(" · ")
    assert len(CONTACT_EXPORT.columns) == 63


def test_the_names_of_the_help_page_are_the_other_headers() -> None:
    assert tuple(name for column in CONTACT_EXPORT.columns for name in column.headers[1:]) == HELP_PAGE_NAMES


def header_of(kind: ExportKind) -> list[str]:
    """Return the usual header of a kind's files; what a constant stands for is in no such file."""
    constants = dict(kind.constants)
    return [column.headers[0] for column in kind.columns if column.headers and column.name not in constants]


@each_kind
def test_every_header_of_a_kind_is_that_of_one_column(kind: ExportKind) -> None:
    for column in kind.columns:
        for header in column.headers:
            assert mapped([header], kind).columns == (column,)


@each_kind
def test_no_two_columns_of_a_kind_share_a_name_or_a_label(kind: ExportKind) -> None:
    assert len({column.name for column in kind.columns}) == len(kind.columns)
    assert len({column.label for column in kind.columns}) == len(kind.columns)


@each_kind
def test_a_kind_names_only_its_own_columns_and_says_what_each_means(kind: ExportKind) -> None:
    named = {
        *kind.key,
        *kind.required,
        kind.anchor,
        kind.zone_column,
        kind.ended,
        *(name for name, _ in kind.filter_columns),
        *(name for name, _ in kind.constants),
    }
    assert named - {None} <= {column.name for column in kind.columns}
    for column in kind.columns:
        assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)
        assert column.description.endswith((".", "?"))
        assert column.theme in THEMES
        assert column.type != "duration" or "seconds" in column.name
        # The time anchor of the logs of respond.io goes by the name that it has there.
        assert column.type != "timestamp" or column.name.endswith("_at") or column.name == "timestamp"


@each_kind
def test_known_values_are_explained_in_one_line_each_or_not_at_all(kind: ExportKind) -> None:
    for column in kind.columns:
        assert len(set(column.values)) == len(column.values)
        if column.meanings:
            assert tuple(value for value, _ in column.meanings) == column.values
            assert len(set(dict(column.meanings).values())) == len(column.values)
            assert all(re.fullmatch(r"[A-Z].{10,90}\.", meaning) for _, meaning in column.meanings)


@each_kind
def test_a_constant_is_a_known_value_of_its_column(kind: ExportKind) -> None:
    for name, value in kind.constants:
        assert value in kind.column(name).values


def test_kinds_that_share_a_table_have_the_same_columns_and_differ_in_their_constants() -> None:
    for table in {kind.table for kind in KINDS.values()}:
        kinds = [kind for kind in KINDS.values() if kind.table == table]
        assert len({tuple((column.name, column.type) for column in kind.columns) for kind in kinds}) == 1
        assert len({(kind.key, kind.anchor, kind.is_log) for kind in kinds}) == 1
        assert len({kind.constants for kind in kinds}) == len(kinds)


def test_no_two_kinds_have_the_same_title() -> None:
    assert len({(kind.system, kind.title) for kind in KINDS.values()}) == len(KINDS)


def fit_equally(one: ExportKind, other: ExportKind) -> bool:
    """Tell whether a file of one kind is just as well one of the other."""
    header = header_of(one)
    mappings = [mapped(header, kind) for kind in (one, other)]
    return not missing(mappings[1]) and len(mappings[0].known) <= len(mappings[1].known)


def test_kinds_can_be_told_apart_by_their_headers_or_else_by_their_file_names() -> None:
    alike = {
        frozenset((one.name, other.name)) for one, other in permutations(KINDS.values(), 2) if fit_equally(one, other)
    }
    added, connected, deleted = (f"respondio_contacts_{activity}" for activity in ("added", "connected", "deleted"))
    assert alike == {
        frozenset(pair)
        for pair in [
            (added, connected), (added, deleted), (connected, deleted),
            ("gladly_customer_merges", "lexer_customer_merges"),
        ]
    }  # fmt: skip
    for one, other in map(sorted, alike):
        names = [[name.lower().replace(" ", "") for name in KINDS[kind].file_names] for kind in (one, other)]
        assert not any(a in b or b in a for a, b in product(*names))


# Warnings: one without a meaning fails the test that provokes it (conftest.py) ----------------------------------------


@pytest.mark.parametrize("meaning", MEANINGS, ids=lambda meaning: meaning.said)
def test_a_meaning_is_that_of_a_warning_that_a_load_says(meaning: Meaning) -> None:
    modules = (path for path in (ROOT / "workbench" / "intake").glob("*.py") if path.stem != "meanings")
    assert any(meaning.said in path.read_text(encoding="utf-8") for path in modules)
    assert [remark.means for remark in explained([meaning.said])] == [meaning.means]
    assert meaning.means == meaning.means.strip(". ")


@pytest.mark.parametrize("page", ["cp1252", "cp1250", "cp932"])
def test_every_code_page_that_was_told_says_how_to_say_another(page: str) -> None:
    (remark,) = explained(Encoding(page, page, is_told=True).warnings)
    assert "say the right --encoding" in remark.means


# Views, command line, documents --------------------------------------------------------------------------------------


def test_days_and_hours_of_a_shells_views_begin_on_the_hour_of_the_reporting_zone(tmp_path: Path) -> None:
    workbench = Workbench(tmp_path / "w.duckdb")
    desk = Desk(tmp_path, workbench)
    desk.load(contact("2024-03-05 10:00:00"), name="ContactExport-20240305-20240305.csv")
    workbench.workspace.set("reporting_zone", "Asia/Kolkata")
    days = desk.stored("select strftime(period, '%d %H:%M') from periods order by period")
    assert days == [("05 00:00",), ("06 00:00",)]
    assert desk.stored("select count(*), min(minute(hour_start)), max(minute(hour_start)) from hours") == [(25, 0, 0)]
    workbench.close()


def test_installing_again_changes_nothing(tmp_path: Path) -> None:
    versions = []
    for _ in range(2):
        workbench = Workbench(tmp_path / "workspace.duckdb")
        versions.append(workbench.workspace.version)
        workbench.close()
    assert versions[0] == versions[1]


def test_the_command_line_lists_every_report_tile_filter_and_metric() -> None:
    command = [sys.executable, "-m", "workbench", "reports", "--json"]
    listed = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout)
    assert [found["report"] for found in listed] == list(REPORTS)
    for found, report in zip(listed, REPORTS.values(), strict=True):
        assert [tile["tile"] for tile in found["tiles"]] == list(report.tile_names)
        assert [tuple(tile["columns"]) for tile in found["tiles"]] == [tile.columns for tile in report.tiles]
        assert [metric["metric"] for metric in found["metrics"]] == [metric.name for metric in report.metrics]
        assert all(metric["definition"] and metric["formula"] for metric in found["metrics"])
        assert found["filters"] == ["from", "to", "rollup", *(dimension.key for dimension in report.filters)]


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_a_report_has_all_that_belongs_to_it(report: Report) -> None:
    readme = (ROOT / "README.md").read_text().splitlines()
    parts = {
        f"its page, pages/{report.name}.py": (PAGES / f"{report.name}.py").is_file(),
        f"its test, tests/reports/test_{report.name}.py": (ROOT / f"tests/reports/test_{report.name}.py").is_file(),
        "a log, which shows the rows behind its numbers": bool(report.logs),
        "its row in the README": f"| {report.system} | {report.title} | `{report.name}` |" in readme,
    }
    missing = [part for part, is_there in parts.items() if not is_there]
    assert not missing, f"The report {report.name} lacks {'; '.join(missing)}"


def test_the_commands_that_documents_name_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    parts = {"chromium", "office", "spark"}  # of others
    assert targets == set(re.findall(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[0].split()) - parts
    help_text = subprocess.run(
        [sys.executable, "-m", "workbench", "--help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for document in (ROOT / ".ci" / "run", *ROOT.glob("*.md"), *ROOT.glob("docs/*.md")):
        text = document.read_text()
        assert set(re.findall(r"^(?:    |\$ )?`?make ([a-z-]+)", text, re.MULTILINE)) <= targets, document
        assert set(re.findall(r"`make ([a-z-]+)`", text)) <= targets, document
        for name in re.findall(r"(?:python -m|contact-)\s?workbench ([a-z]+)", text):
            assert re.search(rf"^    {name}\b", help_text, re.MULTILINE), f"{document}: {name}"


def test_constraints_name_one_version_of_each_requirement_that_fits_and_no_registry() -> None:
    lines = [
        (ROOT / name).read_text().splitlines()
        for name in ("constraints.txt", "requirements.txt", "requirements-dev.txt")
    ]
    pins, *required = ([Requirement(line) for line in found if line[:1] not in ("", "#", "-")] for found in lines)
    assert all(re.fullmatch(r"==[^,*]+", str(pin.specifier)) and not pin.url for pin in pins)
    versions = {canonicalize_name(pin.name): str(pin.specifier).lstrip("=") for pin in pins}
    for requirement in chain(*required):
        assert versions[canonicalize_name(requirement.name)] in requirement.specifier, requirement


def test_the_database_itself_takes_the_second_pass_of_a_repeated_hour() -> None:
    """Canary: our own conversion is needed as long as DuckDB does."""
    wall = "timestamp '2024-11-03 01:30:00' at time zone 'America/New_York'"
    with duckdb.connect() as connection:
        found = connection.execute(f"select ({wall} at time zone 'UTC')::varchar").fetchone()
    assert found == ("2024-11-03 06:30:00",)


def test_pages_of_a_log_that_asks_for_an_unknown_column_are_refused_with_those_that_exist(desk: Desk) -> None:
    desk.load(contact())
    report = REPORTS["inbound_contacts"]
    asked = desk.workbench.report("inbound_contacts").question
    with pytest.raises(UnknownName, match=r"There is no column 'colour'. Try one of: queued_at"):
        logs.log_rows(asked, report.log, Page("colour"))
