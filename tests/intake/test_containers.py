"""Archives: each report in them is read as if given itself, and the archive's name says what its own does not."""

import gzip
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.builders import Desk, Row, contact, written
from tests.intake import foreign
from tests.intake.foreign import Part, package, rows, save, zipped
from workbench.errors import ChoiceNeeded, FileRefused, UnknownName
from workbench.intake import zips
from workbench.intake.choices import NOTHING_SAID, Choices
from workbench.intake.outcome import LoadOutcome

NAMES = ("Contact ID", "Queued At", "Channel")
ROW = ("a", "2024-03-05 10:00:00", "CHAT")
CSV = (",".join(NAMES) + "\n" + ",".join(ROW) + "\n").encode()
XLSX = zipped(package(rows(NAMES, ROW)))
PAGE = "".join(f"<th>{name}" for name in NAMES) + "<tr>" + "".join(f"<td>{value}" for value in ROW)
REPORTS = {
    "a.csv": CSV,
    "tabs.txt": CSV.decode().replace(",", "\t").encode("utf-16"),
    "a.xlsx": XLSX,
    "a.xls": foreign.xls([(r, c, v) for r, line in enumerate((NAMES, ROW)) for c, v in enumerate(line)]),
    "page.xls": f"<html><table>{PAGE}</table></html>".encode(),
}
PERIOD = "ContactExport-20240301-20240331"


def as_csv(folder: Path, *lines: Row) -> bytes:
    return written(folder / "lines.csv", lines).read_bytes()


def archive(**files: bytes) -> bytes:
    """Return a zip archive; a double underscore in a name is a folder."""
    return zipped([Part(name.replace("__", "/"), content) for name, content in files.items()])


def streamed(name: str, content: bytes) -> bytes:
    """Return a zip archive as a server streams it: the sizes only after the bytes."""
    out = io.BytesIO()
    out.seekable = lambda: False  # type: ignore[method-assign]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr(name, content)
    return out.getvalue()


def large(name: str, content: bytes) -> bytes:
    """Return a zip archive with the longer records that archives of over 4 GB have."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file, file.open(name, "w", force_zip64=True) as member:
        member.write(content)
    return out.getvalue()


def stored(name: str, content: bytes) -> bytes:
    """Return a zip archive of a file that is not packed, with a comment."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(name, content)
        file.comment = b"made for March"
    return out.getvalue()


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize(
    "packed",
    [
        lambda name, content: archive(**{name: content}),
        lambda _, content: gzip.compress(content),
        streamed,
        large,
        stored,
    ],
    ids=["zip", "gzip", "streamed zip", "large zip", "stored zip"],
)
def test_any_file_in_an_archive_loads_as_itself(desk: Desk, name: str, packed: Callable[[str, bytes], bytes]) -> None:
    report = desk.load_text(packed(name, REPORTS[name]), name="march.download")
    assert desk.columns("contact_id", "channel") == [("a", "CHAT")]
    assert (report.rows_read, report.rows_loaded) == (1, 1)
    assert list(desk.workbench.workspace.files.joinpath("inbox").iterdir()) == []


@pytest.mark.parametrize(
    ("outer", "inner", "days", "file"),
    [
        ("march.zip", f"{PERIOD}.csv", ("2024-03-01", "2024-03-31"), f"march.zip ({PERIOD}.csv)"),
        (
            "x-20240305-20240306.zip",
            f"{PERIOD}.csv",
            ("2024-03-01", "2024-03-31"),
            f"x-20240305-20240306.zip ({PERIOD}.csv)",
        ),
        (
            "x-20240305-20240306.zip",
            "a.csv",
            ("2024-03-05", "2024-03-06"),
            "x-20240305-20240306.zip (a.csv)",
        ),
        ("march.zip", "a.csv", ("2024-03-05", "2024-03-05"), "march.zip (a.csv)"),
    ],
)
def test_the_period_is_that_of_a_files_own_name_else_of_its_archives(
    desk: Desk, outer: str, inner: str, days: tuple[str, str], file: str
) -> None:
    report = desk.load_text(archive(**{f"exports__{inner}": CSV}), name=outer)
    assert (str(report.period_from), str(report.period_to)) == days
    assert (report.file, desk.stored("select file from loads")) == (file, [(file,)])


def test_the_period_of_a_gzip_file_is_that_of_its_name(desk: Desk) -> None:
    report = desk.load_text(gzip.compress(CSV), name=f"{PERIOD}.csv.gz")
    assert (report.file, str(report.period_to)) == (f"{PERIOD}.csv.gz", "2024-03-31")


def test_a_gzip_file_of_several_parts_is_read_whole(desk: Desk) -> None:
    header, row = as_csv(desk.folder, contact(), contact()).split(b"\n", 1)
    assert desk.load_text(gzip.compress(header + b"\n") + gzip.compress(row), name="a.gz").rows_loaded == 2


