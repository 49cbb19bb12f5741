"""Files and their rows: every row is loaded, updated, unchanged or rejected; spreadsheets, caps, merges, figures."""

import csv
import io
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from tests.builders import HEADER, Desk, Row, contact, written
from workbench import Workbench
from workbench.ask.selection import ROLLUPS
from workbench.errors import ChoiceNeeded, FileRefused, UnknownName
from workbench.exports import KINDS
from workbench.exports.gladly import CONTACT_EXPORT

COLUMNS = ("contact_id", "agent_when_ended", "entry_point", "queued_at", "talk_seconds", "times_offered")
ROWS = [
    contact("2024-03-05 10:00:00", contact_id="a", agent_when_ended="Žofie Müller", talk_seconds="12.5"),
    contact("2024-03-06 11:30:00", contact_id="-b", agent_when_ended='Ann, "the" ace', times_offered="3"),
    contact("2024-03-07 12:59:59", contact_id="c", entry_point="line\nbreak"),
]
STORED = [
    ("a", "Žofie Müller", None, datetime(2024, 3, 5, 10), 12.5, None),
    ("-b", 'Ann, "the" ace', None, datetime(2024, 3, 6, 11, 30), None, 3),
    ("c", None, "line\nbreak", datetime(2024, 3, 7, 12, 59, 59), None, None),
]


def as_text(rows: list[Row], **dialect: Any) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, restval="", **({"lineterminator": "\n"} | dialect))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_a_file_that_is_not_there_is_refused(desk: Desk) -> None:
    with pytest.raises(FileRefused, match="there is no such file"):
        desk.workbench.load(desk.folder / "nothing.csv")


# Rows ----------------------------------------------------------------------------------------------------------------


def test_a_reject_names_the_physical_line_below_quoted_line_breaks_and_blank_lines(desk: Desk) -> None:
    rows = [contact(entry_point="one\ntwo\nthree"), contact(times_offered="x"), contact(), contact(times_offered="y")]
    text = "A title\n" + as_text(rows)
    report = desk.load_text(text)
    bad = [number for number, line in enumerate(text.split("\n"), start=1) if ",x," in line or ",y," in line]
    assert [reject["row"] for reject in report.rejects] == bad == [6, 8]


def test_a_report_lists_a_hundred_rejects_and_the_workspace_keeps_all(desk: Desk) -> None:
    report = desk.load(*(contact(times_offered="x") for _ in range(150)))
    assert (len(report.rejects), report.rows_rejected) == (100, 150)
    assert desk.stored("select count(*), count(distinct row), min(row), max(row) from rejects") == [(150, 150, 2, 151)]


def test_a_file_of_nothing_but_rejects_is_loaded_and_says_so(desk: Desk) -> None:
    report = desk.load(contact(queued_at="soon"))
    assert (report.rows_read, report.rows_rejected, desk.columns("contact_id")) == (1, 1, [])


CELLS = st.lists(
    st.tuples(
        st.sampled_from(["", "a", "b", "-c", "ID 7", "1e5"]),
        st.sampled_from(["2024-03-05 10:00:00", "2024-03-05", "soon", "", "2024-03-05T10:00:00Z"]),
        st.sampled_from(["1", "-2", "1,000", "5.75", "nan", "", "Null"]),
        st.sampled_from(["1.5", "inf", "1:02:03", "x", ""]),
        st.sampled_from(["plain", 'a "quote"', "two\nlines", "comma, comma", ""]),
    ),
    max_size=12,
)


def is_unfit(cells: tuple[str, ...]) -> bool:
    key, at, offered, talk, _ = cells
    return not key or at in ("", "soon") or offered in ("5.75", "nan") or talk in ("inf", "x")


def check_counts(desk: Desk, cells: list[tuple[str, str, str, str, str]]) -> None:
    """Twice the same rows: the four counts add up, the last fitting row of a key stays, nothing changes again."""
    fields = ("contact_id", "queued_at", "times_offered", "talk_seconds", "entry_point")
    rows = [contact(**dict(zip(fields, row, strict=True))) for row in cells]
    unfit, last = sum(map(is_unfit, cells)), {row[0]: row[4] or None for row in cells if not is_unfit(row)}
    first, again = desk.load(*rows), desk.load(*rows)
    for report in (first, again):
        counts = (report.rows_loaded, report.rows_updated, report.rows_unchanged, report.rows_rejected)
        assert sum(counts) == report.rows_read == len(rows)
        assert report.rows_rejected == unfit
    assert (first.rows_loaded, again.rows_unchanged) == (len(last), len(rows) - unfit)
    assert dict(desk.columns("contact_id", "entry_point")) == last
    desk.workbench.close()


