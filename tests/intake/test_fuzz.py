"""Files that nobody would make: whatever the bytes, a load accounts for every row or is refused and leaves no trace."""

import csv
import gzip
import io
import signal
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from workbench.errors import WorkbenchError
from workbench.exports import KINDS, Column, ExportKind
from workbench.intake.choices import Choices
from workbench.intake.outcome import LoadOutcome
from workbench.store.workspace import Workspace

HANG = 10  # seconds of processor time: other work on the machine makes no test fail
CLEARED_AFTER = 100  # loads after which the tables are emptied, so that they do not grow

# A value of each type in four rows; ordinary, wanted and seldom ones.
VALUES: dict[str, tuple[str, str, str, str]] = {
    "text": ("Žofie", 'Ann, "the" ace', "two\nlines", ""),
    "link": ("https://example.com/a", "", "https://example.com/b", "https://example.com/c"),
    "enum": ("SMS", "Chat", "CARRIER_PIGEON", ""),
    "zone": ("UTC", "UTC", "UTC", "UTC"),
    "channels": ("All Channels", "All Channels", "All Channels", "All Channels"),
    "timestamp": ("2024-03-05 10:00:00", "2024-03-06 11:30:00", "2024-03-07 12:59:59", "2024-03-08 00:00:00"),
    "date": ("2024-03-05", "2024-03-06", "2024-03-07", "2024-03-08"),
    "duration": ("12.5", "0", "17149.683457143", "-3.25"),
    "count": ("3", "0", "", "12"),
    "amount": ("12.5", "", "1000.25", "0.1"),
}
CHUNKS = (
    b'"', b'""', b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b"\0", b"'", b'="', b"\\", b"\xff", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xf0\x9f\x98", "😀".encode(), b"Total", b"Null", b"nan", b"1e400", b"1,000", b"1.000", b"-", b"E+15",
    b"sep=;\n", b"<html>", b"{", b"7/12/21 10:48 AM", b"2024-02-30 10:00:00", b"Z", b"+02:00", b"Mars/Base",
    b"x" * 5000, b",,,,,,,,", b"\n\n\n", b"Contact ID", b"\xe2\x80\xa8", b"#", b" ", b"*", b"%s", b"{}", b"0x1F",
    b"1_000", b"1e-400", b"1 250", b"0,125", b"1.250", b"\xc2\xa0", b"\xe2\x80\xaf", b"\xe2\x80\x8e", b"e\xcc\x81",
    b"NULL", b" -", b"210000000.0", b"3d 4h", b"36:15", b"27-Aug-2026 22:04", b"2026-08-27 22:04:42 -0400",
    b"8/27/2026, 10:04 PM",
)  # fmt: skip
TABLES = "select table_name from information_schema.tables where table_schema = 'main' and table_type = 'BASE TABLE'"
TABLES_OF_ROWS = "select table_name from information_schema.columns where column_name = 'extra'"
NAME = "export-20240301-20240331-Daily.csv"


def values(kind: ExportKind, column: Column) -> tuple[str, ...]:
    if constant := dict(kind.constants).get(column.name):
        return (constant,) * 4
    if column.type == "id":
        return tuple(f"{column.name[:4]}-{n}_Aé" for n in range(4))
    filled = VALUES[column.type]
    return tuple(value or filled[0] for value in filled) if column.name in {*kind.required, *kind.key} else filled


@cache
def table(kind_name: str) -> tuple[tuple[str, ...], ...]:
    """Return a small valid export: what the kind needs, and one column of every other type."""
    kind = KINDS[kind_name]
    needed = {*kind.required, *kind.key, kind.anchor}
    in_files = [column for column in kind.columns if column.headers]
    first = {column.type: column for column in reversed(in_files)}
    columns = [c for c in in_files if c.name in needed or first[c.type] is c]
    return (tuple(c.headers[0] for c in columns), *zip(*(values(kind, c) for c in columns), strict=True))


