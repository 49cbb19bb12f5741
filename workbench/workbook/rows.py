"""The rows of a large table as a sheet's XML: made by the database, streamed into the package that openpyxl saved.

openpyxl makes an object of every cell, which takes twenty times as long. Of such a sheet it writes the header, and two
empty rows under it from which cells take their styles: the first for values, the second for texts that a spreadsheet
would run. Here these two make way for the rows. No cell says its own place, as all of a row stand in order.
"""

import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile

import duckdb
import pyarrow
from openpyxl.utils import get_column_letter

from workbench.sql import identifier, literal
from workbench.workbook.plan import FORMULA, SECONDS_A_DAY, Column

MOST_ROWS = 1_048_576 - 1  # below the header
MOST_LINKS = 65_000  # in a sheet; Excel repairs a file with more than 65,530
TEXT_LIMIT = 32_767  # characters that Excel keeps in a cell, those beyond the first plane counted twice
LINK_LIMIT = 2_000  # letters of an address
SMALL_GROUPS = ", row_group_size 20480"  # of Parquet, which are read one by one, in little memory
FETCHED = 5_000  # rows at a time
MEMORY, THREADS = "150MB", 2
DIGITS = "1e15"  # from which on Excel rounds a whole number
FIRST_DAY = "timestamp '1900-03-01'"  # before which Excel's days are others, or none
_EPOCH = 25_569  # Excel's number of 1 January 1970
_NO_XML = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x{FFFE}\x{FFFF}]"
_ESCAPE = r"_(x[0-9A-Fa-f]{4}_)"  # read by Excel as the character of that number
_SPECIAL = rf"[&<>\r]|{_NO_XML}|{_ESCAPE}|^\s|\s$|{FORMULA}"
_ASTRAL = r"[^\x{10000}-\x{10FFFF}]"
_LINK = r"https?://[A-Za-z0-9._~:/?#@!$&()*+,;=%-]+"
_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "threads": THREADS,
    "autoinstall_known_extensions": "false",
}
_MACROS = f"""
create macro needs_care(t) as regexp_matches(t, {literal(_SPECIAL)}) or length(t) > {TEXT_LIMIT // 2};
create macro units(t) as length(t) + length(regexp_replace(t, {literal(_ASTRAL)}, '', 'g'));
create macro is_long(t) as case when 2 * length(t) > {TEXT_LIMIT} then units(t) > {TEXT_LIMIT} else false end;
create macro is_link(t) as length(t) <= {LINK_LIMIT} and regexp_full_match(t, {literal(_LINK)});
create macro fitting(t) as case when not is_long(t) then t
    else left(t, greatest({TEXT_LIMIT} - (units(t) - length(t))::int, {TEXT_LIMIT // 2})) end;
create macro escaped(t) as replace(replace(replace(replace(regexp_replace(regexp_replace(
    fitting(t), {literal(_NO_XML)}, chr(65533), 'g'), {literal(_ESCAPE)}, '_x005F_\\1', 'g'),
    '&', '&amp;'), '<', '&lt;'), '>', '&gt;'), chr(13), '&#13;');
"""  # fmt: skip
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')
_STYLES = re.compile(r'<c r="([A-Z]+)\d+" s="(\d+)"')  # a cell without a look is not there


@dataclass(frozen=True)
class Stretch:
    """Rows of a file that stand in a sheet of their own below its `header` line, with the sheet's last cell."""

    file: Path
    columns: tuple[Column, ...]
    header: int
    start: int
    length: int
    last_cell: str


@dataclass(frozen=True)
class Changed:
    """How many texts no cell could hold as they are, how many times are before Excel's, and links too many for one."""

    shortened: int = 0
    replaced: int = 0
    old: int = 0
    unlinked: int = 0


