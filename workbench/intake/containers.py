"""What a file is, by its first bytes and never by its name; archives unpacked within limits, under names of ours."""

import gzip
import shutil
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from workbench.errors import FileRefused, one_line
from workbench.intake import compound, package, zips
from workbench.intake.limits import Limits, passed

GZIP, ZIP, EMPTY_ZIP = b"\x1f\x8b", b"PK\x03\x04", b"PK\x05\x06"
_MAGIC = {compound.MAGIC: "xls", b"PAR1": "parquet", ZIP: "xlsx", EMPTY_ZIP: "xlsx"}
_START = 64 << 10  # bytes by which a page is told
_CHUNK = 1 << 20
_SPARE = 3  # times the file that must stay free on the disk
_IGNORED = ("__macosx/", ".ds_store", "thumbs.db", "desktop.ini")


def archive(source: Path, file: str, limits: Limits) -> str | None:
    """Return `gzip` or `zip` for an archive, None for any other file."""
    start = _first(source, 4)
    if start.startswith(GZIP):
        return "gzip"
    if start == EMPTY_ZIP:
        return "zip"
    return "zip" if start == ZIP and not package.is_package(zips.directory(source, file, limits)) else None


def form(source: Path, file: str, limits: Limits) -> str:
    """Return what a file is: `xlsx`, `xlsb`, `ods`, `xls`, `parquet`, `page` for HTML with a table, else `text`."""
    start = _first(source, _START)
    for mark, found in _MAGIC.items():
        if start.startswith(mark):
            return _package(zips.directory(source, file, limits)) if found == "xlsx" else found
    plain = start.replace(b"\0", b"").removeprefix(b"\xef\xbb\xbf").lstrip(b"\xff\xfe \t\r\n").lower()
    if not plain.startswith(b"<"):
        return "text"
    if b"<workbook" in plain and b"urn:schemas-microsoft-com:office:spreadsheet" in plain:
        raise FileRefused(f"{file}: an XML spreadsheet of Excel 2003, which is not read here. Save it as .xlsx")
    return "page" if _has_table(source, limits) else "text"


def _package(found: zips.Directory) -> str:
    if package.is_open_document(found):
        return "ods"
    return "xlsb" if package.is_binary(found) else "xlsx"


def _first(source: Path, length: int) -> bytes:
    with source.open("rb") as bytes_:
        return bytes_.read(length)


def _has_table(source: Path, limits: Limits) -> bool:
    return b"<table" in _first(source, limits.html_bytes).replace(b"\0", b"").lower()


def members(source: Path, file: str, limits: Limits) -> list[zipfile.ZipInfo]:
    """Return the files in a zip archive, without what operating systems put there. Raises FileRefused."""
    found = zips.directory(source, file, limits)
    zips.check_sizes(found, source, file, limits)
    if found.unpacked > limits.archive_bytes:
        raise passed(file, f"unpacks to {found.unpacked >> 20:,} MB", limits, "archive_bytes", "Unpack it yourself")
    files = [part for part in found.parts if not part.is_dir() and not _is_ignored(part.filename)]
    if len(files) > limits.archived_files:
        raise passed(file, f"{len(files):,} files", limits, "archived_files", "Unpack it yourself")
    if not files:
        raise FileRefused(f"{file}: an archive without files. Export the report again")
    return files


def _is_ignored(name: str) -> bool:
    path = name.replace("\\", "/").casefold()
    base = path.rsplit("/", 1)[-1]
    return path.startswith(_IGNORED[0]) or base in _IGNORED[1:] or base.startswith(("._", "~$"))


def name_of(member: zipfile.ZipInfo) -> str:
    """Return what people call a file in an archive."""
    return shown(member.filename)


def shown(name: str) -> str:
    """Return the last part of a file's name in an archive, for people: never a path."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    return one_line(base)[-120:]


def unzip(source: Path, member: zipfile.ZipInfo, target: Path, file: str) -> None:
    """Write one file of a zip archive to `target`. Raises FileRefused when it is damaged or the disk too full."""
    if member.file_size * _SPARE > shutil.disk_usage(target.parent).free:
        raise _too_little_space(file)
    with source.open("rb") as packed, target.open("wb") as out:
        check = 0
        for piece in zips.pieces(packed, member, file):
            check = zlib.crc32(piece, check)
            out.write(piece)
    if check != member.CRC:
        raise zips.damaged(file)
    _refuse_archive(target, file)


def gunzip(source: Path, target: Path, file: str, limits: Limits) -> None:
    """Write what a gzip file holds to `target`. Raises FileRefused when it is cut off, damaged or passes a limit."""
    try:
        with target.open("wb") as out:
            for piece in _gunzipped(source, target, file, limits):
                out.write(piece)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise FileRefused(f"{file}: a damaged .gz, perhaps cut off. Export or download it again") from None
    _refuse_archive(target, file)


def _gunzipped(source: Path, target: Path, file: str, limits: Limits) -> Iterator[bytes]:
    packed, unpacked = source.stat().st_size, 0
    free = shutil.disk_usage(target.parent).free
    with gzip.open(source) as content:
        while piece := content.read(_CHUNK):
            unpacked += len(piece)
            if unpacked > limits.ratio_from and unpacked > limits.ratio * packed:
                raise passed(file, f"unpacks to {unpacked // packed:,} times its size and more", limits, "ratio")
            if unpacked > limits.archive_bytes:
                raise passed(file, "unpacks to too much", limits, "archive_bytes", "Unpack it yourself")
            if unpacked * _SPARE > free:
                raise _too_little_space(file)
            yield piece


def _too_little_space(file: str) -> FileRefused:
    return FileRefused(f"{file}: too little free disk to unpack it. Free some space and load it again")


def _refuse_archive(unpacked: Path, file: str) -> None:
    start = _first(unpacked, 4)
    is_archive = start.startswith((GZIP, EMPTY_ZIP))
    if is_archive or (start == ZIP and not package.is_package(zips.directory(unpacked, file, Limits()))):
        raise FileRefused(f"{file}: an archive within an archive. Unpack it yourself")