@cache
def as_csv(kind: str) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table(kind))
    return out.getvalue().encode()


@cache
def as_xlsx(kind: str) -> bytes:
    book, out = Workbook(), io.BytesIO()
    for row in table(kind):
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


@cache
def as_zip(kind: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(zipfile.ZipInfo(NAME), as_csv(kind))
    return out.getvalue()


@cache
def as_gzip(kind: str) -> bytes:
    return gzip.compress(as_csv(kind), mtime=0)


# Mutations -----------------------------------------------------------------------------------------------------------

Mutation = Callable[[bytes], bytes]


def between(content: bytes, at: int, length: int) -> tuple[int, int]:
    start = at % (len(content) + 1)
    return start, min(start + length, len(content))


def replaced(at: int, length: int, by: bytes) -> Mutation:
    def mutate(content: bytes) -> bytes:
        start, end = between(content, at, length)
        return content[:start] + by + content[end:]

    return mutate


def truncated(at: int) -> Mutation:
    return lambda content: content[: at % (len(content) + 1)]


def flipped(at: int, bits: int) -> Mutation:
    def mutate(content: bytes) -> bytes:
        start, end = between(content, at, 1)
        return content[:start] + bytes(byte ^ bits for byte in content[start:end]) + content[end:]

    return mutate


def doubled(line: int, to: int) -> Mutation:
    def mutate(content: bytes) -> bytes:
        lines = content.split(b"\n")
        lines.insert(to % (len(lines) + 1), lines[line % len(lines)])
        return b"\n".join(lines)

    return mutate


def swapped(one: bytes, other: bytes) -> Mutation:
    return lambda content: content.replace(one, other)


def recoded(encoding: str) -> Mutation:
    def mutate(content: bytes) -> bytes:
        text = content.decode("utf-8", "replace")
        return b"\xfe\xff" * (encoding == "utf-16-be") + text.encode(encoding, "replace")

    return mutate


AT = st.integers(0, 5_000)
MUTATION: st.SearchStrategy[Mutation] = st.one_of(
    st.builds(replaced, AT, st.integers(0, 3), st.sampled_from(CHUNKS)),
    st.builds(replaced, AT, st.integers(0, 60), st.binary(max_size=4)),
    st.builds(truncated, AT),
    st.builds(flipped, AT, st.integers(1, 255)),
    st.builds(doubled, st.integers(0, 9), st.integers(0, 9)),
    st.builds(swapped, st.sampled_from([b",", b"\n", b'"', b"2024", b"0", b"-"]), st.sampled_from(CHUNKS)),
    st.builds(recoded, st.sampled_from(["utf-8-sig", "utf-16", "utf-16-be", "utf-16-le", "cp1252", "utf-32", "utf-7"])),
)
MUTATIONS = st.lists(MUTATION, min_size=1, max_size=4)
KIND = st.sampled_from(sorted(KINDS))


def mutated(content: bytes, mutations: list[Mutation]) -> bytes:
    for mutate in mutations:
        content = mutate(content)
    return content


# What must hold ------------------------------------------------------------------------------------------------------


class Intake:
    """One workspace for many files, and what is in it."""

    def __init__(self, folder: Path) -> None:
        self.file, self.workspace = folder / NAME, Workspace()
        self.workspace.set("reporting_zone", "UTC")
        self.tables = [name for (name,) in self.workspace.rows(TABLES)]
        with_rows = {name for (name,) in self.workspace.rows(TABLES_OF_ROWS)}
        self.of_rows = [name for name in self.tables if name in with_rows and not name.endswith("_replaced")]

    def counts(self) -> dict[str, int]:
        """Return the number of rows of every table, and the workspace's version, which every change raises."""
        counted = " union all ".join(f"select '{name}', count(*) from {name}" for name in self.tables)
        return {"version": self.workspace.version, **dict(self.workspace.rows(counted))}

    def clear(self) -> None:
        with self.workspace.cursor() as cursor:
            for name in {*self.tables} - {"settings"}:
                cursor.execute(f"delete from {name}")

    def check(self, content: bytes, kind: str | None, is_text: bool = True) -> None:
        """Load a file twice: every row is accounted for and nothing changes again, or it is refused without a trace."""
        self.file.write_bytes(content)
        before = self.counts()
        with never_hangs():
            first = self.load(kind)
        after = self.counts()
        if first is None:
            assert after == before
            return
        check_counts(first)
        self.check_rejects(first)
        if is_text and first.encoding and first.encoding.startswith("utf-8"):
            check_rows_read(content, first)
        assert sum(after[name] - before[name] for name in self.of_rows) == first.rows_loaded
        with never_hangs():
            again = self.load(kind)
        assert again is not None
        check_counts(again)
        assert (again.rows_read, again.rows_rejected) == (first.rows_read, first.rows_rejected)
        assert again.rows_unchanged == again.rows_read - again.rows_rejected
        if after["loads"] > CLEARED_AFTER:
            self.clear()

    def load(self, kind: str | None) -> LoadOutcome | None:
        """Return the report; None for a file that is refused in one line for people."""
        try:
            return self.workspace.load(self.file, Choices(kind=kind))
        except WorkbenchError as error:
            refusal = str(error)
        assert len(refusal.splitlines()) == 1, refusal
        assert "Traceback" not in refusal
        assert "Please report this" not in refusal
        assert list((self.workspace.files / "inbox").iterdir()) == []
        return None

    def check_rejects(self, report: LoadOutcome) -> None:
        if report.load_id is not None:
            sql = "select count(distinct row) from rejects where load_id = ?"
            assert self.workspace.rows(sql, [report.load_id]) == [(report.rows_rejected,)]


def check_counts(report: LoadOutcome) -> None:
    found = (report.rows_loaded, report.rows_updated, report.rows_unchanged, report.rows_rejected)
    assert min(found) >= 0
    assert sum(found) == report.rows_read


def check_rows_read(content: bytes, report: LoadOutcome) -> None:
    """Compare with an independent reader, where nothing but rows stands in the file."""
    if any("left out" in warning for warning in report.warnings) or not report.delimiter:
        return
    text = content.decode("utf-8-sig", "replace")
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = lines.partition("\n")[2] if lines.lower().startswith(("sep=", '"sep=')) else lines
    records = list(csv.reader(io.StringIO(lines), delimiter=report.delimiter, skipinitialspace=False))[1:]
    filled = sum(any(value.strip() for value in record) for record in records)
    assert filled <= report.rows_read <= sum(bool(record) for record in records)


@contextmanager
def never_hangs() -> Iterator[None]:
    """Fail when what is done takes longer than it may."""

    def stop(signum: int, frame: FrameType | None) -> None:
        raise AssertionError(f"took more than {HANG} s")

    if not hasattr(signal, "setitimer"):
        yield
        return
    earlier = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, earlier)


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Intake]:
    found = Intake(tmp_path_factory.mktemp("fuzz"))
    yield found
    found.workspace.close()


