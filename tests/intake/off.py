"""Files that are slightly off, each with what becomes of it: made here, so that every defect is readable as its bytes.

`python -m tests.intake.off FOLDER` writes them as files, to look at or to load by hand.
"""

import csv
import io
import re
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

Values = tuple[Any, ...]

HEADER = ("Contact ID", "Queued At", "Agent when Ended", "Total Talk Time", "Times Offered")
FIELDS = "contact_id, queued_at, agent_when_ended, talk_seconds, times_offered"
RECORDS = (
    ("a-1", "2024-03-05 10:00:00", "Žofie Müller", "12.5", "3"),
    ("-b2", "2024-03-06 11:30:00", 'Ann, "the" ace', "", "1200"),
    ("_C3", "2024-03-07 12:59:59", "line\nbreak; | \t😀", "17149.683457143", ""),
)
AT = datetime(2024, 3, 5, 10)
STORED: tuple[Values, ...] = (
    ("a-1", AT, "Žofie Müller", 12.5, 3),
    ("-b2", datetime(2024, 3, 6, 11, 30), 'Ann, "the" ace', None, 1200),
    ("_C3", datetime(2024, 3, 7, 12, 59, 59), "line\nbreak; | \t😀", 17149.683457143, None),
)


def table(*records: tuple[str, ...], header: tuple[str, ...] = HEADER, **dialect: Any) -> str:
    """Return records as a CSV with a header."""
    out = io.StringIO()
    csv.writer(out, **({"lineterminator": "\n"} | dialect)).writerows([header, *records])
    return out.getvalue()


@dataclass(frozen=True)
class Off:
    """A file that is slightly off and loads: the rows that are stored, its rejects, and what is said of it."""

    content: str | bytes
    stored: tuple[Values, ...] = STORED
    rejects: tuple[tuple[int, str | None, str | None, str], ...] = ()
    warnings: tuple[str, ...] = ()
    encoding: str = "utf-8"
    delimiter: str = ","

    @property
    def bytes(self) -> bytes:
        return self.content if isinstance(self.content, bytes) else self.content.encode()


PLAIN = table(*RECORDS)
WESTERN = table(("a", "2024-03-05 10:00:00", "Zoë – 5 €", "1", "2"))
WESTERN_STORED = (("a", AT, "Zoë – 5 €", 1.0, 2),)
GERMAN = (
    ("a", "2024-03-05 10:00:00", "Anna", "12,5", "1.200"),
    ("b", "2024-03-06 10:00:00", "Bea; Cleo", "1.234", "3"),
    ("c", "2024-03-07 10:00:00", "", "1.234.567,25", "4"),
    ("d", "2024-03-08 10:00:00", "", "-0,5", "5,0"),
)
GERMAN_STORED = (
    ("a", AT, "Anna", 12.5, 1200),
    ("b", datetime(2024, 3, 6, 10), "Bea; Cleo", 1234.0, 3),
    ("c", datetime(2024, 3, 7, 10), None, 1234567.25, 4),
    ("d", datetime(2024, 3, 8, 10), None, -0.5, 5),
)
LINES = PLAIN.splitlines(keepends=True)
LINE_ENDS = ("\r\n", "\r", "\n", "\r", "")
TITLE = 'Contact Export, all inboxes\n\n"March\n2024"\n'
ABOVE = "{} lines above the header left out"

