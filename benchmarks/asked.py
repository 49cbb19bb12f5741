"""What a large run asks: every report's tiles, options, drills, searches, log pages, changes, files and pages.

In pieces, each measured on its own, so that a run can go on between any two.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks import logs, messages, pages, tiles
from benchmarks.contact_export import AT
from benchmarks.exports import END, header
from benchmarks.ground import Ground
from benchmarks.measure import Row, Work, medians, seconds
from benchmarks.peers import RANGES, REPORT
from benchmarks.workbooks import COLUMNS
from sample_data.files import quoted
from workbench import workbook
from workbench.ask import answers
from workbench.ask.changes import changes
from workbench.ask.logs import Page, log_count, log_rows
from workbench.ask.selection import Selection, cell_rows, pins_of
from workbench.reports import Report, Tile
from workbench.reports.contact_export import CONTACT_EXPORT

EVERYTHING = RANGES["everything"]
COMPARED = {
    "30 days": Selection(preset="last_30_days", compare="preceding"),
    "half a year": Selection(start=END - timedelta(181), end=END, compare="preceding"),
}

Piece = tuple[str, Callable[[], list[Row]]]


def _row(what: str, taken: Mapping[str, float], unit: str = "s") -> Row:
    return Row(what, taken, math.inf, "", unit)


def _timed(what: str, **works: Work) -> list[Row]:
    return [_row(what, medians(works))]


def load(ground: Ground) -> Iterator[Piece]:
    """Load all files of a system."""
    yield ground.system.name, ground.load


def tile_rows(ground: Ground) -> Iterator[Piece]:
    """Ask every tile, over both ranges."""
    for report in ground.system.reports:
        for name in RANGES:
            for tile in report.tiles:
                if not (tile.log or tile.needs):
                    yield f"{report.name} {tile.name}, {name}", partial(_tile, ground, report, tile, name)


def _tile(ground: Ground, report: Report, tile: Tile, name: str) -> list[Row]:
    peers, what = ground.peers, f"{report.name} {tile.name}, {name}"
    if report in tiles.PEERS and tile.name in tiles.PEERS[report][0]:
        return [replace(tiles.row(peers, report, name, RANGES[name], tile), what=what)]
    if ground.system.name == "lexer":
        return [messages.row(peers.bare, peers.workspace, report, tile, name)]
    selection = replace(RANGES[name], compare="preceding" if tile.compares_itself else None)
    question = peers.asked(selection, report)
    return _timed(what, here=lambda: answers.rows(question, tile))


def options(ground: Ground) -> Iterator[Piece]:
    """Ask the values of every filter that offers them."""
    for report in ground.system.reports:
        for name in RANGES:
            for key in (filter.key for filter in report.filters if not filter.is_typed):
                yield f"{report.name} {key}, {name}", partial(_options, ground, report, key, name)


def _options(ground: Ground, report: Report, key: str, name: str) -> list[Row]:
    peers, what = ground.peers, f"{report.name} {key}, {name}"
    if report is REPORT:
        return [replace(tiles.options_of(peers, name, key), what=what)]
    question = peers.asked(RANGES[name], report)
    return _timed(what, here=lambda: answers.options(question, key))


def drill(ground: Ground) -> Iterator[Piece]:
    """Ask for the rows behind a cell of each report, and for the history of one thing."""
    for report in ground.system.reports:
        (tile, *_) = (tile for tile in report.tiles if tile.dimensions and not (tile.log or tile.optional_kind))
        for name in RANGES:
            yield f"{report.name} {tile.name}, {name}", partial(_drilled, ground, report, tile, name)
        for tile in report.tiles:
            if tile.needs:
                yield f"{report.name} {tile.name}", partial(_history, ground, report, tile)


def _drilled(ground: Ground, report: Report, tile: Tile, name: str) -> list[Row]:
    question, metric = ground.peers.asked(RANGES[name], report), tile.metrics[0]
    found = answers.rows(question, tile)
    (pin,) = pins_of(report, tile, found.iloc[[len(found) // 2]])
    log = report.log_of_cell(tile, report.metric(metric), {key: values[0] for key, values in pin})
    asked = question.asking(cell_rows(report, question.selection, dict(pin), metric))
    return _timed(
        f"{report.name} {tile.name}, {name}",
        here=lambda: (log_count(asked, log), log_rows(asked, log, Page(limit=logs.ROWS))),
    )


def _history(ground: Ground, report: Report, tile: Tile) -> list[Row]:
    question, key = ground.peers.asked(EVERYTHING, report), tile.needs
    log = next(each for each in report.logs if key in each.offered)
    value = log_rows(question, log, Page(limit=1, columns=(key,)))[key].iloc[0]
    asked = question.asking(replace(EVERYTHING, filters=((key, (str(value),)),)))
    return _timed(f"{report.name} {tile.name}", here=lambda: answers.rows(asked, tile))


def search(ground: Ground) -> Iterator[Piece]:
    """Count what holds a text in each log."""
    for report in ground.system.reports:
        for log in report.logs:
            yield f"{report.name} {log.name}", partial(_searched, ground, report, log)


def _searched(ground: Ground, report: Report, log: Tile) -> list[Row]:
    what = f"{report.name} {log.name}"
    if report is REPORT:
        return [replace(row, what=what) for row in logs.search(ground.peers)]
    question = ground.peers.asked(EVERYTHING, report)
    return _timed(what, here=lambda: log_count(question, log, logs.SEARCHED))


def log_pages(ground: Ground) -> Iterator[Piece]:
    """Ask the first, the middle and the deepest page of each log, by three columns."""
    for report in ground.system.reports:
        for log in report.logs:
            for sort in _sorts(report, log):
                yield f"{report.name} {log.name} {sort}", partial(_pages, ground, report, log, sort)


def _sorts(report: Report, log: Tile) -> tuple[str, ...]:
    """Return three columns: of Gladly's contacts those of which there are floors."""
    return logs.SORTS[:3] if report in logs.KNOWN_REPORTS else tuple(dict.fromkeys((*log.columns[:2], log.columns[-1])))