@given(cells=CELLS)
@settings(max_examples=6)
def test_every_row_is_loaded_updated_unchanged_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, str, str, str]]
) -> None:
    check_counts(Desk(tmp_path_factory.mktemp("rows"), Workbench()), cells)


@pytest.mark.long
@given(cells=CELLS)
@settings(max_examples=100)
def test_every_row_is_loaded_updated_unchanged_or_rejected_long(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, str, str, str]]
) -> None:
    check_counts(Desk(tmp_path_factory.mktemp("rows"), Workbench()), cells)


# Spreadsheets --------------------------------------------------------------------------------------------------------


def typed(row: Row) -> list[Any]:
    """Return a row's cells as a spreadsheet has them: dates and numbers of their own type."""
    cells: list[Any] = []
    for column in CONTACT_EXPORT.columns:
        text = row.get(column.headers[0], "")
        if text and column.type == "timestamp":
            cells.append(datetime.fromisoformat(text))
        elif text and column.type in ("duration", "count"):
            cells.append(float(text))
        else:
            cells.append(text or None)
    return cells


def spreadsheet(path: Path, sheets: dict[str, list[list[Any]]]) -> Path:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_a_spreadsheet_loads_the_same_rows_as_the_csv(desk: Desk) -> None:
    report = desk.workbench.load(spreadsheet(desk.folder / "march.xlsx", {"Export": [HEADER, *map(typed, ROWS)]}))
    assert desk.columns(*COLUMNS) == STORED
    assert (report.encoding, report.rows_loaded) == ("xlsx", 3)
    assert desk.load(*ROWS).rows_unchanged == 3


def test_a_spreadsheet_with_a_title_and_numbers_as_text_loads_and_names_its_rows(desk: Desk) -> None:
    texts = [[row.get(header, "") for header in HEADER] for row in [*ROWS, contact(times_offered="x")]]
    report = desk.workbench.load(
        spreadsheet(desk.folder / "march.xlsx", {"Export": [["Contact Export"], [], HEADER, *texts]})
    )
    assert desk.columns(*COLUMNS) == STORED
    assert [reject["row"] for reject in report.rejects] == [7]


def test_of_several_sheets_the_one_that_holds_a_report_is_read(desk: Desk) -> None:
    sheets = {"Notes": [["Some", "notes"]], "Export": [HEADER, *map(typed, ROWS)]}
    assert desk.workbench.load(spreadsheet(desk.folder / "march.xlsx", sheets)).rows_loaded == 3


def test_of_several_reports_in_a_spreadsheet_one_is_asked_for(desk: Desk) -> None:
    file = spreadsheet(
        desk.folder / "march.xlsx", {n: [HEADER, typed(row)] for n, row in zip("AB", ROWS, strict=False)}
    )
    with pytest.raises(ChoiceNeeded, match=r"several sheets hold a report \(A, B\)") as asked:
        desk.workbench.load(file)
    assert asked.value.option == "--sheet"
    desk.workbench.load(file, sheet="B")
    assert desk.columns("contact_id") == [("-b",)]
    with pytest.raises(FileRefused, match=r"has no sheet 'C'. Its sheets are: A, B"):
        desk.workbench.load(file, sheet="C")


def test_an_empty_spreadsheet_has_no_rows(desk: Desk) -> None:
    file = spreadsheet(desk.folder / "ContactExport-20240301-20240301.xlsx", {"Export": [HEADER]})
    assert desk.workbench.load(file).rows_read == 0


# Caps ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("rows", "is_warned"), [(100_000, True), (99_999, False), (100_001, False)])
def test_a_file_with_exactly_as_many_rows_as_the_vendors_cap_is_warned_of(
    desk: Desk, rows: int, is_warned: bool
) -> None:
    assert KINDS["gladly_contact_export"].cap == 100_000
    lines = "".join(f"c{n},2024-03-05 10:00:00\n" for n in range(rows))
    report = desk.load_text("Contact ID,Queued At\n" + lines)
    assert report.rows_loaded == rows
    assert any("cuts an export without a word" in warning for warning in report.warnings) is is_warned


@pytest.mark.parametrize(
    ("is_newest_first", "expected"), [(False, "cut at 2024-03-07, and later"), (True, "cut at 2024-03-01, and earlier")]
)
def test_a_file_on_the_cap_names_the_day_at_which_it_was_probably_cut(
    desk: Desk, is_newest_first: bool, expected: str
) -> None:
    cap = KINDS["respondio_assignments"].cap
    assert cap == 10_000
    lines = [f"2024-03-0{1 + n // 1500} 23:{n % 60:02}:00,{n},{n}\n" for n in range(cap)]
    header = "Timestamp,Conversation ID,Contact ID\n"
    text = header + "".join(lines[::-1] if is_newest_first else lines)
    for zone, name in (("Asia/Tokyo", "Assignments.csv"), ("UTC", "Assignments-20240201-20240331.csv")):
        report = desk.load_text(text, name, file_timezone=zone)
        assert any(expected in warning for warning in report.warnings), report.warnings