def test_what_operating_systems_put_into_archives_is_no_file(desk: Desk) -> None:
    files = {"__MACOSX/._a.csv": b"\0\5\26\7", ".DS_Store": b"\0\0\0\1Bud1", "x/.DS_Store": b"x", "x/Thumbs.db": b"x",
             "._a.csv": b"x", "x/": b"", "__MACOSX/x/b.csv": CSV, "x/a.csv": CSV}  # fmt: skip
    report = desk.load_text(zipped([Part(name, content) for name, content in files.items()]), name="a.zip")
    assert (report.file, report.rows_loaded) == ("a.zip (a.csv)", 1)


def test_the_only_report_among_files_of_other_endings_is_read(desk: Desk) -> None:
    others = {
        "readme.txt": b"Your export.\n",
        "logo.png": b"\x89PNG\r\n\x1a\n\0\0",
        "~$a.xlsx": b"Ann Lee",
        "LICENSE": b"",
    }
    for order in ({**others, "a.xlsx": XLSX}, {"a.xlsx": XLSX, **others}):
        assert desk.load_text(archive(**order), name="a.zip").file == "a.zip (a.xlsx)"


@pytest.mark.parametrize("content", [b"", b"\xef\xbb\xbf\n", CSV.split(b"\n")[0]], ids=["zero", "blank", "header"])
@pytest.mark.parametrize("others", [{}, {"readme.txt": b"Your export.\n"}], ids=["alone", "among others"])
def test_a_report_without_rows_in_an_archive_is_told_by_its_name_there(
    desk: Desk, content: bytes, others: dict[str, bytes]
) -> None:
    report = desk.load_text(archive(**others, **{f"{PERIOD}.csv": content}), name="ContactsAdded.zip")
    assert (report.kind, report.rows_read, report.warnings) == ("gladly_contact_export", 0, ("No rows for the period",))
    assert (str(report.period_from), str(report.period_to)) == ("2024-03-01", "2024-03-31")


# Several files -------------------------------------------------------------------------------------------------------


def parted(desk: Desk, name: str = "a.zip", said: Choices = NOTHING_SAID, **files: bytes) -> list[LoadOutcome | str]:
    """Load an archive; return what became of each file, or why it was refused."""
    file = save(desk.folder / name, archive(**files))
    found = [became for _, became in desk.workbench.workspace.load_parts(file, said)]
    assert [one.rows_read for one in found if isinstance(one, LoadOutcome)] == [
        one.rows_loaded + one.rows_updated + one.rows_unchanged + one.rows_rejected
        for one in found if isinstance(one, LoadOutcome)
    ]  # fmt: skip
    return [became if isinstance(became, LoadOutcome) else str(became) for became in found]


def csv_of(key: str) -> bytes:
    return CSV.replace(b"\na,", f"\n{key},".encode())


def test_each_file_of_an_archive_is_a_load_of_its_own_and_called_by_both_names(desk: Desk) -> None:
    merges = b"Merged Customer ID,Customer ID\nx,y\n"
    found = desk.load_text(
        archive(**{"p1.csv": CSV, "x__p2.xlsx": XLSX, "p3.txt": csv_of("c"), "GladlyCustomerMerges.csv": merges}),
        "a.zip",
    )
    kinds = [*["gladly_contact_export"] * 3, "gladly_customer_merges"]
    assert [one.file for one in found] == [
        f"a.zip ({n})" for n in ("p1.csv", "p2.xlsx", "p3.txt", "GladlyCustomerMerges.csv")
    ]
    assert [(one.load_id, one.kind) for one in found] == list(enumerate(kinds, start=1))
    assert [(one.rows_loaded, one.rows_unchanged) for one in found] == [(1, 0), (0, 1), (1, 0), (1, 0)]
    assert desk.columns("contact_id") == [("a",), ("c",)]
    assert list(desk.workbench.workspace.files.joinpath("inbox").iterdir()) == []
    desk.workbench.workspace.unload(3)
    assert desk.columns("contact_id") == [("a",)]


def test_a_file_of_an_archive_that_is_refused_keeps_no_other_from_loading(desk: Desk) -> None:
    nested = archive(**{"deep.csv": csv_of("d")})
    files = {"a.csv": CSV, "b.xlsx": XLSX[:-30], "c.csv": b'{"error": 1}', "d.zip": nested, "e.csv": csv_of("e"),
             "f.csv.gz": gzip.compress(CSV), "g.csv": b"x,y\n1,2\n", "readme.txt": b"hello"}  # fmt: skip
    first, damaged, message, inner, last, packed, other = parted(desk, **files)
    assert [one.rows_loaded for one in (first, last) if isinstance(one, LoadOutcome)] == [1, 1]
    assert str(damaged).startswith("a.zip (b.xlsx): a damaged .xlsx")
    assert str(message).startswith("a.zip (c.csv): holds a JSON message")
    assert [str(one).partition(": ")[2] for one in (inner, packed)] == [
        "an archive within an archive. Unpack it yourself"
    ] * 2
    assert str(other).startswith("a.zip (g.csv): ")
    assert desk.columns("contact_id") == [("a",), ("e",)]