# 300 cases together, and 5,000 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_files_that_are_mutated_load_whole(intake: Intake, kind: str) -> None:
    intake.file.write_bytes(as_csv(kind))
    report = intake.load(kind)
    assert report is not None
    assert (report.rows_read, report.rows_loaded, report.rejects) == (4, 4, ())
    intake.clear()


@given(kind=KIND, mutations=MUTATIONS, is_said=st.booleans())
@settings(max_examples=90)
def test_a_mutated_file_is_accounted_for(intake: Intake, kind: str, mutations: list[Mutation], is_said: bool) -> None:
    intake.check(mutated(as_csv(kind), mutations), kind if is_said else None)


@given(content=st.binary(max_size=500), kind=st.none() | KIND)
@settings(max_examples=50)
def test_random_bytes_are_accounted_for(intake: Intake, content: bytes, kind: str | None) -> None:
    intake.check(content, kind)


@given(kind=KIND, mutations=MUTATIONS, make=st.sampled_from([as_xlsx, as_gzip, as_zip]))
@settings(max_examples=20)
def test_a_mutated_package_is_accounted_for(
    intake: Intake, kind: str, mutations: list[Mutation], make: Callable[[str], bytes]
) -> None:
    intake.check(mutated(make(kind), mutations), kind, is_text=False)