class Rows:
    """Reads Parquet files of one folder, and nothing else, in a database of its own that lives in little memory."""

    def __init__(self, folder: Path, memory: str = MEMORY) -> None:
        """Open the database."""
        self._database = duckdb.connect(config=_LIMITS | {"memory_limit": memory})
        self._database.execute(f"set allowed_directories = [{literal(folder)}]; set temp_directory = ''")
        self._database.execute("set enable_external_access = false; set lock_configuration = true")
        self._database.execute(_MACROS)
        self._linked: dict[Stretch, list[tuple[int, int, str]]] = {}
        self._plain: dict[Path, set[str]] = {}  # columns of texts of which none needs care

    def changed(self, file: Path, columns: tuple[Column, ...]) -> Changed:
        """Count what of a file's values no cell can hold as it is, and remember columns that need no care at all."""
        kinds = self._kinds(file)
        texts, times = ([name for name, kind in kinds.items() if kind == of] for of in ("text", "time"))
        links = [name for name in kinds if name in _links(columns)]
        care = {f"care_{n}": identifier(name) for n, name in enumerate(texts)}
        long = [f"case when {needs} then is_long({name})::int end" for needs, name in care.items()]
        odd = [
            f"case when {needs} then regexp_matches({name}, {literal(_NO_XML)})::int end"
            for needs, name in care.items()
        ]
        old = [f"({identifier(name)} < {FIRST_DAY})::int" for name in times]
        linked = [f"is_link({identifier(name)})::int" for name in links]
        sums = ", ".join(f"coalesce(sum({_added(each)}), 0)" for each in (long, odd, old, linked))
        any_care = ", ".join(f"coalesce(bool_or({needs}), false)" for needs in care)
        needing = "".join(f", needs_care({name}) as {needs}" for needs, name in care.items())
        by_sheet = (
            f"select {sums}, [{any_care}] from (select *{needing} from {_read(file)})"
            f" group by file_row_number // {MOST_ROWS}"
        )
        counted = self._database.execute(by_sheet).fetchall()
        caring = [any(of_sheets) for of_sheets in zip(*(cares for *_, cares in counted), strict=True)]
        self._plain[file] = {name for name, cares in zip(texts, caring, strict=False) if not cares}
        unlinked = sum(max(0, int(found) - MOST_LINKS) for _, _, _, found, _ in counted)
        long_ones, odd_ones, old_ones = (sum(int(row[n]) for row in counted) for n in range(3))
        return Changed(long_ones, odd_ones, old_ones, unlinked)

    def fill(self, source: Path, target: Path, sheets: Mapping[str, Stretch], step: Callable[[int], None]) -> None:
        """Copy a package with rows in the sheets named by their part; say of each how many, as they are written."""
        with ZipFile(source) as package, ZipFile(target, "w", ZIP_DEFLATED, compresslevel=zlib.Z_BEST_SPEED) as out:
            for name in package.namelist():
                content = package.read(name)
                with out.open(name, "w", force_zip64=name in sheets) as part:
                    if stretch := sheets.get(name):
                        self._fill(content, part, stretch, step)
                    elif stretch := sheets.get(name.replace("_rels/", "").removesuffix(".rels")):
                        part.write(content.replace(b"</Relationships>", self._addresses(stretch)))
                    else:
                        part.write(content)

    def _fill(self, content: bytes, part: IO[bytes], stretch: Stretch, step: Callable[[int], None]) -> None:
        start = content.index(f'<row r="{stretch.header + 1}"'.encode())
        quoted = content.index(f'<row r="{stretch.header + 2}"'.encode())
        end = content.index(b"</row>", quoted) + len(b"</row>")
        head, tail = content[:start], content[end:]
        styles = [dict(_STYLES.findall(row.decode())) for row in (content[start:quoted], content[quoted:end])]
        part.write(_DIMENSION.sub(f'<dimension ref="A1:{stretch.last_cell}"'.encode(), head))
        with ThreadPoolExecutor(1) as beside:  # packing takes as long as making, and they take turns else
            packed = beside.submit(part.write, b"")
            for rows, number in self._rows(stretch, styles):
                packed.result()
                packed = beside.submit(part.write, rows)
                step(number)
            packed.result()
        margins = tail.index(b"<printOptions" if b"<printOptions" in tail else b"<pageMargins")
        part.write(tail[:margins] + self._hyperlinks(stretch) + tail[margins:])

    def _rows(self, stretch: Stretch, styles: list[dict[str, str]]) -> Iterator[tuple[memoryview, int]]:
        """Yield the XML of rows, some at a time, and of how many; an empty one is there all the same.

        As Arrow has them the texts of a batch stand one behind the other, so that no text is made of each row.
        """
        kinds = self._kinds(stretch.file)
        names = [column.name for column in stretch.columns]
        spans = [column.name for column in stretch.columns if column.format == "duration"]
        cells = []
        for n, name in enumerate([*names, *spans], start=1):
            plain, quoted = (looks.get(get_column_letter(n), "0") for looks in styles)
            kind = "number" if n > len(names) else "days" if name in spans else kinds[name]
            if kind == "text" and name in self._plain.get(stretch.file, ()):
                kind = "plain"
            cells.append(_cell(identifier(name), kind, plain, quoted))
        row = f"file_row_number - {stretch.start} + {stretch.header + 1}"
        sql = f"select concat('<row r=\"', {row}, '\">', {', '.join(cells)}, '</row>') from {_stretch(stretch)}"
        for batch in self.batches(sql):
            _, _, texts = batch.column(0).buffers()
            yield memoryview(texts), batch.num_rows

    def _links(self, stretch: Stretch) -> list[tuple[int, int, str]]:
        """Return the addresses that a sheet links to, as many as it can hold, each with its row and column.

        They are asked for twice, by the sheet and by the part that has its addresses. Rows come in their order anyway.
        """
        if stretch in self._linked:
            return self._linked[stretch]
        found = self._linked.setdefault(stretch, [])
        for number, column in enumerate(stretch.columns):
            if column.format == "link":
                name = identifier(column.name)
                sql = f"select file_row_number - {stretch.start}, {name} from {_stretch(stretch)} and is_link({name})"
                limit = f"{sql} limit {MOST_LINKS - len(found)}"
                found += [(int(row), number, str(url)) for row, url in self._database.execute(limit).fetchall()]
        return found

    def _hyperlinks(self, stretch: Stretch) -> bytes:
        links = "".join(
            f'<hyperlink ref="{get_column_letter(column + 1)}{row + stretch.header + 1}" r:id="link{n}"'
            ' xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"/>'
            for n, (row, column, _) in enumerate(self._links(stretch))
        )
        return f"<hyperlinks>{links}</hyperlinks>".encode() if links else b""

    def _addresses(self, stretch: Stretch) -> bytes:
        kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"
        links = "".join(
            f'<Relationship Id="link{n}" Type="{kind}" Target={quoteattr(url)} TargetMode="External"/>'
            for n, (_, _, url) in enumerate(self._links(stretch))
        )
        return f"{links}</Relationships>".encode()

    def batches(self, sql: str) -> pyarrow.RecordBatchReader:
        """Return the rows of a query, some at a time."""
        return self._database.sql(sql).to_arrow_reader(FETCHED)

    def types(self, file: Path) -> dict[str, str]:
        """Return the types of a file's columns."""
        described = self._database.execute(f"describe select * from read_parquet({literal(file)})").fetchall()
        return {name: type_ for name, type_, *_ in described}

    def _kinds(self, file: Path) -> dict[str, str]:
        """Return by column what its cells are: number, whole, flag, time or text."""
        return {name: _kind(type_) for name, type_ in self.types(file).items()}


