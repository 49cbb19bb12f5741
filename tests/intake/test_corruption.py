"""What CSV readers corrupt without a word (numbers, IDs, rows): here each is loaded exactly, or refused."""

import csv
import io
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.builders import Desk
from workbench import Workbench
from workbench.errors import ChoiceNeeded, FileRefused
from workbench.intake.seen import BLANKS, INVISIBLE

MANY = 30_000  # far beyond the rows that a sniffer looks at
KEYED = "Contact ID,Queued At,"


def rows(*values: str, times: int = 1) -> str:
    """Return lines of contacts with these texts as their last field."""
    return "".join(f"c{n},2024-03-05 10:00:00,{value}\n" for n, value in enumerate(values * times))


def stored(desk: Desk, column: str) -> list[Any]:
    return [value for (value,) in desk.columns(column)]


def reasons(desk: Desk, text: str | bytes, **choices: Any) -> list[tuple[int, str | None, str]]:
    """Load a file whose counts add up, and return its rejects."""
    report = desk.load_text(text, **choices)
    assert report.rows_read == report.rows_loaded + report.rows_rejected
    return [(reject["row"], reject["value"], reject["reason"]) for reject in report.rejects]


# Numbers -------------------------------------------------------------------------------------------------------------


def test_a_late_fraction_among_counts_is_rejected_and_not_rounded(desk: Desk) -> None:
    found = reasons(desk, KEYED + "Times Offered\n" + rows("7", times=MANY) + "late,2024-03-05 10:00:00,5.75\n")
    assert found == [(MANY + 2, "5.75", "not a whole number")]
    assert desk.stored("select count(*), sum(times_offered) from gladly_contact_export") == [(MANY, 7 * MANY)]


def test_a_late_fraction_among_seconds_is_kept(desk: Desk) -> None:
    assert reasons(desk, KEYED + "Talk Time\n" + rows("7", times=MANY) + "late,2024-03-05 10:00:00,5.75\n") == []
    assert stored(desk, "talk_seconds")[-1] == 5.75


@pytest.mark.parametrize("text", ["5.75", "15e-1", "1e-3", "0.9999999", "9223372036854775808", "1.5e0", "--1", "1 0"])
def test_a_count_that_is_no_whole_number_is_never_rounded(desk: Desk, text: str) -> None:
    assert reasons(desk, KEYED + "Times Offered\n" + rows(text, "7")) == [(2, text, "not a whole number")]


@pytest.mark.parametrize(
    "text", ["9007199254740993", "9007199254740993.0", '"9,007,199,254,740,993"', " 9007199254740993"]
)
def test_a_count_keeps_every_digit(desk: Desk, text: str) -> None:
    assert reasons(desk, KEYED + "Times Offered\n" + rows(text)) == []
    assert stored(desk, "times_offered") == [9007199254740993]


@pytest.mark.parametrize("text", ["12345678901234567.89", "-99999999999999999999", "1e400", "nan"])
def test_an_amount_of_more_digits_than_are_kept_is_rejected(desk: Desk, text: str) -> None:
    found = reasons(desk, KEYED + "Payment Amount - Completed (USD)\n" + rows(text, "7.25"))
    assert found == [
        (2, text, "more digits than are kept" if text[-1].isdigit() and "e" not in text else "not a number")
    ]
    assert stored(desk, "payment_amount_completed_usd") == [7.25]


def test_thousands_commas_without_quotes_cost_no_other_row(desk: Desk) -> None:
    found = reasons(desk, KEYED + "Talk Time\n" + rows("(100.00)", "$1,200.50", "3", '"1,200.50"'))
    assert found == [
        (2, "(100.00)", "not a number of seconds or h:mm:ss"), (3, None, "4 fields where the header has 3"),
    ]  # fmt: skip
    assert stored(desk, "talk_seconds") == [3.0, 1200.5]


def test_a_date_that_can_be_two_is_asked_for(desk: Desk) -> None:
    with pytest.raises(ChoiceNeeded, match="can be read two ways"):
        desk.load_text("Contact ID,Queued At\na,01/02/2025\nb,03/04/2025\n")


# Text and IDs --------------------------------------------------------------------------------------------------------


def test_late_leading_zeros_of_ids_are_kept(desk: Desk) -> None:
    desk.load_text(KEYED + "Customer ID\n" + rows("12345", times=MANY) + "late,2024-03-05 10:00:00,00123\n")
    assert stored(desk, "customer_id")[-1] == "00123"


@pytest.mark.parametrize(
    "text",
    [
        "00123", "1234567890123456789012", "1e5", "-1", "+1", "0x1F", "true", "N/A", "NaN", "nan",
        "2024-03-05", "1_000", "inf", "#1", "=1+1", "\\N", "\\", "NA", "1.50",
    ],
)  # fmt: skip
def test_ids_and_text_are_kept_as_they_are(desk: Desk, text: str) -> None:
    header = KEYED + "Customer ID,Agent when Ended\n"
    desk.load_text(f"{header}c,2024-03-05 10:00:00,{text},{text}\n")
    assert desk.columns("customer_id", "agent_when_ended") == [(text, text)]