@pytest.mark.long
@given(kind=KIND, mutations=MUTATIONS, is_said=st.booleans())
@settings(max_examples=1_600)
def test_a_mutated_file_is_accounted_for_long(
    intake: Intake, kind: str, mutations: list[Mutation], is_said: bool
) -> None:
    intake.check(mutated(as_csv(kind), mutations), kind if is_said else None)


@pytest.mark.long
@given(content=st.binary(max_size=500), kind=st.none() | KIND)
@settings(max_examples=1_000)
def test_random_bytes_are_accounted_for_long(intake: Intake, content: bytes, kind: str | None) -> None:
    intake.check(content, kind)


@pytest.mark.long
@given(kind=KIND, mutations=MUTATIONS, make=st.sampled_from([as_xlsx, as_gzip, as_zip]))
@settings(max_examples=100)
def test_a_mutated_package_is_accounted_for_long(
    intake: Intake, kind: str, mutations: list[Mutation], make: Callable[[str], bytes]
) -> None:
    intake.check(mutated(make(kind), mutations), kind, is_text=False)


# What is written in many ways is read as it was meant ----------------------------------------------------------------

BLANKS = st.sampled_from(["", " ", "\t", "\xa0", "\u202f"])
UNSEEN = st.sampled_from(["", "", "\u200e", "\ufeff", "\u2066", "\u061c"])
HOURS = st.integers(0, 40), st.integers(0, 59), st.integers(0, 59)
OFFSETS = st.none() | st.integers(-14 * 4, 14 * 4).map(lambda quarters: timedelta(minutes=15 * quarters))
FORMATS = {
    "dmy": ("%d/%m/%Y, %H:%M:%S", "%d.%m.%Y %H:%M:%S", "%d-%m-%y %I:%M:%S %p"),
    "mdy": ("%m/%d/%Y, %I:%M:%S\u202f%p", "%m/%d/%y %H:%M:%S"),
}
IN_ANY_ORDER = (
    "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y/%m/%d %I:%M:%S %p", "%d-%b-%Y %H:%M:%S", "%B %d, %Y, %I:%M:%S %p",
    "%a, %d %b %Y %H:%M:%S", "%A, %B %d, %Y at %I:%M:%S %p",
)  # fmt: skip
Written = tuple[str, Any]  # a text, and what it means


@st.composite
def written_numbers(draw: st.DrawFn, mark: str, decimals: int = 4) -> Written:
    whole, rest = draw(st.integers(0, 99_999_999)), draw(st.text("0123456789", max_size=decimals))
    between = draw(st.sampled_from(["", {",": ".", ".": ","}[mark], " ", "'", "\u2019", "\xa0", "\u202f"]))
    sign, at_end = draw(st.sampled_from(["", "-", "+"])), draw(BLANKS)
    text = f"{whole:,}".replace(",", between) + (mark + rest if rest else "")
    return f"{sign}{text}{at_end}", float(f"{sign}{whole}.{rest or 0}")


@st.composite
def written_durations(draw: st.DrawFn, mark: str) -> Written:
    hours, minutes, seconds = (draw(part) for part in HOURS)
    sign = draw(st.sampled_from(["", "-"]))
    texts = {
        f"{hours}:{minutes:02}:{seconds:02}": hours * 3600 + minutes * 60 + seconds,
        f"{hours}:{minutes % 24:02}:{seconds:02}:{minutes:02}": hours * 86400
        + minutes % 24 * 3600
        + seconds * 60
        + minutes,
        f"{hours}:{seconds:02}": hours * 60 + seconds,
        f"{hours}h {minutes}m {seconds}s": hours * 3600 + minutes * 60 + seconds,
        f"{hours} d {seconds} secs": hours * 86400 + seconds,
        f"{minutes} min": minutes * 60,
    }
    text, value = draw(st.sampled_from(sorted(texts.items())))
    return draw(st.sampled_from([(sign + text, float(-value if sign else value)), draw(written_numbers(mark))]))


