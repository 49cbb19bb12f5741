"""Zip files below their names: the directory read within bounds, the bytes of a part inflated within bounds.

Python's zipfile reads a directory of any length into memory and believes the sizes that it declares, so both are
looked at here before and while it is used.
"""

import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from workbench.errors import FileRefused
from workbench.intake.limits import Limits, passed

CHUNK = 512 << 10
_TAIL = 22 + 0xFFFF  # the end record and the longest comment after it
_ENTRY = 1_024  # bytes that a directory may have for each of the parts that are allowed
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True)
class Directory:
    """The parts of a zip file. It `is_plain` when nothing stands after the directory or between it and the end record:
    then every reader finds the same one."""

    parts: tuple[zipfile.ZipInfo, ...]
    is_plain: bool

    @property
    def unpacked(self) -> int:
        """The bytes that all parts unpack to, as the directory declares them."""
        return sum(part.file_size for part in self.parts)


def damaged(file: str) -> FileRefused:
    """Return the refusal of a zip file that is not whole."""
    return FileRefused(f"{file}: a damaged .xlsx or .zip. Save it again, or export a CSV")


def directory(source: Path, file: str, limits: Limits) -> Directory:
    """Read the directory of a zip file. Raises FileRefused when it is damaged or has too many parts."""
    try:
        size, is_plain = _size_of_directory(source)
        if size > limits.parts * _ENTRY:
            raise passed(file, "too many parts", limits, "parts")
        parts = zipfile.ZipFile(source).infolist()
    except (zipfile.BadZipFile, struct.error, ValueError, NotImplementedError):
        raise damaged(file) from None
    if len(parts) > limits.parts:
        raise passed(file, f"{len(parts):,} parts", limits, "parts")
    return Directory(tuple(parts), is_plain)


def _size_of_directory(source: Path) -> tuple[int, bool]:
    with source.open("rb") as file:
        end = file.seek(0, 2)
        start = file.seek(max(0, end - _TAIL))
        tail = file.read()
        at = tail.rfind(b"PK\5\6")
        if at < 0:
            raise zipfile.BadZipFile
        count, size, offset, comment = struct.unpack("<HLLH", tail[at + 10 : at + 22])
        if start + at + 22 + comment != end:
            raise zipfile.BadZipFile
        until = start + at
        if count == 0xFFFF or 0xFFFFFFFF in (size, offset):
            until = struct.unpack("<Q", tail[at - 12 : at - 4])[0]
            file.seek(until)
            size, offset = struct.unpack("<QQ", file.read(56)[40:])
        return size, offset + size == until and not comment


def check_sizes(found: Directory, source: Path, file: str, limits: Limits) -> None:
    """Raise FileRefused where the declared sizes pass a limit, parts overlap, or a part cannot be unpacked."""
    packed = source.stat().st_size
    if found.unpacked > limits.ratio_from and found.unpacked > limits.ratio * packed:
        raise passed(file, f"unpacks to {found.unpacked // max(packed, 1):,} times its size", limits, "ratio")
    if any(part.flag_bits & 1 for part in found.parts):
        raise FileRefused(f"{file}: protected by a password. Save it without one")
    if any(part.compress_type not in _METHODS for part in found.parts):
        raise FileRefused(f"{file}: packed in a way that is not read here. Pack it as an ordinary zip file")
    if sum(part.compress_size for part in found.parts) > packed:
        raise damaged(file)


def pieces(source: BinaryIO, part: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """Yield a part's bytes, inflated. Raises FileRefused as soon as there are more, and at the end if there are fewer,
    than the directory declares."""
    left = part.file_size
    for piece in _inflated(source, part, file):
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise damaged(file)


def packed(source: BinaryIO, part: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    """Yield a part's bytes as they are in the archive. Raises FileRefused."""
    source.seek(part.header_offset)
    local = source.read(30)
    if local[:4] != b"PK\3\4" or len(local) < 30:
        raise damaged(file)
    source.seek(sum(struct.unpack("<HH", local[26:])), 1)
    yield from _read(source, part.compress_size)


def _inflated(source: BinaryIO, part: zipfile.ZipInfo, file: str) -> Iterator[bytes]:
    compressed = packed(source, part, file)
    if part.compress_type == zipfile.ZIP_STORED:
        yield from compressed
        return
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        for piece in compressed:
            yield inflater.decompress(piece, CHUNK)
            while inflater.unconsumed_tail:
                yield inflater.decompress(inflater.unconsumed_tail, CHUNK)
        yield inflater.flush()
    except zlib.error:
        raise damaged(file) from None
    if not inflater.eof:
        raise damaged(file)


@dataclass
class Archive:
    """A zip file that is written, from parts as they are packed elsewhere and from contents."""

    out: BinaryIO
    directory: bytes = b""
    names: list[str] = field(default_factory=list)

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a part, packed fast rather than well."""
        deflater, check, size = zlib.compressobj(1, zlib.DEFLATED, -zlib.MAX_WBITS), 0, 0
        start = self.out.tell()
        self.out.write(bytes(30 + len(name)))  # its beginning, known at the end
        for piece in pieces:
            check, size = zlib.crc32(piece, check), size + len(piece)
            self.out.write(deflater.compress(piece))
        self.out.write(deflater.flush())
        packed_size = self.out.tell() - start - 30 - len(name)
        self._list(start, name, zipfile.ZIP_DEFLATED, check, packed_size, size)

    def take(self, name: str, part: zipfile.ZipInfo, source: BinaryIO, file: str) -> None:
        """Write a part of another archive as it is packed there."""
        start = self.out.tell()
        self.out.write(bytes(30 + len(name)))
        for piece in packed(source, part, file):
            self.out.write(piece)
        self._list(start, name, part.compress_type, part.CRC, part.compress_size, part.file_size)

    def _list(self, start: int, name: str, method: int, check: int, packed_size: int, size: int) -> None:
        about = struct.pack("<5H3L2H", 20, 0, method, 0, 33, check, packed_size, size, len(name), 0)
        self.out.seek(start)
        self.out.write(b"PK\3\4" + about + name.encode())
        self.out.seek(0, 2)
        self.directory += b"PK\1\2\x14\0" + about + struct.pack("<HHHLL", 0, 0, 0, 0, start) + name.encode()
        self.names.append(name)

    def close(self) -> None:
        """Write the directory."""
        count, start = len(self.names), self.out.tell()
        self.out.write(
            self.directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(self.directory), start, 0)
        )


def _read(source: BinaryIO, length: int) -> Iterator[bytes]:
    while length and (piece := source.read(min(length, CHUNK))):
        length -= len(piece)
        yield piece
