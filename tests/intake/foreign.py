"""Makes foreign files byte by byte: zip archives, .xlsx packages, old .xls workbooks, and what is wrong with them.

Nothing here is checked or corrected: sizes, names and flags are written as they are given.
"""

import struct
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
PROLOG = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


@dataclass(frozen=True)
class Part:
    """One file of a zip archive; what is None is told truly."""

    name: str
    content: bytes = b""
    packed: bytes | None = None  # the deflated bytes, where `content` would be too large to hold
    size: int | None = None
    flags: int = 0
    offset: int | None = None


def zipped(parts: Iterable[Part], comment: bytes = b"") -> bytes:
    """Return the bytes of a zip archive."""
    body, directory, count = b"", b"", 0
    for part in parts:
        packed = _deflated(part.content) if part.packed is None else part.packed
        size = len(part.content) if part.size is None else part.size
        name = part.name.encode()
        sizes = struct.pack("<LLLHH", zlib.crc32(part.content), len(packed), size, len(name), 0)
        head = struct.pack("<HHHHH", 20, part.flags, 8, 0, 33)
        offset = len(body) if part.offset is None else part.offset
        if part.offset is None:
            body += b"PK\3\4" + head + sizes + name + packed
        directory += b"PK\1\2\x14\0" + head + sizes + struct.pack("<HHHLL", 0, 0, 0, 0, offset) + name
        count += 1
    end = struct.pack("<HHHHLLH", 0, 0, count & 0xFFFF, count & 0xFFFF, len(directory), len(body), len(comment))
    return body + directory + b"PK\5\6" + end + comment


def _deflated(content: bytes) -> bytes:
    deflater = zlib.compressobj(6, zlib.DEFLATED, -zlib.MAX_WBITS)
    return deflater.compress(content) + deflater.flush()


def repeated(before: bytes, block: bytes, times: int, after: bytes) -> tuple[bytes, int]:
    """Return `before`, `block` so many times and `after`, deflated without ever being held, and their true length."""
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = deflater.compress(before) + deflater.flush(zlib.Z_FULL_FLUSH)
    once = deflater.compress(block) + deflater.flush(zlib.Z_FULL_FLUSH)
    end = deflater.compress(after) + deflater.flush()
    return start + once * times + end, len(before) + len(block) * times + len(after)


def package(
    *sheets: str | bytes | Part,
    names: Sequence[str] = (),
    strings: str | None = None,
    styles: str = "",
    book: str = "",
    extra: Sequence[Part] = (),
) -> list[Part]:
    """Return the parts of an .xlsx with these sheets: what stands in `<worksheet>`, or a whole part."""
    names = names or [f"Sheet{n}" for n in range(1, len(sheets) + 1)]
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>' for n, name in enumerate(names, start=1)
    )
    relations = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, len(sheets) + 1)
    )
    if strings is not None:
        relations += f'<Relationship Id="rId0" Type="{OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    parts = {
        "[Content_Types].xml": _types(len(sheets), strings is not None, bool(styles)),
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument"'
        ' Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{book}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}">{relations}</Relationships>',
    }
    if strings is not None:
        parts["xl/sharedStrings.xml"] = strings
    if styles:
        parts["xl/styles.xml"] = f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>'
    whole = [_sheet(n, sheet) for n, sheet in enumerate(sheets, start=1)]
    return [*(Part(name, (PROLOG + content).encode()) for name, content in parts.items()), *whole, *extra]


def _types(sheets: int, has_strings: bool, has_styles: bool) -> str:
    kinds = {f"worksheets/sheet{n}": "worksheet" for n in range(1, sheets + 1)} | {"workbook": "sheet.main"}
    kinds |= {"sharedStrings": "sharedStrings"} if has_strings else {}
    kinds |= {"styles": "styles"} if has_styles else {}
    listed = "".join(
        f'<Override PartName="/xl/{part}.xml"'
        f' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.{kind}+xml"/>'
        for part, kind in kinds.items()
    )
    relations = '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    return f'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{relations}{listed}</Types>'


def _sheet(number: int, sheet: str | bytes | Part) -> Part:
    name = f"xl/worksheets/sheet{number}.xml"
    if isinstance(sheet, Part):
        return Part(name, sheet.content, sheet.packed, sheet.size)
    return Part(name, sheet if isinstance(sheet, bytes) else worksheet(sheet).encode())


def worksheet(inner: str) -> str:
    """Return the XML of a sheet."""
    return f'{PROLOG}<worksheet xmlns="{MAIN}">{inner}</worksheet>'


def letters(column: int) -> str:
    """Return a column's letters: A for 1."""
    text = ""
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def cell(row: int, column: int, value: object) -> str:
    """Return a cell's XML: a number, an inline text, or XML as it is when it begins with `<`."""
    place = f'r="{letters(column)}{row}"'
    if isinstance(value, int | float):
        return f"<c {place}><v>{value!r}</v></c>"
    if str(value).startswith("<"):
        return str(value).replace("<c", f"<c {place}", 1)
    return f'<c {place} t="inlineStr"><is><t xml:space="preserve">{escape(str(value))}</t></is></c>'


