"""The way of a package's parts into the copy of it that a parser may see, and how its parts are related."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from urllib.parse import unquote

from workbench.errors import FileRefused
from workbench.intake import zips
from workbench.intake.limits import Limits
from workbench.intake.number_formats import attribute

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MOST_DESCRIPTION = 64 << 20  # bytes of a part that only says what the others are

Related = dict[str, tuple[str, str | None]]  # by the Id of a relation: its type, and the part that it leads to


@dataclass(frozen=True)
class Copying:
    """A package that is being copied; each part is taken out of `parts`, so none is taken twice."""

    parts: dict[str, zipfile.ZipInfo]
    packed: BinaryIO
    out: zips.Archive
    file: str
    limits: Limits

    def pieces(self, name: str) -> Iterator[bytes]:
        """Take a part and yield its bytes."""
        return zips.pieces(self.packed, self.parts.pop(name), self.file)

    def described(self, name: str) -> bytes:
        """Take a part that says what the others are; it is empty when there is none of that name."""
        part = self.parts.get(name)
        if part is None:
            return b""
        if part.file_size > _MOST_DESCRIPTION:
            raise FileRefused(f"{self.file}: describes itself at a length that no workbook needs. Export a CSV instead")
        return b"".join(self.pieces(name))

    def related(self, part: str) -> Related:
        """Return what a part is related to, as is written beside it; the package itself has no name."""
        folder, _, name = part.rpartition("/")
        relations = self.described(f"{folder}/_rels/{name}.rels".lstrip("/"))
        tags = re.findall(rb"<(?:[\w.-]+:)?Relationship\s[^<>]*>", relations)
        return {
            attribute(tag, b"Id"): (attribute(tag, b"Type"), self._part(folder, attribute(tag, b"Target")))
            for tag in tags
        }

    def _part(self, folder: str, target: str) -> str | None:
        """Return the name of the part that a relation leads to from a folder, None when it is not there."""
        path = unquote(target.replace("\\", "/")).casefold()
        steps: list[str] = []
        for step in PurePosixPath("" if path.startswith("/") else folder, path.lstrip("/")).parts:
            steps = steps[:-1] if step == ".." else [*steps, step]
        # Some writers name the whole path and leave out the slash before it.
        return next((name for name in ("/".join(steps), path) if name in self.parts), None)

    def finish(self, descriptions: dict[str, str]) -> None:
        """Write how the copy hangs together, once the parts that nobody reads have as many bytes as they say."""
        for name in list(self.parts):
            for _ in self.pieces(name):
                pass
        for name, content in descriptions.items():
            self.out.add(name, [content.encode()])
        self.out.close()


def by_type(related: Related, kind: str, usual: str) -> str:
    """Return the name of the part of a kind that is related, else the usual name."""
    return next((name for type_, name in related.values() if type_.endswith(kind) and name), usual)


def relations(leading: dict[str, tuple[str, str]]) -> str:
    """Return the XML of relations: by their Id, the type and the target."""
    listed = "".join(
        f'<Relationship Id="{name}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for name, (kind, target) in leading.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'