# The vendor's own figures --------------------------------------------------------------------------------------------

REPORTED = "Date,Inbound Contacts,Customers\n"


@pytest.mark.parametrize(
    ("name", "dates", "rollup"),
    [
        ("InboundContacts-20240301-20240331-Hourly.csv", ["2024-03-01"], "hour"),
        ("InboundContacts-20240301-20240331-Weekly.csv", ["2024-03-01", "2024-03-02"], "week"),
        ("numbers.csv", ["2024-03-09", "2024-03-10", "2024-03-11"], "day"),
        ("numbers.csv", ["2024-03-04", "2024-03-18", "2024-03-11"], "week"),
        ("numbers.csv", ["2024-01-01", "2024-02-01", "2024-03-01"], "month"),
        ("numbers.csv", ["2024-01-01", "2024-04-01"], "quarter"),
        ("numbers.csv", ["2024-01-01 10:00", "2024-01-01 11:00"], "hour"),
        ("numbers.csv", ["2024-01-01 10:00", "2024-01-01 10:30"], "half_hour"),
    ],
)
def test_the_rollup_is_taken_from_the_name_else_from_the_spacing(
    desk: Desk, name: str, dates: list[str], rollup: str
) -> None:
    desk.load_text(REPORTED + "".join(f"{day},5,3\n" for day in dates), name=name)
    assert desk.stored("select distinct rollup from gladly_inbound_contacts") == [(rollup,)]
    assert desk.stored("select count(*), sum(inbound_contacts) from gladly_inbound_contacts") == [
        (len(dates), 5 * len(dates))
    ]


def test_a_rollup_that_nothing_tells_is_asked_for(desk: Desk) -> None:
    with pytest.raises(
        ChoiceNeeded, match=r"neither its name nor its dates tell its rollup\. Say it with --rollup"
    ) as asked:
        desk.load_text(REPORTED + "2024-03-01,5,3\n", name="numbers.csv")
    assert asked.value.options == ("half_hour", "hour", "day", "week", "month", "quarter") == ROLLUPS
    desk.load_text(REPORTED + "2024-03-01,5,3\n", name="numbers.csv", rollup="week")
    assert desk.stored("select rollup, inbound_contacts from gladly_inbound_contacts") == [("week", 5)]
    with pytest.raises(UnknownName, match="no rollup 'year'"):
        desk.load_text(REPORTED, name="numbers.csv", rollup="year")


def test_a_rollup_that_is_given_goes_before_the_spacing_and_after_the_name(desk: Desk) -> None:
    days = "2024-03-02,5,3\n2024-03-09,5,3\n"
    assert not any("rollup" in warning for warning in desk.load_text(REPORTED + days, rollup="day").warnings)
    named = "InboundContacts-20240301-20240331-Daily.csv"
    (warning,) = (w for w in desk.load_text(REPORTED + days, named, rollup="week").warnings if "rollup" in w)
    assert warning == "The file's name says its rollup (day); the one given (week) was not used"
    assert desk.stored("select distinct rollup from gladly_inbound_contacts") == [("day",)]


def test_figures_without_their_filters_are_read_as_those_of_everything_and_that_is_said(desk: Desk) -> None:
    said = "The file has no Channel Filter, Inboxes Filter; its figures are read as those of everything"
    assert said in desk.load_text(REPORTED + "2024-03-01,5,3\n2024-03-02,5,3\n").warnings
    header = "Channel Filter,Inboxes Filter,Date,Inbound Contacts,Customers\n"
    row = "All Channels,All Inboxes,2024-03-0{},5,3\n"
    assert desk.load_text(header + row.format(1) + row.format(2)).warnings == (
        "Nothing changed: every row was loaded before",
    )


def test_figures_of_two_filters_or_rollups_stand_beside_each_other(desk: Desk) -> None:
    header = "Channel Filter,Date,Inbound Contacts,Customers\n"
    name = "InboundContacts-20240301-20240301-{}.csv"
    desk.load_text(header + "All Channels,2024-03-01,5,3\n", name=name.format("Daily"))
    desk.load_text(header + "Chat,2024-03-01,2,2\n", name=name.format("Daily"))
    desk.load_text(header + "All Channels,2024-03-01,1,1\n", name=name.format("Hourly"))
    desk.load_text(header + "All Channels,2024-03-01,6,3\n", name=name.format("Daily"))
    found = desk.stored("select rollup, channel_filter, inbound_contacts from gladly_inbound_contacts order by all")
    assert found == [("day", "All Channels", 6), ("day", "CHAT", 2), ("hour", "All Channels", 1)]