def rows(*lines: Sequence[object], first: int = 1) -> str:
    """Return the XML of rows of cells; None is a cell that is not there."""
    found = "".join(
        f'<row r="{n}">{"".join(cell(n, c, v) for c, v in enumerate(line, start=1) if v is not None)}</row>'
        for n, line in enumerate(lines, start=first)
    )
    return f"<sheetData>{found}</sheetData>"


# Old workbooks -------------------------------------------------------------------------------------------------------

END, FREE, FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
# Row and column from 0, and a number, a text, or an error's code as bytes; perhaps the position of a format.
Cell = tuple[int, int, object] | tuple[int, int, object, int]


def xls(
    cells: Iterable[Cell],
    sheet: str = "Export",
    formats: Sequence[str] = (),
    more: Iterable[tuple[int, bytes]] = (),
    is_1904: bool | None = None,
    is_hidden: bool = False,
) -> bytes:
    """Return an old workbook of one sheet, with formats of cells, and with more records after its cells."""
    name = sheet.encode("latin-1")
    rows_ = record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0010, 0, 0, 0, 0))
    rows_ += b"".join(map(_cell, cells)) + b"".join(record(*one) for one in more) + record(0x000A)
    begin = record(0x0809, struct.pack("<HHHHLL", 0x0600, 0x0005, 0, 0, 0, 0))
    begin += b"" if is_1904 is None else record(0x0022, struct.pack("<H", is_1904))
    for number, code in enumerate(formats, start=164):
        begin += record(0x041E, struct.pack("<HHB", number, len(code), 0) + code.encode("latin-1"))
    for number in (0, *range(164, 164 + len(formats))):
        begin += record(0x00E0, struct.pack("<HH", 0, number) + bytes(16))
    offset = len(begin) + 4 + 8 + len(name) + 4
    listed = record(0x0085, struct.pack("<LBBBB", offset, is_hidden, 0, len(name), 0) + name)
    return compound("Workbook", begin + listed + record(0x000A) + rows_)


def record(number: int, content: bytes = b"") -> bytes:
    """Return one record of an old workbook."""
    return struct.pack("<HH", number, len(content)) + content


def _cell(cell: Cell) -> bytes:
    row, column, value, style = (*cell, 0)[:4]
    place = struct.pack("<HHH", row, column, style)
    if isinstance(value, bytes):
        return record(0x0205, place + value + b"\1")
    if isinstance(value, str):
        return record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
    return record(0x0203, place + struct.pack("<d", value))