@pytest.mark.parametrize("text", ["", '""', "Null", "NULL", "null"])
def test_what_is_missing_is_missing(desk: Desk, text: str) -> None:
    desk.load_text(KEYED + f"Agent when Ended\nc,2024-03-05 10:00:00,{text}\n")
    assert stored(desk, "agent_when_ended") == [None]


def test_a_stray_quote_or_backslash_stays_in_its_value(desk: Desk) -> None:
    texts = ['5" pipe', "back\\slash", 'a"b"c', "\\", '3" and 4"', "end\\"]
    desk.load_text(KEYED + "Agent when Ended\n" + rows(*texts))
    assert stored(desk, "agent_when_ended") == texts


# Rows ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("odd", "fields"), [("x", 1), ("x,2024-03-05 10:00:00,y,z", 4)])
def test_a_row_that_is_a_field_short_or_long_costs_no_other(desk: Desk, odd: str, fields: int) -> None:
    found = reasons(desk, KEYED + f"Agent when Ended\na,2024-03-05 10:00:00,b\n{odd}\n")
    assert found == [(3, None, f"{fields} fields where the header has 3")]
    assert stored(desk, "contact_id") == ["a"]


SHORT = "x,2024-03-05 10:00:00"


@pytest.mark.parametrize(
    ("rows", "loaded", "said"),
    [
        (f"{SHORT}\n", 2, "1 row ends"),
        (f"{SHORT}\ny,2024-03-05 10:00:00\nz,2024-03-05 10:00:00,b\n", 4, "2 rows end"),
        (f"{SHORT}\nz,2024-03-05 10:00:00,b", 3, "1 row ends"),
        (SHORT, 1, ""),  # the last line has no end: perhaps the file was cut off there
    ],
    ids=["last", "several", "before a last line without an end", "last without an end"],
)
def test_a_row_that_lacks_only_what_is_optional_is_filled_up_and_said(
    desk: Desk, rows: str, loaded: int, said: str
) -> None:
    found = desk.load_text(KEYED + f"Agent when Ended\na,2024-03-05 10:00:00,b\n{rows}")
    assert found.rows_loaded == loaded
    assert found.rows_read == loaded + found.rows_rejected
    assert [text.split(" before")[0] for text in found.warnings if "before the header does" in text] == [said] * bool(
        said
    )
    assert stored(desk, "agent_when_ended").count("b") == 1 + rows.count(",b")


def test_a_row_that_ends_before_its_key_is_set_aside_wherever_the_key_stands(desk: Desk) -> None:
    found = reasons(desk, "Queued At,Agent when Ended,Contact ID\n2024-03-05 10:00:00,b,a\n2024-03-05 10:00:00,b\n")
    assert found == [(3, None, "2 fields where the header has 3")]


JOINED = {
    "respondio_users": "User ID,Name\n1,Ann\nUser ID,Name\n2,Bob\n",
    "gladly_customer_merges": "Merged Customer ID,Customer ID\na,b\n Merged Customer ID ,Customer ID\nc,d\n",
    "gladly_contact_export": f"{KEYED}Mood\na,2024-03-05 10:00:00,x\n{KEYED}Mood\nb,2024-03-05 10:00:00,y\n",
    "respondio_contacts_added": "Timestamp,Contact ID\n2024-03-05 10:00:00,1\n" * 2,
}


@pytest.mark.parametrize("kind", JOINED)
@pytest.mark.parametrize("quoted", [False, True], ids=["", "with a line break in a value"])
def test_a_row_that_repeats_the_header_is_left_out_and_said(desk: Desk, kind: str, quoted: bool) -> None:
    text = JOINED[kind].replace("a,2024", '"a\nb",2024').replace("1,Ann", '1,"Ann\nLee"') if quoted else JOINED[kind]
    found = desk.load_text(text, kind=kind)
    assert (found.rows_read, found.rows_loaded, found.rejects) == (2, 2, ())
    assert "1 row repeats the header and was left out: files were joined with their headers" in found.warnings


def test_the_lines_of_rejects_below_a_repeated_header_are_the_files_own(desk: Desk) -> None:
    found = reasons(desk, f"{KEYED}Mood\na,2024-03-05 10:00:00,x\n{KEYED}Mood\nb,soon,y\n")
    assert found == [(4, "soon", "not a date and time")]


def test_a_row_that_repeats_only_some_of_the_header_is_a_row(desk: Desk) -> None:
    found = desk.load_text("User ID,Name\nUser ID,Ann\n1,Name\n", kind="respondio_users")
    assert found.rows_loaded == 2