ENCODINGS: dict[str, Off] = {
    "nothing": Off(PLAIN),
    "UTF-8 with a byte-order mark": Off(b"\xef\xbb\xbf" + PLAIN.encode(), encoding="utf-8-sig"),
    "UTF-16, little end, tabs": Off(
        table(*RECORDS, delimiter="\t").encode("utf-16"), encoding="utf-16", delimiter="\t"
    ),
    "UTF-16, big end, tabs": Off(
        b"\xfe\xff" + table(*RECORDS, delimiter="\t").encode("utf-16-be"), encoding="utf-16", delimiter="\t"
    ),
    "Windows-1252": Off(
        WESTERN.encode("cp1252"), WESTERN_STORED, encoding="cp1252",
        warnings=("The file is not UTF-8; it was read as Windows-1252",),
    ),
    "UTF-8 with one broken byte": Off(
        PLAIN.encode() + "d,2024-03-08 10:00:00,Zoë,,\n".encode("cp1252"),
        (*STORED, ("d", datetime(2024, 3, 8, 10), "Zoë", None, None)),
        warnings=("1 byte is not UTF-8 and was read as Windows-1252 in row 6",),
    ),
    "UTF-8 with a mark and two broken bytes": Off(
        b"\xef\xbb\xbf" + WESTERN.encode("cp1252"), WESTERN_STORED, encoding="utf-8-sig",
        warnings=("3 bytes are not UTF-8 and were read as Windows-1252, the first in row 2",),
    ),
    "zero bytes within a value": Off(
        PLAIN + "d" * 5000 + ",2024-03-08 10:00:00,x\0y,,\n",
        (*STORED, ("d" * 5000, datetime(2024, 3, 8, 10), "xy", None, None)),
        warnings=("1 NUL character was left out in row 6",),
    ),
    "zero bytes early": Off(
        PLAIN.replace("a-1", "\0a-\x001"), warnings=("2 NUL characters were left out, the first in row 2",)
    ),
    "zero bytes in UTF-16": Off(
        PLAIN.replace("a-1", "a\0-1").encode("utf-16"), encoding="utf-16",
        warnings=("1 NUL character was left out in row 2",),
    ),
}  # fmt: skip

LAYOUTS: dict[str, Off] = {
    "semicolons": Off(table(*RECORDS, delimiter=";"), delimiter=";"),
    "bars": Off(table(*RECORDS, delimiter="|"), delimiter="|"),
    "tabs": Off(table(*RECORDS, delimiter="\t"), delimiter="\t"),
    "semicolons and decimal commas": Off(table(*GERMAN, delimiter=";"), GERMAN_STORED, delimiter=";"),
    "tabs and decimal commas": Off(table(*GERMAN, delimiter="\t"), GERMAN_STORED, delimiter="\t"),
    "semicolons and decimal dots": Off(
        table(
            ("a", "2024-03-05 10:00:00", "", "12.5", "1,200"), ("b", "2024-03-06 10:00:00", "", "1.234", "3"),
            delimiter=";",
        ),
        (("a", AT, None, 12.5, 1200), ("b", datetime(2024, 3, 6, 10), None, 1.234, 3)),
        delimiter=";",
    ),
    "semicolons and a number that is two": Off(
        table(("a", "2024-03-05 10:00:00", "", "1.234", "1"), delimiter=";") + "b;2024-03-05 10:00:00;;5;1\n",
        (("b", AT, None, 5.0, 1),), delimiter=";",
        rejects=(
            (2, "Total Talk Time", "1.234", "can be read two ways"),
        ),
        warnings=(
            "1 row holds a number such as 1.234 that can be read two ways and is rejected: load the file again with"
            " --decimal point or --decimal comma",
        ),
    ),
    "thousands": Off(
        table(("a", "2024-03-05 10:00:00", "", "1,234.5", "1,200")), (("a", AT, None, 1234.5, 1200),)
    ),
    "sep=;": Off("sep=;\n" + table(*RECORDS, delimiter=";"), delimiter=";"),
    "sep= and a tab": Off("sep=\t\r\n" + table(*RECORDS, delimiter="\t"), delimiter="\t"),
    "sep= in quotes": Off('"sep=;"\n' + table(*RECORDS, delimiter=";"), delimiter=";"),
    "sep= of its own": Off("SEP=^\n" + table(*RECORDS, delimiter="^"), delimiter="^"),
    "title lines": Off(TITLE + PLAIN, warnings=(ABOVE.format(4),)),
    "sep= and title lines": Off(
        "sep=;\n" + TITLE + table(*RECORDS, delimiter=";"), delimiter=";", warnings=(ABOVE.format(4),)
    ),
    "a title that names columns": Off(
        "Report by Contact ID,Queued At,and more\n" + PLAIN, warnings=("1 line above the header left out",)
    ),
    "29 lines above": Off("\n" * 29 + PLAIN, warnings=(ABOVE.format(29),)),
    "a header with line breaks": Off(
        PLAIN.replace("Queued At", '"Queued\r\nAt"').replace("Times Offered", '"Times\nOffered"')
    ),
    "a protected header and IDs": Off(
        "=\"Contact ID\",'Queued At,Agent when Ended\n"
        "=\"00123\",2024-03-05 10:00:00,x\n\"=\"\"-4\"\"\",2024-03-05 10:00:00,\n'5,2024-03-05 10:00:00,\n",
        (("00123", AT, "x", None, None), ("-4", AT, None, None, None), ("5", AT, None, None, None)),
    ),
    "blanks before quotes": Off(
        re.sub(r",(?=[^,\n]*[,\n])", ', ', table(("a", "2024-03-05 10:00:00", "x y", "1", "2"), quoting=csv.QUOTE_ALL)),
        (("a", AT, "x y", 1.0, 2),),
    ),
    "blanks before quotes, with commas within": Off(
        'Contact ID, Queued At, "Agent when Ended"\na, 2024-03-05 10:00:00, "Ann, ""the"" ace"\n',
        (("a", AT, 'Ann, "the" ace', None, None),),
    ),
    "trailing empty columns": Off(table(*RECORDS[:2]).replace("\n", ",,\n"), STORED[:2]),
    "trailing columns without a name, one with a value": Off(
        "Contact ID,Queued At,,,\na,2024-03-05 10:00:00,,,\nb,2024-03-05 10:00:00,,x,\n",
        (("a", AT, None, None, None), ("b", AT, None, None, None)),
    ),
    "separators after the last value": Off(
        table(*RECORDS[:2]).replace("\n", ",,\n").replace("Offered,,", "Offered"), STORED[:2]
    ),
    "separators after a value with a line break": Off(PLAIN.replace("143,\n", "143,,,\n")),
    "quotes in the header and in the only row": Off(
        'Contact ID,Queued At,5" screens\na,2024-03-05 10:00:00,7" screens\n', (("a", AT, None, None, None),)
    ),
    "CRLF": Off(table(*RECORDS, lineterminator="\r\n")),
    "CRLF within values, too": Off(PLAIN.replace("\n", "\r\n")),
    "CR": Off(table(*RECORDS, lineterminator="\r", quoting=csv.QUOTE_ALL)),
    "all line ends": Off("".join(line[:-1] + end for line, end in zip(LINES, LINE_ENDS, strict=True))),
    "no last line end": Off(PLAIN.removesuffix("\n")),
    "all in quotes": Off(table(*RECORDS, quoting=csv.QUOTE_ALL)),
    "blank lines": Off(PLAIN.replace("\n-b2", "\n\n  \n-b2") + "\n\n\n"),
    "blank rows at the bottom": Off(PLAIN + ",,,,\n" * 3 + ",,\n\n"),
}  # fmt: skip