def compound(name: str, stream: bytes, fat_sectors: int = 1) -> bytes:
    """Return a compound file of one stream, which is no longer than one sector of allocations can hold."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    chain = [FAT, END, *range(3, 2 + sectors), END]
    table = struct.pack("<128L", *chain, *[FREE] * (128 - len(chain)))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    head += struct.pack("<LLLLLLLLL", 0, fat_sectors, 1, 0, 4096, END, 0, END, 0)
    head += struct.pack("<109L", 0, *[FREE] * 108)
    directory = _entry("Root Entry", 5, END, 0, child=1) + _entry(name, 2, 2, len(stream))
    return head + table + directory.ljust(512, b"\0") + stream


def small(content: bytes) -> bytes:
    """Return a compound file of one stream with that stream in the small sectors of 64 bytes, as writers may have it.

    The stream is no longer than 4,095 bytes; the rest of its sectors is left out.
    """
    stream = content[512 * 3 :].rstrip(b"\0") + bytes(3)  # a workbook ends with a record of the bytes 10, 0, 0, 0
    sectors = -(-len(stream) // 512)
    table = [FAT, END, END, *range(4, 3 + sectors), END]
    smalls = [*range(1, -(-len(stream) // 64)), END]
    head = bytearray(content[:512])
    head[60:68] = struct.pack("<LL", 2, 1)
    root, own = bytearray(content[1024:1152]), bytearray(content[1152:1280])
    root[116:124], own[116:124] = struct.pack("<LL", 3, sectors * 512), struct.pack("<LL", 0, len(stream))
    return b"".join([
        head, struct.pack("<128L", *table, *[FREE] * (128 - len(table))), (root + own).ljust(512, b"\0"),
        struct.pack("<128L", *smalls, *[FREE] * (128 - len(smalls))), stream.ljust(sectors * 512, b"\0"),
    ])  # fmt: skip


def _entry(name: str, kind: int, start: int, size: int, child: int = FREE) -> bytes:
    text = (name + "\0").encode("utf-16-le")
    links = struct.pack("<LLL", FREE, FREE, child)
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBB", len(text), kind, 1)
        + links
        + bytes(36)
        + struct.pack("<LLL", start, size, 0)
    )


# Binary workbooks ----------------------------------------------------------------------------------------------------


def xlsb(
    cells: Iterable[Cell], formats: Sequence[str] = (), more: bytes = b"", is_1904: bool = False,
    hidden: Sequence[int] = (), extra: Sequence[Part] = (), is_hidden: bool = False,
) -> list[Part]:  # fmt: skip
    """Return the parts of a binary workbook of one sheet; `more` are records after its cells, `hidden` its rows."""
    body, last = b"", -1
    for cell_ in cells:
        if cell_[0] != last:
            last = cell_[0]
            body += binary_record(0, struct.pack("<LLHBBB", last, 0, 300, 0, 0x10 if last in hidden else 0, 0))
        body += _binary_cell(cell_)
    sheet = binary_record(129) + binary_record(148, bytes(16)) + binary_record(145) + body
    sheet += more + binary_record(146) + binary_record(130)
    book = binary_record(131) + binary_record(153, struct.pack("<LL", is_1904, 0) + bytes(4))
    book += binary_record(156, struct.pack("<LL", is_hidden, 1) + _wide("rId1") + _wide("Export"))
    book += binary_record(144) + binary_record(157, bytes(26)) + binary_record(132)
    styles = binary_record(615, struct.pack("<L", len(formats)))
    for number, code in enumerate(formats, start=164):
        styles += binary_record(44, struct.pack("<H", number) + _wide(code))
    styles += binary_record(616)
    styles += binary_record(617, struct.pack("<L", len(formats) + 1))
    for number in (0, *range(164, 164 + len(formats))):
        styles += binary_record(47, struct.pack("<HH", 0, number) + bytes(12))
    styles += binary_record(618)
    root = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/officeDocument"'
    related = f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{OFFICE}/worksheet"'
    return [
        Part("[Content_Types].xml", b"<Types/>"),
        Part("_rels/.rels", f'{root} Target="xl/workbook.bin"/></Relationships>'.encode()),
        Part("xl/workbook.bin", book), Part("xl/styles.bin", styles), Part("xl/worksheets/sheet1.bin", sheet),
        Part("xl/_rels/workbook.bin.rels", f'{related} Target="worksheets/sheet1.bin"/></Relationships>'.encode()),
        *extra,
    ]  # fmt: skip


def binary_record(number: int, content: bytes = b"") -> bytes:
    """Return one record of a binary workbook."""
    kind = bytes([number]) if number < 0x80 else bytes([number & 0x7F | 0x80, number >> 7])
    length, size = b"", len(content)
    while size >= 0x80:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return kind + length + bytes([size]) + content


def _binary_cell(cell_: Cell) -> bytes:
    _, column, value, style = (*cell_, 0)[:4]
    place = struct.pack("<LL", column, style)
    if isinstance(value, bytes):
        return binary_record(3, place + value)
    if isinstance(value, int):
        return binary_record(2, place + struct.pack("<l", value << 2 | 2))
    if isinstance(value, float):
        return binary_record(5, place + struct.pack("<d", value))
    return binary_record(6, place + _wide(str(value)))


def _wide(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


# OpenDocument --------------------------------------------------------------------------------------------------------

ODS = b"application/vnd.oasis.opendocument.spreadsheet"
_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)
_CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'


def ods(*sheets: str, kind: bytes = ODS, before: str = "", manifest: str = "", extra: Sequence[Part] = ()) -> bytes:
    """Return an .ods with these sheets: what stands in `<table:table>`; `before` stands above the document."""
    return zipped([
        Part("mimetype", kind), Part("content.xml", ods_document(*sheets, before=before).encode()),
        Part("META-INF/manifest.xml", f"<manifest>{manifest}</manifest>".encode()), *extra,
    ])  # fmt: skip


def ods_document(*sheets: str, before: str = "") -> str:
    """Return the XML in which the sheets of an .ods stand."""
    listed = "".join(
        f'<table:table table:name="Sheet{n}">{rows_}</table:table>' for n, rows_ in enumerate(sheets, start=1)
    )
    body = f"<office:body><office:spreadsheet>{listed}</office:spreadsheet></office:body>"
    return f"{PROLOG}{before}<office:document-content {_NAMES} {_CALC}>{body}</office:document-content>"


def ods_cell(value: object) -> str:
    """Return a cell's XML: a number, a text, or XML as it is when it begins with `<`."""
    if str(value).startswith("<"):
        return str(value)
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value!r}"/>'
    shown = f"<text:p>{escape(str(value))}</text:p>" if value is not None else ""
    return f'<table:table-cell office:value-type="string">{shown}</table:table-cell>'


def ods_rows(*lines: Sequence[object]) -> str:
    """Return the XML of rows of cells."""
    return "".join(f"<table:table-row>{''.join(map(ods_cell, line))}</table:table-row>" for line in lines)


def save(path: Path, content: bytes) -> Path:
    """Write a file and return its path."""
    path.write_bytes(content)
    return path
