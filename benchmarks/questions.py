"""Four questions asked of every peer there is, each asked as its documentation recommends: whose answers are the same.

pandas and Polars hold the contacts as frames (of Polars a lazy one is asked), Perspective as a table over Arrow of
which every question is a view, DuckDB as a table. None knows customer merges, so here they are left out too.
"""

import importlib.util
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

import duckdb
from python_calamine import CalamineWorkbook

from benchmarks.exports import header
from benchmarks.logs import ROWS
from benchmarks.measure import Row, Work, medians, say
from benchmarks.peers import REPORT, Peers
from benchmarks.tiles import AT, CHANNEL, CUSTOMER
from benchmarks.workbooks import COLUMNS
from sample_data.files import quoted
from workbench import workbook
from workbench.ask import answers
from workbench.ask.logs import Page, log_rows
from workbench.ask.selection import Selection
from workbench.reports.contact_export import CONTACT_EXPORT
from workbench.time.coverage import Span

LAST = Selection(preset="last_30_days", as_exported=True)
QUESTIONS = {"30 days by day with customers": "", "the same after a filter change": "CHAT"}  # of which channel
HANDLE = header("contact_handle_seconds")
HEADERS = [header(name) for name in COLUMNS]
TEXTS = {"strings_to_urls": False}  # as XlsxWriter advises: a sheet takes no more than 65,530 links
EXTRAS = ("polars", "perspective", "xlsxwriter")  # what `make peers` installs

Day = tuple[date, int, int]  # with how many contacts there were, and of how many customers


@dataclass(frozen=True)
class Peer:
    """How one answers: days of a channel ('' is all), the longest handle times of a page, and a workbook if it can."""

    by_day: Callable[[str], list[Day]]
    top: Callable[[], list[float]]
    write: Callable[[Path], object] | None = None


def rows(peers: Peers) -> list[Row]:
    """Measure each question with all that can answer it, once they have given the same answer."""
    asked = _asked(peers)
    days, chosen = (
        _compared(what, {name: partial(peer.by_day, channel) for name, peer in asked.items()})
        for what, channel in QUESTIONS.items()
    )
    top = _compared("top page of the log by handle time", {name: peer.top for name, peer in asked.items()})
    return [days, chosen, top, _written(peers, asked)]


def _asked(peers: Peers) -> dict[str, Peer]:
    """Return who answers; say who is not here to be asked."""
    missing = [name for name in EXTRAS if importlib.util.find_spec(name) is None]
    for name in missing:
        say(f"Not measured: {name}, which is not installed (make peers)")
    made: dict[str, Callable[[Peers], Peer]] = {
        "here": _here, "floor": _duckdb, "pandas": _pandas, "polars": _polars, "perspective": _perspective,
    }  # fmt: skip
    return {name: make(peers) for name, make in made.items() if name not in missing}


def _compared(what: str, works: Mapping[str, Callable[[], object]]) -> Row:
    _check_same(what, {name: work() for name, work in works.items()})
    return _row(what, medians(works))


def _check_same(what: str, found: Mapping[str, object]) -> None:
    wrong = [name for name, answer in found.items() if answer != found["here"]]
    if wrong:
        raise RuntimeError(f"{what}: not the same from {', '.join(wrong)}")


def _row(what: str, taken: Mapping[str, float]) -> Row:
    return Row(what, taken, min(taken[name] for name in taken if name != "here"), "every peer")


def _written(peers: Peers, asked: Mapping[str, Peer]) -> Row:
    """Measure the workbooks once each: they hold the same contacts, which are looked for in their cells."""
    page = Page(columns=("contact_id",))
    ids = set(log_rows(peers.asked(LAST, CONTACT_EXPORT), CONTACT_EXPORT.log, page)["contact_id"])
    with tempfile.TemporaryDirectory() as folder:
        works: dict[str, Work] = {
            name: partial(peer.write, Path(folder, f"{name}.xlsx")) for name, peer in asked.items() if peer.write
        }
        taken = medians(works, rounds=1)
        _check_same("XLSX", {name: _held(Path(folder, f"{name}.xlsx"), ids) for name in works} | {"here": len(ids)})
    return _row(f"XLSX of {len(ids):,} rows of the log", taken)


def _held(file: Path, ids: set[str]) -> int:
    """Return how many cells of a workbook are one of the IDs."""
    book = CalamineWorkbook.from_path(file)
    sheets = (book.get_sheet_by_name(name) for name in book.sheet_names)
    return sum(cell in ids for sheet in sheets for row in sheet.iter_rows() for cell in row)


def _span(peers: Peers) -> Span:
    return peers.asked(LAST).scope.now.span


def _here(peers: Peers) -> Peer:
    everything = peers.asked(Selection(as_exported=True), CONTACT_EXPORT)

    def by_day(channel: str) -> list[Day]:
        chosen = replace(LAST, filters=(("channel", (channel,)),) if channel else ())
        found = answers.rows(peers.asked(chosen), REPORT.tile("by_period"))
        periods = (period.date() for period in found["period"])
        counts = zip(periods, map(int, found["inbound_contacts"]), map(int, found["customers"]), strict=True)
        return [day for day in counts if day[1]]  # the others know no day without contacts

    def top() -> list[float]:
        page = Page("contact_handle_seconds:desc", ROWS, columns=COLUMNS)
        return list(map(float, log_rows(everything, CONTACT_EXPORT.log, page)["contact_handle_seconds"]))

    def write(target: Path) -> None:
        workbook.write(peers.asked(LAST, CONTACT_EXPORT), target, CONTACT_EXPORT.log, Page(columns=COLUMNS))

    return Peer(by_day, top, write)