TOTALS: dict[str, Off] = {
    "a total": Off(PLAIN + "Total,,,17162.2,1203\n", warnings=("Row 6 holds totals and was left out",)),
    "a total with a date": Off(PLAIN + "Total,2024-03-31,,9,9\n", warnings=("Row 6 holds totals and was left out",)),
    "a total in another column": Off(PLAIN + ",,Total:,1.2,3", warnings=("Row 6 holds totals and was left out",)),
    "a short total": Off(PLAIN + "Grand Total,3\n", warnings=("Row 6 holds totals and was left out",)),
    "a long total": Off(PLAIN + "TOTALS (3),,,,,,9\n", warnings=("Row 6 holds totals and was left out",)),
    "totals below blank rows": Off(
        PLAIN + "\n,,,,\n,,Sum,1,\nGesamt,,,1,\n\n", warnings=("Rows 8, 9 hold totals and were left out",)
    ),
    "a total below title lines and CRLF": Off(
        (TITLE + table(*RECORDS[:2]) + "Summe,,,5,6\n").replace("\n", "\r\n"), STORED[:2],
        warnings=(ABOVE.format(4), "Row 8 holds totals and was left out"),
    ),
    "a total that is all there is": Off(
        table(("Total", "", "", "0", "0")), (),
        warnings=("No rows for the period", "Row 2 holds totals and was left out"),
    ),
    "a last row with a key": Off(
        PLAIN + "d,2024-03-05 10:00:00,Total,,\n", (*STORED, ("d", AT, "Total", None, None)),
    ),
    "a last row with a time": Off(
        PLAIN + ",2024-03-05 10:00:00,Total,,\n", rejects=((6, "Contact ID", None, "missing"),)
    ),
    "a last row whose key begins so": Off(
        PLAIN + "Totally,2024-03-05 10:00:00,,,\n", (*STORED, ("Totally", AT, None, None, None)),
    ),
    "a last value with a line that says total": Off(
        PLAIN + 'd,2024-03-05 10:00:00,"x\nTotal,,,,\n",,\n', (*STORED, ("d", AT, "x\nTotal,,,,", None, None)),
    ),
    "a total in the middle": Off(
        table(("Total", "", "", "9", "9"), *RECORDS), rejects=((2, "Queued At", None, "missing"),)
    ),
}  # fmt: skip

