"""The check of an old workbook before any parser sees it: its container holds together, and there is a workbook in it.

The container is Microsoft's Compound File Binary format (MS-CFB, 2.2): a header that counts and names sectors. A
parser that believes a count reserves what it says, gigabytes from a file of kilobytes.
"""

import struct

from workbench.errors import FileRefused

HEADER = 512  # bytes; the table of sectors below is its end
MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SIZES = {3: 9, 4: 12}  # by version: the power of two that is a sector's size
_NAMED = 0xFFFFFFFA  # up to here a number names a sector; what is above marks free and last ones
UNREADABLE = "not a text file, and not an .xls that can be read"
WORKBOOKS = ("Workbook", "Book")
# What else such a file can be, by the name of a stream in it: what it is, and what would work.
OTHERS = {
    "EncryptedPackage": "protected by a password. Save it without one",
    "WordDocument": "a Word document. Load the export itself",
    "PowerPoint Document": "a PowerPoint presentation. Load the export itself",
    "__properties_version1.0": "an Outlook message. Save what is attached to it, and load that",
}


def check(content: bytes, file: str) -> None:
    """Raise FileRefused for what holds no old workbook, or says of itself more than it holds."""
    is_workbook = any(_has_stream(content, name) for name in WORKBOOKS)  # one may hold a document as well
    other = next((said for name, said in OTHERS.items() if not is_workbook and _has_stream(content, name)), None)
    if other:
        raise FileRefused(f"{file}: {other}")
    if not is_workbook or not _is_sound(content):
        raise FileRefused(f"{file}: {UNREADABLE}, or damaged. Save it again, or export a CSV")


def _has_stream(content: bytes, name: str) -> bool:
    return f"{name}\0".encode("utf-16-le") in content


def _is_sound(content: bytes) -> bool:
    """Tell whether a header is one, and no count or place in it is beyond the file's sectors."""
    if len(content) < HEADER or not content.startswith(MAGIC):
        return False
    version, order, size = struct.unpack_from("<HHH", content, 26)
    if order != 0xFFFE or _SIZES.get(version) != size:
        return False
    sectors = -(-len(content) >> size)  # the header's own counts as one
    in_directory, tables, directory, _, _, first_small, small, first_more, more = struct.unpack_from("<9L", content, 40)
    listed = struct.unpack_from("<109L", content, 76)
    places = (directory, *(place for place in (first_small, first_more, *listed) if place < _NAMED))
    return bool(max(in_directory, tables, small, more, *places) < sectors)


def workbook(content: bytes, file: str) -> bytes:
    """Return the stream of a workbook that was checked. Raises FileRefused where its sectors do not hang together."""
    try:
        return _Sectors(content).stream(WORKBOOKS)
    except (struct.error, ValueError, IndexError, StopIteration):
        raise FileRefused(f"{file}: {UNREADABLE}, or damaged. Save it again, or export a CSV") from None


class _Sectors:
    """The sectors of a compound file, each of which names the next one of its chain (MS-CFB, 2.3 and 2.6)."""

    def __init__(self, content: bytes) -> None:
        self.content, (self.size,) = content, (1 << power for power in struct.unpack_from("<H", content, 30))
        count, self.directory, self.least, self.small, more = struct.unpack_from("<2L4x2L4xL", content, 44)
        tables = [at for at in struct.unpack_from("<109L", content, 76) if at < _NAMED]
        for _ in range(len(content) // self.size):
            if more >= _NAMED or len(tables) >= count:
                break
            *listed, more = self._numbers(self.sector(more))
            tables += [at for at in listed if at < _NAMED]
        else:
            raise IndexError
        self.next = self._numbers(b"".join(map(self.sector, tables[:count])))

    def _numbers(self, content: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(content) // 4}L", content[: len(content) // 4 * 4])

    def sector(self, number: int) -> bytes:
        """Return one sector; the header counts as the first."""
        return self.content[(number + 1) * self.size : (number + 2) * self.size]

    def chain(self, first: int) -> bytes:
        """Return the sectors of a chain as one."""
        return b"".join(map(self.sector, _chain(self.next, first)))

    def stream(self, names: tuple[str, ...]) -> bytes:
        """Return the first stream of one of the names."""
        directory = self.chain(self.directory)
        entries = [directory[at : at + 128] for at in range(0, len(directory), 128)]
        wanted = [f"{name}\0".encode("utf-16-le") for name in names]
        entry = next(entry for name in wanted for entry in entries if entry.startswith(name))
        first, size = struct.unpack_from("<LL", entry, 116)
        if size >= self.least:
            return self.chain(first)[:size]
        (first_of_small,) = struct.unpack_from("<L", entries[0], 116)
        pieces = self.chain(first_of_small)
        following = _chain(self._numbers(self.chain(self.small)), first)
        return b"".join(pieces[at * 64 : at * 64 + 64] for at in following)[:size]


def _chain(following: tuple[int, ...], first: int) -> list[int]:
    """Return the numbers of a chain. Raises IndexError when it leads out of the file or round in a circle."""
    found: list[int] = []
    while first < _NAMED:
        if len(found) > len(following):
            raise IndexError
        found.append(first)
        first = following[first]
    return found