# Customer merges -----------------------------------------------------------------------------------------------------

ROOTS = "select merged_customer_id, customer_id from gladly_customer_roots order by all"


def test_chains_of_merges_are_followed_over_all_loads(desk: Desk) -> None:
    desk.merge(("c", "d"), ("a", "b"))
    assert desk.stored(ROOTS) == [("a", "b"), ("c", "d")]
    desk.merge(("b", "c"), name="later.csv")
    assert desk.stored(ROOTS) == [("a", "d"), ("b", "d"), ("c", "d")]


@pytest.mark.parametrize("pairs", [[("c", "a")], [("a", "a")], [("x", "y"), ("y", "z"), ("z", "x")], [("b", "a")]])
def test_a_cycle_of_merges_over_all_loads_is_refused_and_the_merges_stay(
    desk: Desk, pairs: list[tuple[str, str]]
) -> None:
    desk.merge(("a", "b"), ("b", "c"))
    with pytest.raises(FileRefused, match=r"closes a cycle of customer merges: .* → "):
        desk.merge(*pairs, name="cycle.csv")
    assert desk.stored(ROOTS) == [("a", "c"), ("b", "c")]
    assert desk.stored("select count(*) from gladly_customer_merges") == [(2,)]


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        ([("c", "a")], "a → … → c → a"),
        ([("d", "b"), ("c", "a"), ("b", "c")], "a → b → c → a"),  # of which one is there already
        ([("x", "y"), ("y", "x")], "x → y → x"),
    ],
)
def test_a_cycle_of_merges_names_nobody_who_is_not_in_the_file(
    desk: Desk, pairs: list[tuple[str, str]], said: str
) -> None:
    desk.merge(("a", "b"), ("b", "c"))
    with pytest.raises(FileRefused) as refused:
        desk.merge(*pairs, name="cycle.csv")
    assert str(refused.value) == f"cycle.csv: closes a cycle of customer merges: {said}. Take one of these rows out"


def test_taking_back_a_load_that_would_close_a_cycle_says_what_to_take_back_and_names_nobody(desk: Desk) -> None:
    desk.merge(("a", "b"))
    second = desk.merge(("a", "c"), name="second.csv").load_id
    desk.merge(("b", "a"), name="third.csv")
    with pytest.raises(FileRefused) as refused:
        desk.workbench.workspace.unload(int(str(second)))
    assert str(refused.value) == (
        "Taking back load 2: closes a cycle of customer merges. Take back the later loads of merges first"
    )
    assert desk.stored("select count(*) from loads") == [(3,)]


def test_a_merge_that_is_loaded_again_with_another_customer_replaces_the_first(desk: Desk) -> None:
    desk.merge(("a", "b"))
    desk.merge(("a", "c"), name="later.csv")
    assert desk.stored(ROOTS) == [("a", "c")]


def test_a_long_chain_of_merges_is_followed(desk: Desk) -> None:
    desk.merge(*((f"{n:05}", f"{n + 1:05}") for n in range(50_000)))
    assert desk.stored("select count(*), count(distinct customer_id), min(customer_id) from gladly_customer_roots") == [
        (50_000, 1, "50000")
    ]


def test_a_file_is_read_from_its_own_bytes_whatever_its_name(desk: Desk) -> None:
    name = "a*[b]'; drop table loads --.csv"
    assert desk.workbench.load(written(desk.folder / name, ROWS)).rows_loaded == 3
    assert desk.stored("select file from loads") == [(name,)]


def test_a_name_that_is_no_text_is_shown_as_far_as_it_is_one(desk: Desk) -> None:
    source = written(desk.folder / "plain.csv", ROWS)
    odd = Path(os.fsdecode(os.fsencode(desk.folder) + b"/caf\xe9\n\x1b[1m.csv"))
    source.rename(odd)
    assert desk.workbench.load(odd).file == "caf\ufffd\ufffd\ufffd[1m.csv"
    odd.write_text("Name,Age\nAnn,9\n")
    with pytest.raises(FileRefused, match=r"^caf\ufffd{3}\[1m\.csv: no export has this header"):
        desk.workbench.load(odd)
    odd.write_text("<html>Sign in</html>")
    with pytest.raises(FileRefused, match=r"^caf\ufffd{3}\[1m\.csv: holds a web page"):
        desk.workbench.load(odd)