def _pages(ground: Ground, report: Report, log: Tile, sort: str) -> list[Row]:
    question = ground.peers.asked(EVERYTHING, report)
    found = logs.depths(question, log)
    whats = {depth: f"{report.name} {log.name} {sort}, {depth} page" for depth in found}
    if report in logs.KNOWN_REPORTS:
        return [logs.page(ground.peers, whats[depth], sort, offset, report) for depth, offset in found.items()]
    return [
        _row(whats[depth], medians({"here": partial(log_rows, question, log, Page(sort, logs.ROWS, offset))}))
        for depth, offset in found.items()
    ]


def explained(ground: Ground) -> Iterator[Piece]:
    """Ask why a metric of each report changed."""
    for report in ground.system.reports:
        decomposed = [each.name for each in report.metrics if each.decomposes != "none" and not each.is_change]
        for metric in decomposed[:1]:
            for name in COMPARED:
                yield f"{report.name} {metric}, {name}", partial(_explained, ground, report, metric, name)


def _explained(ground: Ground, report: Report, metric: str, name: str) -> list[Row]:
    question = ground.peers.asked(COMPARED[name], report)
    return _timed(f"{report.name} {metric}, {name}", here=lambda: changes(question, report.metric(metric)))


def files(ground: Ground) -> Iterator[Piece]:
    """Write the log of one report, once, as a workbook and as Parquet."""
    report = {"gladly": CONTACT_EXPORT}.get(ground.system.name, ground.system.reports[-1])
    for ending in ("xlsx", "parquet"):
        yield f"{report.name} {report.logs[0].name}.{ending}", partial(_written, ground, report, ending)


def _written(ground: Ground, report: Report, ending: str) -> list[Row]:
    log, target = report.logs[0], ground.folder / f"log.{ending}"
    question = ground.peers.asked(EVERYTHING, report)
    page = Page(columns=COLUMNS if report is CONTACT_EXPORT else ())
    taken = {"here": seconds(lambda: workbook.write(question, target, log, page))}
    if report is CONTACT_EXPORT and ending == "parquet":
        taken["floor"] = seconds(lambda: _copied(ground, target.with_name("bare.parquet")))
    size = float(target.stat().st_size)
    target.unlink()
    what = f"{report.name} {log.name}.{ending}"
    return [_row(what, taken), _row(f"{what}, file size", {"here": size}, "B")]


def _copied(ground: Ground, target: Path) -> None:
    """Write the same columns as one would."""
    columns = ", ".join(f'"{header(name)}"' for name in COLUMNS if name in logs.KNOWN and name != "inbox")
    order = f'order by "{AT}" desc'
    ground.peers.bare.execute(f"copy (select {columns} from contacts {order}) to {quoted(str(target))}")
    target.unlink()


def in_browser(ground: Ground) -> Iterator[Piece]:
    """Wait for pages in Chromium: after another preset of each report."""
    for report in ground.system.reports:
        yield report.name, partial(_in_browser, ground, report)


def _in_browser(ground: Ground, report: Report) -> list[Row]:
    return pages.preset_change(ground.workspace, report)


SECTIONS: dict[str, Callable[[Ground], Iterator[Piece]]] = {
    "load": load,
    "log": log_pages,
    "pages": in_browser,
    "tiles": tile_rows,
    "options": options,
    "drill": drill,
    "search": search,
    "changes": explained,
    "export": files,
}