def test_a_refused_file_of_an_archive_is_raised_in_a_notebook_when_the_others_are_loaded(desk: Desk) -> None:
    with pytest.raises(FileRefused, match=r"a\.zip \(b\.csv\): holds a JSON message"):
        desk.load_text(archive(**{"b.csv": b"{}", "a.csv": CSV}), "a.zip")
    assert desk.columns("contact_id") == [("a",)]
    with pytest.raises(FileRefused, match=r"\(b\.csv\): holds a JSON message.*; a\.zip \(c\.csv\): holds a web page"):
        desk.load_text(archive(**{"b.csv": b"{}", "a.csv": CSV, "c.csv": b"<html>"}), "a.zip")


def test_days_and_kind_are_those_of_a_files_own_name_else_of_the_archives(desk: Desk) -> None:
    own = "ContactsDeleted-20240305-20240305.csv"
    log = b"Timestamp,Contact ID\n2024-03-05 10:00:00,1\n"
    found = desk.load_text(archive(**{own: log, "rest.csv": log}), "ContactsAdded-20240301-20240331.zip")
    assert [(one.kind, str(one.period_from)) for one in found] == [
        ("respondio_contacts_deleted", "2024-03-05"), ("respondio_contacts_added", "2024-03-01"),
    ]  # fmt: skip


def test_a_choice_for_an_archive_is_one_for_each_of_its_files(desk: Desk) -> None:
    log = b"Timestamp,Contact ID\n2024-03-05 10:00:00,%d\n"
    files = {"1.csv": log % 1, "2.csv": log % 2}
    assert all("--kind" in str(one) for one in parted(desk, **files))
    found = desk.load_text(archive(**files), "a.zip", kind="respondio_contacts_added", file_timezone="Asia/Tokyo")
    assert [(one.kind, one.timezone) for one in found] == [("respondio_contacts_added", "Asia/Tokyo")] * 2


def test_one_file_of_an_archive_is_loaded_by_its_name_there(desk: Desk) -> None:
    files = {"x__a.csv": CSV, "y__a.csv": csv_of("b")}
    (one,) = parted(desk, "a.zip", Choices(part="y/a.csv"), **files)
    assert isinstance(one, LoadOutcome)
    assert desk.columns("contact_id") == [("b",)]
    with pytest.raises(UnknownName, match=r"no file in a\.zip 'z\.csv'\. Try one of: a\.csv, a\.csv"):
        parted(desk, "a.zip", Choices(part="z.csv"), **files)
    with pytest.raises(FileRefused, match=r"holds several files \(a\.csv, a\.csv\)\. Load them part by part"):
        desk.workbench.workspace.load(desk.folder / "a.zip")


def test_an_archive_with_two_files_of_one_name_is_refused(desk: Desk) -> None:
    content = zipped([Part("a.csv", CSV), Part("a.csv", csv_of("b"))])
    with pytest.raises(FileRefused, match=r"a\.zip: holds two files of one name\. Unpack it"):
        desk.load_text(content, "a.zip")


def test_an_archive_without_a_report_is_refused_with_what_is_in_it(desk: Desk) -> None:
    with pytest.raises(FileRefused, match=r"a\.zip: holds no report \(a\.txt, b\.png\)"):
        desk.load_text(archive(**{"a.txt": b"hello", "b.png": b"\x89PNG"}), name="a.zip")


def test_limits_and_passwords_are_of_all_files_of_an_archive_together(desk: Desk) -> None:
    desk.workbench.workspace.set("limit_archive_bytes", str(1 << 20))
    big = CSV + b"\n" * 600_000
    with pytest.raises(FileRefused, match=r"^a\.zip: unpacks to 1 MB, above the limit archive_bytes = 1 MB"):
        desk.load_text(archive(**{"a.csv": big, "b.csv": big}), "a.zip")
    locked = bytearray(archive(**{"a.csv": CSV, "b.csv": CSV}))
    locked[locked.rfind(b"PK\1\2") + 8] |= 1
    with pytest.raises(FileRefused, match=r"^a\.zip: protected by a password"):
        desk.load_text(bytes(locked), "a.zip")
    assert desk.stored("select count(*) from loads") == [(0,)]