MISFITS: dict[str, Off] = {
    "ragged rows": Off(
        'Contact ID,Queued At,Agent when Ended\na,2024-03-05 10:00:00,"C\nD"\nb,2024-03-05 10:00:00\n'
        "c,2024-03-05 10:00:00,SMS,extra\n\nd,soon,SMS\ne,2024-03-05 10:00:00,SMS\n",
        (("a", AT, "C\nD", None, None), ("b", AT, None, None, None), ("e", AT, "SMS", None, None)),
        rejects=(
            (5, None, None, "4 fields where the header has 3"),
            (7, "Queued At", "soon", "not a date and time"),
        ),
        warnings=("1 row ends before the header does; what is missing there was read as empty",),
    ),
    "misfits below title lines and line breaks": Off(
        TITLE + PLAIN.replace("Queued At", '"Queued\nAt"') + "d,2024-03-05 10:00:00,,x,\ne,2024-03-05 10:00:00,,,1.5\n",
        rejects=(
            (11, "Total Talk Time", "x", "not a number of seconds or h:mm:ss"),
            (12, "Times Offered", "1.5", "not a whole number"),
        ),
        warnings=(ABOVE.format(4),),
    ),
    "a blank row in the middle": Off(PLAIN.replace("\n-b2", "\n,,,,\n-b2")),
    "blank rows of blanks and quotes in the middle": Off(PLAIN.replace("\n-b2", '\n , ,"",," "\n\n\n-b2')),
    "a reject below blank rows and lines": Off(
        PLAIN.replace("\n-b2", "\n,,,,\n\n-b2") + "d,soon,,,\n",
        rejects=((8, "Queued At", "soon", "not a date and time"),),
    ),
    "a total and blank lines below a value that ends in some": Off(
        PLAIN + 'd,2024-03-05 10:00:00,"x\n\n",,\n\n\nTotal,,,,1\n',
        (*STORED, ("d", AT, "x", None, None)),
        warnings=("Row 11 holds totals and was left out",),
    ),
    "a value that ends in blank lines": Off(
        PLAIN + 'd,2024-03-05 10:00:00,"x\n\n,,,,\n",,\n', (*STORED, ("d", AT, "x\n\n,,,,", None, None))
    ),
    "a count that a cast would round": Off(
        PLAIN + "d,2024-03-05 10:00:00,,,15e-1\n", rejects=((6, "Times Offered", "15e-1", "not a whole number"),)
    ),
    "a key that a spreadsheet has shortened": Off(
        PLAIN + "1.23E+15,2024-03-05 10:00:00,,,1\n1.23E+15,2024-03-05 11:00:00,,,2\n",
        rejects=tuple(
            (n, "Contact ID", "1.23E+15", "an ID of more digits than a spreadsheet keeps of a number") for n in (6, 7)
        ),
        warnings=(
            "2 rows have a Contact ID that a spreadsheet has shortened, or may have: of a number it keeps"
            " 15 digits. Load the export's own CSV, or have IDs written as text",
        ),
    ),
    "keys that only look like it": Off(
        table(*((key, "2024-03-05 10:00:00", "", "", "") for key in ("1e5", "1.5E3", "E+15", "x1.2E+15", "+49123"))),
        tuple((key, AT, None, None, None) for key in ("1e5", "1.5E3", "E+15", "x1.2E+15", "+49123")),
    ),
    "another ID that a spreadsheet has shortened": Off(
        table(("a", "2024-03-05 10:00:00", "1.23456789012345e+21"), header=("Contact ID", "Queued At", "Customer ID")),
        (("a", AT, None, None, None),),
        warnings=(
            "1 row has a Customer ID that a spreadsheet has shortened, or may have: of a number"
            " it keeps 15 digits. Load the export's own CSV, or have IDs written as text",
        ),
    ),
}  # fmt: skip