@st.composite
def written_moments(draw: st.DrawFn, order: str) -> Written:
    at, offset = draw(st.datetimes(datetime(1990, 1, 2), datetime(2059, 1, 1))).replace(microsecond=0), draw(OFFSETS)
    text = at.strftime(draw(st.sampled_from([*FORMATS[order], *IN_ANY_ORDER])))
    if offset is None:
        return text, at
    minutes = int(abs(offset).total_seconds()) // 60
    form = draw(st.sampled_from(["{}{:02}{:02}", " {}{:02}{:02}", " {}{:02}:{:02}", " GMT{}{:02}{:02}"]))
    return text + form.format("-" if offset < timedelta(0) else "+", *divmod(minutes, 60)), at - offset


@st.composite
def written_names(draw: st.DrawFn) -> Written:
    name = " ".join(draw(st.lists(st.text("aé각Ñ-_😀", min_size=1, max_size=4), min_size=1, max_size=3)))
    form = unicodedata.normalize(draw(st.sampled_from(["NFC", "NFD"])), name).replace(
        " ", draw(st.sampled_from(" \xa0\u202f"))
    )
    text = draw(BLANKS) + draw(UNSEEN) + form + draw(UNSEEN) + draw(BLANKS)
    return text, name


@st.composite
def written_records(draw: st.DrawFn) -> tuple[str, str, str, list[list[Written]]]:
    """Return a delimiter, the order of days and months, a decimal mark, and records with what each of them means."""
    delimiter, order, mark = (
        draw(st.sampled_from(",;\t|")),
        draw(st.sampled_from(["dmy", "mdy"])),
        draw(st.sampled_from(",.")),
    )
    records = [
        [draw(part) for part in (written_moments(order), written_names(), written_durations(mark),
                                 written_numbers(mark, 0), written_numbers(mark))]
        for _ in range(draw(st.integers(1, 8)))
    ]  # fmt: skip
    return delimiter, order, mark, records


def check_written(intake: Intake, delimiter: str, order: str, mark: str, records: list[list[Written]]) -> None:
    proof = [
        ("2024-03-05 10:00:00", datetime(2024, 3, 5, 10)),
        ("Ann", "Ann"),
        ("1", 1.0),
        ("1", 1),
        (f"0{mark}5", 0.5),
    ]
    out = io.StringIO()
    names = ["Contact ID", "Queued At", "Agent when Ended", "Total Talk Time", "Times Offered"]
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow([*names, "Payment Amount - Completed (USD)"])
    rows = [*records, proof]
    writer.writerows([f"c{number}", *(text for text, _ in record)] for number, record in enumerate(rows))
    intake.file.write_bytes(out.getvalue().encode())
    report = intake.workspace.load(intake.file, Choices(kind="gladly_contact_export", zone="UTC", date_order=order))
    fields = "queued_at, agent_when_ended, talk_seconds, times_offered, payment_amount_completed_usd"
    found = intake.workspace.rows(f"select {fields} from gladly_contact_export order by contact_id")
    assert report.rejects == ()
    assert found == [tuple(value for _, value in record) for record in rows]
    intake.clear()


@given(records=written_records())
@settings(max_examples=40)
def test_what_is_written_in_many_ways_is_read_as_it_was_meant(intake: Intake, records: Any) -> None:
    check_written(intake, *records)


@pytest.mark.long
@given(records=written_records())
@settings(max_examples=400)
def test_what_is_written_in_many_ways_is_read_as_it_was_meant_long(intake: Intake, records: Any) -> None:
    check_written(intake, *records)