def test_a_first_row_that_looks_like_a_comment_is_a_row(desk: Desk) -> None:
    desk.load_text("Contact ID,Queued At\n#a,2024-03-05 10:00:00\n//b,2024-03-05 10:00:00\n")
    assert stored(desk, "contact_id") == ["#a", "//b"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_no_line_end_or_encoding_costs_a_row(desk: Desk, end: str, encoding: str) -> None:
    text = (KEYED + "Agent when Ended\n" + rows("é", "", "x", times=50)).replace("\n", end)
    mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
    assert reasons(desk, mark + text.encode(encoding)) == []
    assert stored(desk, "agent_when_ended") == ["é", None, "x"] * 50


def test_a_return_within_a_value_costs_no_id(desk: Desk) -> None:
    desk.load_text(KEYED + 'Agent when Ended\na,2024-03-05 10:00:00,"x\ry"\nb,2024-03-05 10:00:00,z\n')
    assert desk.columns("contact_id", "agent_when_ended") == [("a", "x\ny"), ("b", "z")]


def test_lines_that_end_otherwise_late_in_the_file_cost_no_row(desk: Desk) -> None:
    text = KEYED + "Agent when Ended\r\n" + rows("x", times=MANY).replace("\n", "\r\n") + "late,2024-03-05 10:00:00,y\n"
    assert reasons(desk, text) == []
    assert stored(desk, "agent_when_ended") == ["x"] * MANY + ["y"]


def test_an_upload_that_is_called_like_a_pattern_reads_no_other_file(desk: Desk) -> None:
    (desk.folder / "others.csv").write_text(KEYED + "Agent when Ended\n" + rows("secret"))
    for name in ("*.csv", "{others,x}.csv", "[o]thers.csv", "**"):
        desk.load_text(KEYED + "Agent when Ended\n" + rows("own"), name=name)
        assert stored(desk, "agent_when_ended") == ["own"]


def test_a_quote_that_is_closed_far_below_is_one_value_and_not_a_lost_row(desk: Desk) -> None:
    text = KEYED + 'Agent when Ended\na,2024-03-05 10:00:00,"x\n' + rows("y", times=9) + 'z"\nb,2024-03-05 10:00:00,\n'
    assert reasons(desk, text) == []
    assert desk.columns("contact_id", "agent_when_ended") == [("a", "x\n" + rows("y", times=9) + "z"), ("b", None)]


def test_a_quote_that_is_never_closed_is_refused(desk: Desk) -> None:
    with pytest.raises(FileRefused, match="row 2: a quote that is never closed"):
        desk.load_text(KEYED + 'Agent when Ended\na,2024-03-05 10:00:00,"abc\nb,2024-03-05 10:00:00,x\n')


# Anything at all -----------------------------------------------------------------------------------------------------

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    [
        "",
        " ",
        "NULL",
        "Null",
        "=1+1",
        '"',
        '""',
        "a,b",
        "a;b",
        "\n",
        "\r\n",
        "\r",
        "'",
        "\ufeff",
        "\x00",
        "\x1a",
        "#",
        "\\",
    ]
)


# Python's writer leaves a lone return without quotes unless it ends lines with one.
ENDS = st.sampled_from([("\r\n", csv.QUOTE_MINIMAL), ("\r\n", csv.QUOTE_ALL), ("\n", csv.QUOTE_ALL)])


@given(
    texts=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=6),
    delimiter=st.sampled_from(",;\t|"),
    dialect=ENDS,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
@settings(max_examples=60)
def test_any_text_comes_back_as_it_was_or_the_file_is_refused(
    loading: Desk, texts: list[tuple[str, str]], delimiter: str, dialect: tuple[str, Any], encoding: str
) -> None:
    end, quoting = dialect
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(["Contact ID", "Queued At", "Agent when Ended", "Mood"])
    writer.writerows([f"c{n}", "2024-03-05 10:00:00", *pair] for n, pair in enumerate(texts))
    content = out.getvalue().encode(encoding)
    with loading.workbench.workspace.cursor() as cursor:
        cursor.execute("delete from gladly_contact_export")
        cursor.execute("delete from loads")  # or an equal file would be answered for as a whole
    report = loading.load_text(content)
    assert (report.rows_read, report.rows_loaded) == (len(texts), len(texts))
    found = loading.columns("agent_when_ended", "extra['Mood']")
    assert found == [(kept(name, is_name=True), kept(mood, is_name=False)) for name, mood in texts]


def kept(text: str, is_name: bool) -> str | None:
    """Return a text as it is stored: line ends are line feeds, no NUL; what says that it is missing is missing.

    A name has no blanks at its ends; what nobody sees is in no text.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    seen = text.translate(dict.fromkeys(map(ord, INVISIBLE)) | dict.fromkeys(map(ord, BLANKS), " "))
    seen, inner = unicodedata.normalize("NFC", seen), seen.strip(" \t\n\f\r")
    said = inner if is_name or not text.isascii() else text
    if said.lower() in ("", "null"):
        return None
    return unicodedata.normalize("NFC", inner) if is_name else seen


@pytest.fixture(scope="module")
def loading(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One workbench for many small files."""
    workbench = Workbench()
    yield Desk(tmp_path_factory.mktemp("corruption"), workbench)
    workbench.close()