LOADED: dict[str, Off] = ENCODINGS | LAYOUTS | TOTALS | MISFITS

# What is refused, with the reason.
REFUSED: dict[str, tuple[str | bytes, str]] = {
    "a web page": ("<!DOCTYPE html><html><body>Sign in</body></html>", "a web page"),
    "a web page below blank lines": (b"\xef\xbb\xbf\n\n \n\n\n<html><body>Sign in</body></html>", "a web page"),
    "an XHTML page": ('<?xml version="1.0"?>\n<html xmlns="x"><p>Sign in</p></html>', "a web page"),
    "an XML message": ('<?xml version="1.0"?>\n<soap:Envelope><soap:Fault/></soap:Envelope>\n', "an XML message"),
    "a JSON message": (b'\xef\xbb\xbf\n {"error": "expired"}', "a JSON message"),
    "JSON records": ('[{"Contact ID": "a", "Queued At": "b"}]', "a JSON message"),
    "JSON records in lines": ('[\n  {\n    "Contact ID": "a"\n  }\n]', "a JSON message"),
    "binary": (b"\x00\x01\x02" * 100, "not a text file"),
    "an old spreadsheet": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, "not a text file"),
    "a package that is none": (b"PK\x03\x04 not a package", "a damaged .xlsx"),
    "UTF-16 that is none": (b"\xff\xfe" + b"\x00\xd8" * 50, "damaged: its first bytes say UTF-16"),
    "UTF-16 that is cut": (PLAIN.encode("utf-16")[:-1], "damaged: its first bytes say UTF-16"),
    "UTF-16 without a mark": (PLAIN.encode("utf-16-le"), "seems to be UTF-16 without the mark that says so"),
    "a PDF": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "a PDF, not a report"),
    "an RTF document": ("{\\rtf1\\ansi Contact ID\\par}", "an RTF document, not a report"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a picture, not a report"),
    "records that are one quoted field each": (
        '"Contact ID,Queued At"\n"a,2024-03-05 10:00:00"\n', "each of its lines is one field in quotes",
    ),
    "UTF-32": (PLAIN.encode("utf-32"), "is UTF-32, which is not read here"),
    "a quote that is never closed": (
        PLAIN + 'd,2024-03-05 10:00:00,"x,,\ne,2024-03-05 10:00:00,,,\n', "row 6: a quote that is never closed",
    ),
    "a quote that is never closed, below title lines": (
        TITLE + PLAIN + 'd,"2024-03-05 10:00:00,x,,\n', "row 10: a quote that is never closed",
    ),
    "quotes within quotes": (
        PLAIN + 'd,2024-03-05 10:00:00,"say "hi", Ann",,\n', "row 6: a quote within a value in quotes",
    ),
    "quotes after backslashes": (
        PLAIN + 'd,2024-03-05 10:00:00,"say \\"hi\\", Ann",,\n', "row 6: a quote within a value in quotes",
    ),
    "a title alone": ("Contact Export\n", "no export has this header. Headers seen: Contact Export"),
    "a header below too many lines": ("title\n" * 30 + PLAIN, "no export has this header. Headers seen: title"),
    "another header": ("sep=;\n\nName;Age\nAnn;9\n", "no export has this header. Headers seen: Name, Age"),
    "separators alone": (",,,,\n" * 9, "holds separators and nothing else"),
}  # fmt: skip


def main(folder: str) -> None:
    """Write every file into a folder, named for its defect."""
    refused = {
        name: content if isinstance(content, bytes) else content.encode() for name, (content, _) in REFUSED.items()
    }
    for name, content in ({name: off.bytes for name, off in LOADED.items()} | refused).items():
        (Path(folder) / f"{name}.csv").write_bytes(content)


if __name__ == "__main__":
    main(sys.argv[1])