def _duckdb(peers: Peers) -> Peer:
    bare, (start, end) = peers.bare, _span(peers)
    shown, in_range = ", ".join(f'"{name}"' for name in HEADERS), f'"{AT}" >= $start and "{AT}" < $end'

    def by_day(channel: str) -> list[Day]:
        found = bare.execute(
            f'select "{AT}"::date as day, count(*), count(distinct "{CUSTOMER}") from contacts'
            f" where \"Direction\" = 'INBOUND' and {in_range} and ($channel = '' or \"{CHANNEL}\" = $channel)"
            " group by all order by day",
            {"start": start, "end": end, "channel": channel},
        )
        return list(found.fetchall())

    def top() -> list[float]:
        sql = f'select {shown} from contacts order by "{HANDLE}" desc nulls last limit {ROWS}'
        return list(map(float, bare.sql(sql).df()[HANDLE]))

    def write(target: Path) -> None:
        sql = f'copy (select {shown} from contacts where {in_range} order by "{AT}" desc) to {quoted(str(target))}'
        bare.execute(f"{sql} (format xlsx)", {"start": start, "end": end})

    return Peer(by_day, top, write if _writes_workbooks(bare) else None)


def _writes_workbooks(bare: duckdb.DuckDBPyConnection) -> bool:
    try:
        bare.execute("load excel")
    except duckdb.Error:
        say("Not measured: XLSX by DuckDB, whose extension excel is not installed")
        return False
    return True


def _pandas(peers: Peers) -> Peer:
    contacts, (start, end) = peers.contacts, _span(peers)
    in_range = (contacts[AT] >= start) & (contacts[AT] < end)
    options = {"options": TEXTS} if importlib.util.find_spec("xlsxwriter") else None  # otherwise openpyxl writes

    def by_day(channel: str) -> list[Day]:
        wanted = (contacts["Direction"] == "INBOUND") & (contacts[AT] >= start) & (contacts[AT] < end)
        found = contacts[wanted & (contacts[CHANNEL] == channel) if channel else wanted]
        counted = found.groupby(found[AT].dt.floor("D"))[CUSTOMER].agg(["size", "nunique"])
        days = (day.date() for day in counted.index)
        return list(zip(days, map(int, counted["size"]), map(int, counted["nunique"]), strict=True))

    def top() -> list[float]:
        return list(map(float, contacts.nlargest(ROWS, HANDLE)[HEADERS][HANDLE]))

    def write(target: Path) -> None:
        contacts.loc[in_range, HEADERS].sort_values(AT, ascending=False).to_excel(
            target, index=False, engine_kwargs=options
        )

    return Peer(by_day, top, write)


def _polars(peers: Peers) -> Peer:
    import polars as pl

    contacts, (start, end) = peers.bare.sql("from contacts").pl().lazy(), _span(peers)
    in_range = contacts.filter(pl.col(AT) >= start, pl.col(AT) < end)

    def by_day(channel: str) -> list[Day]:
        wanted = [pl.col("Direction") == "INBOUND", *([pl.col(CHANNEL) == channel] if channel else [])]
        day, customers = pl.col(AT).dt.date().alias("day"), pl.col(CUSTOMER).drop_nulls().n_unique()
        found = in_range.filter(*wanted).group_by(day).agg(pl.len(), customers).sort("day")
        return list(found.collect().rows())

    def top() -> list[float]:
        return list(map(float, contacts.top_k(ROWS, by=HANDLE).select(HEADERS).collect()[HANDLE]))

    def write(target: Path) -> None:
        import xlsxwriter

        with xlsxwriter.Workbook(target, TEXTS) as book:
            in_range.select(HEADERS).sort(AT, descending=True).collect().write_excel(book)

    can_write = importlib.util.find_spec("xlsxwriter")
    return Peer(by_day, lambda: sorted(top(), reverse=True), write if can_write else None)


def _perspective(peers: Peers) -> Peer:
    import perspective

    table = perspective.Server().new_local_client().table(peers.bare.sql("from contacts").to_arrow_table())
    start, end = (f"{moment:%Y-%m-%dT%H:%M:%S}" for moment in _span(peers))
    # A missing customer is one of its distinct values.
    expressions = {"day": f"bucket(\"{AT}\", 'D')", "nobody": f'if (is_null("{CUSTOMER}")) 1; else 0'}

    def by_day(channel: str) -> list[Day]:
        view = table.view(
            columns=[CHANNEL, CUSTOMER, "nobody"],
            group_by=["day"],
            group_rollup_mode="flat",
            expressions=expressions,
            aggregates={CHANNEL: "count", CUSTOMER: "distinct count", "nobody": "max"},
            filter=[
                ["Direction", "==", "INBOUND"],
                [AT, ">=", start],
                [AT, "<", end],
                *([[CHANNEL, "==", channel]] if channel else []),
            ],
        )
        found = view.to_columns()
        view.delete()
        days = (datetime.fromtimestamp(path[0] / 1000, UTC).date() for path in found["__ROW_PATH__"])
        customers = (n - nobody for n, nobody in zip(found[CUSTOMER], found["nobody"], strict=True))
        return list(zip(days, map(int, found[CHANNEL]), map(int, customers), strict=True))

    def top() -> list[float]:
        view = table.view(columns=HEADERS, sort=[[HANDLE, "desc"]])
        found = view.to_columns(start_row=0, end_row=ROWS)
        view.delete()
        return list(map(float, found[HANDLE]))

    return Peer(by_day, top)
