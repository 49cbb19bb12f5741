"""The log over everything: pages by any column, however deep, and the count of a search."""

from benchmarks.exports import header
from benchmarks.measure import Row, seconds
from benchmarks.peers import REPORT, Peers
from workbench.ask import logs
from workbench.ask.logs import Page, log_of
from workbench.ask.question import Question
from workbench.ask.selection import Selection
from workbench.exports.gladly import CONTACT_EXPORT as EXPORT
from workbench.reports import Report, Tile
from workbench.reports.contact_export import CONTACT_EXPORT
from workbench.store.workspace import Workspace

ROWS = 100
LIMIT, TARGET = 0.3, "300 ms"
SEARCH_LIMIT, SEARCH_TARGET = 1.0, "1 s"
SORTS = ("queued_at", "contact_id", "contact_handle_seconds", "agent_when_ended")
SEARCHED = "lindqvist"
EVERYTHING = Selection()
KNOWN_REPORTS = (REPORT, CONTACT_EXPORT)  # whose logs have their floors
KNOWN = {column.name for column in EXPORT.columns} | {"inbox"}


def rows(peers: Peers) -> list[Row]:
    """Measure the first, the middle and the deepest page by some columns, and each log's worst page by any column."""
    found = depths(peers.asked(EVERYTHING), REPORT.log)
    named = [page(peers, f"{sort}, {depth} page", sort, offset) for sort in SORTS for depth, offset in found.items()]
    return [*named, *(_worst(peers, report) for report in KNOWN_REPORTS)]


def depths(question: Question, log: Tile) -> dict[str, int]:
    """Return where the first, the middle and the last page begin."""
    total = logs.log_count(question, log)
    last = (total - 1) // ROWS
    return {"first": 0, "middle": last // 2 * ROWS, "deepest": last * ROWS}


def _worst(peers: Peers, report: Report) -> Row:
    """Look for the slowest page, and measure it like the others."""
    return page(peers, *_slowest(peers.workspace, report, depths(peers.asked(EVERYTHING, report), report.log)), report)


def _slowest(workspace: Workspace, report: Report, begins: dict[str, int]) -> tuple[str, str, int]:
    """Try every column once at every depth; return what the slowest is called, its column and where it begins."""
    tried = {
        (sort, depth): seconds(lambda sort=sort, offset=offset: _here(workspace, sort, offset, report))  # type: ignore[misc]
        for sort in report.log.offered
        if _header(sort)
        for depth, offset in begins.items()
    }
    sort, depth = max(tried, key=lambda page: tried[page])
    return f"{report.name}: worst of {len(tried)} pages: {sort}, {depth} page", sort, begins[depth]


def page(peers: Peers, what: str, sort: str, offset: int, report: Report = REPORT) -> Row:
    """Measure one page."""
    times = peers.medians(
        lambda: _here(peers.workspace, sort, offset, report),
        lambda: peers.bare.sql(_sql(sort, offset, report)).df(),
        lambda: _in_pandas(peers, sort, offset, report),
    )
    return Row(what, times, LIMIT, TARGET)


def _sql(sort: str, offset: int, report: Report) -> str:
    """Return what one would ask bare DuckDB for a page."""
    shown = ", ".join(f'"{_header(name)}"' for name in report.log.columns)
    where = "\"Direction\" = 'INBOUND'" if report is REPORT else "true"
    return (
        f'select {shown} from contacts where {where} order by "{_header(sort)}" nulls last limit {ROWS} offset {offset}'
    )


def _here(workspace: Workspace, sort: str, offset: int, report: Report) -> object:
    page = Page(sort, ROWS, offset)
    return logs.log_rows(Question(workspace, report, EVERYTHING), report.log, page)


def _in_pandas(peers: Peers, sort: str, offset: int, report: Report) -> object:
    contacts = peers.contacts
    rows = contacts[contacts["Direction"] == "INBOUND"] if report is REPORT else contacts
    shown = [_header(name) for name in report.log.columns]
    return rows.sort_values(_header(sort)).iloc[offset : offset + ROWS][shown]


def _header(name: str) -> str:
    """Return the header of a log's column, empty for what the workbench adds to the file's."""
    return header({"inbox": "inbox_when_first_queued"}.get(name, name)) if name in KNOWN else ""


def search(peers: Peers) -> list[Row]:
    """Measure how many rows hold a text, in any of the columns that are searched; case and accents do not count."""
    columns = [_header(name) for name in log_of(REPORT.log).search]
    found = " or ".join(f"contains(lower(strip_accents(\"{column}\")), '{SEARCHED}')" for column in columns)
    asked = peers.asked(EVERYTHING)
    sql = f"select count(*) from contacts where \"Direction\" = 'INBOUND' and ({found})"
    times = peers.medians(
        lambda: logs.log_count(asked, REPORT.log, SEARCHED),
        lambda: peers.bare.sql(sql).fetchall(),
        lambda: _found_in_pandas(peers, columns),
    )
    return [Row(f"rows that hold '{SEARCHED}'", times, SEARCH_LIMIT, SEARCH_TARGET)]


def _found_in_pandas(peers: Peers, columns: list[str]) -> int:
    inbound = peers.contacts[peers.contacts["Direction"] == "INBOUND"]
    held = [inbound[column].str.contains(SEARCHED, case=False, regex=False, na=False) for column in columns]
    return int(sum(held[1:], held[0].astype(int)).gt(0).sum())