def _kind(type_: str) -> str:
    match type_:
        case "BOOLEAN":
            return "flag"
        case "DOUBLE" | "FLOAT":
            return "number"
        case "DATE" | "TIMESTAMP" | "TIMESTAMP_NS" | "TIMESTAMP_MS" | "TIMESTAMP_S":
            return "time"
    return "whole" if type_.endswith("INT") or type_.startswith(("INTEGER", "UINTEGER", "DECIMAL")) else "text"


def _cell(name: str, kind: str, style: str, quoted: str) -> str:
    """Return SQL for the XML of a cell; one without a value is there, or the next would stand in its place."""
    number, text, plain = partial(_number, style), partial(_text, style, quoted), partial(_plain, style)
    serial, days = f"epoch_us({name}) / 86400000000.0 + {_EPOCH}", f"{name} / {SECONDS_A_DAY}.0"
    holds, cell = {
        "number": (f"isfinite({name})", number(name)),
        "days": (f"isfinite({name}::double)", number(days)),
        "whole": (f"{name} is not null", _either(f"abs({name}) < {DIGITS}", number(name), text(f"{name}::varchar"))),
        "flag": (f"{name} is not null", f"concat('<c{_looking(style)} t=\"b\"><v>', {name}::int, '</v></c>')"),
        "time": (f"{name} is not null", _either(f"{name} >= {FIRST_DAY}", number(serial), text(f"{name}::varchar"))),
        "text": (f"{name} <> ''", text(name)),
        "plain": (f"{name} <> ''", plain(name)),
    }[kind]
    return _either(holds, cell, "'<c/>'")


def _either(condition: str, then: str, otherwise: str) -> str:
    return f"case when {condition} then {then} else {otherwise} end"


def _looking(style: str) -> str:
    """Return what says a cell's look, nothing for the look that cells have anyway."""
    return f' s="{style}"' if style != "0" else ""


def _number(style: str, value: str) -> str:
    return f"concat('<c{_looking(style)}><v>', {value}, '</v></c>')"


def _plain(style: str, value: str) -> str:
    return f"concat('<c{_looking(style)} t=\"inlineStr\"><is><t>', {value}, '</t></is></c>')"


def _text(style: str, quoted: str, value: str) -> str:
    """Return SQL for the XML of a text; most of them have nothing that needs care."""
    runs = f"regexp_matches({value}, {literal(FORMULA)})"
    look = _either(runs, literal(_looking(quoted)), literal(_looking(style)))
    written = f"' t=\"inlineStr\"><is><t xml:space=\"preserve\">', escaped({value}), '</t></is></c>'"
    return _either(f"not needs_care({value})", _plain(style, value), f"concat('<c', {look}, {written})")


def _links(columns: tuple[Column, ...]) -> set[str]:
    return {column.name for column in columns if column.format == "link"}


def _read(file: Path) -> str:
    return f"read_parquet({literal(file)}, file_row_number = true)"


def _stretch(stretch: Stretch) -> str:
    end = stretch.start + stretch.length
    return f"{_read(stretch.file)} where file_row_number >= {stretch.start} and file_row_number < {end}"


def _added(parts: list[str]) -> str:
    return " + ".join(f"coalesce({part}, 0)" for part in parts) or "0"