def test_what_is_wrong_with_a_file_in_an_archive_is_said_of_it(desk: Desk) -> None:
    with pytest.raises(FileRefused, match=r"^a\.zip \(x\.csv\): holds a JSON message"):
        desk.load_text(archive(**{"x.csv": b'{"error": 1}'}), name="a.zip")
    with pytest.raises(FileRefused, match=r"^a\.gz: holds a web page"):
        desk.load_text(gzip.compress(b"<!DOCTYPE html><html>"), name="a.gz")
    with pytest.raises(FileRefused, match=r"^a\.zip \(x\.xlsx\): a damaged \.xlsx"):
        desk.load_text(archive(**{"x.xlsx": XLSX[:-30]}), name="a.zip")


def test_a_choice_of_a_sheet_can_be_made_for_a_workbook_in_an_archive(desk: Desk) -> None:
    book = zipped(package(rows(NAMES, ROW), rows(NAMES, ("b", *ROW[1:])), names=["One", "Two"]))
    for files in ({"a.xlsx": book}, {"a.xlsx": book, "readme.txt": b"hello"}):
        with pytest.raises(ChoiceNeeded, match=r"a\.zip \(a\.xlsx\): several sheets hold a report \(One, Two\)"):
            desk.load_text(archive(**files), name="a.zip")
    assert desk.load_text(archive(**files), name="a.zip", sheet="Two").rows_loaded == 1
    assert desk.columns("contact_id") == [("b",)]


def test_a_file_that_changed_within_its_archive_is_refused(desk: Desk) -> None:
    with pytest.raises(FileRefused, match=r"^a\.zip \(a\.csv\): a damaged"):
        desk.load_text(stored("a.csv", CSV).replace(b"CHAT", b"CHAR", 1), name="a.zip")


@pytest.mark.parametrize("content", [CSV * 9, CSV * 90_000], ids=["few", "many"])
def test_no_more_of_a_part_is_unpacked_than_the_archive_says(tmp_path: Path, content: bytes) -> None:
    file = save(tmp_path / "a.zip", zipped([Part("a.csv", content, size=10)]))
    unpacked: list[int] = []
    with file.open("rb") as packed:
        pieces = zips.pieces(packed, zipfile.ZipFile(file).infolist()[0], "a.zip")
        with pytest.raises(FileRefused, match="a damaged"):
            unpacked.extend(map(len, pieces))
    assert sum(unpacked) <= 10


@pytest.mark.parametrize("name", ["../../evil.csv", "/etc/evil.csv", "C:\\evil.csv", "..\\evil.csv", "a\nb.csv"])
def test_a_name_in_an_archive_is_never_a_path(desk: Desk, name: str) -> None:
    before = sorted(desk.folder.rglob("*"))
    report = desk.load_text(zipped([Part(name, CSV)]), name="a.zip")
    assert report.rows_loaded == 1
    assert not any(mark in report.file for mark in "/\\\n")
    assert sorted(desk.folder.rglob("*")) == [*before, desk.folder / "a.zip"]


def test_quoted_line_breaks_and_rejects_in_an_archive_are_as_in_the_file(desk: Desk) -> None:
    text = as_csv(desk.folder, contact(entry_point="one\ntwo"), contact(times_offered="x"))
    report = desk.load_text(gzip.compress(text), name="a.csv.gz")
    assert [(reject["row"], reject["value"]) for reject in report.rejects] == [(4, "x")]


def test_an_archive_that_is_too_large_for_the_disk_is_refused(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    content = archive(**{"a.csv": CSV * 1_000})
    usage = type("Usage", (), {"free": 3 * len(content) + 1})
    monkeypatch.setattr("shutil.disk_usage", lambda _: usage)
    for packed in (content, gzip.compress(CSV * 1_000)):
        with pytest.raises(FileRefused, match="too little free disk to unpack it"):
            desk.load_text(packed, name="a.archive")


def test_an_opendocument_is_no_archive(desk: Desk) -> None:
    content = zipped([Part("mimetype", b"application/vnd.oasis.opendocument.text"), Part("content.xml", CSV)])
    with pytest.raises(FileRefused, match=r"an OpenDocument file that is not a spreadsheet"):
        desk.load_text(content, name="a.ods")
    archive = zipped([Part("mimetype", b"text/csv"), Part("a.csv", CSV)])
    assert desk.load_text(archive, name="a.zip").rows_read > 0


def test_a_file_that_only_begins_like_an_archive_is_refused(desk: Desk, tmp_path: Path) -> None:
    for content in (b"PK\x03\x04" + bytes(99), b"\x1f\x8b" + bytes(99), b"PK\x05\x06"):
        with pytest.raises(FileRefused, match="a damaged"):
            desk.workbench.load(save(tmp_path / "a.csv", content))
